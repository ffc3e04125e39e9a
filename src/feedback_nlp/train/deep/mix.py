"""How much the linear model and the encoder count, facet by facet."""

# n texts, k labels of one facet

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from feedback_nlp.taxonomy import FACETS, SINGLE
from feedback_nlp.train.linear import with_examples
from feedback_nlp.train.truth import Truth

Floats = npt.NDArray[np.float64]
Mix = Mapping[str, tuple[float, float]]  # facet → (weight of the linear model, weight of the encoder)

FLAT = 12.0  # the largest offset: a label that nobody carries must not run away


def fit_mix(linear: Floats, encoder: Floats, truth: Truth, *, columns: Mapping[str, slice], weights: Floats) -> Mix:
    """Find for each facet the two weights, neither below 0, with the least log-loss on out-of-fold scores (n, all).

    A part that does not help gets 0. The offsets that multi-label facets need meanwhile are found again, with a slope,
    by `calibrate`. Where the linear model had no example of a label in the other folds, its score says nothing about it
    and does not count: with all texts it will have some.
    """
    result = {}
    for facet in FACETS:
        rows = truth.carried[facet]
        parts = [scores[rows][:, columns[facet]] for scores in (linear, encoder)]
        fitted = _single if facet in SINGLE else _multi
        count = np.where(with_examples(parts[0]), weights[rows][:, None] / weights[rows].sum(), 0.0)
        found = fitted(np.stack(parts), truth.table[facet][rows], count)
        result[facet] = (round(float(found[0]), 4), round(float(found[1]), 4))
    return result


def mixed(linear: Floats, encoder: Floats, mix: Mix, *, columns: Mapping[str, slice]) -> Floats:
    """Add up both models' scores (n, all) by their weights."""
    parts = [mix[facet][0] * linear[:, columns[facet]] + mix[facet][1] * encoder[:, columns[facet]] for facet in FACETS]
    return np.concatenate(parts, axis=1)


def _single(parts: Floats, truth: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    from scipy.special import log_softmax

    own = (weights * truth).sum(axis=1)  # (n,)

    def loss(share: Floats) -> tuple[float, Floats]:
        likely = log_softmax(np.tensordot(share, parts, axes=1), axis=1)
        slope = (np.exp(likely) - truth) * own[:, None]
        return float(-(likely * truth).sum(axis=1) @ own), np.tensordot(parts, slope, axes=2)

    return _least(loss, 0)


def _multi(parts: Floats, truth: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    from scipy.special import expit

    def loss(given: Floats) -> tuple[float, Floats]:
        scores = np.tensordot(given[:2], parts, axes=1) + given[2:]
        slope = (expit(scores) - truth) * weights
        found = ((np.logaddexp(0, scores) - scores * truth) * weights).sum()
        return float(found), np.concatenate([np.tensordot(parts, slope, axes=2), slope.sum(axis=0)])

    return _least(loss, truth.shape[1])


def _least(loss: Callable[[Floats], tuple[float, Floats]], offsets: int) -> Floats:
    """Minimise a loss that gives its gradient, over two weights and some offsets."""
    from scipy.optimize import minimize

    start = np.concatenate([np.full(2, 0.5), np.zeros(offsets)])
    bounds = [(0.0, None)] * 2 + [(-FLAT, FLAT)] * offsets
    found: Floats = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 500}).x
    return found
