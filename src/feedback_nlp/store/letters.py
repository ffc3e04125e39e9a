"""What new feedback may belong with: case members that share an identifier, letters on file that share a band.

A band is filed under the month its letter came in, so that new ones land beside each other. By band alone each of a
letter's sixteen lands on a page of its own: 300,000 letters took twice as long to look up and file, and ever longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

Letter = tuple[str, date, Sequence[str]]
"""Feedback id, the day it came in, its bands."""
MONTH = 4
"""Digits before a band: year and month."""


def file_letters(connection: sa.Connection, letters: Iterable[Letter]) -> None:
    """File letters that are not on file; what is there already stays."""
    pairs = sorted((f"{_month(day)}{band}", feedback_id) for feedback_id, day, bands in letters for band in bands)
    if pairs:
        _insert_pairs(connection, t.case_band, pairs)


def refile_letters(connection: sa.Connection, letters: Sequence[Letter]) -> None:
    """File letters whose text has changed under their new bands."""
    b = t.case_band
    connection.execute(b.delete().where(among(connection, b.c.feedback_id, [letter[0] for letter in letters])))
    file_letters(connection, letters)


def letters_sharing(connection: sa.Connection, *, bands: Sequence[str], since: date, until: date) -> list[Any]:
    """List (band, feedback_id) of letters on file, received between two days, that share a band with new feedback."""
    b, f = t.case_band, t.feedback
    band = sa.func.substr(b.c.band, MONTH + 1)
    keys = [f"{month}{band}" for month in _months(since, until) for band in bands]
    query = (
        sa.select(band.label("band"), b.c.feedback_id)
        .join(f, f.c.id == b.c.feedback_id)
        .where(f.c.counted_on.between(since, until), among(connection, b.c.band, keys))
    )
    return list(connection.execute(query)) if keys else []


def customers_sharing(connection: sa.Connection, *, hmacs: Sequence[str], since: date, until: date) -> list[Any]:
    """List case members received between two days that share an identifier with new feedback, without their text.

    Columns: those of ``identifier``, ``counted_on``, ``case_id``. Who carries two of them stands there twice.
    """
    i, m, f = t.identifier, t.case_member, t.feedback
    query = (
        sa.select(i, f.c.counted_on, m.c.case_id)
        .join(m, m.c.feedback_id == i.c.feedback_id)
        .join(f, f.c.id == i.c.feedback_id)
        .where(f.c.counted_on.between(since, until), among(connection, i.c.hmac, hmacs))
    )
    return list(connection.execute(query)) if hmacs else []


def members(connection: sa.Connection, ids: Iterable[str]) -> list[Any]:
    """List case members with what `cases.join` compares.

    Columns: feedback_id, case_id, counted_on, text, product, extra, business, leaf.
    """
    m, f, p = t.case_member, t.feedback, t.prediction
    columns = (f.c.counted_on, f.c.text, f.c.product, f.c.extra, p.c.business, p.c.leaf)
    query = (
        sa.select(m.c.feedback_id, m.c.case_id, *columns)
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
    )
    return list(connection.execute(query.where(among(connection, m.c.feedback_id, ids))))


def _month(day: date) -> str:
    return f"{day:%y%m}"


def _months(since: date, until: date) -> Iterator[str]:
    """List the months between two days.

    >>> list(_months(date(2025, 11, 30), date(2026, 1, 1)))
    ['2511', '2512', '2601']
    """
    first, last = (day.year * 12 + day.month - 1 for day in (since, until))
    for month in range(first, last + 1):
        yield _month(date(month // 12, month % 12 + 1, 1))


def _insert_pairs(connection: sa.Connection, table: sa.Table, pairs: Sequence[tuple[str, str]]) -> None:
    """Insert into a table of two columns that are its key.

    Sent as one parameter, as `among` does: binding a letter's sixteen rows one by one took longer than storing them.
    """
    names = [column.name for column in table.c]
    if connection.dialect.name == "postgresql":
        arrays = [sa.bindparam(None, list(column), type_=ARRAY(sa.Text)) for column in zip(*pairs, strict=True)]
        chosen = sa.select(sa.func.unnest(*arrays).table_valued(*names).render_derived())
        statement: sa.Insert = postgresql.insert(table).from_select(names, chosen).on_conflict_do_nothing()
    else:
        listed = sa.func.json_each(json.dumps(pairs)).table_valued("value")
        parts = [sa.func.json_extract(listed.c.value, f"$[{n}]") for n in range(len(names))]
        chosen = sa.select(*parts).where(sa.true())  # or SQLite reads ON CONFLICT as the condition of a join
        statement = sqlite.insert(table).from_select(names, chosen).on_conflict_do_nothing()
    connection.execute(statement)
