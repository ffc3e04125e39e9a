"""Read and write group complaints: which keys have changed, their cases, the groups found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.save import Row, upsert

Key = tuple[str, str]
"""Branch and business; "" for the whole bank."""
_PENDING = "groups_pending"
_NOTE = sa.select(t.meta.c.value).where(t.meta.c.name == _PENDING)


def remember_keys(connection: sa.Connection, keys: Mapping[Key, date]) -> None:
    """Note keys whose cases have changed, each with the first day of those: in the transaction that changes them.

    So a run that is killed before it looks for groups leaves the next one to do it.
    """
    if keys:
        noted = _locked_keys(connection)
        _note(connection, noted | {key: min(day, noted.get(key, day)) for key, day in keys.items()})


def pending_keys(connection: sa.Connection) -> dict[Key, date]:
    """Give the keys that nobody has looked at since their cases changed."""
    return _read(connection.scalar(_NOTE))


def forget_keys(connection: sa.Connection, keys: Mapping[Key, date]) -> None:
    """Note that keys have been looked at from a day on, in the transaction that saves their groups."""
    noted = _locked_keys(connection)
    _note(connection, {key: day for key, day in noted.items() if key not in keys or day < keys[key]})


def _locked_keys(connection: sa.Connection) -> dict[Key, date]:
    """Read the note and keep others from changing it until the transaction ends."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(t.meta)
    connection.execute(insert.values(name=_PENDING, value="[]").on_conflict_do_nothing())
    return _read(connection.scalar(_NOTE.with_for_update()))


def _read(note: str | None) -> dict[Key, date]:
    return {(org, business): date.fromisoformat(day) for org, business, day in json.loads(note or "[]")}


def _note(connection: sa.Connection, keys: Mapping[Key, date]) -> None:
    listed = [[*key, day.isoformat()] for key, day in sorted(keys.items())]
    note = json.dumps(listed, ensure_ascii=False)
    connection.execute(t.meta.update().where(t.meta.c.name == _PENDING).values(value=note))


def first_day(connection: sa.Connection) -> date | None:
    """Give the first day of which the store knows anything."""
    found: date | None = connection.scalar(sa.select(sa.func.min(t.feedback.c.counted_on)))
    return found


def cases_of_org(connection: sa.Connection, org: str, *, since: date) -> list[Any]:
    """List (id, theme, opened_on, customers) of a branch's cases."""
    return _cases(connection, t.complaint_case.c.org == org, since)


def cases_of_business(connection: sa.Connection, business: str, *, since: date) -> list[Any]:
    """List (id, theme, opened_on, customers) of a business' cases at all branches and none."""
    return _cases(connection, t.complaint_case.c.theme.startswith(f"{business}/", autoescape=True), since)


def _cases(connection: sa.Connection, condition: sa.ColumnElement[bool], since: date) -> list[Any]:
    c = t.complaint_case.c
    query = sa.select(c.id, c.theme, c.opened_on, c.customers)
    return list(connection.execute(query.where(condition, c.opened_on >= since, c.customers > 0)))  # 0: nothing is left


def people_of_cases(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List (case_id, type, hmac, from_column) of the identifiers of some cases' members."""
    m, i = t.case_member, t.identifier
    query = sa.select(m.c.case_id, i.c.type, i.c.hmac, i.c.from_column).join(i, i.c.feedback_id == m.c.feedback_id)
    return list(connection.execute(query.where(among(connection, m.c.case_id, case_ids))))


def known_groups(connection: sa.Connection, org: str, business: str, *, since: date) -> list[Any]:
    """List (first_on, last_on) of the groups of one key that end on a day or later; waves of letters are none."""
    g = t.case_group.c
    mine = (g.org == org, g.cause.startswith(f"{business}/", autoescape=True), g.expected > 0, g.last_on >= since)
    return list(connection.execute(sa.select(g.first_on, g.last_on).where(*mine)))


def new_waves(connection: sa.Connection, *, least_customers: int) -> list[Any]:
    """List cases of so many customers that are no group yet, or have grown since.

    Columns: id, theme, opened_on, customers; ``last_on``; ``org`` where all members name the same, else "".
    """
    c, m, f, g = t.complaint_case, t.case_member, t.feedback, t.case_group
    one = sa.func.coalesce(sa.func.max(f.c.org), "")
    org = sa.case((sa.func.count(f.c.org.distinct()) == 1, one), else_="")
    query = (
        sa.select(
            c.c.id,
            c.c.theme,
            c.c.opened_on,
            c.c.customers,
            sa.func.max(f.c.counted_on).label("last_on"),
            org.label("org"),
        )
        .join(m, m.c.case_id == c.c.id)
        .join(f, f.c.id == m.c.feedback_id)
        .outerjoin(g, g.c.id == c.c.group_id)
        .where(c.c.customers >= least_customers)
        .where(sa.or_(g.c.id.is_(None), g.c.customers != c.c.customers, g.c.expected > 0))
        .group_by(c.c.id, c.c.theme, c.c.opened_on, c.c.customers)
    )
    return list(connection.execute(query))


def save_groups(connection: sa.Connection, groups: Mapping[str, Sequence[str]], rows: Sequence[Row]) -> None:
    """Store groups and, by group id, which cases they are."""
    upsert(connection, t.case_group, rows)
    c = t.complaint_case
    for group_id, case_ids in groups.items():
        mine = among(connection, c.c.id, case_ids)
        connection.execute(c.update().where(c.c.group_id == group_id, ~mine).values(group_id=None))
        connection.execute(c.update().where(mine).values(group_id=group_id))
