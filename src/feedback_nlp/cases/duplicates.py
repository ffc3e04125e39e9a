"""Letters that say the same: MinHash bands to find them, a precise comparison to be sure.

Both look at the letters alone, without digits, punctuation, white space and placeholders: copies of one template
differ in names, amounts and dates.

The hashing is spelt out here instead of taken from a library: bands are stored for years, and a library that changes
its algorithm would silently stop yesterday's letters from meeting today's.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np

from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.records import MaskedText

GRAM = 5
BANDS, ROWS = 16, 5  # finds a pair of similarity 0.7 with probability .95, of 0.8 with .998, of 0.3 with .04
SCHEME = "a"  # first character of every band: another GRAM, BANDS, ROWS or hash needs another letter

_NOISE = re.compile(r"\[[^\[\]]{1,12}\]|[^\w\[]+|[\d_]+|\[")  # a bracket is looked at first: it may open a placeholder
_BASE = np.uint64(1_000_003)


def _parameters(name: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    numbers = [hashlib.blake2b(f"{name}{n}".encode(), digest_size=8).digest() for n in range(BANDS * ROWS)]
    return np.frombuffer(b"".join(numbers), dtype="<u8").astype(np.uint64)


_FACTOR, _SHIFT = _parameters("factor") | np.uint64(1), _parameters("shift")


def essence(text: str) -> str:
    """Give the letters a text consists of.

    >>> essence("[姓名]：（[手机号]）请退 300 元年费！")
    '请退元年费'
    """
    return _NOISE.sub("", text)


def bands(text: MaskedText, *, policy: CasesPolicy) -> tuple[str, ...]:
    """Give the keys under which a letter meets its copies; texts that share none are not the same letter.

    A text with fewer letters than the policy asks for has none: many people write "垃圾银行还我钱".
    The keys are the same on every machine and in every version (19 characters each).
    """
    letters = essence(text) if len(text) >= policy.duplicate.shortest_chars else ""
    if len(letters) < policy.duplicate.shortest_chars:
        return ()
    grams = _gram_hashes(letters)  # (g,), g distinct 5-grams
    least = ((grams[:, None] * _FACTOR + _SHIFT) >> np.uint64(32)).min(axis=0)  # (BANDS * ROWS,)
    rows = least.astype("<u4").reshape(BANDS, ROWS)
    return tuple(
        f"{SCHEME}{n:02d}{hashlib.blake2b(row.tobytes(), digest_size=8).hexdigest()}" for n, row in enumerate(rows)
    )


def alike(one: MaskedText, other: MaskedText, *, policy: CasesPolicy) -> bool:
    """Tell whether two letters say the same: the Jaccard similarity of their 5-grams reaches the policy's threshold."""
    a, b = essence(one), essence(other)
    if a == b:
        return True
    mine, theirs = _grams(a), _grams(b)
    union = len(mine | theirs)
    return union > 0 and len(mine & theirs) >= policy.duplicate.alike * union


def resemble(one: MaskedText, other: MaskedText, *, policy: CasesPolicy) -> bool:
    """Tell whether two texts of one customer tell of one matter: much of the shorter stands in the other.

    A second call repeats half of the first, a survey the end of a letter: so the share is that of the shorter text.
    """
    shorter, longer = sorted((_own_words(each, policy.repeat.stock) for each in (one, other)), key=len)
    if len(shorter) < policy.repeat.like_chars:
        return False
    grams = _grams(shorter)
    return len(grams & _grams(longer)) >= policy.repeat.like * len(grams)


def _own_words(text: MaskedText, stock: tuple[str, ...]) -> str:
    return essence(re.sub("|".join(stock), "，", text) if stock else text)


def _grams(letters: str) -> set[str]:
    return {letters[n : n + GRAM] for n in range(len(letters) - GRAM + 1)}


def _gram_hashes(letters: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    size = len(codes) - GRAM + 1
    value = np.zeros(size, dtype=np.uint64)
    for n in range(GRAM):
        value = value * _BASE + codes[n : n + size]  # wraps at 2**64, as intended
    return np.unique(value)
