"""From a start and a limit to the last moment, pauses taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from feedback_nlp.cases.calendar import DAY, add_working_days, next_working_day, working_days
from feedback_nlp.cases.history import DAY_END

Span = tuple[datetime, datetime]
NOTHING = timedelta(0)


class Limit(NamedTuple):
    """So long, counted so."""

    number: int
    unit: str  # seconds, hours, days, working_days
    roll: bool = False  # a last day that is a day off moves to the next working day


class Due(NamedTuple):
    """The last moment."""

    at: datetime
    provisional: bool  # counted by weekday beyond the last published calendar
    taken_out: timedelta = NOTHING  # by pauses, as they passed: days off count too


def due_at(start: datetime, limit: Limit, *, spans: Sequence[Span] = ()) -> Due:
    """Count a limit from a start; each pause that begins before the limit is over lengthens it.

    In days, the day on which a pause begins counts as used, the one on which it ends does not. A limit that is over
    cannot be lengthened.
    """
    if limit.unit in ("hours", "seconds"):
        return _moment(start, limit, spans)
    due, days, taken_out = _last_day(start.date(), limit, 0), 0, NOTHING
    for begin, end in spans:
        if begin > due.at:
            break
        days += _days(begin.date(), end.date(), limit.unit)
        taken_out += (end.date() - begin.date()).days * DAY
        due = _last_day(start.date(), limit, days)
    return Due(due.at, due.provisional, taken_out)


def within(pauses: Iterable[tuple[datetime, datetime | None]], start: datetime, end: datetime) -> list[Span]:
    """Cut pauses to what lies between two moments; one that lasts ends with the second."""
    cut = ((max(begin, start), min(stop or end, end)) for begin, stop in pauses)
    return [(begin, stop) for begin, stop in cut if begin < stop]


def _moment(start: datetime, limit: Limit, spans: Sequence[Span]) -> Due:
    at, taken_out = start + timedelta(**{limit.unit: limit.number}), NOTHING
    for begin, end in spans:
        if begin > at:
            break
        at, taken_out = at + (end - begin), taken_out + (end - begin)
    return Due(at, False, taken_out)


@lru_cache(maxsize=65536)
def _last_day(start: date, limit: Limit, more: int) -> Due:
    if limit.unit == "days":
        day, provisional = start + (limit.number + more) * DAY, False
    else:
        day, provisional = add_working_days(start, limit.number + more)
    if limit.roll:
        day, guessed = next_working_day(day)
        provisional = provisional or guessed
    return Due(datetime.combine(day, DAY_END), provisional)


def _days(begin: date, end: date, unit: str) -> int:
    return (end - begin).days if unit == "days" else working_days(begin, end)
