"""Recognise text that went through a wrong decoding, and restore it where nothing was lost."""

from __future__ import annotations

import re
from functools import lru_cache

from feedback_nlp.text.resources import table

# What the first two bytes of a Chinese character in UTF-8 (E4–E9, 80–BF) become when read as GBK; the rarest of them,
# outside GB 2312, hardly stand in a name either.
_AS_GBK = "".join(
    bytes((first, second)).decode("gbk", "ignore") for first in range(0xE4, 0xEA) for second in range(0x80, 0xC0)
)
_AS_LATIN = re.compile("[ä-é][\u0080-\u00bf\u0152-\u2122]")  # the same read as Latin-1 or Windows-1252
_CHUNK = re.compile(r"[^ \t\r\n]+")
_LOST = re.compile("\ufffd|^锘|锟斤拷|烫烫烫|屯屯屯")  # 锘 begins a misread byte order mark
_HOLE = re.compile(r"(?<=[一-鿿])\?{2,}(?=[一-鿿])")
_CLAUSE_END = re.compile(r"[，,。！!？?；;\s]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RARE = re.compile("[{}]".format("".join(sign for sign in _AS_GBK if not sign.encode("gb2312", "ignore"))))
_AS_GBK_ANY = re.compile(f"[{_AS_GBK}]")
_SOUND = re.compile(r"[\x00-\x7f\u2010-\u2049\u3000-\u30ff\u3400-\u9fff\uff01-\uffee\U0001f000-\U0001faff\ufe0f·°×]*")

SUSPECT = f"{_AS_GBK}ä-é\ufffd锘锟烫屯\ud800-\udfff"
"""The inside of a character class: without one of these, or ``??``, no text is garbled."""


def redecode(text: str) -> tuple[str, bool]:
    """Give the text, restored if that loses nothing, and whether it was garbled.

    Restored is UTF-8 that was read as GBK or Latin-1, and surrogate pairs written as two characters. Only flagged are
    lone surrogates, replacement characters, and ``??`` inside a Chinese sentence that asks nothing.

    >>> redecode("è½¬è´¦å¤±è´¥")
    ('转账失败', True)
    >>> redecode("确??蛻户资料"), redecode("为什么??快回答")
    (('确??蛻户资料', True), ('为什么??快回答', False))
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    restored = _CHUNK.sub(_restored, text)
    lost = _LOST.search(restored) or _has_hole(restored) or any(map(_looks_misread, _CHUNK.findall(restored)))
    return restored, bool(lost) or restored != text


def _restored(chunk: re.Match[str]) -> str:
    """Read again what was misread: white space in ASCII survives any misreading, so each chunk stands for itself."""
    text = chunk.group()
    for codec in _possible(text):
        try:
            restored = text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        if restored != text and _SOUND.fullmatch(restored):
            return restored
    return text


def _possible(text: str) -> tuple[str, ...]:
    """Name the codecs by which a UTF-8 text may have been misread."""
    gbk = ("gb18030",) if _AS_GBK_ANY.search(text) else ()
    return (*gbk, "cp1252", "latin-1") if _AS_LATIN.search(text) else gbk


def _looks_misread(text: str) -> bool:
    """Say whether so many rare characters stand together that only a wrong decoding explains them."""
    rules: dict[str, float] = table("rules.toml")["garbled"]
    rare = len(_RARE.findall(text))
    return rare >= rules["rare"] and rare >= rules["share"] * sum(not sign.isascii() for sign in text)


@lru_cache(maxsize=1)
def _question() -> re.Pattern[str]:
    return re.compile("|".join(table("rules.toml")["garbled"]["question"]))


def _has_hole(text: str) -> bool:
    """Say whether ``??`` stands for lost characters: nothing before it in its clause asks."""
    begin = 0
    for hole in _HOLE.finditer(text):
        clause = _CLAUSE_END.split(text[begin : hole.start()])[-1]
        if not _question().search(clause):
            return True
        begin = hole.end()  # a hole ends a clause too: looking back beyond it would read the text once for every hole
    return False
