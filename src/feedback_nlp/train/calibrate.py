"""Fit on out-of-fold scores what turns scores into probabilities, labels and doubts."""

# n texts, k labels of all facets side by side

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.decide import LEAST, Decision, Verdicts, calibrated, decide, doubts, given, sigmoid, softmax
from feedback_nlp.classify.metrics import Table, ece, micro_f1
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE
from feedback_nlp.train.recipe import Recipe
from feedback_nlp.train.truth import Mask, Truth

Floats = npt.NDArray[np.float64]

_GRID = np.arange(0.06, 0.95, 0.02)
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Right:
    """Which guesses are right; a first leaf is where a reader named it, first or not."""

    business: Mask  # (n,)
    leaf: Mask  # (n,)

    @property
    def both(self) -> Mask:
        """Give where business and first leaf are right."""
        return self.business & self.leaf


@dataclass(frozen=True, slots=True)
class Accepted:
    """What no person looks at, on the scores that the decision was fitted on."""

    share: float
    business: float  # right among it
    leaf: float
    both: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A decision, and how well it was calibrated on the scores it was fitted on."""

    decision: Decision
    error: Mapping[str, Mapping[str, float]]  # facet or "confidence" → {"before", "after"}: ECE
    accepted: Accepted


def calibrate(
    scores: npt.NDArray[Any],
    truth: Truth,
    *,
    labels: Mapping[str, tuple[str, ...]],
    weights: Floats,
    recipe: Recipe,
    known: Mask | None = None,
) -> Calibrated:
    """Fit temperature (single facets), Platt curves and thresholds (the others), confidence and review.

    A facet is fitted on the texts that carry it, confidence on those that carry business and leaves. ``weights`` (n,)
    say how much a text counts for confidence and review. ``known`` (n, k): whether the model that gave a score had an
    example of the label; a score of one that had none says nothing about it, and no curve is fitted on it.
    """
    known = np.ones(scores.shape, dtype=np.bool_) if known is None else known
    blank = {facet: tuple(0.0 for _ in labels[facet]) for facet in MULTI}
    made = Decision(labels, dict.fromkeys(SINGLE, 1.0), blank, blank, blank, (0.0,) * 5, 0.0, recipe.kind_sure)
    parts, judged = (
        {facet: table[truth.carried[facet]][:, made.columns(facet)] for facet in FACETS} for table in (scores, known)
    )
    read = {facet: truth.table[facet][truth.carried[facet]] for facet in FACETS}
    made = _curved(made, parts, read, known=judged, recipe=recipe)
    errors = {facet: _errors(parts[facet], read[facet], made, facet) for facet in FACETS}
    scores, weights = scores[truth.sure], weights[truth.sure]
    right = rights(scores, {facet: table[truth.sure] for facet, table in truth.table.items()}, decision=made)
    made = replace(made, confidence=_confidence(scores, right.both, decision=made, weights=weights))
    verdicts = decide(scores, made)
    made = replace(made, review=_review(verdicts.confidence, right, weights=weights, recipe=recipe))
    errors["confidence"] = {
        "before": ece(_product(verdicts), right.both),
        "after": ece(verdicts.confidence, right.both),
    }
    return Calibrated(made, errors, _accepted(verdicts, right, decision=made, weights=weights))


def rights(scores: npt.NDArray[Any], truth: Mapping[str, Table], *, decision: Decision) -> Right:
    """Say for each text whether the business is right, and whether the first leaf is."""
    verdicts = decide(scores, decision)
    rows = np.arange(len(scores))
    leaf = np.array([places[0] for places in verdicts.multi["leaves"]], dtype=np.int64)
    return Right(truth["business"][rows, verdicts.single["business"]], truth["leaves"][rows, leaf])


def _curved(
    blank: Decision,
    parts: Mapping[str, npt.NDArray[Any]],
    read: Mapping[str, Table],
    *,
    known: Mapping[str, Mask],
    recipe: Recipe,
) -> Decision:
    """Fit what turns each facet's scores into probabilities and labels."""
    curves = {facet: _platt(parts[facet], read[facet], known[facet], least=recipe.own_calibration) for facet in MULTI}
    made = replace(
        blank,
        temperature={facet: _temperature(parts[facet], read[facet], known[facet]) for facet in SINGLE},
        slope={facet: slope for facet, (slope, _) in curves.items()},
        offset={facet: offset for facet, (_, offset) in curves.items()},
    )
    threshold = {
        facet: _thresholds(calibrated(parts[facet], made, facet), read[facet], least=LEAST[facet], recipe=recipe)
        for facet in MULTI
    }
    return replace(made, threshold=threshold)


def _accepted(verdicts: Verdicts, right: Right, *, decision: Decision, weights: Floats) -> Accepted:
    kept = verdicts.confidence >= decision.review
    kept &= verdicts.probabilities["kind"].max(axis=1) >= decision.kind_sure
    if not kept.any():
        return Accepted(0.0, 0.0, 0.0, 0.0)
    shares = [np.average(part[kept], weights=weights[kept]) for part in (right.business, right.leaf, right.both)]
    return Accepted(float(np.average(kept, weights=weights)), *map(float, shares))


