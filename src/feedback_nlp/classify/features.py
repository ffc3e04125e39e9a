"""Words and characters of texts as sparse numbers, kept apart by clause.

The value of a gram in a text is (1 + log count) · idf, scaled so that the word grams of a text and its character grams
each have length 1. Every occurrence carries an equal share of it, and no gram crosses a clause: the clauses of a text
add up to the text, so what one clause says for a label costs nothing extra.
"""

# n texts, c clauses, v grams in the vocabulary

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.text.mask import PLACEHOLDERS
from feedback_nlp.text.segment import clauses, segment

BLOCKS = ("w", "c")  # word grams, character grams

_MARKS = frozenset(PLACEHOLDERS.values())
_SEPARATOR = "\x1f"  # never in prepared text
_DIGITS = str.maketrans("123456789", "000000000")
_LOGS = np.array([0.0] + [1.0 + math.log(count) for count in range(1, 1001)], dtype=np.float32)

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The grams a model knows; word grams come first, a gram's position is its column."""

    words: dict[str, int]
    characters: dict[str, int]
    idf: Floats  # (v,)

    def __len__(self) -> int:
        return len(self.idf)


@dataclass(frozen=True, slots=True)
class Features:
    """A batch of texts, cut into clauses; every text has at least one."""

    matrix: Any  # (c, v), scipy CSR, float32
    clauses: list[str]
    starts: Ints  # (n,), the first clause of each text
    known: Ints  # (n,), grams of the vocabulary that were found


def grams(clause: str) -> tuple[list[str], list[str]]:
    """Give word grams (words, neighbours joined by a space) and character grams (one, two) of one clause.

    Lower case; every digit is a 0; a placeholder is a word but gives no characters.

    >>> grams("退我88元")
    (['退', '我', '00', '元', '退 我', '我 00', '00 元'], ['退', '我', '0', '0', '元', '退我', '我0', '00', '0元'])
    """
    joined = _SEPARATOR.join(segment(clause)).lower().translate(_DIGITS)
    words = [word for word in joined.split(_SEPARATOR) if word and not word.isspace()]
    text = "".join([" " if word in _MARKS else word for word in words])
    pairs = [f"{left} {right}" for left, right in pairwise(words)]
    return words + pairs, [*text, *map("".join, pairwise(text))]


def features(texts: Sequence[str], *, vocabulary: Vocabulary) -> Features:
    """Turn prepared texts into one sparse row a clause."""
    pieces = [clauses(text) or [text] for text in texts]
    found = [list(_ids(clause, vocabulary)) for piece in pieces for clause in piece]
    sizes = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    columns = np.fromiter((column for ids in found for column in ids), dtype=np.int64, count=int(lengths.sum()))
    text_of_clause = np.repeat(np.arange(len(texts)), sizes)
    text_of_gram = np.repeat(text_of_clause, lengths)
    return Features(
        matrix=_csr(_values(columns, text_of_gram, vocabulary), columns, lengths, width=len(vocabulary)),
        clauses=[clause for piece in pieces for clause in piece],
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        known=np.bincount(text_of_gram, minlength=len(texts)),
    )


def by_text(matrix: npt.NDArray[Any], starts: Ints) -> npt.NDArray[Any]:
    """Add up the rows (c, k) of each text's clauses: (n, k)."""
    return np.add.reduceat(matrix, starts, axis=0) if len(starts) else matrix


def lines(vocabulary: Vocabulary) -> str:
    """Write a vocabulary as text: block, tab, gram; one a line, in column order."""
    tables = zip(BLOCKS, (vocabulary.words, vocabulary.characters), strict=True)
    return "".join(f"{block}\t{gram}\n" for block, table in tables for gram in sorted(table, key=table.__getitem__))


def read(text: str, *, idf: Floats) -> Vocabulary:
    """Read what `lines` wrote."""
    words: dict[str, int] = {}
    characters: dict[str, int] = {}
    for column, line in enumerate(text.split("\n")[:-1]):
        block, gram = line.split("\t")
        (words if block == "w" else characters)[gram] = column
    return Vocabulary(words, characters, idf)


def _ids(clause: str, vocabulary: Vocabulary) -> Iterator[int]:
    words, characters = grams(clause)
    return (
        column
        for table, found in ((vocabulary.words, words), (vocabulary.characters, characters))
        for column in map(table.get, found)
        if column is not None
    )


def _values(columns: Ints, texts: Ints, vocabulary: Vocabulary) -> Floats:
    """Give every occurrence its share of its gram's value in its text."""
    width = max(1, len(vocabulary))
    pairs, back, counts = np.unique(texts * width + columns, return_inverse=True, return_counts=True)
    text, column = np.divmod(pairs, width)
    value = _LOGS[np.minimum(counts, len(_LOGS) - 1)] * vocabulary.idf[column]
    block = 2 * text + (column >= len(vocabulary.words))
    norm = np.sqrt(np.bincount(block, weights=value.astype(np.float64) ** 2))
    share: Floats = (value / norm[block] / counts).astype(np.float32)
    return share[back]


def _csr(values: Floats, columns: Ints, lengths: Ints, *, width: int) -> Any:
    from scipy.sparse import csr_matrix

    ends = np.concatenate([[0], np.cumsum(lengths)])
    return csr_matrix((values, columns, ends), shape=(len(lengths), width))
