"""Write to the tables. Every function here works inside its caller's transaction and may be repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback_nlp.records import Prediction
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

Row = dict[str, Any]


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
    """Store predictions of (feedback id, version); from now on they are the current ones."""
    rows = [_prediction_row(*pair, taxonomy=taxonomy, today=today) for pair in pairs]
    if not rows:
        return
    ids = [row["feedback_id"] for row in rows]
    p = t.prediction
    connection.execute(p.update().where(among(connection, p.c.feedback_id, ids), p.c.current).values(current=False))
    upsert(connection, p, rows)


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


def drop_scores(connection: sa.Connection, *, but: date) -> None:
    """Forget the scores of open cases that were not scored on a day: nobody follows them any more."""
    g, c = t.triage, t.complaint_case
    is_open = sa.select(c.c.id).where(c.c.closed_on.is_(None))
    connection.execute(g.delete().where(g.c.as_of != but, g.c.case_id.in_(is_open)))


def drop_members(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Take feedback out of its cases; a case that nobody is left in goes with its score."""
    m, c = t.case_member, t.complaint_case
    case_ids = list(
        connection.scalars(sa.select(m.c.case_id).where(among(connection, m.c.feedback_id, ids)).distinct())
    )
    connection.execute(t.case_band.delete().where(among(connection, t.case_band.c.feedback_id, ids)))
    connection.execute(m.delete().where(among(connection, m.c.feedback_id, ids)))
    kept = set(connection.scalars(sa.select(m.c.case_id).where(among(connection, m.c.case_id, case_ids))))
    empty = [case_id for case_id in case_ids if case_id not in kept]
    connection.execute(t.triage.delete().where(among(connection, t.triage.c.case_id, empty)))
    connection.execute(c.delete().where(among(connection, c.c.id, empty)))


def replace_bands(connection: sa.Connection, bands: Mapping[str, Sequence[str]]) -> None:
    """Store the bands of letters by feedback id, in place of those they had."""
    b = t.case_band
    connection.execute(b.delete().where(among(connection, b.c.feedback_id, bands)))
    rows = [{"band": band, "feedback_id": feedback_id} for feedback_id, found in bands.items() for band in found]
    upsert(connection, b, rows)


def _prediction_row(feedback_id: str, version: int, item: Prediction, *, taxonomy: int, today: date) -> Row:
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
