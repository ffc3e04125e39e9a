"""Read what a complaint officer looks at, and append what they do.

Lists come with the levels from URGENT on first, the gravest in front, whatever the score: a person in danger does not
wait for arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

URGENT = 2
"""Escalation level from which a case stands above every score, see policy/escalation.toml."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to list; None leaves a condition out."""

    answered: bool | None = False  # False: somebody still owes the customer an answer; True: answered; None: all
    states: tuple[str, ...] = ()  # empty: every state
    level: int | None = None  # at least
    branch: str | None = None  # part of its name
    department: str | None = None
    owner: str | None = None
    assignee: str | None = None  # "": nobody
    group: str | None = None
    overdue_on: date | None = None  # with a limit before this day that still runs
    unrouted: bool = False


def cases_wanted(connection: sa.Connection, wanted: Wanted, *, limit: int) -> list[Any]:
    """List cases, levels from URGENT on first, then by score, limit, age, id; answered ones by day of answer.

    Columns: those of ``complaint_case``; ``score``, ``floor``, ``parts``, ``as_of``, ``scored_by`` of its triage (null
    without one).
    """
    c, g = t.complaint_case.c, t.triage.c
    pressing = (g.score.is_(None), g.score.desc(), c.due_on.is_(None), c.due_on, c.opened_on)
    order = (c.closed_on.desc(),) if wanted.answered else pressing
    first = sa.case((c.level >= URGENT, -c.level), else_=0)
    query = _cases().where(*_conditions(wanted)).order_by(first, *order, c.id).limit(limit)
    return list(connection.execute(query))


