"""Days in a text."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.cases.moments import Moment, dates

RECEIVED = date(2026, 3, 4)  # a Wednesday
days = st.dates(date(1990, 1, 1), date(2080, 12, 31))
SPOKEN = [
    *(
        "一",
        "二",
        "三",
        "四",
        "五",
        "六",
        "七",
        "八",
        "九",
        "十",
        "十一",
        "十二",
        "十三",
        "十四",
        "十五",
        "十六",
        "十七",
    ),
    *(
        "十八",
        "十九",
        "二十",
        "二十一",
        "二十二",
        "二十三",
        "二十四",
        "二十五",
        "二十六",
        "二十七",
        "二十八",
        "二十九",
        "三十",
        "三十一",
    ),
]


def told(text: str, received_on: date = RECEIVED) -> list[str]:
    return [str(each.on) for each in dates(text, received_on=received_on)]


def spoken(day: date) -> str:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return f"{year}年{SPOKEN[day.month - 1]}月{SPOKEN[day.day - 1]}日"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年3月5日到期", "2026-03-05"),
        ("2026 年 3 月 5 日", "2026-03-05"),
        ("2026-03-05 14:20", "2026-03-05"),
        ("2025/12/1", "2025-12-01"),
        ("2025.12.01", "2025-12-01"),
        ("25年12月1日", "2025-12-01"),
        ("98年12月1日开的户", "1998-12-01"),
        ("二〇二五年十二月二十一日", "2025-12-21"),
        ("3月4号", "2026-03-04"),
        ("3月5号", "2025-03-05"),
        ("十二月三十一号", "2025-12-31"),
        ("今年12月31日前还清", "2026-12-31"),
        ("去年3月5日", "2025-03-05"),
        ("前年2月29日", "2024-02-29"),
        ("去年11月", "2025-11-01"),
        ("2024年7月份", "2024-07-01"),
        ("上个月15号", "2026-02-15"),
        ("上上个月31号", "2026-01-31"),
        ("上月的十五号", "2026-02-15"),
        ("本月3日", "2026-03-03"),
        ("这个月3号", "2026-03-03"),
        ("下月10号发工资", "2026-04-10"),
        ("今天", "2026-03-04"),
        ("昨天", "2026-03-03"),
        ("前天下午", "2026-03-02"),
        ("大前天", "2026-03-01"),
        ("明天", "2026-03-05"),
        ("上周五", "2026-02-27"),
        ("上上周一", "2026-02-16"),
        ("上个星期天", "2026-03-01"),
        ("上礼拜三", "2026-02-25"),
        ("这周一", "2026-03-02"),
        ("下周二", "2026-03-10"),
        ("下下礼拜二", "2026-03-17"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, expected: str) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "2月30日",
        "2025年2月29日",
        "2026-13-01",
        "2026年13月5日",
        "上个月30号",  # of February
        "五十三月五日",
        "国庆假期",
        "上个月",
        "3月账单",
        "周五",
        "15号窗口",
        "打12378",
        "12026-03-05",
        "版本2026.3.5.1",
        "2026-03/05",
        "上周五百块",
        "10年",
        "",
    ],
)
def test_impossible_days_and_what_names_no_day_give_nothing(text: str) -> None:
    assert told(text) == []


def test_a_leap_day_without_a_year_is_the_one_that_was() -> None:
    assert told("2月29日", date(2024, 3, 1)) == told("2月29日", date(2025, 1, 10)) == ["2024-02-29"]
    assert told("2月29日", date(2026, 3, 1)) == []


def test_last_month_in_january_lies_in_the_year_before() -> None:
    assert told("上个月15号", date(2026, 1, 2)) == ["2025-12-15"]
    assert told("下个月15号", date(2026, 12, 2)) == ["2027-01-15"]


def test_days_come_in_order_with_their_places() -> None:
    text = "我 3月1日来过昨天又来"
    assert list(dates(text, received_on=RECEIVED)) == [
        Moment(date(2026, 3, 1), 2, 6),
        Moment(date(2026, 3, 3), 8, 10),
    ]


@given(days, days)
def test_a_full_date_says_the_same_whenever_it_is_received(day: date, received_on: date) -> None:
    plain = f"{day.year}年{day.month}月{day.day}日"
    padded = f"{day:%Y年%m月%d号}"
    for text in (plain, padded, f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day:%Y.%m.%d}", spoken(day)):
        assert list(dates(f"于{text}，", received_on=received_on)) == [Moment(day, 1, 1 + len(text))]


@given(days, days)
def test_a_day_without_a_year_is_never_later_and_less_than_a_leap_cycle_old(day: date, received_on: date) -> None:
    for text in (f"{day.month}月{day.day}日", f"{SPOKEN[day.month - 1]}月{SPOKEN[day.day - 1]}号"):
        found = [each.on for each in dates(text, received_on=received_on)]
        assert all((on.month, on.day) == (day.month, day.day) for on in found)
        assert all(received_on - timedelta(days=366) < on <= received_on for on in found) or found == []
        assert found or (day.month, day.day) == (2, 29)


@given(days, st.integers(1, 7), st.sampled_from([("上上周", -2), ("上周", -1), ("本周", 0), ("下周", 1)]))
def test_a_weekday_lies_in_its_week(received_on: date, weekday: int, week: tuple[str, int]) -> None:
    (found,) = dates(f"{week[0]}{'一二三四五六日'[weekday - 1]}", received_on=received_on)
    expected = (received_on + timedelta(weeks=week[1])).isocalendar()
    assert found.on == date.fromisocalendar(expected.year, expected.week, weekday)


@given(st.text(alphabet="0129-/. 年月日号上下本这个周星期礼拜一二三十〇零去前大今昨天明", max_size=24), days)
def test_a_span_lies_in_the_text_and_spans_do_not_overlap(text: str, received_on: date) -> None:
    last = 0
    for each in dates(text, received_on=received_on):
        assert last <= each.start < each.end <= len(text)
        last = each.end
