from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.intake import cells
from feedback_nlp.intake.customer import identifiers


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-4-5", datetime(2026, 4, 5)),
        ("2026/04/05 12:30", datetime(2026, 4, 5, 12, 30)),
        ("2026年4月5日", datetime(2026, 4, 5)),
        ("2026年4月5日 星期日", datetime(2026, 4, 5)),
        ("2026年4月5日9时05分", datetime(2026, 4, 5, 9, 5)),
        ("２０２６年４月５日", datetime(2026, 4, 5)),
        ("20260405", datetime(2026, 4, 5)),
        (20260405, datetime(2026, 4, 5)),
        (20260405.0, datetime(2026, 4, 5)),
        ("20260405123059", datetime(2026, 4, 5, 12, 30, 59)),
        ("2026.04.05", datetime(2026, 4, 5)),
        ("2026/4/5 下午 3:20:01", datetime(2026, 4, 5, 15, 20, 1)),
        ("2026/4/5 上午 12:20", datetime(2026, 4, 5, 0, 20)),
        ("2026-04-05T12:30:00", datetime(2026, 4, 5, 12, 30)),
        ("2026-04-05T12:30:00.250+08:00", datetime(2026, 4, 5, 12, 30, 0, 250_000)),
        ("2026-04-05T20:30:00Z", datetime(2026, 4, 6, 4, 30)),
        ("2026-04-05 20:30:00-05:00", datetime(2026, 4, 6, 9, 30)),
        (datetime(2026, 4, 5, 20, 30, tzinfo=UTC), datetime(2026, 4, 6, 4, 30)),
        (date(2026, 4, 5), datetime(2026, 4, 5)),
        (46117, datetime(2026, 4, 5)),  # Excel: =DATE(2026,4,5) shown as a number
        (46117.5, datetime(2026, 4, 5, 12)),
        ("46117.5", datetime(2026, 4, 5, 12)),
        (1775390400, datetime(2026, 4, 5, 20, 0)),  # date -u -d @1775390400: 2026-04-05 12:00
        (1775390400000, datetime(2026, 4, 5, 20, 0)),
        ("", None),
        ("  ", None),
        ("-", None),
        ("NULL", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_date_is_read_in_every_form_that_senders_write(written: object, expected: datetime | None) -> None:
    assert cells.moment(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "05/04/2026",
        "4月5日",
        "1900-01-00",
        "0001-01-01",
        "12",
        7,
        True,
        time(3, 4),
        timedelta(1),
    ],
)
def test_what_is_no_certain_date_is_refused(written: object) -> None:
    with pytest.raises(cells.Unreadable):
        cells.moment(written)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))
def test_every_moment_survives_iso_and_chinese_writing(moment: datetime) -> None:
    assert cells.moment(moment.isoformat()) == moment
    whole = moment.replace(microsecond=0)
    assert cells.moment(f"{whole:%Y}年{whole.month}月{whole.day}日 {whole:%H:%M:%S}") == whole


@given(st.text(max_size=30) | st.floats() | st.integers() | st.booleans())
def test_any_cell_is_a_moment_or_nothing_or_refused(value: object) -> None:
    for read in (cells.moment, cells.rating):
        try:
            result = read(value)
        except cells.Unreadable:
            continue
        assert result is None or isinstance(result, datetime | float)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5", 5.0), (4, 4.0), (4.5, 4.5), ("4星", 4.0), ("五星", 5.0), ("★★★★☆", 4.0),
        ("９分", 9.0), ("4/5", 4.0), ("3 stars", 3.0),
        ("非常满意", 5.0), ("非常不满意", 1.0), ("", None), ("未评价", None), (None, None), (Decimal("3.5"), 3.5),
    ],
)  # fmt: skip
def test_a_rating_is_read_as_given(written: object, expected: float | None) -> None:
    assert cells.rating(written) == expected


@pytest.mark.parametrize("written", ["好", "5x", "inf", "1e3", float("inf"), "80%"])
def test_what_is_no_rating_is_refused(written: object) -> None:
    with pytest.raises(cells.Unreadable):
        cells.rating(written)


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_an_id_that_excel_made_a_float_comes_back_as_it_was(number: int) -> None:
    assert cells.number(float(number)) == str(number)
    assert cells.number(f"{number}.0") == str(number)


@pytest.mark.parametrize("written", [1.23e17, 110101199003077000.0, "1.23E+17", "1.10101E+17", 6222021234567890.0])
def test_an_id_with_lost_digits_is_not_trusted(written: object) -> None:
    with pytest.raises(cells.LostDigits):
        cells.number(written)


@pytest.mark.parametrize("written", ["007", "GD-2026-001", "1.2.0", "110101199003077777", 110101199003077777])
def test_an_id_that_is_whole_stays_as_it_is(written: object) -> None:
    assert cells.number(written) == str(written)


@pytest.mark.parametrize(
    ("value", "role", "expected"),
    [
        ("138-0013-8000", "联系方式", [("手机号", "13800138000")]),
        ("+86 13800138000", "联系方式", [("手机号", "13800138000")]),
        (13800138000.0, "联系方式", [("手机号", "13800138000")]),
        ("0571-88880000、li@example.com", "联系方式", [("电话", "057188880000"), ("邮箱", "li@example.com")]),
        ("11010119900307777x", "证件号码", [("身份证", "11010119900307777X")]),
        ("E12345678", "证件号码", [("证件", "E12345678")]),
        (110101199003077000.0, "证件号码", []),
        ("00000000000", "联系方式", []),
        ("匿名", "姓名", []),
        ("无", "姓名", []),
        ("欧阳 小明", "姓名", [("姓名", "欧阳 小明")]),
    ],
)
def test_a_customer_column_gives_typed_identifiers_in_one_spelling(
    value: object, role: str, expected: list[tuple[str, str]]
) -> None:
    assert identifiers(value, role=role) == expected


FILLERS = [
    "9999-12-31", "9999-12-31 23:59:59", "9999-12-31T23:59:59-05:00", "99991231", 99991231, 2958465, "2999/12/31",
    datetime(9999, 12, 31, tzinfo=UTC), date(9999, 12, 31),
]  # fmt: skip


@pytest.mark.parametrize("filler", FILLERS)
def test_a_date_beyond_every_plan_is_no_day_of_receipt_and_no_end(filler: object) -> None:
    with pytest.raises(cells.Unreadable, match="日期过晚"):
        cells.moment(filler)
    assert cells.end(filler) is None


def test_an_end_is_otherwise_read_like_any_moment() -> None:
    assert cells.end("2026-04-20") == datetime(2026, 4, 20)
    with pytest.raises(cells.Unreadable):
        cells.end("昨天")


@pytest.mark.parametrize("value", ["2026-04-05T10:00:00+99:00", "0001-01-01T00:00:00+10:00", 10**400, Decimal("1e400")])
def test_impossible_zones_and_numbers_are_refused(value: object) -> None:
    with pytest.raises(cells.Unreadable):
        cells.moment(value)