def count_wanted(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the cases that fit."""
    query = sa.select(sa.func.count()).select_from(t.complaint_case).where(*_conditions(wanted))
    return connection.scalar(query) or 0


def cases_named(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List some cases with the columns of `cases_wanted`, in order of id."""
    c = t.complaint_case.c
    return list(connection.execute(_cases().where(among(connection, c.id, case_ids)).order_by(c.id)))


def ids_beginning(connection: sa.Connection, column: sa.Column[Any], prefix: str, *, limit: int) -> list[str]:
    """List the first ids of a column that begin like this, in order; an id itself comes alone."""
    if connection.scalar(sa.select(column).where(column == prefix)) is not None:
        return [prefix]
    query = sa.select(column).where(column.startswith(prefix, autoescape=True)).order_by(column).limit(limit)
    return list(connection.scalars(query))


def members(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List the members of some cases with all that is known of them; in a case the gravest comes first, then by day.

    Columns: ``case_id``, ``why``; those of ``feedback``; ``release``, labels, ``scores``, ``confidence``, ``review``,
    ``evidence`` of the current prediction; ``hits``, ``amounts``, ``dates``, ``vulnerable``; the derived labels (null
    where the rules have not been asked yet).
    """
    m, f, p, x, d = t.case_member.c, t.feedback.c, t.prediction.c, t.text_facts.c, t.derived_label.c
    labels = ("release", "kind", "business", "touchpoint", "sentiment", "leaf", "leaves", "demand", "scores",
              "confidence", "review", "evidence")  # fmt: skip
    query = (
        sa.select(
            m.case_id, m.why, t.feedback,
            *(p[name] for name in labels),
            x.hits, x.amounts, x.dates, x.vulnerable,
            d.need, d.risk, d.stage, d.process, d.direction, d.rules,
        )
        .join_from(t.case_member, t.feedback, f.id == m.feedback_id)
        .join(t.prediction, sa.and_(p.feedback_id == f.id, p.current))
        .join(t.complaint_case, t.complaint_case.c.id == m.case_id)
        .outerjoin(t.text_facts, x.feedback_id == f.id)
        .outerjoin(t.derived_label, d.feedback_id == f.id)
        .where(among(connection, m.case_id, case_ids))
        .order_by(m.case_id, (p.business + "/" + p.leaf) != t.complaint_case.c.theme, f.counted_on, f.id)
    )  # fmt: skip
    return list(connection.execute(query))


def events(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List the rows of ``case_event`` of some cases, in order of case and sequence."""
    e = t.case_event.c
    query = sa.select(t.case_event).where(among(connection, e.case_id, case_ids)).order_by(e.case_id, e.seq)
    return list(connection.execute(query))


def clocks(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List the clocks of some cases, the nearest limit first."""
    k = t.sla_clock.c
    query = sa.select(t.sla_clock).where(among(connection, k.case_id, case_ids)).order_by(k.case_id, k.due_at, k.rule)
    return list(connection.execute(query))


def running_clocks(connection: sa.Connection, *, branch: str | None = None) -> list[Any]:
    """List the clocks that nothing has stopped yet, the nearest limit first."""
    k, c = t.sla_clock.c, t.complaint_case.c
    query = (
        sa.select(t.sla_clock)
        .join(t.complaint_case, c.id == k.case_id)
        .where(k.stopped_at.is_(None))
        .order_by(k.due_at, k.case_id, k.rule)
    )
    if branch is not None:
        query = query.where(c.org.contains(branch, autoescape=True))
    return list(connection.execute(query))


def count_clocks(connection: sa.Connection, *, due_before: datetime | None = None) -> int:
    """Count the clocks that nothing has stopped yet; with a moment, those whose limit had passed by then."""
    k = t.sla_clock.c
    query = sa.select(sa.func.count()).select_from(t.sla_clock).where(k.stopped_at.is_(None))
    return connection.scalar(query if due_before is None else query.where(k.due_at < due_before)) or 0


def alerts(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List the alerts about some cases, the gravest first."""
    a = t.alert.c
    query = sa.select(t.alert).where(among(connection, a.case_id, case_ids))
    return list(connection.execute(query.order_by(a.case_id, a.level.desc(), a.opened_at, a.id)))


def group(connection: sa.Connection, group_id: str) -> Any | None:
    """Give a group complaint."""
    return connection.execute(sa.select(t.case_group).where(t.case_group.c.id == group_id)).one_or_none()


def tasks(connection: sa.Connection, feedback_ids: Sequence[str]) -> list[Any]:
    """List the open review tasks of some feedback, the most pressing first."""
    r = t.review_task.c
    query = sa.select(t.review_task).where(among(connection, r.feedback_id, feedback_ids), r.state == "open")
    return list(connection.execute(query.order_by(r.rank.desc(), r.feedback_id)))


def improvement_ids(connection: sa.Connection) -> list[str]:
    """List the ids of all improvement items."""
    return list(connection.scalars(sa.select(t.improvement.c.id).order_by(t.improvement.c.id)))


def open_improvements(connection: sa.Connection) -> list[Any]:
    """List the improvement items that are not closed yet, by theme, the latest first."""
    i = t.improvement.c
    query = sa.select(t.improvement).where(i.status != "closed").order_by(i.theme, i.opened_on.desc(), i.id)
    return list(connection.execute(query))


def lock_cases(connection: sa.Connection, case_ids: Sequence[str]) -> None:
    """Keep others from moving cases until this transaction ends; on SQLite, writers wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        c = t.complaint_case.c
        connection.execute(sa.select(c.id).where(among(connection, c.id, case_ids)).order_by(c.id).with_for_update())


def _cases() -> sa.Select[Any]:
    c, g = t.complaint_case.c, t.triage.c
    scored = (g.score, g.floor, g.parts, g.as_of, g.policy.label("scored_by"))
    return sa.select(t.complaint_case, *scored).outerjoin_from(t.complaint_case, t.triage, g.case_id == c.id)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = t.complaint_case.c
    found = [c[name] == value for name in ("department", "owner") if (value := getattr(wanted, name)) is not None]
    if wanted.answered is not None:
        found.append(c.closed_on.is_not(None) if wanted.answered else c.closed_on.is_(None))
    if wanted.states:
        found.append(c.state.in_(wanted.states))
    if wanted.level is not None:
        found.append(c.level >= wanted.level)
    if wanted.branch is not None:
        found.append(c.org.contains(wanted.branch, autoescape=True))
    if wanted.assignee is not None:
        found.append(c.assignee == wanted.assignee if wanted.assignee else c.assignee.is_(None))
    if wanted.group is not None:
        found.append(c.group_id.startswith(wanted.group, autoescape=True))
    if wanted.overdue_on is not None:
        found.append(sa.and_(c.due_on < wanted.overdue_on, c.closed_on.is_(None)))
    if wanted.unrouted:
        found.append(c.process.is_(None))
    return found
