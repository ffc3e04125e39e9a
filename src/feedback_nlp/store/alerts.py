"""Alerts in the tables: what they are about, which are known, what was sent where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.load import worked_on
from feedback_nlp.store.save import Row, upsert


def escalated_cases(
    connection: sa.Connection, *, at_least: int, lives: int, opened_since: date, closed_since: date
) -> list[Any]:
    """List cases of a level that somebody still works on; from level ``lives`` on also those closed since a day.

    Cases without a clock, such as app reviews, are never closed: those count that were opened since a day. From level
    ``lives`` on they all count, and so does a case closed earlier that had a letter afterwards.
    """
    c, m, f = t.complaint_case.c, t.case_member.c, t.feedback.c
    query = sa.select(c.id, c.org, c.due_on, c.closed_on)
    later = sa.exists().where(m.case_id == c.id, f.id == m.feedback_id, f.counted_on > c.closed_on)
    grave = sa.and_(c.level >= lives, sa.or_(c.closed_on.is_(None), c.closed_on >= closed_since, later))
    query = query.where(c.level >= at_least, sa.or_(worked_on(opened_since), grave))
    return list(connection.execute(query.order_by(c.id)))


def hits_of(connection: sa.Connection, case_ids: Iterable[str]) -> list[Any]:
    """List (case_id, feedback_id, counted_on, taken_in_on, hits) of the members of some cases with any escalation."""
    m, f, x, b = t.case_member, t.feedback, t.text_facts, t.batch
    query = (
        sa.select(m.c.case_id, m.c.feedback_id, f.c.counted_on, b.c.taken_in_on, x.c.hits)
        .join(f, f.c.id == m.c.feedback_id)
        .join(b, b.c.id == f.c.batch_id)
        .join(x, x.c.feedback_id == m.c.feedback_id)
        .where(among(connection, m.c.case_id, case_ids), x.c.level > 0)
        .order_by(m.c.case_id, f.c.counted_on, m.c.feedback_id)
    )
    return list(connection.execute(query))


def running_clocks(connection: sa.Connection) -> list[Any]:
    """List the clocks that run and do not stand still, with the branch of their case."""
    k, c = t.sla_clock, t.complaint_case
    query = sa.select(k, c.c.org).join(c, c.c.id == k.c.case_id)
    query = query.where(k.c.stopped_at.is_(None), k.c.paused.is_(False))
    return list(connection.execute(query.order_by(k.c.case_id, k.c.rule)))


def bursts_since(connection: sa.Connection, since: date) -> list[Any]:
    """List the group complaints whose last case is not older than a day."""
    g = t.case_group
    return list(connection.execute(sa.select(g).where(g.c.last_on >= since).order_by(g.c.id)))


def unrouted_cases(connection: sa.Connection, *, since: date) -> list[Any]:
    """List (id, org, theme) of cases somebody should work on, and no routing rule says who."""
    c = t.complaint_case.c
    query = sa.select(c.id, c.org, c.theme).where(c.process.is_(None), worked_on(since))
    return list(connection.execute(query.order_by(c.id)))


def alerts_by_id(connection: sa.Connection, ids: Iterable[str]) -> list[Any]:
    """List those of some alerts that are known; until the transaction ends nobody else changes them."""
    a = t.alert
    query = sa.select(a).where(among(connection, a.c.id, ids)).order_by(a.c.id)
    return list(connection.execute(query.with_for_update()))


def alerts_of(connection: sa.Connection, rules: Collection[str]) -> list[Any]:
    """List (id, rule, case_id, state) of all alerts that some rules ever raised, the oldest first."""
    a = t.alert.c
    query = sa.select(a.id, a.rule, a.case_id, a.state).where(a.rule.in_(rules))
    return list(connection.execute(query.order_by(a.opened_at, a.id)))


def unresolved(connection: sa.Connection) -> list[Any]:
    """List (id, rule, subject, level) of the alerts that are open or acknowledged."""
    a = t.alert.c
    return list(connection.execute(sa.select(a.id, a.rule, a.subject, a.level).where(a.state != "resolved")))


def add_alerts(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Insert alerts; one that another run has just inserted is left as it is."""
    if rows:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(t.alert)
        connection.execute(insert.on_conflict_do_nothing(index_elements=["id"]), rows)


