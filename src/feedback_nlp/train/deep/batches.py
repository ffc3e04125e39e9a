"""Texts as an encoder learns from them: windows of about equal length, side by side."""

# n texts, b windows of a batch, t tokens of a window

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from feedback_nlp.classify.windows import WINDOW, windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ints = npt.NDArray[np.int64]
POOL = 40  # batches that are drawn together, then sorted by length: lengths alike, neighbours still by lot


@dataclass(frozen=True, slots=True)
class Special:
    """The ids that open, close and fill up a window."""

    opening: int
    closing: int
    padding: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Texts, cut into windows of ids without opening and closing."""

    windows: tuple[tuple[tuple[int, ...], ...], ...]  # n texts, one or more windows each
    special: Special

    def tokens(self, row: int) -> int:
        """Count a text's own tokens."""
        return sum(map(len, self.windows[row]))

    def size(self, row: int, *, most: int) -> tuple[int, int]:
        """Give the number of windows of a text, ``most`` at most, and the tokens of the longest."""
        chosen = self.windows[row][:most]
        return len(chosen), 2 + max(map(len, chosen))


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows, filled up to equal length."""

    ids: Tensor  # (b, t)
    mask: Tensor  # (b, t), 1 where there is a token
    content: Tensor  # (b, t), 1 where it is one of the text's own
    owner: Tensor  # (b,), the text of each window, counted from 0 in the batch


def cut(texts: Sequence[str], *, tokenizer: Tokenizer, special: Special, size: int = WINDOW) -> Cut:
    """Cut prepared texts into windows."""
    made = windows(texts, tokenizer=tokenizer, size=size)
    parts: list[list[tuple[int, ...]]] = [[] for _ in texts]
    for ids, owner in zip(made.ids, made.owner.tolist(), strict=True):
        parts[owner].append(tuple(ids))
    return Cut(tuple(map(tuple, parts)), special)


def stack(found: Cut, chosen: Sequence[tuple[int, int]]) -> Batch:
    """Lay windows (text, number of its window) side by side; ``owner`` counts the texts as they first appear."""
    rows = list(dict.fromkeys(row for row, _ in chosen))
    place = {row: at for at, row in enumerate(rows)}
    parts = [found.windows[row][number] for row, number in chosen]
    longest = max(map(len, parts))
    ids = np.full((len(parts), longest + 2), found.special.padding, dtype=np.int64)
    mask, content = np.zeros_like(ids), np.zeros_like(ids)
    for at, part in enumerate(parts):
        ids[at, : len(part) + 2] = (found.special.opening, *part, found.special.closing)
        mask[at, : len(part) + 2] = 1
        content[at, 1 : len(part) + 1] = 1
    owner = np.array([place[row] for row, _ in chosen], dtype=np.int64)
    return Batch(*map(torch.from_numpy, (ids, mask, content, owner)))


def whole(found: Cut, rows: Sequence[int], *, most: int) -> Batch:
    """Lay the windows of texts side by side, ``most`` of each."""
    return stack(found, [(row, number) for row in rows for number in range(found.size(row, most=most)[0])])


def drawn(
    found: Cut, rows: Ints, *, batch: int, tokens: int, most: int, lot: np.random.Generator
) -> Iterator[list[int]]:
    """Part texts into batches by lot, of about equal length; the windows of a text stay together."""
    order = lot.permutation(rows)
    for start in range(0, len(order), POOL * batch):
        pool = sorted(order[start : start + POOL * batch].tolist(), key=lambda row: found.size(row, most=most)[::-1])
        groups = list(_grouped(found, pool, batch=batch, tokens=tokens, most=most))
        yield from (groups[place] for place in lot.permutation(len(groups)).tolist())


def _grouped(found: Cut, rows: Sequence[int], *, batch: int, tokens: int, most: int) -> Iterator[list[int]]:
    group: list[int] = []
    number = longest = 0
    for row in rows:
        more, length = found.size(row, most=most)
        if group and (len(group) == batch or (number + more) * max(longest, length) > tokens):
            yield group
            group, number, longest = [], 0, 0
        group.append(row)
        number, longest = number + more, max(longest, length)
    if group:
        yield group
