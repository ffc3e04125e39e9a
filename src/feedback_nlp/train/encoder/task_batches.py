"""Tokenised tasks, and the order in which their texts are learned from.

Everything is a function of the seed and the number of the pool: training that was interrupted goes on with the batch it
would have come to.
"""

# n texts, t tokens, k labels of all heads of all tasks side by side

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from feedback_nlp.train.encoder.folder import Opened
    from feedback_nlp.train.encoder.tasks import Example

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Tokenised texts, one after another, and their labels."""

    ids: npt.NDArray[np.int32]  # (sum of t,), opening and closing token among them
    ends: Ints  # (n + 1,), text i is ids[ends[i] : ends[i + 1]]
    targets: Floats  # (n, the task's labels); a head's shares add up to 1

    def __len__(self) -> int:
        return len(self.ends) - 1

    def lengths(self) -> Ints:
        """Give the number of tokens of every text (n,)."""
        return np.diff(self.ends)

    def text(self, place: int) -> npt.NDArray[np.int32]:
        """Give one text's tokens."""
        return self.ids[self.ends[place] : self.ends[place + 1]]


def encode(texts: Sequence[str], *, opened: Opened, size: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """Tokenise texts, cut to ``size`` tokens with the opening and the closing one; give ids and ends as in `Rows`."""
    found = opened.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    rows = [[opened.opening, *item.ids[: size - 2], opened.closing] for item in found]
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return np.array([token for row in rows for token in row], dtype=np.int32), ends


def tokenised(examples: Sequence[Example], *, heads: Mapping[str, tuple[str, ...]], opened: Opened, size: int) -> Rows:
    """Tokenise a task's examples and lay the labels of its heads side by side."""
    ids, ends = encode([example.text for example in examples], opened=opened, size=size)
    columns = {pair: at for at, pair in enumerate((head, label) for head in heads for label in heads[head])}
    targets = np.zeros((len(examples), len(columns)), dtype=np.float32)
    for row, example in enumerate(examples):
        for head, labels in example.labels.items():
            for label in labels:
                targets[row, columns[head, label]] += 1 / len(labels)
    return Rows(ids, ends, targets)


def columns(tasks: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict[tuple[str, str], slice]:
    """Say where the labels of (task, head) stand when all are laid side by side.

    >>> columns({"reviews": {"kind": ("a", "b", "c"), "sentiment": ("0", "1")}})
    {('reviews', 'kind'): slice(0, 3, None), ('reviews', 'sentiment'): slice(3, 5, None)}
    """
    found: dict[tuple[str, str], slice] = {}
    start = 0
    for task, heads in tasks.items():
        for head, labels in heads.items():
            found[task, head] = slice(start, start + len(labels))
            start += len(labels)
    return found


def pool(sizes: Sequence[int], *, number: int, rows: int, power: float, seed: int) -> Ints:
    """Draw the texts of one pool (rows, 2): task and place.

    Tasks are drawn in proportion to size ^ power; of a task every text comes once before any comes again.
    """
    share = np.array(sizes, dtype=np.float64) ** power
    counts = [np.random.default_rng((seed, turn)).multinomial(rows, share / share.sum()) for turn in range(number + 1)]
    before = np.stack(counts).sum(axis=0) - counts[-1]
    parts = [
        np.stack([np.full(count, task), _turns(sizes[task], int(before[task]), count, seed=(seed, 1, task))], axis=1)
        for task, count in enumerate(counts[-1].tolist())
    ]
    return np.concatenate(parts).astype(np.int64)


def batches(lengths: Ints, *, tokens: int, lot: np.random.Generator | None = None) -> Iterator[Ints]:
    """Part texts into batches of about equal length, longest first, or in an order drawn by ``lot``.

    Rows times the longest text never exceed ``tokens``, unless one text alone does.
    """
    order = np.argsort(-lengths, kind="stable")
    parts = []
    while len(order):
        rows = max(1, tokens // int(lengths[order[0]]))
        parts.append(order[:rows])
        order = order[rows:]
    yield from parts if lot is None else (parts[at] for at in lot.permutation(len(parts)))


def _turns(size: int, start: int, count: int, *, seed: tuple[int, ...]) -> Ints:
    """Give ``count`` places from the ``start``-th on of a series that shuffles all places again and again."""
    turn, at = np.divmod(np.arange(start, start + count), size)
    orders = {int(number): np.random.default_rng((*seed, int(number))).permutation(size) for number in np.unique(turn)}
    return np.array(
        [orders[number][place] for number, place in zip(turn.tolist(), at.tolist(), strict=True)], dtype=np.int64
    )
