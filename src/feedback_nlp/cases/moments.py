"""Days in a text, as people write them: 2026年3月5日, 2026-03-05, 3月5号, 上个月15号, 上周五, 昨天.

What is told from the day of writing (昨天) counts from the day of receipt, weeks begin on Monday, and a month with its
year but without a day (去年11月) is its first. Nothing is given for an impossible day (2月30日), for what names no day
(上个月, 3月, 周五, 15号), and for holidays, whose days differ from year to year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_AHEAD_YEARS = 30  # a year in two digits that would lie further ahead is one of the last century
_ONES = "一二三四五六七八九"
_SPOKEN = {
    tens + ones: 10 * n + k for n, tens in enumerate(("", "十", "二十", "三十")) for k, ones in enumerate(("", *_ONES))
}
_DIGITS = {ord(digit): str(value) for value, digit in enumerate(f"零{_ONES}")} | {ord("〇"): "0"}
_BACK = {"前天": 2, "大前天": 3, "今天": 0, "今日": 0, "今早": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "明天": -1}
_WEEKDAY = {name: n for n, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")) for name in names}
_FROM_NOW = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1}
_OFFSET = {"上上": -2, "上": -1, "本": 0, "这": 0, "下下": 2, "下": 1}

_SMALL = rf"(?:\d{{1,2}}|[十{_ONES}]{{1,3}})"
_LONG_YEAR = rf"(?:(?<!\d)(?:19|20)\d\d\s?年|[一二][九零〇][零〇{_ONES}]{{2}}年|{'|'.join(_FROM_NOW)})"
_WHICH = "|".join(_OFFSET)
_FORMS = (
    r"(?<![\d.])(?P<iso>(?:19|20)\d\d(?P<sign>[-/.])\d{1,2}(?P=sign)\d{1,2})(?!\d|\.\d)",
    rf"(?:(?P<year>{_LONG_YEAR}|(?<![\d.])\d\d\s?年)\s?)?(?<!\d)(?P<month>{_SMALL})\s?月\s?(?P<day>{_SMALL})\s?[日号]",
    rf"(?P<month_year>{_LONG_YEAR})\s?(?P<whole_month>{_SMALL})\s?月",
    rf"(?P<which_month>{_WHICH})个?月的?\s?(?P<day_of_month>{_SMALL})\s?[日号]",
    rf"(?P<which_week>{_WHICH})个?(?:周|星期|礼拜)(?P<weekday>[{''.join(_WEEKDAY)}])(?![十百千万\d])",  # 上周五百块
    rf"(?P<near>大前天|{'|'.join(_BACK)})",
)
_DAY = re.compile("|".join(_FORMS))


@dataclass(frozen=True, slots=True)
class Moment:
    """One day and where it stands."""

    on: date
    start: int
    end: int


def dates(text: str, *, received_on: date) -> Iterator[Moment]:
    """Find the days of a text, in order.

    A month and a day without a year are the last ones that are not later than the day of receipt.

    >>> found = dates("去年11月办的卡，3月5号扣的款，上个月15号和昨天都打过电话", received_on=date(2026, 3, 4))
    >>> [str(each.on) for each in found]
    ['2025-11-01', '2025-03-05', '2026-02-15', '2026-03-03']
    """
    for match in _DAY.finditer(text):
        on = _on(match, received_on)
        if on:
            yield Moment(on, match.start(), match.end())


def _on(match: re.Match[str], received_on: date) -> date | None:
    if match["iso"]:
        year, month, day = match["iso"].split(match["sign"])
        return _possible(int(year), int(month), int(day))
    if match["month"]:
        return _of_year(match["year"], _number(match["month"]), _number(match["day"]), received_on)
    if match["month_year"]:
        return _possible(_year(match["month_year"], received_on), _number(match["whole_month"]), 1)
    if match["which_month"]:
        months = received_on.year * 12 + received_on.month - 1 + _OFFSET[match["which_month"]]
        return _possible(months // 12, months % 12 + 1, _number(match["day_of_month"]))
    if match["which_week"]:
        monday = received_on - timedelta(days=received_on.weekday())
        return monday + timedelta(days=7 * _OFFSET[match["which_week"]] + _WEEKDAY[match["weekday"]])
    return received_on - timedelta(days=_BACK[match["near"]])


def _of_year(year: str | None, month: int, day: int, received_on: date) -> date | None:
    if year:
        return _possible(_year(year, received_on), month, day)
    candidates = (_possible(received_on.year - back, month, day) for back in (0, 1))
    return next((each for each in candidates if each and each <= received_on), None)


def _year(written: str, received_on: date) -> int:
    if written in _FROM_NOW:
        return received_on.year + _FROM_NOW[written]
    year = int(written[:-1].translate(_DIGITS))
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= received_on.year + _AHEAD_YEARS else 1900 + year


def _number(written: str) -> int:
    """Read a number below 40; 0, which no month and no day has, for what is none (五十三)."""
    return int(written) if written.isdecimal() else _SPOKEN.get(written, 0)


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
