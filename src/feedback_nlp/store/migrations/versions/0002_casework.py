"""Case handling: events, clocks, groups, reviews, derived labels, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("case_id", sa.String(length=20), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("answer_by", sa.DateTime(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_state_level"), "alert", ["state", "level"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_case_event")),
    )
    op.create_table(
        "case_group",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_group")),
    )
    op.create_table(
        "alert_delivery",
        sa.Column("alert_id", sa.String(length=20), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_delivery_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "outlet", name=op.f("pk_alert_delivery")),
    )
    op.create_table(
        "sla_clock",
        sa.Column("case_id", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("paused_days", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_sla_clock_case_id")),
        sa.PrimaryKeyConstraint("case_id", "rule", name=op.f("pk_sla_clock")),
    )
    op.create_index(op.f("ix_sla_clock_due_at"), "sla_clock", ["due_at"], unique=False)
    op.create_table(
        "derived_label",
        sa.Column("feedback_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_derived_label_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_derived_label")),
    )
    op.create_table(
        "review_decision",
        sa.Column("feedback_id", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_review_decision_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", "seq", name=op.f("pk_review_decision")),
    )
    op.create_table(
        "review_task",
        sa.Column("feedback_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_review_task_feedback_id")),
        sa.PrimaryKeyConstraint("feedback_id", "version", name=op.f("pk_review_task")),
    )
    op.create_index(op.f("ix_review_task_state_rank"), "review_task", ["state", "rank"], unique=False)
    op.add_column("complaint_case", sa.Column("complaints", sa.Integer(), server_default="0", nullable=False))
    op.add_column("complaint_case", sa.Column("state", sa.Text(), server_default="received", nullable=False))
    op.add_column("complaint_case", sa.Column("state_since", sa.DateTime(), nullable=True))
    op.add_column("complaint_case", sa.Column("assignee", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("level", sa.Integer(), server_default="0", nullable=False))
    op.add_column("complaint_case", sa.Column("kinds", sa.Text(), server_default="", nullable=False))
    op.add_column("complaint_case", sa.Column("org", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("process", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("department", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("group_id", sa.String(length=20), nullable=True))
    op.create_index(op.f("ix_complaint_case_group_id"), "complaint_case", ["group_id"], unique=False)
    op.add_column("text_facts", sa.Column("amounts", sa.Text(), server_default="[]", nullable=False))
    op.add_column("text_facts", sa.Column("people", sa.Integer(), nullable=True))
    op.add_column("text_facts", sa.Column("dates", sa.Text(), server_default="[]", nullable=False))
    op.create_index(op.f("ix_complaint_case_org_opened_on"), "complaint_case", ["org", "opened_on"], unique=False)
    _file_by_month()
    op.execute(
        "UPDATE text_facts SET hits = '[]'"
    )  # without modality nobody can read them; the next run reads the texts
    for table in ("case_event", "review_decision"):
        _append_only(table)


def _file_by_month() -> None:
    """Put year and month before the bands of letters on file: there new ones look for them."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    month = "substr(f.counted_on, 3, 2) || substr(f.counted_on, 6, 2)" if sqlite else "to_char(f.counted_on, 'YYMM')"
    op.execute(f"UPDATE case_band SET band = (SELECT {month} FROM feedback f WHERE f.id = feedback_id) || band")


def _append_only(table: str) -> None:
    """Have the database itself refuse to change or remove what people have done."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )
