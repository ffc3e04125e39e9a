"""Read what people write around word filters: 跳lou, 12三78, 起*诉, 崔收, 讠斥 for 诉.

Only words of the escalation lexicon are looked for, and only for its use; a text without disguise stays as it is.
A word is disguised where marks stand between its characters, where letters spell one of them, or where one of its
characters is replaced by another of the same sound and the tokenizer knows no word there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from feedback_nlp.policy.escalation import EscalationPolicy, Evasion
from feedback_nlp.text.segment import tokenizer

_READINGS = range(0x4E00, 0x9FA6)  # the characters whose sound is looked up
_COMMON = "gb2312"  # others are not typed by accident nor found by an input method


@dataclass(frozen=True, slots=True)
class View:
    """A text with its disguised words written plainly, and where they stand in the original."""

    text: str
    changes: tuple[tuple[int, int, int, int], ...] = ()  # start and end in the view, start and end in the original

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original that a span of the view was read from, disguised words whole."""
        first, last = start, end
        for begin, stop, original, original_stop in self.changes:
            if begin <= start < stop:
                first = original
            elif start >= stop:
                first = start + original_stop - stop
            if begin < end <= stop:
                last = original_stop
            elif end > stop:
                last = end + original_stop - stop
        return first, last


def unveil(text: str, *, policy: EscalationPolicy) -> View:
    """Write a text's disguised words plainly.

    >>> from feedback_nlp import policy
    >>> view = unveil("再不管我就去跳lou", policy=policy.load().escalation)
    >>> view.text, view.place(6, 8)
    ('再不管我就去跳楼', (6, 10))
    """
    masks = _masks(policy)
    plain, changes, end, length = [], [], 0, 0
    for start, stop, word in sorted(_disguised(text, masks), key=lambda each: (each[0], -each[1])):
        if start >= end:
            plain += [text[end:start], word]
            length += start - end
            changes.append((length, length + len(word), start, stop))
            end, length = stop, length + len(word)
    return View("".join([*plain, text[end:]]), tuple(changes)) if changes else View(text)


def _disguised(text: str, masks: _Masks) -> Iterator[tuple[int, int, str]]:
    """Give start, end and meaning of all disguised words; they may overlap."""
    if masks.suspect.search(text):
        folded = "".join(map(_fold, text))
        for found in masks.written.finditer(folded):
            word = masks.names[found.lastgroup or ""]
            if found.group() != word and not _merely_parted(found.group(), text, found.start(), found.end()):
                yield found.start(), found.end(), word
    for pair in masks.sounds.intersection(map("".join, pairwise(text))):
        start = text.find(pair)
        while start >= 0:
            if _stands_alone(text, start):
                yield start, start + 2, masks.sounds_like[pair]
            start = text.find(pair, start + 1)


def _stands_alone(text: str, start: int) -> bool:
    """Say whether the tokenizer makes no word of two characters, nor of one of them with its neighbour."""
    at = max(0, start - 4)
    places = set()
    for token in tokenizer().lcut(text[at : start + 6], HMM=False):
        places.add((at, len(token)))
        at += len(token)
    return {(start, 1), (start + 1, 1)} <= places


def _merely_parted(written: str, text: str, start: int, end: int) -> bool:
    """Say whether a blank only parts two words: 往下跳 楼下."""
    if written[1:-1] != " ":
        return False
    left = tokenizer().lcut(text[max(0, start - 4) : start + 1], HMM=False)
    right = tokenizer().lcut(text[end - 1 : end + 4], HMM=False)
    return len(left[-1]) > 1 or len(right[0]) > 1


def _fold(character: str) -> str:
    """Write a letter small and without its tone mark; one character stays one."""
    return unicodedata.normalize("NFD", character)[0].lower()[0] if not character.isascii() else character.lower()


@dataclass(frozen=True, slots=True)
class _Masks:
    suspect: re.Pattern[str]  # whether to look at all
    written: re.Pattern[str]  # words with marks between, with letters, otherwise spelt; numbers
    names: Mapping[str, str]  # group → word
    sounds: frozenset[str]  # two characters that sound like a word
    sounds_like: Mapping[str, str]


