"""Exact near-duplicate check over character 5-grams."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

_NUMBER = re.compile(r"[A-Za-z]*[0-9０-９零幺][0-9０-９零幺A-Za-z]*")


class Index:
    """All texts accepted so far. Numbers do not count: masking will blank most of them."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[int]] = defaultdict(list)  # gram → texts that hold it
        self._sizes: list[int] = []

    def nearest(self, text: str) -> float:
        """Give the highest Jaccard similarity to an accepted text, 0 to 1."""
        grams = _grams(text)
        shared = Counter(row for gram in grams for row in self._rows.get(gram, ()))
        return max((n / (len(grams) + self._sizes[row] - n) for row, n in shared.items()), default=0.0)

    def add(self, text: str) -> None:
        """Accept a text."""
        grams = _grams(text)
        for gram in sorted(grams):
            self._rows[gram].append(len(self._sizes))
        self._sizes.append(len(grams))


def _grams(text: str) -> set[str]:
    blank = _NUMBER.sub("0", "".join(text.split()))
    return {blank[i : i + 5] for i in range(max(1, len(blank) - 4))}
