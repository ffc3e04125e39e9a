"""Say how surprising a stretch of text is when it is read as everyday words and holds no name.

A small language model: the words of jieba's dictionary, of this project's lexicon, and their frequencies. Read from
jieba's file, not through jieba: importing it takes longer and warns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from math import inf, log2
from pathlib import Path

from feedback_nlp.text.resources import entries, table

_LONGEST = 4


@lru_cache(maxsize=1)
def information() -> dict[str, float]:
    """Give the words of up to four characters with their information in bits, -log2 of their share of all words."""
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba")
    with (Path(spec.origin).parent / "dict.txt").open(encoding="utf-8") as dictionary:
        counts = dict(_counts(dictionary))
    return {word: log2(_settings()["corpus"] / count) for word, count in counts.items()}


def bits(text: str) -> float:
    """Give the information of a text, read as the least surprising row of words.

    >>> bits("家银行") < bits("家") + bits("银") + bits("行")
    True
    """
    known, unknown, size = information(), _settings()["unknown"], len(text)
    best = [0.0] + [inf] * size
    for start in range(size):
        cost = best[start] + known.get(text[start], unknown)
        if cost < best[start + 1]:
            best[start + 1] = cost
        for end in range(start + 2, min(start + _LONGEST, size) + 1):
            word = known.get(text[start:end])
            if word is not None and best[start] + word < best[end]:
                best[end] = best[start] + word
    return best[-1]


@lru_cache(maxsize=1)
def _settings() -> dict[str, float]:
    return dict(table("mask_cues.toml")["everyday"])


def _counts(dictionary: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Read words and counts. What jieba tags as a name counts where it is frequent: it is a word or a public figure."""
    least = _settings()
    for entry in dictionary:
        word, count, tag = entry.split()
        named = tag in ("nr", "nrt", "nrfg") and len(word) > 1
        if len(word) <= _LONGEST and int(count) >= (least["name_of_two" if len(word) == 2 else "name"] if named else 0):
            yield word, int(count) + 0.5
    for word in entries("finance.txt"):
        if len(word) <= _LONGEST:
            yield word, least["lexicon"]
