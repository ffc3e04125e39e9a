"""Bring text into one spelling: broken text repaired, narrow digits and letters, simplified characters, named emoji.

Every step asks a cheap question first (is there a character that it could change?), because most texts need none of
them. All steps only ever shorten or settle a text, so repeating them ends.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from feedback_nlp.text.emoji_names import name_emoji
from feedback_nlp.text.garbled import SUSPECT, redecode
from feedback_nlp.text.resources import limits, table

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = ["bound_runs", "is_traditional", "name_emoji", "normalize", "repair", "to_simplified"]

_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb"
)  # not U+200D and U+FE0F, which hold emoji together: `name_emoji` drops what is left of them
_DROPPED = re.compile(f"[{_INVISIBLE}]+|_x000D_")  # how Excel writes a carriage return
_WORTH_A_LOOK = re.compile(f"[{_INVISIBLE}<&(（{SUSPECT}]|\\?\\?|_x000D_")

_AMPERSANDS = re.compile(r"&(?:amp;)+(?=[#A-Za-z])")  # escaped more than once
_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][0-9A-Za-z]{1,30});|&(?:nbsp|lt|gt|amp|quot)(?![0-9A-Za-z])"
)
_PINYIN = re.compile(r"([㐀-鿿])((?:[(（][a-zü\u00e0-\u01dc\u0251\u0261\u0300-\u030cńňǹḿ]{1,7}[)）])+)")
_SAME_LETTERS = str.maketrans("ɑɡ", "ag")  # as phonetic fonts write them

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_NARROW = {wide: wide - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for wide in range(ord(first), ord(last) + 1)}


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Undo what exports do to text; say what was found: ``garbled``, ``html``, ``pinyin``.

    Garbled text that cannot be restored without loss stays as it is, flagged.

    >>> repair("業(yè)務辦不了&nbsp;<br/>退錢")
    ('業務辦不了\\xa0\\n退錢', ('html', 'pinyin'))
    >>> repair("瀹㈡湇鎬佸害寰堝樊")
    ('客服态度很差', ('garbled',))
    """
    if not _WORTH_A_LOOK.search(text):
        return text, ()
    text, garbled = redecode(text)
    plain = _without_html(text)
    visible = _DROPPED.sub("", plain)
    bare = _PINYIN.sub(_without_pinyin, visible)
    seen = {"garbled": garbled, "html": plain != text, "pinyin": bare != visible}
    return bare, tuple(flag for flag, found in seen.items() if found)


def normalize(text: str) -> str:
    """Narrow full-width digits and letters; fold runs of white space, keep line ends.

    Not NFKC: it would also turn ，（） into ,() and lose the sentence ends that `segment` relies on.

    >>> normalize("ＡＴＭ  吞卡，卡号６２２２（尾号）")
    'ATM 吞卡，卡号6222（尾号）'
    """
    if _WIDE.search(text):
        text = text.translate(_NARROW)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def is_traditional(text: str) -> bool:
    """Say whether a text contains traditional characters."""
    return _traditional().search(text) is not None


def to_simplified(text: str) -> str:
    """Write traditional characters simplified, and the terms of Taiwan and Hong Kong as banks on the mainland do.

    >>> to_simplified("帳戶被鎖，登入收不到簡訊")
    '账户被锁，登录收不到短信'
    """
    if is_traditional(text):
        text = _converter().convert(text)
    return _terms().sub(lambda term: _mainland()[term.group()], text)


def bound_runs(text: str) -> str:
    """Keep at most ``limits.run`` of the same character or bracketed name in a row, but all digits and letters.

    Emphasis is kept and bounded: forty exclamation marks say no more than six, but would outweigh all other features.

    >>> bound_runs("垃圾！！！！！！！！！！，余额00000000")
    '垃圾！！！！！！，余额00000000'
    """
    return _runs().sub(lambda run: run.group(1) * limits()["run"], text)


def _without_html(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), _AMPERSANDS.sub("&", text))
    if "<" in text:
        text = _tags("inline").sub("", _tags("block").sub("\n", text))
    return text


@lru_cache(maxsize=2)
def _tags(kind: str) -> re.Pattern[str]:
    names = "|".join(table("rules.toml")["html"][kind])
    return re.compile(rf"</?(?:{names})(?=[\s/>])[^<>]{{0,300}}>", re.IGNORECASE)


def _without_pinyin(found: re.Match[str]) -> str:
    from pypinyin import Style, pinyin  # 0.15 s, needed by few texts

    character, insertion = found.groups()
    spelt = unicodedata.normalize("NFC", insertion.translate(_SAME_LETTERS))
    readings = pinyin(character, style=Style.TONE, heteronym=True)[0]
    return character if all(part in readings for part in re.findall(r"[^()（）]+", spelt)) else found.group()


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    """Match the characters that OpenCC changes by themselves, and all beyond the first plane."""
    characters = [chr(code) for code in range(0x3400, 0xA000)]
    converted = _converter().convert("\n".join(characters)).split("\n")
    changed = "".join(old for old, new in zip(characters, converted, strict=True) if old != new)
    return re.compile(f"[{changed}\U00020000-\U0002fa1f]")


def _mainland() -> dict[str, str]:
    terms: dict[str, str] = table("rules.toml")["terms"]
    return terms


@lru_cache(maxsize=1)
def _terms() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_mainland(), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _runs() -> re.Pattern[str]:
    return re.compile(rf"(\[[^\[\]\s]{{1,24}}\]|[^0-9A-Za-z\s])\1{{{limits()['run']},}}")
