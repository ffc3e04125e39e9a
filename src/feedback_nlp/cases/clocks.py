"""Until when a piece of feedback has to be answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from feedback_nlp.policy.sla import SlaPolicy, SlaRule

DAY = timedelta(days=1)
DELIVERED = "delivered"  # the rule of a limit that came with the ledger


@dataclass(frozen=True, slots=True)
class Due:
    """The last day for an answer."""

    on: date
    rule: str  # id in sla.toml, or "delivered"
    provisional: bool = False  # counted by weekday beyond the last published holiday calendar


def due_of(received_on: date, *, source_kind: str, delivered: date | None = None, policy: SlaPolicy) -> Due | None:
    """Give the limit of one piece of feedback: the ledger's own 办结期限, else the earliest rule that applies."""
    if delivered is not None:
        return Due(delivered, DELIVERED)
    return earliest(due_on(received_on, rule) for rule in policy.rule if source_kind in rule.source_kinds)


def due_on(received_on: date, rule: SlaRule) -> Due:
    """Apply one rule. The day of receipt does not count (民法典第二百零一条)."""
    if rule.unit == "days":
        return Due(received_on + rule.limit * DAY, rule.id)
    day, provisional = add_working_days(received_on, rule.limit)
    return Due(day, rule.id, provisional)


def earliest(dues: Iterable[Due | None]) -> Due | None:
    """Give the earliest limit, e.g. of a case's open members; None where none runs."""
    return min((due for due in dues if due is not None), key=lambda due: due.on, default=None)


def add_working_days(day: date, number: int) -> tuple[date, bool]:
    """Count working days forward, 调休 included; the flag says that weekdays had to stand in for the calendar.

    >>> add_working_days(date(2025, 9, 30), 1)  # National Day: 1 to 8 October are off
    (datetime.date(2025, 10, 9), False)
    """
    provisional = False
    while number > 0:
        day += DAY
        working, guessed = _working(day)
        provisional = provisional or guessed
        number -= working
    return day, provisional


def _working(day: date) -> tuple[bool, bool]:
    try:
        return chinese_calendar.is_workday(day), False
    except NotImplementedError:  # beyond the library's years: the State Council publishes each in the autumn before
        return day.weekday() < 5, True
