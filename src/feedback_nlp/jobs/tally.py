"""What waits for somebody, counted: numbers only, for whoever may see no text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.rules import days_left, rules
from feedback_nlp.store import desk, reviews
from feedback_nlp.store import tables as t
from feedback_nlp.store.desk import Wanted
from feedback_nlp.store.open import reading


class Waiting(NamedTuple):
    """What waits for somebody, counted as the page and the workbook do."""

    cases: int  # 未结案件: somebody still owes the customer an answer
    cases_overdue: int  # 逾期案件: of those, the earliest answer limit still running is past
    limits: int  # 时限 that run; a case may have several
    limits_overdue: int  # 逾期时限
    reviews: int  # 待复核: feedback with an open review task


def count_waiting(connection: sa.Connection, now: datetime) -> Waiting:
    """Count what waits at a moment."""
    return Waiting(
        cases=desk.count_wanted(connection, Wanted()),
        cases_overdue=desk.count_wanted(connection, Wanted(overdue_on=now.date())),
        limits=desk.count_clocks(connection),
        limits_overdue=desk.count_clocks(connection, due_before=now),
        reviews=reviews.count_open(connection),
    )


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
