"""Find names without a Chinese family name: in Latin letters, with a dot, or of other peoples of China."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.text.everyday import information
from feedback_nlp.text.judge import EDGES, LEXICON, Span, either

_WORDS = LEXICON["names"]
_SURE = re.compile(
    rf"(?:{either(_WORDS['certain'])}|(?:{either(_WORDS['naming'])})(?=[\s:：是为叫“「]))"
    r"[\s:：]{0,3}(?:是|为|叫)?[\s:：“\"「【（(]{0,3}"
)
_LIKELY = re.compile(rf"(?:{either(_WORDS['likely'])})[】\s:：（(]{{0,3}}")
_LATIN_CUE = re.compile(rf"(?:{either(_WORDS['latin'])})\s{{0,2}}", re.IGNORECASE)
_SELF = re.compile("我|姓名|name")  # 把Zhao写成了Zhou names nobody

_PART = "[A-Z][A-Za-z'’-]{1,20}"
_ONE_OR_MORE = re.compile(rf"{_PART}(?:,? {_PART}){{0,3}}(?![A-Za-z])")
_TWO_OR_MORE = re.compile(rf"{_PART}(?:,? (?:{_PART}|[A-Z]\.)){{1,3}}(?![A-Za-z])")
_FULL = rf"{_PART}(?:,? {_PART}){{1,2}}"
_NUMBERED = r"[ ,，(（]{1,3}(?:passport|phone|tel|email|护照|电话|手机)?[ :：]{0,2}[\ue000\ue001]"
_ALONE = re.compile(rf"(?:^|(?<=\n)) ?(?P<signed>{_FULL})\s*$|(?P<numbered>{_FULL})(?={_NUMBERED})")
_ACRONYM = re.compile("[A-Z]{2,5}")
_CAPITAL = re.compile("[A-Z][a-z]")

_VOWELS = "iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiouv]"
_SYLLABLE = f"(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?(?:{_VOWELS})"
_FAMILY = f"(?=(?-i:[A-Z]))(?:{either(_WORDS['pinyin'])})"
_GIVEN = f"(?=(?-i:[A-Z]))(?:{_SYLLABLE}){{1,2}}"
_PINYIN = re.compile(rf"(?<![A-Za-z])(?:{_FAMILY}(?:, ?| ){_GIVEN}|{_GIVEN} {_FAMILY})(?![A-Za-z])", re.IGNORECASE)

_DOT = re.compile("[·•・]")
_DOTTED = re.compile(r"[一-鿿]{2,8}[·•・][一-鿿]{2,8}(?:[·•・][一-鿿]{1,8})?")
_TRANSCRIBED = frozenset(_WORDS["transcribed"])
_SPACED = re.compile(rf"[一-鿿] [一-鿿](?=[{EDGES}]|$)")
_WORTH_A_LOOK = re.compile(
    rf"[{''.join(sorted(_TRANSCRIBED))}]{{3}}|[一-鿿] [一-鿿](?=[{EDGES}]|$)|{either(_WORDS['tibetan'])}"
)
_UNSPACED = re.compile(rf"[一-鿿]{{3,7}}(?=[{EDGES}]|$)")
_TIBETAN = re.compile(rf"(?:{either(_WORDS['tibetan'])}){{2}}")


def find_foreign(text: str) -> Iterator[Span]:
    """Find such names in a text in which identifiers are masked already."""
    dotted, latin = bool(_DOT.search(text)), bool(_CAPITAL.search(text))
    if dotted or latin or _WORTH_A_LOOK.search(text):
        for cue in _SURE.finditer(text):
            yield from _after(text, cue, sure=True)
        for cue in _LIKELY.finditer(text):
            yield from _after(text, cue, sure=False)
        yield from (hit.span() for hit in _TIBETAN.finditer(text))
    if dotted:
        yield from _dotted(text)
    if latin:
        yield from (hit.span() for hit in _PINYIN.finditer(text))
        yield from _in_english(text)
        yield from (hit.span(hit.lastgroup or 0) for hit in _ALONE.finditer(text))


def _after(text: str, cue: re.Match[str], *, sure: bool) -> Iterator[Span]:
    dotted = _DOTTED.match(text, cue.end()) or (_SPACED.match(text, cue.end()) if sure else None)
    latin = (_ONE_OR_MORE if sure and _SELF.search(cue[0]) else _TWO_OR_MORE).match(text, cue.end())
    whole = _UNSPACED.match(text, cue.end())
    if dotted:
        yield dotted.span()
    elif latin and not _ACRONYM.fullmatch(latin[0]):
        yield latin.span()
    elif whole and _transcribed(whole[0]) >= (_WORDS["share"] if sure else 1.0) and not _holds_a_word(whole[0]):
        yield whole.span()


def _dotted(text: str) -> Iterator[Span]:
    for hit in _DOTTED.finditer(text):
        start = next((place for place in range(*hit.span()) if text[place] in _TRANSCRIBED), hit.end())
        if _DOT.search(text, start + 2, hit.end()) and _transcribed(_DOT.sub("", text[start : hit.end()])) > 0.5:
            yield start, hit.end()


def _transcribed(name: str) -> float:
    """Give the share of characters that transcribe foreign sounds."""
    return sum(map(_TRANSCRIBED.__contains__, name)) / len(name)


def _in_english(text: str) -> Iterator[Span]:
    for cue in _LATIN_CUE.finditer(text):
        hit = _ONE_OR_MORE.match(text, cue.end())
        if hit and not _ACRONYM.fullmatch(hit[0]):
            yield hit.span()


def _holds_a_word(whole: str) -> bool:
    known = information()
    parts = (whole[first:last] for first in range(len(whole)) for last in range(first + 2, len(whole) + 1))
    return any(known.get(part, 99.0) < _WORDS["bits"]["word"] for part in parts) or any(
        known.get(sign, 99.0) < _WORDS["bits"]["function"] for sign in whole
    )
