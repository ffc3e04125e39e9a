"""How many open cases there are by level of escalation and by limit: numbers only, for whoever may see no text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.rules import days_left, rules
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading


def open_cases_by_level(work: Workplace) -> list[Mapping[str, int]]:
    """Count the cases that somebody owes an answer: one row a level, the gravest first, one column a kind of limit."""
    near = f"within {rules().due_soon_days} days", f"within {rules().due_week_days} days"
    limits = ("overdue", "today", *near, "later", "no limit")
    c = t.complaint_case.c
    query = sa.select(c.level, c.due_on, sa.func.count().label("n")).where(c.closed_on.is_(None))
    table = {level: dict.fromkeys(limits, 0) for level in (3, 2, 1, 0)}
    with reading(work.engine) as connection:
        for row in connection.execute(query.group_by(c.level, c.due_on)):
            table[row.level][limits[_place(row.due_on, work.today)]] += row.n
    return [{"level": level, **counts, "all": sum(counts.values())} for level, counts in table.items()]


def _place(due_on: date | None, today: date) -> int:
    left = days_left(due_on, today)
    if left is None:
        return -1
    return sum(left > most for most in (-1, 0, rules().due_soon_days, rules().due_week_days))
