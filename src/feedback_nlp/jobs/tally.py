"""How many open cases there are by level of escalation and by limit: numbers only, for whoever may see no text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading

LIMITS = ("overdue", "today", "within 2 days", "within 7 days", "later", "no limit")
SOON, WEEK = 2, 7


def open_cases_by_level(work: Workplace) -> list[Mapping[str, int]]:
    """Count the cases that somebody owes an answer: one row a level, the gravest first; columns as LIMITS."""
    c = t.complaint_case.c
    query = sa.select(c.level, c.due_on, sa.func.count().label("n")).where(c.closed_on.is_(None))
    table = {level: dict.fromkeys(LIMITS, 0) for level in (3, 2, 1, 0)}
    with reading(work.engine) as connection:
        for row in connection.execute(query.group_by(c.level, c.due_on)):
            table[row.level][_limit(row.due_on, work.today)] += row.n
    return [{"level": level, **counts, "all": sum(counts.values())} for level, counts in table.items()]


def _limit(due_on: date | None, today: date) -> str:
    if due_on is None:
        return "no limit"
    left = (due_on - today).days
    if left <= 0:
        return "today" if left == 0 else "overdue"
    return "within 2 days" if left <= SOON else "within 7 days" if left <= WEEK else "later"
