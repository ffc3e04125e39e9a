"""Texts as an encoder reads them: whole, clause by clause, in windows.

A window holds as many whole clauses as fit; a longer clause is cut. Nothing of a letter is left out, and every token
knows its clause, so that what a clause says for a label can be added up.
"""

# n texts, c clauses, w windows, t tokens of a window

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feedback_nlp.text.segment import clauses

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ints = npt.NDArray[np.int64]
WINDOW = 128
"""Tokens an encoder reads at once, the two that open and close a window among them."""


@dataclass(frozen=True, slots=True)
class Windows:
    """A batch of texts; every text has at least one clause and one window."""

    ids: list[list[int]]  # w windows, without opening and closing token: 0 to WINDOW - 2 ids each
    clause: list[list[int]]  # w windows: the clause (0 to c - 1) of every id
    owner: Ints  # (w,), the text of each window; ascending
    clauses: list[str]  # c, all texts one after another
    starts: Ints  # (n,), the first clause of each text


def windows(texts: Sequence[str], *, tokenizer: Tokenizer, size: int = WINDOW) -> Windows:
    """Cut prepared texts into clauses and pack their tokens."""
    pieces = [clauses(text) or [text] for text in texts]
    flat = [clause for piece in pieces for clause in piece]
    tokens = [found.ids for found in tokenizer.encode_batch_fast(flat, add_special_tokens=False)]
    starts = np.cumsum([0, *map(len, pieces)], dtype=np.int64)[:-1]
    ids: list[list[int]] = []
    clause: list[list[int]] = []
    owner: list[int] = []
    for text, (start, piece) in enumerate(zip(starts.tolist(), pieces, strict=True)):
        for window in _packed(tokens[start : start + len(piece)], room=size - 2):
            ids.append([token for _, part in window for token in part])
            clause.append([start + place for place, part in window for _ in part])
            owner.append(text)
    return Windows(ids, clause, np.array(owner, dtype=np.int64), flat, starts)


def _packed(tokens: Sequence[list[int]], *, room: int) -> list[list[tuple[int, list[int]]]]:
    """Fill windows with (clause, tokens) in order."""
    made: list[list[tuple[int, list[int]]]] = [[]]
    left = room
    for place, found in enumerate(tokens):
        if len(found) > left and left < room:
            made.append([])
            left = room
        for start in range(0, len(found), room):
            part = found[start : start + room]
            if len(part) > left:
                made.append([])
                left = room
            made[-1].append((place, part))
            left -= len(part)
    return made
