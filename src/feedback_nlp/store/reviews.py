"""Review tasks and what people decided.

A decision *holds* as long as the prediction it made (release ``HUMAN``) is the current one of the feedback's version:
an update that leaves the text alone moves both on, one that changes the text leaves the decision behind.
Functions that write work inside their caller's transaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from feedback_nlp.records import Prediction
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.save import HUMAN, Row, forget_settled, prediction_row, upsert

OPEN, DONE, LAPSED = "open", "done", "lapsed"
ESCALATION = "escalation"
_QUEUED_BY = "review_policy"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row of ``review_decision``."""

    feedback_id: str
    seq: int
    version: int
    author: str
    at: datetime
    labels: Mapping[str, Sequence[str]]  # facet → labels; one for a single facet
    was: Mapping[str, Sequence[str]]
    release: str
    reasons: tuple[str, ...]
    note: str


def tasks_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Any]]:
    """Give the rows of ``review_task`` of some feedback, all versions, by feedback id."""
    r = t.review_task
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(r).where(among(connection, r.c.feedback_id, ids)).order_by(r.c.version)):
        found[row.feedback_id].append(row)
    return found


def awaits_person(feedback_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Tell whether a feedback waits for a person, 待复核: there is an open task about it. The one definition."""
    r = t.review_task.c
    return feedback_id.in_(sa.select(r.feedback_id).where(r.state == OPEN))


def count_open(connection: sa.Connection) -> int:
    """Count the feedback that waits for a person."""
    r = t.review_task.c
    return connection.scalar(sa.select(sa.func.count()).select_from(t.review_task).where(r.state == OPEN)) or 0


def save_tasks(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Store tasks; ``reasons`` are pairs of a reason's id and its sentence."""
    flat = [
        row | {"reasons": json.dumps([{"reason": id, "says": says} for id, says in row["reasons"]], ensure_ascii=False)}
        for row in rows
    ]
    upsert(connection, t.review_task, flat)


def close_tasks(connection: sa.Connection, ids: Sequence[str], *, version: int | None = None) -> None:
    """Let open tasks lapse; with ``version``, that one is done instead."""
    r = t.review_task
    still = (among(connection, r.c.feedback_id, ids), r.c.state == OPEN)
    if version is not None:
        connection.execute(r.update().where(*still, r.c.version == version).values(state=DONE))
    connection.execute(r.update().where(*still).values(state=LAPSED))


def last_decisions(connection: sa.Connection, ids: Sequence[str]) -> dict[str, DecisionRow]:
    """Give the latest decision about each of some feedback, whether it still holds or not."""
    d = t.review_decision
    query = sa.select(d).where(among(connection, d.c.feedback_id, ids)).order_by(d.c.feedback_id, d.c.seq)
    return {row.feedback_id: _decision(row) for row in connection.execute(query)}


def decided_escalation(connection: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give the escalation (``kind:modality``) that people decided, where the decision holds; it replaces the rules'.

    An empty tuple: a person says there is none. Feedback without a decision that holds is left out, and so is what was
    decided before any rule had looked.
    """
    d = t.review_decision
    query = _holding(sa.select(d.c.feedback_id, d.c.labels)).where(among(connection, d.c.feedback_id, ids))
    labels = {row.feedback_id: json.loads(row.labels) for row in connection.execute(query)}
    return {feedback_id: tuple(found[ESCALATION]) for feedback_id, found in labels.items() if ESCALATION in found}


def holding(connection: sa.Connection, *, chunk: int = 2000) -> Iterator[tuple[DecisionRow, Any]]:
    """Stream every decision that holds with its feedback (``source``, ``source_kind``, ``text``), in order of id."""
    d, f = t.review_decision, t.feedback
    query = _holding(sa.select(d, f.c.source, f.c.source_kind, f.c.text)).order_by(d.c.feedback_id)
    for row in connection.execution_options(yield_per=chunk).execute(query):
        yield _decision(row), row


def decisions(connection: sa.Connection, *, chunk: int = 2000) -> Iterator[DecisionRow]:
    """Stream the last decision about every version of a feedback, in order of id and version."""
    d, later = t.review_decision, t.review_decision.alias("later")
    newer = sa.exists().where(
        later.c.feedback_id == d.c.feedback_id, later.c.version == d.c.version, later.c.seq > d.c.seq
    )
    query = sa.select(d).where(~newer).order_by(d.c.feedback_id, d.c.version)
    for row in connection.execution_options(yield_per=chunk).execute(query):
        yield _decision(row)


def append_decision(connection: sa.Connection, item: DecisionRow, prediction: Prediction, *, taxonomy: int) -> None:
    """Store a decision, make it the current prediction, finish its task, and have `cases` look again.

    Raises IntegrityError where the number ``seq`` is taken: somebody else has just decided the same feedback.
    """
    row = {name: getattr(item, name) for name in item.__slots__}
    row |= {name: json.dumps(row[name], ensure_ascii=False) for name in ("labels", "was")}
    connection.execute(t.review_decision.insert().values(row | {"reasons": "|".join(item.reasons)}))
    p = t.prediction
    mine = (p.c.feedback_id == item.feedback_id, p.c.release != HUMAN, p.c.current)
    connection.execute(p.update().where(*mine).values(current=False))
    human = prediction_row(item.feedback_id, item.version, prediction, taxonomy=taxonomy, today=item.at.date())
    upsert(connection, p, [human])
    close_tasks(connection, [item.feedback_id], version=item.version)
    forget_settled(connection, [item.feedback_id])


def open_tasks(connection: sa.Connection, *, reason: str | None = None, limit: int) -> list[Any]:
    """List open tasks, the most pressing first, with what a reviewer needs.

    Columns: those of ``review_task``; ``source``, ``source_id``, ``org``, ``counted_on``, ``text``, ``request`` of the
    feedback; all of the current ``prediction``; ``hits``; ``case_id``, ``score``, ``due_on``; ``seq``, the number of
    decisions so far.
    """
    r, f, p, x, m, g, c = (
        t.review_task, t.feedback, t.prediction, t.text_facts, t.case_member, t.triage, t.complaint_case,
    )  # fmt: skip
    labels = [column for column in p.c if column.name not in ("feedback_id", "version")]
    query = (
        sa.select(
            r,
            *(f.c[name] for name in ("source", "source_id", "org", "counted_on", "text", "request")),
            *labels,
            x.c.hits,
            m.c.case_id,
            g.c.score,
            c.c.due_on,
            _count().label("seq"),
        )
        .join(f, sa.and_(f.c.id == r.c.feedback_id, f.c.version == r.c.version))
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.current))
        .outerjoin(x, sa.and_(x.c.feedback_id == f.c.id, x.c.version == f.c.version))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .outerjoin(c, c.c.id == m.c.case_id)
        .outerjoin(g, g.c.case_id == m.c.case_id)
        .where(r.c.state == OPEN)
        .order_by(r.c.rank.desc(), c.c.due_on.is_(None), c.c.due_on, r.c.feedback_id)
        .limit(limit)
    )
    if reason:
        query = query.where(r.c.reasons.contains(f'"reason": "{reason}"', autoescape=True))
    return list(connection.execute(query))


def reviewed(connection: sa.Connection, feedback_id: str) -> Any:
    """Give one feedback with its current prediction, the rules' hits and its open task; None where it is not stored.

    Columns: ``id``, ``now`` (its version), ``text``; all of the ``prediction`` (null before a model has read the text);
    ``hits``; ``reasons`` of its task.
    """
    f, p, x, r = t.feedback, t.prediction, t.text_facts, t.review_task
    query = (
        sa.select(f.c.id, f.c.version.label("now"), f.c.text, p, x.c.hits, r.c.reasons)
        .outerjoin(p, sa.and_(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.current))
        .outerjoin(x, sa.and_(x.c.feedback_id == f.c.id, x.c.version == f.c.version))
        .outerjoin(r, sa.and_(r.c.feedback_id == f.c.id, r.c.version == f.c.version))
        .where(f.c.id == feedback_id)
    )
    return connection.execute(query).one_or_none()


def evidence_of(connection: sa.Connection, feedback_id: str, *, version: int, release: str) -> Mapping[str, str]:
    """Give the clauses that a release named (facet:label → clause)."""
    p = t.prediction.c
    query = sa.select(p.evidence).where(p.feedback_id == feedback_id, p.version == version, p.release == release)
    found: Mapping[str, str] = json.loads(connection.scalar(query) or "{}")
    return found


def count_tasks(connection: sa.Connection, *, reason: str) -> dict[str, int]:
    """Count the tasks with a reason by state."""
    r = t.review_task.c
    query = sa.select(r.state, sa.func.count().label("n")).where(
        r.reasons.contains(f'"reason": "{reason}"', autoescape=True)
    )
    return {row.state: row.n for row in connection.execute(query.group_by(r.state))}


def text_at(connection: sa.Connection, feedback_id: str, version: int) -> str | None:
    """Give the text of an earlier version; None where it is not known."""
    h = t.feedback_history.c
    body = connection.scalar(sa.select(h.body).where(h.id == feedback_id, h.version == version))
    return None if body is None else str(json.loads(body)["text"])


def updated_by(connection: sa.Connection, feedback_id: str) -> tuple[str, date]:
    """Give file and day of the delivery that brought the version of now."""
    f, b = t.feedback, t.batch
    query = sa.select(b.c.file, b.c.taken_in_on).join_from(b, f, f.c.batch_id == b.c.id).where(f.c.id == feedback_id)
    row = connection.execute(query).one()
    return row.file, row.taken_in_on


def settled(connection: sa.Connection, *, after: str, limit: int) -> list[Any]:
    """List feedback that `cases` has seen, in order of id: its columns, those of its prediction, and ``hits``."""
    f, p, x = t.feedback, t.prediction, t.text_facts
    labels = [column for column in p.c if column.name not in ("feedback_id", "version")]
    query = (
        sa.select(f.c.id, f.c.version, f.c.extra, *labels, x.c.hits)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.current))
        .outerjoin(x, sa.and_(x.c.feedback_id == f.c.id, x.c.version == f.c.version))
        .where(f.c.id > after, f.c.settled_version > 0)
        .order_by(f.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def queued_by(connection: sa.Connection) -> str | None:
    """Give the review policy that everything settled was looked at by."""
    return connection.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == _QUEUED_BY))


def mark_queued(connection: sa.Connection, policy: str) -> None:
    """Remember that everything settled was looked at by a review policy."""
    upsert(connection, t.meta, [{"name": _QUEUED_BY, "value": policy}])


def _holding(query: Any) -> Any:
    """Keep the last decision of each feedback, where it holds."""
    d, f, p, later = t.review_decision, t.feedback, t.prediction, t.review_decision.alias("later")
    newer = sa.exists().where(later.c.feedback_id == d.c.feedback_id, later.c.seq > d.c.seq)
    return (
        query.select_from(d)
        .join(f, f.c.id == d.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.release == HUMAN, p.c.current))
        .where(~newer)
    )


def _count() -> Any:
    d, f = t.review_decision, t.feedback
    return sa.select(sa.func.count()).select_from(d).where(d.c.feedback_id == f.c.id).correlate(f).scalar_subquery()


def _decision(row: Any) -> DecisionRow:
    values = {name: getattr(row, name) for name in DecisionRow.__slots__}
    values |= {name: json.loads(values[name]) for name in ("labels", "was")}
    return DecisionRow(**values | {"reasons": tuple(filter(None, row.reasons.split("|")))})
