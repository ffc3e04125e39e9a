"""Texts that are equal or nearly so."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

LENGTH = 5  # characters of a shingle
LEAST = 0.8  # Jaccard similarity from which two texts are near


def near_pairs(texts: Sequence[str], others: Sequence[str], *, least: float = LEAST) -> Iterator[tuple[int, int]]:
    """Give the places of every near pair, exactly.

    Only the rarest shingles of a text are looked up: two sets with Jaccard ≥ t share one of the first
    ``m - ⌈t·m⌉ + 1`` shingles of either, in any common order (prefix filtering, Chaudhuri et al. 2006).

    >>> list(near_pairs(["转账失败了，怎么办？", "你好"], ["转账失败了怎么办", "再见"]))
    [(0, 0)]
    """
    left, right = [shingles(text) for text in texts], [shingles(text) for text in others]
    frequency = Counter(shingle for group in (left, right) for found in group for shingle in found)
    index: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(right):
        for shingle in _prefix(found, frequency, least):
            index[shingle].append(place)
    for place, found in enumerate(left):
        candidates = {other for shingle in _prefix(found, frequency, least) for other in index.get(shingle, ())}
        yield from ((place, other) for other in sorted(candidates) if _jaccard(found, right[other]) >= least)


def shingles(text: str) -> frozenset[str]:
    """Give the five-character pieces of a text without punctuation; a shorter text is its own piece."""
    bare = "".join(filter(str.isalnum, text.lower())) or text.strip()
    return frozenset(bare[start : start + LENGTH] for start in range(max(1, len(bare) - LENGTH + 1)))


def _prefix(found: frozenset[str], frequency: Counter[str], least: float) -> list[str]:
    order = sorted(found, key=lambda shingle: (frequency[shingle], shingle))
    return order[: len(order) - math.ceil(least * len(order)) + 1]


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared)
