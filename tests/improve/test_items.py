"""Improvement items."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy, taxonomy
from feedback_nlp.improve.items import months_later, propose
from feedback_nlp.policy.routing import RoutingPolicy
from feedback_nlp.records import ImprovementItem, Theme

POLICY = policy.load()
LABELS = taxonomy.load()
TODAY = date(2026, 11, 30)
FEE = Theme("credit_card/pricing.fee", events=30, cases=24, customers=20, negative=25, previous=12)
REST = [Theme(f"loan/{leaf}", 8, 7, 7, 5, 7) for leaf in LABELS.labels("leaves")[:8]]  # 56 cases, none ripe


def items(themes: list[Theme], existing: list[ImprovementItem] | None = None, **changed: Any) -> list[ImprovementItem]:
    arguments: dict[str, Any] = {
        "routing": POLICY.routing,
        "policy": POLICY.improve,
        "taxonomy": LABELS,
        "today": TODAY,
    }
    return propose(themes, existing or [], **(arguments | changed))


def test_a_large_theme_opens_one_item_with_its_figures() -> None:
    (item,) = items([FEE, *REST])
    assert item.title == "改进：信用卡·手续费年费"
    assert item.reason == "本季度 24 件，占全部案件 30.0%，涉及 20 名客户；上季度同期 12 件，上升 100%"
    assert item.owner == "信用卡产品负责人"
    assert (item.status, item.cases, item.opened_on) == ("plan", 24, TODAY)
    assert item.analysis_due_on == date(2027, 2, 28)


def test_a_small_theme_opens_none_however_fast_it_grows() -> None:
    assert items([replace(FEE, cases=7, previous=0)]) == []


def test_a_share_or_a_rise_is_enough_and_neither_is_not() -> None:
    crowd = Theme("loan/other.general", 2000, 2000, 2000, 0, 2000)  # says nothing that can be repaired
    steady, growing = replace(FEE, cases=10, previous=10), replace(FEE, cases=15, previous=10)
    assert items([steady, crowd]) == []
    assert [item.cases for item in items([growing, crowd])] == [15]
    assert [item.cases for item in items([steady, *REST])] == [10]


def test_an_open_item_is_counted_again_and_never_doubled() -> None:
    first = items([FEE])
    (second,) = items([replace(FEE, cases=40)], first, today=date(2026, 12, 1))
    assert second == replace(first[0], cases=40)


def test_an_open_item_whose_theme_has_gone_quiet_has_no_cases() -> None:
    assert [item.cases for item in items(REST, items([FEE]))] == [0]


def test_a_new_quarter_does_not_forget_the_cases_of_the_last_one() -> None:
    last = items([replace(FEE, cases=94)], today=date(2026, 9, 30))
    assert [item.cases for item in items([], last, today=date(2026, 10, 1))] == [94]
    assert [item.cases for item in items([replace(FEE, cases=3)], last, today=date(2026, 10, 30))] == [94]
    assert [item.cases for item in items([replace(FEE, cases=95)], last, today=date(2026, 10, 2))] == [95]


def test_after_thirty_days_the_new_quarter_counts() -> None:
    last = items([replace(FEE, cases=94)], today=date(2026, 9, 30))
    assert [item.cases for item in items([replace(FEE, cases=3)], last, today=date(2026, 10, 31))] == [3]
    assert [item.cases for item in items([], last, today=date(2026, 10, 31))] == [0]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_exactly_the_first_thirty_days_of_a_quarter_are_early(day: date) -> None:
    kept = items([], items([replace(FEE, cases=94)], today=date(1989, 12, 31)), today=day)[0].cases == 94
    assert kept == ((day - pd.Timestamp(day).to_period("Q").start_time.date()).days < 30)


def test_a_theme_may_come_back_after_its_item_is_closed() -> None:
    closed = [replace(item, status="closed") for item in items([FEE])]
    (again,) = items([FEE], closed, today=date(2027, 1, 4))
    assert again.id != closed[0].id


def test_running_twice_on_one_day_changes_nothing() -> None:
    first = items([FEE, *REST])
    assert items([FEE, *REST], first) == first


def test_a_theme_without_a_rule_is_listed_as_unrouted() -> None:
    (item,) = items([FEE], routing=RoutingPolicy("v", ()))
    assert item.owner == "未分派"


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_keeps_the_day_or_takes_the_months_last(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or date.fromordinal(later.toordinal() + 1).day == 1