def _temperature(scores: npt.NDArray[Any], truth: Table, known: Mask) -> float:
    """Minimise the log-loss of softmax(score / temperature) over the texts whose label was known."""
    from scipy.optimize import minimize_scalar

    sure = (truth & known).any(axis=1)
    if not sure.any():
        return 1.0
    scores, place = scores[sure], truth[sure].argmax(axis=1)

    def loss(log_temperature: float) -> float:
        likely = softmax(scores / math.exp(log_temperature))[np.arange(len(scores)), place]
        return float(-np.log(np.maximum(likely, 1e-6)).mean())

    return round(math.exp(minimize_scalar(loss, bounds=(-4.0, 3.0), method="bounded").x), 6)


def _platt(
    scores: npt.NDArray[Any], truth: Table, known: Mask, *, least: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fit one logistic curve a label (Platt 1999); labels with few positives share one."""
    common = _curve(scores[known], truth[known])
    curves = []
    for column, read, sure in zip(scores.T, truth.T, known.T, strict=True):
        own = least <= read[sure].sum() < sure.sum()
        curves.append(_curve(column[sure], read[sure]) if own else common)
    return tuple(slope for slope, _ in curves), tuple(offset for _, offset in curves)


def _curve(scores: npt.NDArray[Any], truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    fitted = _logistic(scores.reshape(-1, 1), truth)
    return (fitted[0], fitted[1]) if fitted[0] > 0 else (1.0, 0.0)


def _logistic(
    matrix: npt.NDArray[Any], truth: npt.NDArray[np.bool_], *, weights: Floats | None = None
) -> tuple[float, ...]:
    """Give the weights and the intercept of a hardly regularised logistic regression."""
    from sklearn.linear_model import LogisticRegression

    if truth.all() or not truth.any():
        return (*(0.0 for _ in range(matrix.shape[1])), 5.0 if truth.all() else -5.0)
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(matrix, truth, sample_weight=weights)
    return tuple(round(float(value), 6) for value in (*fitted.coef_[0], fitted.intercept_[0]))


def _thresholds(probabilities: Floats, truth: Table, *, least: int, recipe: Recipe) -> tuple[float, ...]:
    """Find the common threshold with the best micro-F1, and move each label's towards its own best F1.

    A label's own optimum is trusted by its positives: with a handful of them it is chance.
    """

    def score(threshold: float) -> float:
        return micro_f1(truth, given(probabilities, np.full(truth.shape[1], threshold), least=least))

    common = float(max(_GRID, key=score))
    result = []
    for place, positives in enumerate(truth.sum(axis=0).tolist()):
        own = _best(probabilities[:, place], truth[:, place], otherwise=common)
        trust = positives / (positives + recipe.threshold_trust)
        result.append(round(trust * own + (1 - trust) * common, 4))
    return tuple(result)


def _best(probabilities: Floats, truth: npt.NDArray[np.bool_], *, otherwise: float) -> float:
    if not truth.any():
        return otherwise
    guess = probabilities[:, None] >= _GRID[None, :]
    right = (guess & truth[:, None]).sum(axis=0)
    figures = 2 * right / (guess.sum(axis=0) + truth.sum())
    return float(_GRID[figures == figures.max()].mean())


def _confidence(
    scores: npt.NDArray[Any], right: npt.NDArray[np.bool_], *, decision: Decision, weights: Floats
) -> tuple[float, ...]:
    probabilities = {facet: calibrated(scores[:, decision.columns(facet)], decision, facet) for facet in FACETS}
    return _logistic(doubts(probabilities)[:, :-1], right, weights=weights)


def _review(confidence: Floats, right: Right, *, weights: Floats, recipe: Recipe) -> float:
    """Give the lowest confidence from which business and first leaf are right as often as the recipe asks.

    The weighted share right must reach it with the lower bound of its 95 % interval; with uneven weights the number of
    texts is the effective one (Kish 1965).
    """
    order = np.argsort(-confidence, kind="stable")
    heavy = np.cumsum(weights[order])
    number = heavy**2 / np.cumsum(weights[order] ** 2)
    enough = np.ones(len(order), dtype=np.bool_)
    for part, least in ((right.business, recipe.review_business), (right.leaf, recipe.review_leaf)):
        enough &= lower_bound(np.cumsum((weights * part)[order]) / heavy, number) >= least
    good = np.flatnonzero(enough)
    return float(confidence[order[good[-1]]]) if len(good) else 1.0


def lower_bound(share: Floats, number: Floats) -> Floats:
    """Give the lower bound of a share's 95 % interval (Wilson 1927).

    >>> lower_bound(np.array([0.9]), np.array([100.0])).round(3)
    array([0.826])
    """
    spread = _Z * np.sqrt(share * (1 - share) / number + (_Z / (2 * number)) ** 2)
    bound: Floats = (share + _Z**2 / (2 * number) - spread) / (1 + _Z**2 / number)
    return bound


def _errors(scores: npt.NDArray[Any], truth: Table, decision: Decision, facet: str) -> dict[str, float]:
    """Give the calibration error of each text's most probable label, as raw scores and calibrated."""
    raw = softmax(scores) if facet in SINGLE else sigmoid(scores)
    return {
        when: _top_error(table, truth)
        for when, table in (("before", raw), ("after", calibrated(scores, decision, facet)))
    }


def _top_error(probabilities: Floats, truth: Table) -> float:
    rows, best = np.arange(len(truth)), probabilities.argmax(axis=1)
    return ece(probabilities[rows, best], truth[rows, best])


def _product(verdicts: Verdicts) -> Floats:
    """Give the naive confidence: the product of the best business's and the best leaf's probability."""
    product: Floats = verdicts.probabilities["business"].max(axis=1) * verdicts.probabilities["leaves"].max(axis=1)
    return product
