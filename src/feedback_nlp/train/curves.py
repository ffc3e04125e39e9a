"""How far a release's probabilities can be trusted, and what is gained by looking at the doubtful texts."""

# n texts

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_nlp.train.reading import Floats, Sure

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose probability lies in one bin of a reliability diagram."""

    rows: int
    sure: float  # mean probability
    right: float  # share that is right


@dataclass(frozen=True, slots=True)
class Point:
    """What is right among the texts of which the release is surest."""

    coverage: float  # share of all texts
    confidence: float  # of the least sure among them
    business: float  # share right
    first_leaf: float
    both: float


def reliability(sure: Floats, right: Mask, *, bins: int) -> tuple[Bin, ...]:
    """Sort probabilities (n,) into bins of equal width; empty bins are left out.

    >>> reliability(np.array([0.1, 0.3, 0.9, 0.9]), np.array([True, False, True, True]), bins=2)
    (Bin(rows=2, sure=0.2, right=0.5), Bin(rows=2, sure=0.9, right=1.0))
    """
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return tuple(
        Bin(int((place == at).sum()), round(float(sure[place == at].mean()), 6), float(right[place == at].mean()))
        for at in range(bins)
        if (place == at).any()
    )


def coverage(found: Sure, *, points: int) -> tuple[Point, ...]:
    """Give what would be right if the surest texts alone were accepted, from the few surest to all.

    Texts of equal confidence are accepted together. At most about ``points`` of the possible cuts are given, the last
    one, all texts, among them.
    """
    order = np.argsort(-found.confidence, kind="stable")
    confidence = found.confidence[order]
    cuts = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else order
    if len(cuts) > points:
        cuts = cuts[np.unique(np.linspace(0, len(cuts) - 1, points).astype(int))]
    right = {
        "business": found.business[order],
        "first_leaf": found.leaf[order],
        "both": (found.business & found.leaf)[order],
    }
    share = {name: np.cumsum(values) / np.arange(1, len(order) + 1) for name, values in right.items()}
    return tuple(
        Point(
            coverage=(cut + 1) / len(order),
            confidence=float(confidence[cut]),
            **{name: float(values[cut]) for name, values in share.items()},
        )
        for cut in cuts.tolist()
    )


def reached(curve: tuple[Point, ...], what: str, *, least: float) -> float:
    """Give the largest coverage at which the share right of ``what`` ("business", "first_leaf", "both") is enough.

    It is read off the texts it is measured on, so that it flatters a little.
    """
    return max((point.coverage for point in curve if getattr(point, what) >= least), default=0.0)
