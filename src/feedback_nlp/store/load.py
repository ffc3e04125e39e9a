"""Read from the tables what is still to be done, and what it is to be done with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from feedback_nlp.records import ImprovementItem, MaskedText
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.save import HUMAN

LABELS = (
    *("kind", "business", "touchpoint", "sentiment", "leaf", "leaves", "demand"),
    *("scores", "confidence", "review", "release"),
)


class Pending(NamedTuple):
    """A stored text that waits for a model."""

    id: str
    version: int
    text: MaskedText


def unclassified(connection: sa.Connection, after: str, limit: int) -> list[Pending]:
    """List texts that no release has read yet, in order of id, beginning behind ``after``."""
    f, p = t.feedback, t.prediction
    read = sa.exists().where(p.c.feedback_id == f.c.id, p.c.version == f.c.version)
    return _pending(connection, ~read, after, limit)


def unread_by(connection: sa.Connection, release: str, *, after: str, limit: int) -> list[Pending]:
    """List texts that are not read by a given release as the current one, in order of id.

    Where a person has decided, no release is the current one: there it is enough that the release has read the text.
    """
    f, p = t.feedback, t.prediction
    human = t.prediction.alias("human")
    decided = sa.exists().where(
        human.c.feedback_id == f.c.id, human.c.version == f.c.version, human.c.release == HUMAN, human.c.current
    )
    read = sa.exists().where(
        p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.release == release, sa.or_(p.c.current, decided)
    )
    return _pending(connection, ~read, after, limit)


def _pending(connection: sa.Connection, condition: Any, after: str, limit: int) -> list[Pending]:
    f = t.feedback.c
    query = sa.select(f.id, f.version, f.text).where(f.id > after, condition).order_by(f.id).limit(limit)
    return [Pending(*row) for row in connection.execute(query)]


def unsettled(connection: sa.Connection, *, policy: str, after: tuple[date, str], limit: int) -> list[Any]:
    """List classified feedback whose case is not decided yet, the earliest (day, id) first, beginning behind ``after``.

    Feedback that was settled by another policy is not decided: a new limit or cue holds for open cases too.

    Columns: those of ``feedback``; labels, scores and release of the current ``prediction``; ``case_id`` of an earlier
    version.
    """
    f, p, m = t.feedback, t.prediction, t.case_member
    query = (
        sa.select(f, *(p.c[name] for name in LABELS), m.c.case_id)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .where(
            sa.tuple_(f.c.counted_on, f.c.id) > after,
            sa.or_(f.c.settled_version < f.c.version, f.c.settled_by != policy),
        )
        .order_by(f.c.counted_on, f.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def identifiers_of(connection: sa.Connection, ids: Sequence[str]) -> list[Any]:
    """List (feedback_id, type, hmac, from_column) of some feedback."""
    i = t.identifier
    query = sa.select(i).order_by(i.c.feedback_id, i.c.type, i.c.hmac)
    return list(connection.execute(query.where(among(connection, i.c.feedback_id, ids))))


def case_members(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List every member of some cases with what case and triage count: labels, dates, facts of the text."""
    m, f, p, x = t.case_member, t.feedback, t.prediction, t.text_facts
    query = (
        sa.select(
            m.c.case_id,
            m.c.feedback_id,
            *(f.c[name] for name in ("counted_on", "received_at", "due_at", "closed_at", "status")),
            *(f.c[name] for name in ("source_kind", "complaint_channel", "org")),
            p.c.kind,
            p.c.business,
            p.c.leaf,
            p.c.sentiment,
            x.c.amount_fen,
            x.c.people,
            x.c.vulnerable,
            x.c.level,
            x.c.hits,
        )
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == m.c.feedback_id, p.c.current))
        .join(x, x.c.feedback_id == m.c.feedback_id)
        .order_by(m.c.case_id, f.c.counted_on, m.c.feedback_id)
    )
    return list(connection.execute(query.where(among(connection, m.c.case_id, case_ids))))


def cases_before(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List (id, kinds, org, theme, opened_on, customers) of some cases as they stood last; blank ones are left out."""
    c = t.complaint_case.c
    query = sa.select(c.id, c.kinds, c.org, c.theme, c.opened_on, c.customers).where(c.theme != "")
    return list(connection.execute(query.where(among(connection, c.id, case_ids)).order_by(c.id)))


def paused_cases(connection: sa.Connection) -> list[str]:
    """List the cases with a clock that stands still, in order of id."""
    k = t.sla_clock.c
    return list(connection.scalars(sa.select(k.case_id).where(k.paused).distinct().order_by(k.case_id)))


def worked_on(since: date) -> sa.ColumnElement[bool]:
    """Keep cases that somebody works on: open, and with a clock or, as nobody ever closes the others, opened since."""
    c = t.complaint_case.c
    return sa.and_(c.closed_on.is_(None), sa.or_(c.due_on.is_not(None), c.opened_on >= since))


def open_cases(connection: sa.Connection, *, after: str, limit: int) -> list[Any]:
    """List cases to be scored, all that are open, in order of id, beginning behind ``after``."""
    c = t.complaint_case
    query = sa.select(c).where(c.c.id > after, c.c.closed_on.is_(None)).order_by(c.c.id).limit(limit)
    return list(connection.execute(query))


def open_batch(connection: sa.Connection, source: str) -> tuple[str | None, int, int]:
    """Give the id of a source's batch that was not read to its end, how many were, and the most rejects of one."""
    b = t.batch.c
    rows = connection.execute(sa.select(b.id, b.finished_on, b.rejected).where(b.source == source)).all()
    finished = [row for row in rows if row.finished_on is not None]
    unfinished = next((row.id for row in rows if row.finished_on is None), None)
    return unfinished, len(finished), max((row.rejected for row in finished), default=0)


def load_watermark(connection: sa.Connection, source: str) -> object:
    """Give how far a query has been read; None before its first run."""
    value = connection.scalar(sa.select(t.watermark.c.value).where(t.watermark.c.source == source))
    return None if value is None else json.loads(value)


def current_release(connection: sa.Connection) -> str | None:
    """Give the release most current predictions of models are from; None in an empty store."""
    p = t.prediction.c
    query = (
        sa.select(p.release)
        .where(p.current, p.release != HUMAN)
        .group_by(p.release)
        .order_by(sa.func.count().desc())
        .limit(1)
    )
    return connection.scalar(query)


def improvements(connection: sa.Connection) -> list[ImprovementItem]:
    """List every improvement item, the oldest first."""
    i = t.improvement
    columns = [i.c[name] for name in ImprovementItem.__slots__]
    return [ImprovementItem(*row) for row in connection.execute(sa.select(*columns).order_by(i.c.opened_on, i.c.id))]
