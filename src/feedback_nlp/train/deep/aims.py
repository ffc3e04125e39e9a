"""What an encoder is to answer, and how much each answer counts."""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from feedback_nlp.classify.metrics import Table
from feedback_nlp.taxonomy import FACETS, SINGLE, Taxonomy
from feedback_nlp.train.deep.recipe import DeepRecipe
from feedback_nlp.train.truth import Truth

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, slice]


@dataclass(frozen=True, slots=True)
class Aims:
    """Targets and their weights; a facet that a text does not carry weighs nothing."""

    target: Tensor  # (n, k), of single facets adding up to 1
    weight: Tensor  # (n, k), of single facets the same for all labels
    columns: Columns


def columns(taxonomy: Taxonomy) -> dict[str, slice]:
    """Say where each facet's labels stand.

    >>> from feedback_nlp.taxonomy import load
    >>> columns(load())["business"]
    slice(5, 21, None)
    """
    ends = np.cumsum([len(taxonomy.labels(facet)) for facet in FACETS]).tolist()
    return {facet: slice(end - len(taxonomy.labels(facet)), end) for facet, end in zip(FACETS, ends, strict=True)}


def aims(truth: Truth, weights: Floats, *, taxonomy: Taxonomy, recipe: DeepRecipe) -> Aims:
    """Soften what was read, and weigh it by file (``weights``, (n,)), by how rare the label is, and by facet."""
    targets, pulls = [], []
    for facet in FACETS:
        table, carried = truth.table[facet], truth.carried[facet]
        share = np.where(carried, weights, 0.0)
        if facet in SINGLE:
            targets.append(table @ softened(facet, taxonomy=taxonomy, recipe=recipe))
            pull = np.repeat((share * _rare(table, carried, power=recipe.rare))[:, None], table.shape[1], axis=1)
        else:
            targets.append(table.astype(np.float64))
            pull = share[:, None] * _positive(table, carried, power=recipe.rare)
        pulls.append(pull * recipe.facets[facet] / share[carried].mean())
    made = [torch.from_numpy(np.concatenate(parts, axis=1)).float() for parts in (targets, pulls)]
    return Aims(made[0], made[1], columns(taxonomy))


def softened(facet: str, *, taxonomy: Taxonomy, recipe: DeepRecipe) -> Floats:
    """Say for each label that was read (row) how much of the target every label gets (column).

    A little goes to all; of sentiment, which has an order, some more to the next ones.
    """
    labels = taxonomy.labels(facet)
    near = recipe.neighbours if facet == "sentiment" else 0.0
    result = (1 - recipe.smoothing - near) * np.eye(len(labels)) + recipe.smoothing / len(labels)
    if near:
        values = np.array([taxonomy.sentiment_values[label] for label in labels])
        beside = (np.abs(values[:, None] - values[None, :]) == 1).astype(np.float64)
        result += near * beside / np.maximum(beside.sum(axis=1, keepdims=True), 1)
    table: Floats = result / result.sum(axis=1, keepdims=True)
    return table


def loss(scores: Tensor, target: Tensor, weight: Tensor, *, where: Columns) -> Tensor:
    """Give the mean over texts of the weighted cross-entropies of all facets."""
    parts = []
    for facet, at in where.items():
        if facet in SINGLE:
            parts.append(-(target[:, at] * scores[:, at].log_softmax(dim=1) * weight[:, at]).sum())
        else:
            parts.append(
                functional.binary_cross_entropy_with_logits(
                    scores[:, at], target[:, at], weight=weight[:, at], reduction="sum"
                )
            )
    return torch.stack(parts).sum() / len(scores)


def intercept(made: Aims) -> Tensor:
    """Give the scores (k,) that suit best where nothing is known of a text: where learning starts."""
    heavy = made.weight.sum(dim=0).clamp_min(1e-9)
    share = ((made.target * made.weight).sum(dim=0) / heavy).clamp(1e-4, 1 - 1e-4)
    return torch.cat([share[at].log() if facet in SINGLE else share[at].logit() for facet, at in made.columns.items()])


def _rare(table: Table, carried: npt.NDArray[np.bool_], *, power: float) -> Floats:
    """Weigh texts (n,) by how rare their label is; those that carry the facet weigh 1 on average."""
    positives = np.maximum(table.sum(axis=0), 1)
    raw = table @ ((carried.sum() / positives) ** power)
    weighed: Floats = raw / raw[carried].mean()
    return weighed


def _positive(table: Table, carried: npt.NDArray[np.bool_], *, power: float) -> Floats:
    """Weigh labels (n, k): where they are missing 1, where they are given (missing / given) ^ power."""
    positives = np.maximum(table.sum(axis=0), 1)
    ratio = np.maximum((carried.sum() - positives) / positives, 1.0) ** power
    return np.where(table, ratio, 1.0)