@lru_cache(maxsize=4)
def _masks(policy: EscalationPolicy) -> _Masks:
    evasion = policy.evasion
    wanted = [
        *((word, _spelt(spelling)) for spelling, word in evasion.spellings.items()),
        *((number, _number(number, evasion)) for number in evasion.numbers),
        *((word, _written(word, evasion)) for word in evasion.words),
    ]
    sounds = _sounds(evasion.by_sound)
    return _Masks(
        suspect=re.compile(_suspect(evasion)),
        written=re.compile(
            f"(?=[{re.escape(_beginnings(evasion))}])"  # lets most places fail at once
            f"(?:{'|'.join(f'(?P<w{n}>{expression})' for n, (_, expression) in enumerate(wanted))})"
        ),
        names={f"w{n}": word for n, (word, _) in enumerate(wanted)},
        sounds=frozenset(sounds),
        sounds_like=sounds,
    )


def _suspect(evasion: Evasion) -> str:
    """Match what every written disguise contains."""
    inner = "".join(sorted({character for word in evasion.words for character in word}))
    digits = "".join(sorted({spelling for spellings in evasion.digits.values() for spelling in spellings}))
    return "|".join(
        (
            rf"[{inner}](?:{evasion.between}|[A-Za-zà-ü])",
            rf"[A-Za-z][{inner}]",
            rf"[{digits}\d]{{3}}",
            rf"\d(?:{evasion.between})\d",
            "[A-Za-z]{5}",
            *map(re.escape, (*evasion.spellings, *evasion.split)),
        )
    )


def _beginnings(evasion: Evasion) -> str:
    """Give all characters that a written disguise can begin with."""
    words = [*evasion.words, *(_spelling(word)[0] for word in evasion.words), *evasion.spellings, *evasion.split]
    numbers = [number[0] + evasion.digits.get(number[0], "") for number in evasion.numbers]
    return "".join(sorted({word[0] for word in words} | set("".join(numbers))))


def _spelt(spelling: str) -> str:
    """Match a spelling, but no part of a longer word in letters."""
    return rf"(?<![a-z]){re.escape(spelling)}(?![a-z])" if re.search("[a-z]", spelling) else re.escape(spelling)


def _number(number: str, evasion: Evasion) -> str:
    gap = rf"(?:(?!\.)(?:{evasion.between})){{0,2}}"  # 1.2378 is an amount
    digits = gap.join(f"[{digit}{re.escape(evasion.digits.get(digit, ''))}]" for digit in number)
    others = re.escape("".join(evasion.digits.values()))
    return rf"(?<![\d.{others}]){digits}(?! ?[\d{others}]|[元块万]|\.\d)"


def _written(word: str, evasion: Evasion) -> str:
    parts = {character: [part for part, meant in evasion.split.items() if meant == character] for character in word}
    spelt = [f"(?:{'|'.join([character, *parts[character]])})" for character in word]
    marked = f"(?:{evasion.between}){{0,2}}".join(spelt)
    letters = _spelling(word)
    mixed = [word[:place] + letters[place] + word[place + 1 :] for place in range(len(word))]
    if len("".join(letters)) >= 7:  # shorter ones are found in English words
        mixed.append("".join(letters))
    return rf"{marked}|(?<![a-z])(?:{'|'.join(mixed)})(?![a-z])"


def _spelling(word: str) -> list[str]:
    from pypinyin import lazy_pinyin  # 0.2 s, once

    return [str(sound) for sound in lazy_pinyin(word)]


def _sounds(words: tuple[str, ...]) -> dict[str, str]:
    """Give all spellings of two-character words that differ in one character and sound the same."""
    homophones = _homophones()
    found: dict[str, str] = {}
    for word in words:
        if len(word) == 2:
            first, second = _spelling(word)
            found |= {other + word[1]: word for other in homophones.get(first, "") if other != word[0]}
            found |= {word[0] + other: word for other in homophones.get(second, "") if other != word[1]}
    return {spelling: word for spelling, word in found.items() if spelling not in words}


@lru_cache(maxsize=1)
def _homophones() -> dict[str, str]:
    from pypinyin.constants import PINYIN_DICT

    found: dict[str, str] = {}
    for code in _READINGS:
        character = chr(code)
        if code in PINYIN_DICT and character.encode(_COMMON, "ignore"):
            sound = "".join(map(_fold, str(PINYIN_DICT[code]).split(",")[0]))
            found[sound] = found.get(sound, "") + character
    return found
