"""What stands in one cell: text, a number that names something, a moment, a rating."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache, lru_cache

from feedback_nlp.intake.encoding import BROKEN
from feedback_nlp.intake.source import policy

SHANGHAI = timezone(timedelta(hours=8))  # no summer time since 1991; needs no time zone database

_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_HALF = r"(上午|下午|凌晨|中午|晚上|AM|PM)?"
_SECONDS = r"(?:[:分]\s*(\d{1,2})(?:[.,](\d{1,9}))?)?\s*[分秒]?"
_TIME = rf"{_HALF}\s*(\d{{1,2}})\s*[:点时]\s*(\d{{1,2}})\s*{_SECONDS}\s*(AM|PM)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})?(?:\[[\w/]+\])?"
_MOMENT = re.compile(rf"{_DAY}\s*(?:星期.|周.)?[\sT,]*(?:{_TIME}\s*{_ZONE})?", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?")
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_EXACT = 10**15  # Excel keeps 15 digits and writes zeros for the rest
_LAST_SERIAL = 2_958_465  # 9999-12-31, the last day that Excel knows


class Unreadable(ValueError):
    """A cell that does not hold what its column promises; the message is the reason, in Chinese, without the value."""


class TooLate(Unreadable):
    """A date that lies beyond every plan, such as 9999-12-31."""


class LostDigits(Unreadable):
    """A number that Excel has cut to 15 digits: it names nothing any more."""


def text(value: object) -> str:
    """Write any cell as text, the way its sender sees it; nested values as JSON.

    >>> text(20240123.0), text(datetime(2026, 4, 5)), text({"a": [1]})
    ('20240123', '2026-04-05', '{"a": [1]}')
    """
    if isinstance(value, str):
        return _checked(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, bytes | bytearray | memoryview):
        return _decoded(bytes(value))
    if isinstance(value, dict | list | tuple):
        return _checked(json.dumps(value, ensure_ascii=False, default=str))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def label(value: object) -> str | None:
    """Read a short cell such as a branch or a status; None where people or machines wrote "nothing"."""
    written = text(value).strip()
    return None if is_blank(written) else written


def number(value: object) -> str | None:
    """Read a number that names something (a ticket, a card), as Excel and pandas may have turned it into a float.

    Raises LostDigits where the number has been cut.

    >>> number(20240123.0), number("20240123.0"), number("007")
    ('20240123', '20240123', '007')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) >= _EXACT:
        if abs(value) >= 2**53 or value % 10 == 0:
            raise LostDigits("编号被 Excel 截断为 15 位有效数字")
        return str(int(value))
    written = label(value)
    if written is None:
        return None
    if _LOST_DIGITS.fullmatch(written):
        raise LostDigits("编号被 Excel 写成科学计数，末尾数字已丢失")
    return re.sub(r"(?<=\d)\.0+$", "", written) if re.fullmatch(r"\d+\.0+", written) else written


def moment(value: object) -> datetime | None:
    """Read a date or a time as naive Asia/Shanghai: an Excel cell, a serial number, a Unix time or text in many forms.

    >>> moment("2026年4月5日 下午3:20"), moment("2026-04-05T12:30:00Z"), moment(46117)
    (datetime.datetime(2026, 4, 5, 15, 20), datetime.datetime(2026, 4, 5, 20, 30), datetime.datetime(2026, 4, 5, 0, 0))

    A serial number without a date format is read in the 1900 system, which all but old Macintosh workbooks use.
    """
    if isinstance(value, str):
        return _moment_of_text(value)
    if isinstance(value, datetime):
        return _local(datetime.combine(value.date(), value.time(), value.tzinfo))  # also from a pandas Timestamp
    if isinstance(value, date):
        return _sane(datetime.combine(value, time()))
    if value is None or (isinstance(value, float | Decimal) and math.isnan(value)):
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and -_EXACT < value < _EXACT:
        return _moment_of_number(float(value))
    raise Unreadable("无法识别的日期")


def end(value: object) -> datetime | None:
    """Read the day by or on which something ends; a filler such as 9999-12-31 says that there is none.

    >>> end("9999-12-31"), end("2026-04-05")
    (None, datetime.datetime(2026, 4, 5, 0, 0))
    """
    try:
        return moment(value)
    except TooLate:
        return None


