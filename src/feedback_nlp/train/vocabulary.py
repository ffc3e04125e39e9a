"""Learn which grams a model knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from feedback_nlp.classify.features import Vocabulary, grams
from feedback_nlp.text.segment import clauses

LONGEST = 8  # characters of a word, or of two neighbouring words: a longer string could quote a customer


def collect(texts: Iterable[str], *, least: int) -> Vocabulary:
    """Know every gram that stands in at least ``least`` of the texts and is too short to quote one.

    >>> sorted(collect(["要退费", "退费", "退款"], least=2).characters)
    ['费', '退', '退费']
    """
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    total = 0
    for text in texts:
        total += 1
        pieces = [grams(clause) for clause in clauses(text)]
        words.update({gram for piece, _ in pieces for gram in piece})
        characters.update({gram for _, piece in pieces for gram in piece})
    kept_words = sorted(gram for gram, count in words.items() if count >= least and _short(gram))
    kept_characters = sorted(gram for gram, count in characters.items() if count >= least and _visible(gram))
    counts = [words[gram] for gram in kept_words] + [characters[gram] for gram in kept_characters]
    return Vocabulary(
        {gram: column for column, gram in enumerate(kept_words)},
        {gram: column for column, gram in enumerate(kept_characters, start=len(kept_words))},
        (np.log((1 + total) / (1 + np.array(counts, dtype=np.float64))) + 1).astype(np.float32),
    )


def _short(gram: str) -> bool:
    parts = gram.split(" ")
    return sum(map(len, parts)) <= LONGEST and all(map(_visible, parts))


def _visible(gram: str) -> bool:
    return gram.isprintable() and not any(map(str.isspace, gram))
