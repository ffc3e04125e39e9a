"""Replace personal data by the frozen placeholders.

Each pass looks at the text with every masked span shrunk to one mark; passes follow until one finds nothing. So a
second call begins where the first one ended, and masking twice is masking once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from feedback_nlp.records import MaskedText
from feedback_nlp.text.addresses import find_addresses
from feedback_nlp.text.judge import MARK, longest
from feedback_nlp.text.names import find_names
from feedback_nlp.text.numerals import BREAK, digits, narrow, spoken
from feedback_nlp.text.shapes import Rule, rules, scan

TYPES = (
    *("身份证", "手机号", "电话", "银行卡", "证件", "车牌", "邮箱", "微信"),
    *("QQ", "姓名", "地址", "账号", "验证码", "密码", "安全码", "网址"),
)
PLACEHOLDERS: dict[str, str] = {name: f"[{name}]" for name in TYPES}
"""Frozen: releases are trained on them (architecture.md, Placeholders are frozen)."""

_MASKED, _TAKEN = (
    MARK[0],
    MARK[1],
)  # a span masked in an earlier pass, one character long; a character taken in this pass
_EMPTY = "\ue002"  # a character of an emoji's name, in which no person is named: [班卓琴]
_EMOJI = re.compile(r"\[[一-鿿A-Za-z（）()·]{1,24}\]")
_FROZEN = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())) + f"|{_MASKED}")
_NUMBER = re.compile(rf"[0-9](?:{BREAK}[0-9]){{2}}")
_ROW = re.compile(rf"[0-9](?:[()（）]?{BREAK}[()（）]?[0-9])*")
_LETTERS = re.compile(r"[A-Za-z]{3}|[A-Za-z][0-9]|@")
_COUNTRY = re.compile(r"^(?:00)?86(?=[01])|^0(?=1[3-9])")
_SPACE = re.compile(r"\s")
_SPACING = re.compile(r"[\s._·—–,/-]")


@dataclass(frozen=True, slots=True)
class Found:
    """One identifier where it stood. The value is for hashing: never store, log or print it."""

    type: str
    value: str = field(repr=False)  # digits and upper-case letters only, so that two spellings agree
    start: int  # in the text handed to mask
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and what was taken out of it, in order."""

    text: MaskedText
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of the text handed to mask; in the view it is one mark. No type: it was masked before."""

    start: int
    end: int
    type: str | None


def mask(text: str) -> Masked:
    """Replace personal data by placeholders; those that stand there already stay as they are.

    >>> mask("我叫王建国，电话138 0013 8000，打95588没人接").text
    '我叫[姓名]，电话[手机号]，打95588没人接'
    """
    done = [_Span(*hit.span(), None) for hit in _FROZEN.finditer(text)] if "[" in text or _MASKED in text else []
    while new := _find(_view(text, done)):
        done = sorted(done + _located(new, done), key=_place)
    return Masked(MaskedText(_written(text, done)), tuple(_found(text, span, span.type) for span in done if span.type))


def _view(text: str, done: list[_Span]) -> str:
    return _replaced(text, done, [_MASKED] * len(done)) if done else text


def _written(text: str, done: list[_Span]) -> str:
    names = [PLACEHOLDERS[span.type] if span.type else text[span.start : span.end] for span in done]
    return _replaced(text, done, names) if done else text


def _replaced(text: str, done: list[_Span], names: list[str]) -> str:
    ends = [0, *(span.end for span in done)]
    starts = [*(span.start for span in done), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return "".join(part for pair in zip(between, [*names, ""], strict=True) for part in pair)


def _located(new: list[_Span], done: list[_Span]) -> list[_Span]:
    """Move spans from the view to the text: each mark before them stands for more than one character."""
    moved, shift, marks = [], 0, iter([*done, None])
    mark = next(marks)
    for span in sorted(new, key=_place):
        while mark and mark.start - shift < span.start:
            shift += mark.end - mark.start - 1
            mark = next(marks)
        moved.append(_Span(span.start + shift, span.end + shift, span.type))
    return moved


def _place(span: _Span) -> int:
    return span.start


def _find(view: str) -> list[_Span]:
    """Find what one pass can see: numbers first, since their types are sure, then addresses and names."""
    work, spans = narrow(view), list[_Span]()
    if _NUMBER.search(work) or _LETTERS.search(work):
        work = _take(work, rules(), into=spans)
        work = _repeats(work, narrow(view), spans)
    heard = spoken(work)
    if heard != work:
        before = len(spans)
        _take(heard, [rule for rule in rules() if rule.spoken], into=spans)
        work = _blank(work, spans[before:])
    for type_, find in (("地址", find_addresses), ("姓名", find_names)):
        words = _EMOJI.sub(_hidden, work) if "[" in work else work
        fresh = [_Span(start, end, type_) for start, end in longest(find(words)) if _untouched(work, start, end)]
        work = _blank(work, fresh)
        spans += fresh
    return spans


def _hidden(emoji: re.Match[str]) -> str:
    return f"[{_EMPTY * (len(emoji[0]) - 2)}]"


def _take(work: str, rules: Iterable[Rule], *, into: list[_Span]) -> str:
    """Apply rules in order, add what they find, and give the text in which it is gone."""
    signs, row = frozenset(work), max((len(digits(run[0])) for run in _ROW.finditer(work)), default=0)
    for rule in rules:
        if not rule.may_hit(work, signs=signs, digits=row):
            continue
        fresh = [_Span(start, end, rule.type) for start, end in scan(rule, work) if _untouched(work, start, end)]
        if fresh:
            work = _blank(work, fresh)
            into += fresh
    return work


def _repeats(work: str, whole: str, spans: list[_Span]) -> str:
    """Take what was told by a cue wherever else it stands without one."""
    known = {whole[span.start : span.end]: span.type for span in spans if span.end - span.start >= 6}
    for value, type_ in known.items():
        if value in work:
            alone = re.compile(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])")
            fresh = [_Span(*hit.span(), type_) for hit in alone.finditer(work)]
            spans += fresh
            work = _blank(work, fresh)
    return work


def _untouched(work: str, start: int, end: int) -> bool:
    return start < end and _MASKED not in work[start:end] and _TAKEN not in work[start:end]


def _blank(work: str, spans: list[_Span]) -> str:
    signs = list(work)
    for span in spans:
        signs[span.start : span.end] = _TAKEN * (span.end - span.start)
    return "".join(signs)


def _found(text: str, span: _Span, type_: str) -> Found:
    return Found(type_, _canonical(text[span.start : span.end], type_), span.start, span.end)


def _canonical(raw: str, type_: str) -> str:
    """Write a value so that all its spellings agree: 138-0013 8000 and 幺三八零零一三八零零零."""
    plain = narrow(raw)
    if type_ in ("姓名", "地址"):
        return _SPACING.sub("", plain).upper()
    plain = spoken(plain).upper()
    if type_ in ("手机号", "电话"):
        return _COUNTRY.sub("", digits(plain))
    if type_ == "身份证":
        return digits(plain) + ("X" if plain[-1] in "X叉" else "")
    return (_SPACE if type_ in ("邮箱", "网址", "微信", "密码") else _SPACING).sub("", plain)
