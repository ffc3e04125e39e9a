"""Train the linear model: one linear support vector machine a label, then calibration on out-of-fold scores.

A label is learned from the texts that carry its facet.
"""

# n texts, v grams, k labels of all facets side by side

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.features import Vocabulary, features
from feedback_nlp.classify.linear import LinearModel
from feedback_nlp.classify.metrics import Table
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.calibrate import Calibrated, calibrate
from feedback_nlp.train.corpus import Labelled, families
from feedback_nlp.train.recipe import Recipe
from feedback_nlp.train.truth import Mask, Truth, truth_of
from feedback_nlp.train.vocabulary import collect

Say = Callable[[str], None]
Floats = npt.NDArray[np.float64]

NEVER = -5.0  # score of a label without a single example
ALWAYS = 5.0  # score of a label that every text has


@dataclass(frozen=True, slots=True)
class Trained:
    """A linear model and how to decide by it."""

    model: LinearModel
    calibrated: Calibrated


@dataclass(frozen=True, slots=True)
class Counted:
    """Labelled texts as the linear model learns from them."""

    vocabulary: Vocabulary
    matrix: Any  # (n, v), scipy CSR
    truth: Truth
    weights: Floats  # (n,)


def train_linear(rows: Sequence[Labelled], *, taxonomy: Taxonomy, recipe: Recipe, seed: int, say: Say) -> Trained:
    """Fit the model on all rows, and its calibration on scores of models that had not seen the row or its like."""
    counted = count(rows, taxonomy=taxonomy, recipe=recipe, say=say)
    scores = out_of_fold(counted, folds(rows, count=recipe.folds, seed=seed), recipe=recipe, say=say)
    say("calibrating")
    labels = {facet: taxonomy.labels(facet) for facet in FACETS}
    level = row_weights(rows, power=1.0)  # every file counts the same for what is accepted without review
    calibrated = calibrate(
        scores, counted.truth, labels=labels, weights=level, recipe=recipe, known=with_examples(scores)
    )
    return Trained(fit(counted, recipe=recipe, say=say), calibrated)


def count(rows: Sequence[Labelled], *, taxonomy: Taxonomy, recipe: Recipe, say: Say) -> Counted:
    """Learn the vocabulary of texts and lay them out by it."""
    say(f"learning the vocabulary of {len(rows)} texts")
    texts = [row.text for row in rows]
    vocabulary = collect(texts, least=recipe.least_texts)
    if not len(vocabulary):
        raise TrainerError(
            f"the {len(rows)} texts are empty, or no word or character stands in {recipe.least_texts} of them: there "
            "is nothing to learn from; add labelled texts"
        )
    weights = row_weights(rows, power=recipe.small_file)
    return Counted(vocabulary, _by_text(texts, vocabulary), truth_of(rows, taxonomy=taxonomy), weights)


def out_of_fold(counted: Counted, fold: npt.NDArray[np.int64], *, recipe: Recipe, say: Say) -> Floats:
    """Score every text (n, k) by a model that has learned from the other folds only."""
    scores = np.zeros((len(fold), sum(table.shape[1] for table in counted.truth.table.values())))
    numbers = sorted(set(fold.tolist()))
    for number in numbers:
        say(f"linear model: out-of-fold scores, fold {number + 1} of {len(numbers)}")
        outside = fold == number
        coefficients, intercept = _fit(counted, ~outside, recipe=recipe)
        scores[outside] = counted.matrix[outside] @ coefficients + intercept
    return scores


def with_examples(scores: Floats) -> Mask:
    """Say which out-of-fold scores (n, k) come from a machine that had an example of its label."""
    found: Mask = scores != NEVER
    return found


def fit(counted: Counted, *, recipe: Recipe, say: Say) -> LinearModel:
    """Fit one machine a label on all texts."""
    say("linear model: fitting on all texts")
    everything = np.ones(len(counted.weights), dtype=np.bool_)
    return LinearModel(counted.vocabulary, *_fit(counted, everything, recipe=recipe))


def folds(rows: Sequence[Labelled], *, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Assign every row to one of ``count`` folds of about equal size; near texts share one."""
    family = families(rows)
    sizes = Counter(family)
    order = np.random.default_rng(seed).permutation(sorted(sizes)).tolist()
    order.sort(key=lambda member: -sizes[member])  # stable: large families first, then by lot
    load, home = [0] * count, {}
    for member in order:
        home[member] = min(range(count), key=load.__getitem__)
        load[home[member]] += sizes[member]
    return np.array([home[member] for member in family])


def row_weights(rows: Sequence[Labelled], *, power: float) -> Floats:
    """Weigh rows so that a small file is not drowned by a large one; those of the largest weigh 1."""
    sizes = Counter(row.file for row in rows)
    largest = max(sizes.values())
    return np.array([(largest / sizes[row.file]) ** power for row in rows])


def _by_text(texts: Sequence[str], vocabulary: Any) -> Any:
    """Give one sparse row a text: the clauses' rows added up."""
    from scipy.sparse import csr_matrix

    batch = features(texts, vocabulary=vocabulary)
    ends = batch.matrix.indptr[np.concatenate([batch.starts, [batch.matrix.shape[0]]])]
    matrix = csr_matrix((batch.matrix.data, batch.matrix.indices, ends), shape=(len(texts), len(vocabulary)))
    matrix.sum_duplicates()
    return matrix


def _fit(counted: Counted, chosen: npt.NDArray[np.bool_], *, recipe: Recipe) -> tuple[Any, Any]:
    """Give weights (v, k) and intercepts (k,), learned from the chosen texts (n,) that carry the facet."""
    coefficients, intercepts = [], []
    for facet in FACETS:
        rows = chosen & counted.truth.carried[facet]
        found = _machines(counted.matrix[rows], counted.truth.table[facet][rows], counted.weights[rows], recipe)
        coefficients.append(found[0])
        intercepts.append(found[1])
    return np.concatenate(coefficients, axis=1), np.concatenate(intercepts)


def _machines(matrix: Any, table: Table, weights: Floats, recipe: Recipe) -> tuple[Any, Any]:
    from sklearn.svm import LinearSVC

    coefficients = np.zeros((matrix.shape[1], table.shape[1]), dtype=np.float32)
    intercept = np.full(table.shape[1], NEVER, dtype=np.float32)
    for place in range(table.shape[1]):
        positives = int(table[:, place].sum())
        if not 0 < positives < len(table):
            intercept[place] = ALWAYS if positives else NEVER
            continue
        balance = {False: 1.0, True: ((len(table) - positives) / positives) ** recipe.rare}
        machine = LinearSVC(C=recipe.cost, class_weight=balance, random_state=0)
        machine.fit(matrix, table[:, place], sample_weight=weights)
        coefficients[:, place], intercept[place] = machine.coef_[0], machine.intercept_[0]
    return coefficients, intercept
