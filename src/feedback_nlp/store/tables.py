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
    Column("amount_fen", BigInteger),
    Column("vulnerable", Text, nullable=False),  # cues joined by |
    Column("level", Integer, nullable=False),  # escalation 0–3
    Column("hits", Text, nullable=False),  # JSON list of {kind, cue, level}
    Column("policy", Text, nullable=False),
)

complaint_case = Table(
    "complaint_case",
    metadata,
    Column("id", ID, primary_key=True),
    Column("theme", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("due_on", Date),
    Column("closed_on", Date),
    Column("events", Integer, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("policy", Text, nullable=False),
    Index(None, "theme"),
    Index(None, "closed_on"),
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
    Column("band", String(24), primary_key=True),
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

exposure = Table(
    "exposure",
    metadata,
    Column("org", Text, primary_key=True),
    Column("quarter", String(8), primary_key=True),  # 2026Q3
    Column("outlets", Integer),
    Column("customers", Integer),
)