def rating(value: object) -> float | None:
    """Read a rating as given: a number, stars, "4/5", or 非常满意 … 非常不满意 as 5 … 1.

    >>> rating("4星"), rating("★★★☆☆"), rating("9分"), rating("满意"), rating("")
    (4.0, 3.0, 9.0, 4.0, None)
    """
    written = unicodedata.normalize("NFKC", text(value)).strip()
    if is_blank(written):
        return None
    if re.fullmatch(r"[★☆⭐]+", written):
        return float(len(written) - written.count("☆"))
    if (known := policy()["values"]["rating_words"].get(written)) is not None:
        return float(known)
    if found := re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(?:分|星|颗星|stars?|/\s*\d+)?", written, re.IGNORECASE):
        return float(found[1])
    raise Unreadable("无法识别的评分")


def is_blank(written: str) -> bool:
    """Tell whether a cell outside free text says "nothing"."""
    return not written or written.lower() in _blank_marks()


def is_missing(written: str) -> bool:
    """Tell whether free text is what a machine writes for nothing; what a customer writes ("无") stays."""
    return not written or written.isspace() or written.strip().lower() in _missing_marks()


@cache
def _blank_marks() -> frozenset[str]:
    return frozenset(policy()["values"]["blank"]) | _missing_marks()


@cache
def _missing_marks() -> frozenset[str]:
    return frozenset(policy()["values"]["missing"])


@cache
def _longest() -> int:
    return int(policy()["limits"]["field_chars"])


def _checked(written: str) -> str:
    if BROKEN in written:
        raise Unreadable("有无法按文件编码解码的字节")
    if "\0" in written:
        raise Unreadable("含有空字节（NUL）")
    if len(written) > _longest():
        raise Unreadable(f"内容超过 {_longest()} 个字符")
    return written


def _decoded(value: bytes) -> str:
    try:
        return _checked(value.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("是二进制内容，不是文字") from None


@lru_cache(maxsize=8192)
def _moment_of_text(written: str) -> datetime | None:
    text_ = unicodedata.normalize("NFKC", _checked(written)).strip()
    if is_blank(text_):
        return None
    if found := _MOMENT.fullmatch(text_):
        return _from_parts(*found.groups())
    if found := _DIGITS.fullmatch(text_):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return _sane(_build(year, month, day, hour, minute, second))
    if re.fullmatch(r"\d{5}(?:\.\d+)?|\d{10}|\d{13}|\d{8}\.0|\d{10}\.0", text_):
        return _moment_of_number(float(text_))
    raise Unreadable("无法识别的日期")


def _from_parts(*parts: str | None) -> datetime:
    year, month, day, before, hour, minute, second, fraction, after, zone = parts
    hours = int(hour or 0)
    half = (before or after or "").upper()
    if half in {"下午", "晚上", "PM"} and hours < 12:
        hours += 12
    if half in {"AM", "上午", "凌晨"} and hours == 12:
        hours = 0
    micro = int((fraction or "").ljust(6, "0")[:6])
    found = _build(int(year or 0), int(month or 0), int(day or 0), hours, int(minute or 0), int(second or 0), micro)
    if zone:
        sign = -1 if zone[0] == "-" else 1
        digits = "0000" if zone.upper() == "Z" else zone[1:].replace(":", "")
        found = found.replace(tzinfo=_zone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))))
    return _local(found)


def _moment_of_number(value: float) -> datetime:
    """Read a yyyymmdd number, a Unix time in seconds or milliseconds, or a serial number of Excel's 1900 system."""
    if 19000101 <= value <= 99991231 and value.is_integer():
        return _sane(_build(int(value) // 10000, int(value) // 100 % 100, int(value) % 100))
    if 10**9 <= value < 10**10 or 10**12 <= value < 10**13:
        seconds = value if value < 10**10 else value / 1000
        return _local(datetime.fromtimestamp(seconds, SHANGHAI))
    if 30_000 <= value < 80_000 or value == _LAST_SERIAL:
        return _sane(datetime(1899, 12, 30) + timedelta(seconds=round(value * 86_400)))
    raise Unreadable("无法识别的日期")


def _build(*parts: int) -> datetime:
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # mypy takes the star for tzinfo
    except ValueError:
        raise Unreadable("不存在的日期") from None


def _zone(offset: timedelta) -> timezone:
    try:
        return timezone(offset)
    except ValueError:
        raise Unreadable("不存在的时区") from None


def _local(found: datetime) -> datetime:
    if found.tzinfo is None:
        return _sane(found)
    return _sane(_sane(found).astimezone(SHANGHAI).replace(tzinfo=None))  # the first: 9999-12-31 knows no later hour


def _sane(found: datetime) -> datetime:
    if found.year < policy()["values"]["earliest_year"]:
        raise Unreadable("日期过早，不可信")
    if found.year > policy()["values"]["latest_year"]:
        raise TooLate("日期过晚，不可信")
    return found
