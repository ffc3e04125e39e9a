"""Tell whether a document holds one of the texts that only measure, or nearly."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from feedback_nlp.train.near import shingles


class HeldOut:
    """Prepared texts that must not be learned from; built once, asked for every document."""

    def __init__(self, texts: Iterable[str], *, least: float) -> None:
        """Index the texts; ``least`` of a text's shingles in a document and the document holds it.

        Only a text's rarest shingles are looked up: of m, a document that holds ⌈least·m⌉ holds one of the rarest
        ``m - ⌈least·m⌉ + 1`` at least (prefix filtering, as in `train.near`).
        """
        self._least = least
        self._texts = sorted({shingles(text) for text in texts}, key=lambda found: (len(found), sorted(found)))
        self._whole = {found for found in self._texts if len(found) == 1}
        frequency = Counter(shingle for found in self._texts for shingle in found)
        self._index: dict[str, list[int]] = defaultdict(list)
        for place, found in enumerate(self._texts):
            if len(found) > 1:
                order = sorted(found, key=lambda shingle: (frequency[shingle], shingle))
                for shingle in order[: len(order) - math.ceil(least * len(order)) + 1]:
                    self._index[shingle].append(place)

    def __len__(self) -> int:
        """Count the texts that differ."""
        return len(self._texts)

    def holds(self, document: str) -> bool:
        """Tell whether a prepared document is, or holds most of, a held-out text.

        A text of five characters or fewer is too short to be found inside others: the document must be that text.
        """
        found = shingles(document)
        if found in self._whole:
            return True
        places = {place for shingle in found for place in self._index.get(shingle, ())}
        return any(len(found & self._texts[place]) >= self._least * len(self._texts[place]) for place in places)
