"""What a release read in labelled texts: asked once, measured in many ways."""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.metrics import Table, one_hot
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.records import Label, Prediction
from feedback_nlp.taxonomy import MULTI, Taxonomy
from feedback_nlp.train.corpus import Labelled

THREE_WAY = "sentiment (3)"
MEASURED = ("kind", "business", "touchpoint", "sentiment", THREE_WAY, "leaves", "demand")
"""What is measured: the facets, and sentiment as negative, neutral, positive."""
SIGNS = {-1: "negative", 0: "neutral", 1: "positive"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """One release's answers to a set of labelled texts."""

    release: str
    rows: Sequence[Labelled]
    guesses: Sequence[Prediction]  # one a row


@dataclass(frozen=True, slots=True)
class Tables:
    """Read and guessed labels as yes and no; of a facet that nobody labelled in a text, its row is all no in both."""

    labels: Mapping[str, tuple[str, ...]]  # measured facet → its labels, in the order of the columns
    truth: Table  # (n, k)
    guess: Table  # (n, k)
    carried: Mapping[str, npt.NDArray[np.bool_]]  # measured facet → (n,): was it labelled

    def columns(self, facet: str) -> slice:
        """Say where a facet's labels stand."""
        names = list(self.labels)
        start = sum(len(self.labels[other]) for other in names[: names.index(facet)])
        return slice(start, start + len(self.labels[facet]))

    def of(self, facet: str) -> tuple[Table, Table]:
        """Give what was read and guessed of one facet, in the texts where it was labelled."""
        rows, columns = self.carried[facet], self.columns(facet)
        return self.truth[rows, columns], self.guess[rows, columns]


def ask(predictor: Predictor, rows: Sequence[Labelled]) -> Reading:
    """Let a release read labelled texts."""
    return Reading(predictor.name, rows, predictor.predict([row.text for row in rows]))


def tables(reading: Reading, *, taxonomy: Taxonomy) -> Tables:
    """Set read and guessed labels side by side; facets that no text was labelled for are left out."""
    signs = sign_of(taxonomy)
    labels, truth, guess, carried = {}, [], [], {}
    for facet in MEASURED:
        read = [read_labels(row, facet, signs=signs) for row in reading.rows]
        here = np.array([found is not None for found in read], dtype=np.bool_)
        if not here.any():
            continue
        given = [
            guessed_labels(made, facet, signs=signs) if found is not None else ()
            for made, found in zip(reading.guesses, read, strict=True)
        ]
        labels[facet] = tuple(SIGNS.values()) if facet == THREE_WAY else taxonomy.labels(facet)
        truth.append(one_hot([found or () for found in read], labels[facet]))
        guess.append(one_hot(given, labels[facet]))
        carried[facet] = here
    empty = np.zeros((len(reading.rows), 0), dtype=np.bool_)
    return Tables(labels, np.hstack([empty, *truth]), np.hstack([empty, *guess]), carried)


def sign_of(taxonomy: Taxonomy) -> dict[str, str]:
    """Map the sentiments to negative, neutral, positive."""
    return {label: SIGNS[int(np.sign(value))] for label, value in taxonomy.sentiment_values.items()}


def read_labels(row: Labelled, facet: str, *, signs: Mapping[str, str]) -> tuple[str, ...] | None:
    """Give what a person read in a text; None where nobody labelled the facet."""
    if facet == THREE_WAY:
        found = row.labels.get("sentiment")
        return None if found is None else tuple(signs[label] for label in found)
    return row.labels.get(facet)


def guessed_labels(guess: Prediction, facet: str, *, signs: Mapping[str, str]) -> tuple[str, ...]:
    """Give the label ids that a release guessed, the most important first."""
    if facet == THREE_WAY:
        return (signs[guess.sentiment.id],)
    return tuple(label.id for label in said(guess, facet))


def said(guess: Prediction, facet: str) -> tuple[Label, ...]:
    """Give one facet's labels of a prediction."""
    found: Any = getattr(guess, facet)
    labels: tuple[Label, ...] = found if facet in MULTI else (found,)
    return labels


def certainty(reading: Reading, facet: str) -> tuple[Floats, Table]:
    """Give for each text with a guess the first label's probability, and whether it is one of those read: (n,) each."""
    pairs = [
        (labels[0].score, labels[0].id in read)
        for row, guess in zip(reading.rows, reading.guesses, strict=True)
        if (read := row.labels.get(facet)) is not None and (labels := said(guess, facet))
    ]
    return np.array([sure for sure, _ in pairs], dtype=np.float64), np.array(
        [right for _, right in pairs], dtype=np.bool_
    )


@dataclass(frozen=True, slots=True)
class Sure:
    """How sure a release was of the texts that were labelled for business and leaves, and whether it was right."""

    confidence: Floats  # (n,), calibrated, 0 to 1
    business: Table  # (n,), is it right
    leaf: Table  # (n,), is the first leaf one of those read
    kept: Table  # (n,), would no person look


def both_right(reading: Reading) -> Sure:
    """Set confidence beside truth."""
    pairs = [
        (guess, row.labels)
        for row, guess in zip(reading.rows, reading.guesses, strict=True)
        if {"business", "leaves"} <= row.labels.keys()
    ]
    return Sure(
        confidence=np.array([guess.confidence for guess, _ in pairs], dtype=np.float64),
        business=np.array([guess.business.id in read["business"] for guess, read in pairs], dtype=np.bool_),
        leaf=np.array([guess.leaves[0].id in read["leaves"] for guess, read in pairs], dtype=np.bool_),
        kept=np.array([not guess.review for guess, _ in pairs], dtype=np.bool_),
    )
