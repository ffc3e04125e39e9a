"""The quarter of a day, and what a quarter so far may be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A run of days, both ends included."""

    start: date
    end: date
    name: str  # 2026Q4

    @property
    def days(self) -> int:
        """Count the days."""
        return (self.end - self.start).days + 1


def quarter(day: date) -> Period:
    """Give the calendar quarter of a day.

    >>> quarter(date(2026, 11, 24)).name, quarter(date(2026, 11, 24)).end
    ('2026Q4', datetime.date(2026, 12, 31))
    """
    number = (day.month - 1) // 3
    start = date(day.year, 3 * number + 1, 1)
    return Period(start, _next_month(date(day.year, 3 * number + 3, 1)) - DAY, f"{day.year}Q{number + 1}")


def quarter_to_date(today: date) -> tuple[Period, Period]:
    """Give the quarter so far and the same number of first days of the quarter before.

    A quarter that is over is compared with the whole quarter before, although that may be two days shorter.

    >>> now, then = quarter_to_date(date(2026, 11, 24))
    >>> now.days, str(then.start), str(then.end)
    (55, '2026-07-01', '2026-08-24')
    """
    whole = quarter(today)
    before = quarter(whole.start - DAY)
    if today == whole.end:
        return whole, before
    now = Period(whole.start, today, whole.name)
    return now, Period(before.start, min(before.end, before.start + (now.days - 1) * DAY), before.name)


def within(events: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Keep the events counted on the days of a period."""
    start, stop = pd.Timestamp(period.start), pd.Timestamp(period.end + DAY)
    return events[(events["day"] >= start) & (events["day"] < stop)]


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)
