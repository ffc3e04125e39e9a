from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.insight.periods import quarter, quarter_to_date, within

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@settings(deadline=None)
@given(DAYS)
def test_a_quarter_holds_its_day_and_the_next_one_begins_right_after_it(day: date) -> None:
    found = quarter(day)
    following = quarter(found.end + timedelta(days=1))
    assert found.start <= day <= found.end
    assert quarter(found.start) == quarter(found.end) == found
    assert following.start == found.end + timedelta(days=1) and following.name > found.name


@settings(deadline=None)
@given(DAYS)
def test_quarters_agree_with_pandas(day: date) -> None:
    found, expected = quarter(day), pd.Period(day, freq="Q")
    assert (found.start, found.end) == (expected.start_time.date(), expected.end_time.date())
    assert found.name == str(expected)


@settings(deadline=None)
@given(DAYS)
def test_the_quarter_so_far_is_compared_with_as_many_first_days_of_the_one_before(today: date) -> None:
    now, before = quarter_to_date(today)
    assert now.start == quarter(today).start and now.end == today
    assert before.start == quarter(now.start - timedelta(days=1)).start and before.end < now.start
    assert before.days == now.days or before.end == now.start - timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        (date(2026, 10, 1), date(2026, 7, 1), date(2026, 7, 1)),
        (date(2026, 12, 31), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2027, 3, 31), date(2026, 10, 1), date(2026, 12, 31)),  # 90 days against the whole 92
        (date(2026, 6, 29), date(2026, 1, 1), date(2026, 3, 31)),  # the 90th day; the first quarter has no 91st
    ],
)
def test_the_ends_of_quarters_are_compared_with_whole_quarters(today: date, start: date, end: date) -> None:
    _, before = quarter_to_date(today)
    assert (before.start, before.end) == (start, end)


def test_a_period_holds_the_last_hours_of_its_last_day() -> None:
    events = pd.DataFrame({"day": pd.to_datetime(["2026-09-30 23:59", "2026-12-31 23:59", "2027-01-01 00:00"])})
    assert within(events, quarter(date(2026, 11, 24))).index.tolist() == [1]
