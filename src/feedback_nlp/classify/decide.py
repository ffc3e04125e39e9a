"""From a model's raw scores to labels: calibration, thresholds, confidence and review.

Any model that gives one raw score per label can use it; everything it needs was fitted on out-of-fold scores and stands
in the release's manifest.
"""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST = 3  # labels of a multi-label facet that a record may carry
LEAST = {"leaves": 1, "demand": 0}
ALONE = "other.none"  # a leaf that stands alone or not at all
_DIGITS = 6  # rounding away the last bits, in which processors differ


@dataclass(frozen=True, slots=True)
class Decision:
    """How raw scores become labels."""

    labels: Mapping[str, tuple[str, ...]]  # facet → label ids in column order
    temperature: Mapping[str, float]  # single facets: softmax(score / temperature)
    slope: Mapping[str, tuple[float, ...]]  # multi-label facets: sigmoid(slope · score + offset), one per label
    offset: Mapping[str, tuple[float, ...]]
    threshold: Mapping[str, tuple[float, ...]]  # multi-label facets: calibrated probability from which a label is given
    confidence: tuple[float, ...]  # weights of `doubts`, see there
    review: float  # confidence below which a person should look
    kind_sure: float  # probability of the kind below which a person should look, however sure the rest is

    def columns(self, facet: str) -> slice:
        """Say where a facet's scores stand."""
        start = sum(len(self.labels[other]) for other in FACETS[: FACETS.index(facet)])
        return slice(start, start + len(self.labels[facet]))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided for a batch."""

    probabilities: Mapping[str, Floats]  # facet → (n, its labels), calibrated, 0 to 1
    single: Mapping[str, Ints]  # facet → (n,), the label's place
    multi: Mapping[str, list[list[int]]]  # facet → places of each text's labels, most probable first
    confidence: Floats  # (n,), calibrated, 0 to 1

    def places(self, facet: str, row: int) -> list[int]:
        """Give the places of one text's labels, the most important first."""
        return self.multi[facet][row] if facet in MULTI else [int(self.single[facet][row])]


def decide(scores: npt.NDArray[Any], decision: Decision) -> Verdicts:
    """Calibrate scores (n, k) and choose labels."""
    probabilities = {facet: calibrated(scores[:, decision.columns(facet)], decision, facet) for facet in FACETS}
    return Verdicts(
        probabilities=probabilities,
        single={facet: probabilities[facet].argmax(axis=1) for facet in SINGLE},
        multi={facet: places(probabilities[facet], _given(probabilities[facet], decision, facet)) for facet in MULTI},
        confidence=sigmoid(doubts(probabilities) @ np.array(decision.confidence)),
    )


def calibrated(scores: npt.NDArray[Any], decision: Decision, facet: str) -> Floats:
    """Turn one facet's raw scores into probabilities."""
    if facet in SINGLE:
        return softmax(scores / decision.temperature[facet])
    return sigmoid(scores * np.array(decision.slope[facet]) + np.array(decision.offset[facet]))


def given(probabilities: Floats, threshold: Floats, *, least: int) -> npt.NDArray[np.bool_]:
    """Say which labels (n, k) a text gets: the three most probable at most, each from its threshold on.

    Where fewer than ``least`` reach it, the most probable ones are given all the same.

    >>> given(np.array([[0.2, 0.9, 0.6], [0.2, 0.1, 0.1]]), np.array([0.5, 0.5, 0.5]), least=1).astype(int).tolist()
    [[0, 1, 1], [1, 0, 0]]
    """
    rank = np.argsort(np.argsort(-probabilities, axis=1, kind="stable"), axis=1)
    result: npt.NDArray[np.bool_] = (probabilities >= threshold) & (rank < MOST)
    if least:
        result |= (rank < least) & (result.sum(axis=1, keepdims=True) < least)
    return result


def places(probabilities: Floats, table: npt.NDArray[np.bool_]) -> list[list[int]]:
    """List the labels that each text gets, the most probable first.

    >>> places(np.array([[0.2, 0.6, 0.9]]), np.array([[False, True, True]]))
    [[2, 1]]
    """
    order = np.argsort(-np.where(table, probabilities, -1.0), axis=1, kind="stable")[:, :MOST]
    numbers = table.sum(axis=1).tolist()
    return [row[:number] for row, number in zip(order.tolist(), numbers, strict=True)]


def _given(probabilities: Floats, decision: Decision, facet: str) -> npt.NDArray[np.bool_]:
    table = given(probabilities, np.array(decision.threshold[facet]), least=LEAST[facet])
    if ALONE in decision.labels[facet]:
        column = decision.labels[facet].index(ALONE)
        first = np.where(table, probabilities, -1.0).argmax(axis=1) == column
        table[first] = False
        table[:, column] = first
    return table


def doubts(probabilities: Mapping[str, Floats]) -> Floats:
    """Give what `confidence` is read from, (n, 5): log-odds and lead of the best business and leaf, and a one."""
    parts = []
    for facet in ("business", "leaves"):
        best = -np.sort(-probabilities[facet], axis=1)[:, :2]
        safe = np.clip(best[:, 0], 1e-6, 1 - 1e-6)
        parts += [np.log(safe / (1 - safe)), best[:, 0] - best[:, 1]]
    return np.stack([*parts, np.ones(len(parts[0]))], axis=1)


def softmax(scores: npt.NDArray[Any]) -> Floats:
    """Make rows add up to one.

    >>> softmax(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    result: Floats = np.round(powers / powers.sum(axis=1, keepdims=True), _DIGITS)
    return result


def sigmoid(scores: npt.NDArray[Any]) -> Floats:
    """Map log-odds to probabilities.

    >>> sigmoid(np.array([0.0]))
    array([0.5])
    """
    result: Floats = np.round(1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -50, 50))), _DIGITS)
    return result
