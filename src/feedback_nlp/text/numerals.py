"""Read digits in every spelling without moving a character.

Both functions answer with a text of the same length, so that a place found in the answer is a place in the original.
"""

from __future__ import annotations

import re

BREAK = r"[ \t\u200b._—–·-]{0,2}"  # what people put between the digits of one number

_WIDE = {0x3000: " ", 0xFF20: "@", 0xFF0E: ".", 0xFF3F: "_", 0xFF0D: "-", 0xFF0B: "+", 0xFF0F: "/"}
_NARROW = _WIDE | {
    code: chr(code - 0xFEE0)
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}
_IS_WIDE = re.compile(f"[{''.join(map(chr, _NARROW))}]")
_NAMES = ("零〇○洞", "一壹幺", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
_SPOKEN = {ord(name): str(digit) for digit, names in enumerate(_NAMES) for name in names}
_NUMERAL = "".join(_NAMES).translate({ord(name): None for name in "洞拐勾"})  # those three only between others
_RUN = re.compile(rf"[{_NUMERAL}0-9](?:{BREAK}[{_NUMERAL}洞拐勾0-9]){{2,}}")
_HAS_NUMERALS = re.compile(rf"[{_NUMERAL}]{BREAK}[{_NUMERAL}0-9]|[0-9]{BREAK}[{_NUMERAL}]")
# 一 after a number begins a word more often than it ends the number: 七八一直打不通, 七八一个都没响
_NEXT_WORD = "直个下共样次些点起般定边天旦向块切致笔遍打"
_LENGTHS = (4, 6, 11, 12, 15, 16, 18, 19)  # of codes, telephones, identity and bank cards
_DIGITS_ONLY = re.compile(r"[^0-9]")


def narrow(text: str) -> str:
    """Write full-width digits, letters and the signs of addresses in ASCII, character for character.

    >>> narrow("电话１３８，Ａ＠ｂ．ｃｎ")
    '电话138，A@b.cn'
    """
    return text.translate(_NARROW) if _IS_WIDE.search(text) else text


def spoken(text: str) -> str:
    """Write runs of at least three digits that hold Chinese numerals in ASCII, character for character.

    Runs only: 背面三位数 and 一个 keep their words.

    >>> spoken("幺三八00一二，说了三遍")
    '1380012，说了三遍'
    """
    if not _HAS_NUMERALS.search(text):
        return text
    return _RUN.sub(_translate, text)


def _translate(run: re.Match[str]) -> str:
    plain = run[0].translate(_SPOKEN)
    following = run.string[run.end() : run.end() + 1]
    if run[0][-1] == "一" and following and following in _NEXT_WORD and _is_complete(digits(plain)[:-1]):
        return plain[:-1] + "一"
    return plain


def _is_complete(number: str) -> bool:
    """Say whether a number may end here: 11 digits are a mobile number, and 11 with one more are not."""
    return len(number) + 1 not in _LENGTHS or (len(number) == 11 and number.startswith("1"))


def digits(text: str) -> str:
    """Give the digits of a narrowed number, without what stands between them.

    >>> digits("0571-8662 0417")
    '057186620417'
    """
    return _DIGITS_ONLY.sub("", text)
