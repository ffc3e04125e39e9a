"""Limits. Working days from the State Council's notices on the holidays of 2025 and 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.clocks import Due, add_working_days, due_of, due_on, earliest
from feedback_nlp.policy.sla import SlaPolicy, SlaRule

POLICY = policy.load().sla
WORKING = SlaRule("w", "answer", 5, "working_days", ("hotline",), "本行", True)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 9, 16), date(2026, 10, 1)),
        (date(2024, 2, 15), date(2024, 3, 1)),
        (date(2026, 12, 20), date(2027, 1, 4)),
    ],
)
def test_fifteen_days_run_from_the_day_after_receipt(received: date, due: date) -> None:
    assert due_of(received, source_kind="ledger", policy=POLICY) == Due(due, "cb-simple")


def test_the_limit_of_the_ledger_wins() -> None:
    delivered = date(2026, 12, 31)
    assert due_of(date(2026, 9, 16), source_kind="ledger", delivered=delivered, policy=POLICY) == Due(
        delivered, "delivered"
    )


@pytest.mark.parametrize("source_kind", ["survey", "app_review", "social", "other"])
def test_nobody_waits_for_an_answer_to_a_review(source_kind: str) -> None:
    assert due_of(date(2026, 9, 16), source_kind=source_kind, policy=POLICY) is None


def test_the_earliest_of_several_rules_applies() -> None:
    both = SlaPolicy("v", (*POLICY.rule, WORKING))
    assert due_of(date(2025, 9, 1), source_kind="hotline", policy=both) == Due(date(2025, 9, 8), "w")


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2025, 9, 27), 1, date(2025, 9, 28)),  # a Sunday that was worked
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # 1–8 October off; the 9th, the 10th, and Saturday the 11th worked
        (date(2025, 1, 26), 2, date(2025, 2, 5)),  # Spring Festival, 28 January to 4 February
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that was worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # Spring Festival, 15 to 23 February
    ],
)
def test_working_days_follow_the_published_calendar(start: date, number: int, end: date) -> None:
    assert add_working_days(start, number) == (end, False)


def test_beyond_the_published_years_weekdays_stand_in_and_say_so() -> None:
    friday = date(2050, 1, 7)
    assert add_working_days(friday, 5) == (date(2050, 1, 14), True)
    assert due_on(friday, WORKING).provisional


@given(st.dates(date(2010, 1, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_counting_on_is_counting_in_one_go(start: date, number: int) -> None:
    half = number // 2
    middle, _ = add_working_days(start, half)
    assert add_working_days(middle, number - half)[0] == add_working_days(start, number)[0]
    assert add_working_days(start, number)[0] >= start + timedelta(number)


def test_a_case_is_due_when_its_first_open_member_is() -> None:
    late, soon = Due(date(2026, 10, 5), "a"), Due(date(2026, 10, 1), "b")
    assert earliest([late, None, soon]) == soon
    assert earliest([None]) is None