def say_again(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Open resolved alerts again; they will be sent again. What is no longer resolved is left as it is."""
    a, d = t.alert, t.alert_delivery
    for row in rows:
        change = a.update().where(a.c.id == row["id"], a.c.state == "resolved").values(row)
        if connection.execute(change).rowcount:
            connection.execute(d.delete().where(d.c.alert_id == row["id"]))


def resolve_alerts(connection: sa.Connection, ids: Iterable[str], *, states: Collection[str]) -> int:
    """Resolve alerts that are still in one of some states; give how many."""
    a = t.alert
    over = a.update().where(among(connection, a.c.id, ids), a.c.state.in_(states))
    return connection.execute(over.values(state="resolved")).rowcount


def count_open(connection: sa.Connection) -> dict[int, int]:
    """Give how many alerts of each level are open."""
    a = t.alert.c
    query = sa.select(a.level, sa.func.count()).where(a.state == "open").group_by(a.level).order_by(a.level.desc())
    return {row[0]: row[1] for row in connection.execute(query)}


def matching(connection: sa.Connection, start: str) -> list[Any]:
    """List the alerts whose id begins with some digits."""
    a = t.alert
    return list(connection.execute(sa.select(a).where(a.c.id.startswith(start, autoescape=True)).limit(2)))


def close_alert(connection: sa.Connection, alert_id: str, *, by: str, note: str, now: datetime) -> bool:
    """Acknowledge an open alert; False where somebody else was quicker."""
    a = t.alert
    done = connection.execute(
        a.update()
        .where(a.c.id == alert_id, a.c.state == "open")
        .values(state="acknowledged", acknowledged_by=by, acknowledged_at=now, note=note)
    )
    return done.rowcount == 1


def listed(connection: sa.Connection, *, states: Collection[str], least_level: int) -> list[Any]:
    """List alerts with their branch, the gravest and most pressing first.

    Columns: those of ``alert``; ``org``; ``delivered_at``, the first delivery; ``error`` of an outlet still failing.
    """
    a, c, d = t.alert, t.complaint_case, t.alert_delivery
    told = sa.select(sa.func.min(d.c.delivered_at)).where(d.c.alert_id == a.c.id).scalar_subquery()
    failing = sa.select(sa.func.min(d.c.error)).where(d.c.alert_id == a.c.id).scalar_subquery()
    query = (
        sa.select(a, c.c.org, told.label("delivered_at"), failing.label("error"))
        .outerjoin(c, c.c.id == a.c.case_id)
        .where(a.c.state.in_(states), a.c.level >= least_level)
        .order_by(a.c.level.desc(), a.c.answer_by, a.c.id)
    )
    return list(connection.execute(query))


def undelivered(connection: sa.Connection, *, outlet: str, least_level: int, limit: int) -> list[Any]:
    """List open alerts that an outlet has not sent yet, the gravest and oldest first, with its ``attempts`` so far."""
    a, d = t.alert, t.alert_delivery
    query = (
        sa.select(a, sa.func.coalesce(d.c.attempts, 0).label("attempts"))
        .outerjoin(d, sa.and_(d.c.alert_id == a.c.id, d.c.outlet == outlet))
        .where(a.c.state == "open", a.c.level >= least_level, d.c.delivered_at.is_(None))
        .order_by(a.c.level.desc(), a.c.opened_at, a.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def remember_delivery(
    connection: sa.Connection, alerts: Sequence[Any], *, outlet: str, at: datetime | None, error: str | None
) -> None:
    """Note an attempt to send rows of ``undelivered``; ``at`` is None where it failed.

    An alert that has meanwhile got something else to say was not sent: it stays undelivered.
    """
    present = {row.id: row.message for row in alerts_by_id(connection, [row.id for row in alerts])}
    rows = [
        {"alert_id": row.id, "outlet": outlet, "delivered_at": at, "attempts": row.attempts + 1, "error": error}
        for row in alerts
        if row.message == present[row.id]
    ]
    upsert(connection, t.alert_delivery, rows)
