"""Know the everyday words that a name must not be part of, from the dictionary that jieba brings along.

Read from the file, not through jieba: importing it takes longer and warns.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from math import log10
from pathlib import Path

_LONGEST = 4
_RAREST = 5  # occurrences in jieba's corpus of some 60 million words
_NAMES = ("nr", "nrt", "nrfg")
_SURELY_WORDS = 300  # 关怀 is tagged as a name; so often, it is a word


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """Give the words of two to four characters with the decimal logarithm of their frequency."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba")
    with (Path(spec.origin).parent / "dict.txt").open(encoding="utf-8") as entries:
        return {word: log10(count) for word, count in _kept(entries)}


def _kept(entries: Iterator[str]) -> Iterator[tuple[str, int]]:
    for entry in entries:
        word, count, tag = entry.split()
        often = int(count)
        least = _RAREST if tag not in _NAMES else _SURELY_WORDS
        if 2 <= len(word) <= _LONGEST and often >= least and (tag not in _NAMES or len(word) == 2):
            yield word, often


def across(text: str, start: int, end: int) -> float:
    """Give the weight of the heaviest word that crosses an edge of text[start:end], 0 where none does."""
    known = weights()
    heaviest = 0.0
    for first in range(max(0, start - _LONGEST + 1), end):
        for last in range(first + 2, min(len(text), first + _LONGEST) + 1):
            inside = first >= start and last <= end
            outside = last <= start or first >= end
            if not inside and not outside:
                heaviest = max(heaviest, known.get(text[first:last], 0.0))
    return heaviest
