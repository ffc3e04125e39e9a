"""Amounts of money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.cases.amounts import amounts, value

DIGITS = "零一二三四五六七八九"


def spoken(number: int) -> str:
    """Write a number below 10^8 in characters."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return f"{spoken(high)}万{gap}{spoken(low) if low else ''}"
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap and written else "") + DIGITS[digit] + name
        gap = not digit
    return written


def yuan(text: str) -> list[float]:
    return [each.fen / 100 for each in amounts(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("存了3万5", [35_000]),
        ("12,000元和4，127元", [12_000, 4_127]),
        ("一千二百块", [1_200]),
        ("一千二百块钱", [1_200]),
        ("亏了三十多万", [300_000]),
        ("1.5万", [15_000]),
        ("3万5000元", [35_000]),
        ("1万2千3百元", [12_300]),
        ("十五块", [15]),
        ("八块八", [8.8]),
        ("一块八毛钱", [1.8]),
        ("三块二毛五分", [3.25]),
        ("¥300，人民币 500", [300, 500]),
        ("贷了10w", [100_000]),
        ("一亿二千万", [120_000_000]),
        ("1,700万余元", [17_000_000]),
        ("卡里只有0.03元", [0.03]),
        ("赔两百多块", [200]),
        ("涉及12万余元", [120_000]),
        ("一万二千三百四十五块六", [12_345.6]),
        ("投了1.2千万", [12_000_000]),
        ("少了两三千块", [2_000]),
        ("亏了四五万", [40_000]),
        ("一百二三十块钱", [120]),
        ("十七八块", [17]),
        ("一五零零元", [1_500]),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, expected: list[float]) -> None:
    assert yuan(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "打12378",
        "5万积分",
        "三万人",
        "千万不要",
        "百分之三",
        "万一",
        "二〇二一年",
        "尾号1234",
        "十分生气",
        "第3次",
        "",
        "6222020000000000",
    ],
)
def test_other_numbers_are_no_money(text: str) -> None:
    assert yuan(text) == []


@given(st.integers(1, 10**8 - 1))
def test_a_number_in_characters_is_the_number_in_digits(number: int) -> None:
    assert value(spoken(number)) == number
    assert yuan(f"{number}元") == yuan(f"{number:,}元") == yuan(f"{spoken(number)}元") == [number]


@given(st.text(alphabet="一二两三十百千万亿零0123456789.,，元块角毛分wk多几个 ¥", max_size=30))
def test_a_span_lies_in_the_text_and_an_amount_fits_the_store(text: str) -> None:
    for each in amounts(text):
        assert 0 <= each.start < each.end <= len(text)
        assert 0 <= each.fen < 2**63
