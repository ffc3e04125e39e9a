"""Every table, once. All days and times are Asia/Shanghai.

Rows that a decision made carry the versions that made it. Ids are content hashes, so a run repeated after a crash
writes the same rows again; only ``run`` counts.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)
ID = String(20)

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("command", Text, nullable=False),
    Column("today", Date, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),  # null: the run was killed or failed
    Column("code", Text, nullable=False),  # version of this package
    Column("release", Text),
)

batch = Table(
    "batch",
    metadata,
    Column("id", ID, primary_key=True),  # hash of source and input
    Column("source", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("input_hash", String(64), nullable=False),
    Column("encoding", Text),
    Column("header_row", Integer),
    Column("mapping", Text, nullable=False),  # JSON: our field → header
    Column("rows_read", Integer, nullable=False),  # rows read so far: where a resumed run goes on
    Column("new", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("taken_in_on", Date, nullable=False),
    Column("finished_on", Date),  # null: not read to its end yet
)

watermark = Table(
    "watermark",
    metadata,
    Column("source", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON: a text or a number
)

reject = Table(
    "reject",
    metadata,
    Column("batch_id", ID, ForeignKey("batch.id"), primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("column_name", Text),
    Column("reason", Text, nullable=False),
)

occurrence = Table(
    "occurrence",  # how often an id-less record has come up in a batch not yet read to its end
    metadata,
    Column("batch_id", ID, ForeignKey("batch.id"), primary_key=True),
    Column("base", ID, primary_key=True),
    Column("n", Integer, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("settled_version", Integer, nullable=False),  # the version that `cases` has seen; 0 for none
    Column("settled_by", Text, nullable=False),  # the policy by which it did
    Column("batch_id", ID, ForeignKey("batch.id"), nullable=False),  # the delivery of this version
    Column("content", String(64), nullable=False),
    Column("counted_on", Date, nullable=False),  # received, else occurred, else taken in
    Column("source", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("source_id", Text),
    Column("text", Text, nullable=False),  # masked
    Column("flags", Text, nullable=False),  # joined by |
    Column("received_at", DateTime),
    Column("occurred_at", DateTime),
    Column("due_at", DateTime),
    Column("closed_at", DateTime),
    Column("complaint_channel", Text),
    Column("service_channel", Text),
    Column("org", Text),
    Column("product", Text),
    Column("status", Text),
    Column("rating", Float),
    Column("request", Text),  # masked
    Column("reply", Text),  # masked
    Column("extra", Text, nullable=False),  # JSON, masked
    Index(None, "counted_on", "id"),
)

feedback_history = Table(
    "feedback_history",
    metadata,
    Column("id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("batch_id", ID, nullable=False),
    Column("body", Text, nullable=False),  # JSON of the feedback row as it was
)

identifier = Table(
    "identifier",
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("type", Text, primary_key=True),
    Column("hmac", String(32), primary_key=True),
    Column("from_column", Boolean, nullable=False),  # from a customer column: says who wrote
    Index(None, "hmac"),
)

prediction = Table(
    "prediction",
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # of the feedback
    Column("release", Text, primary_key=True),
    Column("current", Boolean, nullable=False),  # the one that counts; the others are history
    Column("kind", Text, nullable=False),
    Column("business", Text, nullable=False),
    Column("touchpoint", Text, nullable=False),
    Column("sentiment", Text, nullable=False),
    Column("leaf", Text, nullable=False),  # the first of leaves
    Column("leaves", Text, nullable=False),  # joined by |
    Column("demand", Text, nullable=False),  # joined by |
    Column("scores", Text, nullable=False),  # JSON: facet:label → calibrated probability
    Column("confidence", Float, nullable=False),
    Column("review", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),  # JSON: facet:label → clause, masked
    Column("taxonomy", Integer, nullable=False),
    Column("predicted_on", Date, nullable=False),
    Index(None, "feedback_id", "current"),
)

text_facts = Table(
    "text_facts",  # what triage needs of a text, read once
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("amount_fen", BigInteger),  # the largest, registered or named
    Column("people", Integer),  # registered: how many complain
    Column("vulnerable", Text, nullable=False),  # cues joined by |
    Column("level", Integer, nullable=False),  # escalation 0–3
    Column("hits", Text, nullable=False),  # JSON list of {kind, cue, start, end, modality, level}
    Column("amounts", Text, nullable=False, server_default="[]"),  # JSON list of {fen, start, end}; registered: 0, 0
    Column("dates", Text, nullable=False, server_default="[]"),  # JSON list of {on, start, end}
    Column("policy", Text, nullable=False),
)

derived_label = Table(
    "derived_label",  # what the rules of policy/derived.toml make of the labels
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("version", Integer, nullable=False),  # of the feedback
    Column("need", Text, nullable=False),  # each joined by |
    Column("risk", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("rules", Text, nullable=False),  # JSON: facet:label → id of the rule that gave it
    Column("policy", Text, nullable=False),
)

complaint_case = Table(
    "complaint_case",
    metadata,
    Column("id", ID, primary_key=True),
    Column("theme", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("due_on", Date),  # the earliest limit that still runs
    Column("closed_on", Date),  # answered, withdrawn, rejected or handed over: no clock runs any more
    Column("events", Integer, nullable=False),
    Column("complaints", Integer, nullable=False, server_default="0"),  # events that are complaints
    Column("customers", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="received"),  # see policy/states.toml
    Column("state_since", DateTime),
    Column("assignee", Text),
    Column("level", Integer, nullable=False, server_default="0"),  # of escalation, 0–3
    Column("kinds", Text, nullable=False, server_default=""),  # kind:modality of its escalation, joined by |
    Column("org", Text),  # the branch of the gravest member that names one
    Column("process", Text),  # null: no routing rule fits
    Column("department", Text),
    Column("owner", Text),
    Column("group_id", ID),  # the group complaint it belongs to
    Column("policy", Text, nullable=False),
    Index(None, "theme"),
    Index(None, "closed_on"),
    Index(None, "group_id"),
    Index(None, "org", "opened_on"),
)

case_event = Table(
    "case_event",  # append-only: triggers refuse UPDATE and DELETE
    metadata,
    Column("case_id", ID, primary_key=True),  # no foreign key: history outlives a case that nothing is left of
    Column("seq", Integer, primary_key=True),  # 1, 2, 3 …: two people who move a case at once cannot both succeed
    Column("at", DateTime, nullable=False),  # when it happened
    Column("recorded_at", DateTime, nullable=False),
    Column("actor", Text, nullable=False),  # a person's name or number in the bank; "ledger"; "system"
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("note", Text, nullable=False),  # masked
    Column("details", Text, nullable=False),  # JSON: informed_on, improvement, no_improvement, rule, approver …
)

sla_clock = Table(
    "sla_clock",
    metadata,
    Column("case_id", ID, ForeignKey("complaint_case.id"), primary_key=True),
    Column("rule", Text, primary_key=True),  # id in sla.toml, or "delivered"
    Column("event", Text, nullable=False),  # what has to happen
    Column("started_at", DateTime, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("stopped_at", DateTime),  # null: still running
    Column("paused_days", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),  # standing still at this moment
    Column("extended", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),  # counted by weekday beyond the last published calendar
    Column("policy", Text, nullable=False),
    Index(None, "due_at"),
)

case_group = Table(
    "case_group",  # group complaints: many customers, one branch, one cause, a burst
    metadata,
    Column("id", ID, primary_key=True),
    Column("org", Text, nullable=False),
    Column("cause", Text, nullable=False),  # "business/reason"
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("expected", Float, nullable=False),  # customers in a window of that length, from the days before
    Column("p", Float, nullable=False),  # chance of so many or more if nothing had changed
    Column("policy", Text, nullable=False),
)

case_member = Table(
    "case_member",
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("case_id", ID, ForeignKey("complaint_case.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Index(None, "case_id"),
)

case_band = Table(
    "case_band",  # the near-duplicate index: letters that share a band may be the same
    metadata,
    Column("band", String(24), primary_key=True),  # year and month the letter came in, then its band
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Index(None, "feedback_id"),
)

triage = Table(
    "triage",
    metadata,
    Column("case_id", ID, ForeignKey("complaint_case.id"), primary_key=True),
    Column("score", Float, nullable=False),
    Column("parts", Text, nullable=False),  # JSON list of {name, value, weight, reason}
    Column("floor", Text),
    Column("policy", Text, nullable=False),
    Column("as_of", Date, nullable=False),
)

improvement = Table(
    "improvement",
    metadata,
    Column("id", ID, primary_key=True),
    Column("theme", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("analysis_due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Index(None, "theme"),
)

review_task = Table(
    "review_task",
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # of the feedback
    Column("reasons", Text, nullable=False),  # JSON list of {reason, says}
    Column("rank", Float, nullable=False),  # the highest comes first
    Column("state", Text, nullable=False),  # open, done, lapsed
    Column("created_on", Date, nullable=False),
    Index(None, "state", "rank"),
)

review_decision = Table(
    "review_decision",  # append-only: what people decided, confirmations too
    metadata,
    Column("feedback_id", ID, ForeignKey("feedback.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, 3 … of one feedback
    Column("version", Integer, nullable=False),  # of the feedback
    Column("author", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column(
        "labels", Text, nullable=False
    ),  # JSON: facet → label, or list of labels; escalation → list of kind:modality
    Column("was", Text, nullable=False),  # JSON: the model's and the rules' answer at that moment, same shape
    Column("release", Text, nullable=False),  # the model that answered
    Column("reasons", Text, nullable=False),  # ids of the task's reasons joined by |; empty: nobody had asked
    Column("note", Text, nullable=False),  # masked
)

alert = Table(
    "alert",
    metadata,
    Column("id", ID, primary_key=True),  # hash of rule and subject: one alert for one thing
    Column("rule", Text, nullable=False),  # id in alerts.toml
    Column("subject", Text, nullable=False),  # case, group …: what it is about
    Column("case_id", ID),
    Column("level", Integer, nullable=False),  # 1 watch, 2 urgent, 3 a person at once
    Column("message", Text, nullable=False),  # Chinese, masked
    Column("opened_at", DateTime, nullable=False),
    Column("answer_by", DateTime),  # from the response hours of its level
    Column("state", Text, nullable=False),  # open, acknowledged, resolved
    Column("acknowledged_by", Text),
    Column("acknowledged_at", DateTime),
    Column("note", Text, nullable=False),
    Index(None, "state", "level"),
)

alert_delivery = Table(
    "alert_delivery",
    metadata,
    Column("alert_id", ID, ForeignKey("alert.id"), primary_key=True),
    Column("outlet", Text, primary_key=True),  # folder, mail, webhook
    Column("delivered_at", DateTime),  # null: not yet, see error
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
)

exposure = Table(
    "exposure",
    metadata,
    Column("org", Text, primary_key=True),
    Column("quarter", String(8), primary_key=True),  # 2026Q3
    Column("outlets", Integer),
    Column("customers", Integer),
)
