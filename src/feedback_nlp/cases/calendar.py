"""Chinese working days, 调休 included."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

DAY = timedelta(days=1)


def add_working_days(day: date, number: int) -> tuple[date, bool]:
    """Count working days forward; the flag says that weekdays had to stand in for the calendar.

    >>> add_working_days(date(2025, 9, 30), 1)  # National Day: 1 to 8 October are off
    (datetime.date(2025, 10, 9), False)
    """
    provisional = False
    while number > 0:
        day += DAY
        works, guessed = working(day)
        provisional = provisional or guessed
        number -= works
    return day, provisional


def working_days(after: date, until: date) -> int:
    """Count the working days behind one day, up to and with another."""
    return sum(working(after + number * DAY)[0] for number in range(1, (until - after).days + 1))


def next_working_day(day: date) -> tuple[date, bool]:
    """Give the day itself if it is worked, else the next one that is; the flag as above."""
    works, guessed = working(day)
    return (day, guessed) if works else add_working_days(day, 1)


@lru_cache(maxsize=8192)
def working(day: date) -> tuple[bool, bool]:
    """Tell whether a day is worked, and whether that is a guess by its weekday."""
    try:
        return chinese_calendar.is_workday(day), False
    except NotImplementedError:  # beyond the library's years: the State Council publishes each in the autumn before
        return day.weekday() < 5, True
