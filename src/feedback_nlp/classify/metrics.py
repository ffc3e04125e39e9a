"""Figures of agreement between what was read by a person and what was guessed.

Truth and guess are tables of yes and no, one row a text, one column a label; a single-label facet is such a table with
one yes a row, and its micro-F1 is its accuracy.
"""

# n texts, k labels, b resamples

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.bool_]  # (n, k)
Floats = npt.NDArray[np.float64]
RESAMPLES = 1000


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
    return float(f1(counts(truth, guess).sum(axis=1)))


def macro_f1(truth: Table, guess: Table, *, least: int = 0) -> float:
    """Give the mean F1 of the labels that stand in at least ``least`` rows of the truth.

    With 0: of every label that stands in the truth or in the guess.
    """
    kept = _counted_in(truth, guess, least)
    return float(f1(counts(truth, guess))[kept].mean()) if kept.any() else 0.0


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


def interval(
    truth: Table, guess: Table, figure: Callable[[Floats], float], *, seed: int, level: float = 0.95
) -> tuple[float, float]:
    """Give the bootstrap interval of a figure that is computed from `counts`, rows drawn with replacement."""
    if not len(truth):
        return 0.0, 0.0
    drawn = np.random.default_rng(seed).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=RESAMPLES)
    parts = [drawn @ part.astype(np.float64) for part in (truth & guess, ~truth & guess, truth & ~guess)]
    values = [figure(np.stack([part[number] for part in parts])) for number in range(RESAMPLES)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def micro_interval(truth: Table, guess: Table, *, seed: int) -> tuple[float, float]:
    """Give the bootstrap interval of `micro_f1` (of the accuracy, where every row has one label)."""
    return interval(truth, guess, lambda counted: float(f1(counted.sum(axis=1))), seed=seed)


def macro_interval(truth: Table, guess: Table, *, seed: int, least: int = 0) -> tuple[float, float]:
    """Give the bootstrap interval of `macro_f1`, over the labels that it averages."""
    kept = _counted_in(truth, guess, least)
    if not kept.any():
        return 0.0, 0.0
    return interval(truth, guess, lambda counted: float(f1(counted)[kept].mean()), seed=seed)


def _counted_in(truth: Table, guess: Table, least: int) -> npt.NDArray[np.bool_]:
    return np.asarray(truth.sum(axis=0) >= least if least else (truth | guess).any(axis=0))


def _ratio(upper: Floats, lower: Floats) -> Floats:
    return np.divide(upper, lower, out=np.zeros_like(np.asarray(upper, dtype=np.float64)), where=np.asarray(lower) > 0)
