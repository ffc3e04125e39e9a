"""Train the linear model: one linear support vector machine a label, then calibration on out-of-fold scores."""

# n texts, v grams, k labels of all facets side by side

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.features import features
from feedback_nlp.classify.linear import LinearModel
from feedback_nlp.classify.metrics import Table, one_hot
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.calibrate import Calibrated, calibrate
from feedback_nlp.train.corpus import Labelled, families
from feedback_nlp.train.recipe import Recipe
from feedback_nlp.train.vocabulary import collect

Say = Callable[[str], None]
Floats = npt.NDArray[np.float64]

NEVER = -5.0  # score of a label without a single example


@dataclass(frozen=True, slots=True)
class Trained:
    """A linear model and how to decide by it."""

    model: LinearModel
    calibrated: Calibrated


def train_linear(rows: Sequence[Labelled], *, taxonomy: Taxonomy, recipe: Recipe, seed: int, say: Say) -> Trained:
    """Fit the model on all rows, and its calibration on scores of models that had not seen the row or its like."""
    labels = {facet: taxonomy.labels(facet) for facet in FACETS}
    truth = {facet: one_hot([row.labels[facet] for row in rows], labels[facet]) for facet in FACETS}
    say(f"learning the vocabulary of {len(rows)} texts")
    texts = [row.text for row in rows]
    vocabulary = collect(texts, least=recipe.least_texts)
    matrix = _by_text(texts, vocabulary)
    table = np.concatenate([truth[facet] for facet in FACETS], axis=1)
    weights = row_weights(rows, power=recipe.small_file)
    scores = np.zeros(table.shape)
    fold = folds(rows, count=recipe.folds, seed=seed)
    for number in range(recipe.folds):
        say(f"out-of-fold scores, fold {number + 1} of {recipe.folds}")
        inside, outside = fold != number, fold == number
        fitted = _fit(matrix[inside], table[inside], weights[inside], recipe=recipe)
        scores[outside] = matrix[outside] @ fitted[0] + fitted[1]
    say("calibrating")
    level = row_weights(rows, power=1.0)  # every file counts the same for what is accepted without review
    calibrated = calibrate(scores, truth, labels=labels, weights=level, recipe=recipe)
    say(f"fitting {table.shape[1]} labels on all texts")
    coefficients, intercept = _fit(matrix, table, weights, recipe=recipe)
    return Trained(LinearModel(vocabulary, coefficients, intercept), calibrated)


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


def _fit(matrix: Any, table: Table, weights: Floats, *, recipe: Recipe) -> tuple[Any, Any]:
    """Give weights (v, k) and intercepts (k,)."""
    from sklearn.svm import LinearSVC

    coefficients = np.zeros((matrix.shape[1], table.shape[1]), dtype=np.float32)
    intercept = np.full(table.shape[1], NEVER, dtype=np.float32)
    for place in range(table.shape[1]):
        positives = int(table[:, place].sum())
        if not 0 < positives < len(table):
            continue
        balance = {False: 1.0, True: ((len(table) - positives) / positives) ** recipe.rare}
        machine = LinearSVC(C=recipe.cost, class_weight=balance, random_state=0)
        machine.fit(matrix, table[:, place], sample_weight=weights)
        coefficients[:, place], intercept[place] = machine.coef_[0], machine.intercept_[0]
    return coefficients, intercept
