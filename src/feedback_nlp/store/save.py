"""Write to the tables. Every function here works inside its caller's transaction and may be repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback_nlp.records import Prediction
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

Row = dict[str, Any]
HUMAN = "人工复核"
"""The release of a prediction that a person decided; no release of a model displaces it."""


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows; where the primary key is known, overwrite the row."""
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=changed) if changed else insert.on_conflict_do_nothing()
    )
    connection.execute(statement, rows)


def save_watermark(connection: sa.Connection, source: str, value: object) -> None:
    """Remember how far a query has been read: a text or a whole number, as ``intake.open_query`` gives it."""
    upsert(connection, t.watermark, [{"source": source, "value": json.dumps(value)}])


def save_predictions(
    connection: sa.Connection,
    pairs: Iterable[tuple[str, int, Prediction]],
    *,
    taxonomy: int,
    today: date,
) -> None:
    """Store predictions of (feedback id, version); from now on they are the current ones.

    Where a person has decided the same version, the decision stays current and the prediction is history at once.
    """
    rows = [prediction_row(*pair, taxonomy=taxonomy, today=today) for pair in pairs]
    if not rows:
        return
    ids = [row["feedback_id"] for row in rows]
    lock(connection, ids)
    p = t.prediction
    mine = sa.select(p.c.feedback_id, p.c.version).where(among(connection, p.c.feedback_id, ids), p.c.release == HUMAN)
    decided = {tuple(row) for row in connection.execute(mine)}
    left = [row["feedback_id"] for row in rows if (row["feedback_id"], row["version"]) not in decided]
    connection.execute(p.update().where(among(connection, p.c.feedback_id, left), p.c.current).values(current=False))
    for row in rows:
        row["current"] = (row["feedback_id"], row["version"]) not in decided
    upsert(connection, p, rows)


def lock(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Have everybody else who decides about some feedback wait for the end of this transaction.

    Two who choose the current prediction at once would leave two. SQLite has one writer at a time in any case.
    """
    if connection.dialect.name == "postgresql":
        f = t.feedback.c
        connection.execute(sa.select(f.id).where(among(connection, f.id, ids)).order_by(f.id).with_for_update())


def forget_settled(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Have `cases` look at feedback again: its label has changed."""
    f = t.feedback
    connection.execute(
        f.update().where(among(connection, f.c.id, ids), f.c.settled_version > 0).values(settled_version=0)
    )


def mark_settled(connection: sa.Connection, ids: Sequence[str], *, policy: str) -> None:
    """Remember that `cases` has seen the current version of feedback, and by which policy."""
    f = t.feedback
    statement = f.update().where(among(connection, f.c.id, ids))
    connection.execute(statement.values(settled_version=f.c.version, settled_by=policy))


def drop_members(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Take feedback out of its cases."""
    m = t.case_member
    connection.execute(t.case_band.delete().where(among(connection, t.case_band.c.feedback_id, ids)))
    connection.execute(m.delete().where(among(connection, m.c.feedback_id, ids)))


def drop_cases(connection: sa.Connection, case_ids: Sequence[str]) -> None:
    """Forget cases that nothing is left of and that nobody has worked on."""
    for column in (t.triage.c.case_id, t.sla_clock.c.case_id, t.complaint_case.c.id):
        connection.execute(column.table.delete().where(among(connection, column, case_ids)))


def replace_clocks(connection: sa.Connection, case_ids: Sequence[str], rows: Sequence[Row]) -> None:
    """Store the clocks of cases, in place of those they had."""
    k = t.sla_clock
    connection.execute(k.delete().where(among(connection, k.c.case_id, case_ids)))
    upsert(connection, k, rows)


def prediction_row(feedback_id: str, version: int, item: Prediction, *, taxonomy: int, today: date) -> Row:
    """Flatten a prediction into its table row."""
    single = {facet: getattr(item, facet) for facet in ("kind", "business", "touchpoint", "sentiment")}
    scores = {f"{facet}:{label.id}": round(label.score, 4) for facet, label in single.items()}
    for facet in ("leaves", "demand"):
        scores |= {f"{facet}:{label.id}": round(label.score, 4) for label in getattr(item, facet)}
    return {
        "feedback_id": feedback_id,
        "version": version,
        "release": item.release,
        "current": True,
        **{facet: label.id for facet, label in single.items()},
        "leaf": item.leaves[0].id,
        "leaves": "|".join(label.id for label in item.leaves),
        "demand": "|".join(label.id for label in item.demand),
        "scores": json.dumps(scores),
        "confidence": round(item.confidence, 4),
        "review": item.review,
        "evidence": json.dumps({e.label: e.clause for e in item.evidence}, ensure_ascii=False),
        "taxonomy": taxonomy,
        "predicted_on": today,
    }
