"""Figures of agreement between what was read by a person and what was guessed.

Truth and guess are tables of yes and no, one row a text, one column a label; a single-label facet is such a table with
one yes a row, and its micro-F1 is its accuracy.
"""

# n texts, k labels, b resamples

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.bool_]  # (n, k)
Floats = npt.NDArray[np.float64]
RESAMPLES = 1000
AT_ONCE = 4_000_000  # draws held in memory


def one_hot(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> Table:
    """Make a table of label lists.

    >>> one_hot([["a"], ["b", "a"], []], ["a", "b"]).astype(int).tolist()
    [[1, 0], [1, 1], [0, 0]]
    """
    places = {label: place for place, label in enumerate(labels)}
    table = np.zeros((len(rows), len(labels)), dtype=np.bool_)
    for number, row in enumerate(rows):
        table[number, [places[label] for label in row]] = True
    return table


def accuracy(truth: Table, guess: Table) -> float:
    """Give the share of rows in which every label agrees."""
    return float((truth == guess).all(axis=1).mean()) if len(truth) else 0.0


def counts(truth: Table, guess: Table) -> Floats:
    """Count per label right, wrongly given, and missed: (3, k)."""
    parts = (truth & guess, ~truth & guess, truth & ~guess)
    return np.stack([part.sum(axis=0) for part in parts]).astype(np.float64)


def f1(counted: Floats) -> Floats:
    """Give F1 from right, wrongly given and missed along the first axis; 0 where a label never occurs."""
    right, wrong, missed = counted
    return _ratio(2 * right, 2 * right + wrong + missed)


def precision_recall(counted: Floats) -> tuple[Floats, Floats]:
    """Give precision and recall per label; 0 where undefined."""
    right, wrong, missed = counted
    return _ratio(right, right + wrong), _ratio(right, right + missed)


def micro_f1(truth: Table, guess: Table) -> float:
    """Give the F1 over all labels together."""
    return float(micro(counts(truth, guess)))


def macro_f1(truth: Table, guess: Table, *, least: int = 0) -> float:
    """Give the mean F1 of the labels that stand in at least ``least`` rows of the truth.

    With 0: of every label that stands in the truth or in the guess.
    """
    return float(macro(counts(truth, guess), counted_in(truth, guess, least)))


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Give Cohen's kappa of two readers: agreement beyond chance, 1 at most.

    >>> round(kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"]), 3)
    0.5
    """
    labels = sorted({*first, *second})
    one, two = (one_hot([[label] for label in reader], labels) for reader in (first, second))
    observed = accuracy(one, two)
    expected = float((one.mean(axis=0) * two.mean(axis=0)).sum())
    return 1.0 if expected == 1.0 else (observed - expected) / (1 - expected)


def ece(probabilities: npt.NDArray[Any], right: npt.NDArray[Any], *, bins: int = 15) -> float:
    """Give the expected calibration error: mean gap of probability and share right, over bins of equal width."""
    if not len(probabilities):
        return 0.0
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    gap = np.bincount(place, weights=probabilities - right.astype(np.float64), minlength=bins)
    return float(np.abs(gap).sum() / len(probabilities))


def resampled(truth: Table, guess: Table, *, seed: int) -> Floats:
    """Draw the rows with replacement, again and again, and count each time as `counts` does: (3, b, k).

    The same seed and number of rows give the same draws, so that the figures of two guesses about the same rows can be
    subtracted draw by draw: the paired bootstrap.
    """
    parts = [part.astype(np.float64) for part in (truth & guess, ~truth & guess, truth & ~guess)]
    if not len(truth):
        return np.zeros((3, RESAMPLES, truth.shape[1]))
    drawn = [np.stack([lots @ part for part in parts]) for lots in _lots(len(truth), seed)]
    return np.concatenate(drawn, axis=1)


def bounds(values: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give the ends of the interval that holds the middle ``level`` of resampled values, along the first axis."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def micro(counted: Floats) -> Floats:
    """Give `micro_f1` from counts, or from resampled counts: one value a draw."""
    return f1(counted.sum(axis=-1))


def macro(counted: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Give the mean F1 of the labels to keep (k,) from counts, or from resampled counts; 0 where there are none."""
    found: Floats = f1(counted)[..., kept].mean(axis=-1) if kept.any() else np.zeros(counted.shape[1:-1])
    return found


def micro_interval(truth: Table, guess: Table, *, seed: int) -> tuple[float, float]:
    """Give the bootstrap interval of `micro_f1` (of the accuracy, where every row has one label)."""
    low, high = bounds(micro(resampled(truth, guess, seed=seed)))
    return float(low), float(high)


def macro_interval(truth: Table, guess: Table, *, seed: int, least: int = 0) -> tuple[float, float]:
    """Give the bootstrap interval of `macro_f1`, over the labels that it averages."""
    low, high = bounds(macro(resampled(truth, guess, seed=seed), counted_in(truth, guess, least)))
    return float(low), float(high)


def counted_in(truth: Table, guess: Table, least: int) -> npt.NDArray[np.bool_]:
    """Say which labels `macro_f1` averages: (k,)."""
    return np.asarray(truth.sum(axis=0) >= least if least else (truth | guess).any(axis=0))


def _lots(rows: int, seed: int) -> Iterator[Floats]:
    """Say how often each row is drawn (part of b, rows); in parts, so that memory stays bounded."""
    lot, part = np.random.default_rng(seed), max(1, AT_ONCE // rows)
    for done in range(0, RESAMPLES, part):
        size = min(part, RESAMPLES - done)
        yield lot.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(np.float64)


def _ratio(upper: Floats, lower: Floats) -> Floats:
    return np.divide(upper, lower, out=np.zeros_like(np.asarray(upper, dtype=np.float64)), where=np.asarray(lower) > 0)
