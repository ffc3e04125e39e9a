"""Amounts of money in a text, as people write them: 12,000元, 3万5, 一千二百块, 八块八.

Numerals are read by cn2an. What it refuses is put into its words first: separators of thousands, 10w, 1.2千万, and
两三千, of which the lower number counts. cn2an 0.5.24 also refuses 两亿三 and 三万万, which therefore are no amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import prod

from cn2an import cn2an

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 10**8}
_PLAIN = str.maketrans({",": None, "，": None, "w": "万", "W": "万", "k": "千", "K": "千"})
LARGEST_FEN = 10**15  # ten trillion yuan: above it a digit string was no amount, and the store counts in 64 bits
_FEN = {"角": 10, "毛": 10}  # every other currency word counts 100 fen

_ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_DIGIT = "零〇一二两三四五六七八九"
_SCALED = re.compile(r"(\d+(?:\.\d+)?)([十百千万亿]*)")
_PAIR = "一二|一两|两三|二三|三四|三五|四五|五六|六七|七八|八九"
_ABOUT = re.compile(rf"(?:{_PAIR})(?=[十百千万亿])|(?<=[十百千万亿])(?:{_PAIR})$")  # 两三千, 十七八
# In a letter to a bank 3万 is money unless something else is counted; 分 and 天 never are.
_COUNTED = r"(?:多|余)?(?:积分|里程|公里|[分人个位名户次笔张条步里只份字种倍年天米股])"
_AMOUNT = re.compile(
    rf"(?P<sign>[¥￥]|人民币|RMB)?\s?"
    rf"(?<![\d.])(?P<number>(?:{_ARABIC}|[{_DIGIT}十])(?:{_ARABIC}|[{_DIGIT}十百千万亿]|[wWkK](?![A-Za-z]))*)"
    rf"(?:[多余来几](?=[万亿元块]))?(?P<scale>[万亿]?)(?:[多余]?)\s?"
    rf"(?:(?P<unit>元|块钱|块|圆|人民币|RMB|角|毛)(?:(?P<jiao>[\d{_DIGIT}])(?:[角毛](?P<fen>[\d{_DIGIT}]分)?|(?<=块.)(?![\d{_DIGIT}十百千万个次天年月%])))?"
    rf"|(?P<counted>{_COUNTED}))?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of money and where it stands."""

    fen: int
    start: int
    end: int


def amounts(text: str) -> Iterator[Amount]:
    """Find the amounts of a text, in order.

    A number counts as money when a currency word stands with it, or when it is written with 万 or 亿 and nothing else
    is counted (5万积分, 3万人).

    >>> [each.fen // 100 for each in amounts("存了3万5，扣12,000元，退一千二百块，送5万积分")]
    [35000, 12000, 1200]
    """
    for match in _AMOUNT.finditer(text):
        number, scale, unit = match["number"], match["scale"], match["unit"]
        big = bool(scale) or any(character in "万亿wW" for character in number)
        if unit or match["sign"] or (big and not match["counted"]):
            worth = value(number)
            if worth is None:
                continue
            fen = int(worth * _UNITS.get(scale, 1) * _FEN.get(unit or "", 100)) + _small(match)
            if fen <= LARGEST_FEN:
                yield Amount(fen, match.start(), match.end())


def value(number: str) -> Decimal | None:
    """Read a number in digits, characters or both; a digit right after 百, 千 or 万 counts its tenth.

    None where nobody could say what it is worth.

    >>> [int(value(each)) for each in ("3万5", "一千二", "一百零二", "2千3百", "1.2千万", "一亿二千万", "两三千")]
    [35000, 1200, 102, 2300, 12000000, 120000000, 2000]
    """
    plain = number.translate(_PLAIN)
    if scaled := _SCALED.fullmatch(plain):
        return Decimal(scaled[1]) * prod(_UNITS[unit] for unit in scaled[2])
    try:
        return Decimal(str(cn2an(_ABOUT.sub(lambda pair: pair[0][0], plain), "smart")))
    except (ValueError, KeyError):  # KeyError: 两亿三 in cn2an 0.5.24
        return None


def _small(match: re.Match[str]) -> int:
    jiao, fen = match["jiao"], match["fen"]
    return sum(int(_DIGITS.get(digit[0], digit[0])) * weight for digit, weight in ((jiao, 10), (fen, 1)) if digit)
