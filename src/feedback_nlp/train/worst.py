"""The errors that a release was surest of: where to read on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback_nlp.records import Label, MaskedText, Prediction
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.reading import THREE_WAY, Reading, guessed_labels, read_labels, said, sign_of

RANKED = ("kind", "business", "sentiment", "leaves")
"""Facets by whose errors texts are ranked. A sentiment counts as wrong only on the other side of neutral, or of it."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One facet of one text in which the release was wrong."""

    facet: str
    read: tuple[str, ...]
    guessed: tuple[Label, ...]
    evidence: MaskedText | None  # the clause that spoke for the first wrong label


@dataclass(frozen=True, slots=True)
class WorstError:
    """One text with everything that was wrong about it."""

    id: str
    text: MaskedText
    where: str  # its source or style
    sure: float  # probability of the surest wrong label among the ranked facets
    slips: tuple[Slip, ...]


def worst_errors(reading: Reading, *, taxonomy: Taxonomy, most: int) -> list[WorstError]:
    """List the texts that the release was surest of and wrong about, the surest first."""
    signs = sign_of(taxonomy)
    found = [
        made
        for row, guess in zip(reading.rows, reading.guesses, strict=True)
        if (made := _error(row, guess, signs=signs)) is not None
    ]
    return sorted(found, key=lambda error: (-error.sure, error.id))[:most]


def _error(row: Labelled, guess: Prediction, *, signs: Mapping[str, str]) -> WorstError | None:
    sure = [label.score for facet in RANKED for label in _wrong(row, guess, facet, signs=signs)]
    if not sure:
        return None
    slips = tuple(
        Slip(facet, row.labels[facet], said(guess, facet), _evidence(guess, facet, wrong))
        for facet in FACETS
        if (wrong := _wrong(row, guess, facet, signs=signs)) or _missed(row, guess, facet)
    )
    return WorstError(row.id, row.text, row.kind, max(sure), slips)


def _wrong(row: Labelled, guess: Prediction, facet: str, *, signs: Mapping[str, str]) -> list[Label]:
    """Give the labels that were guessed and not read."""
    read = row.labels.get(facet)
    if read is None:
        return []
    if facet == "sentiment":
        same = read_labels(row, THREE_WAY, signs=signs) == guessed_labels(guess, THREE_WAY, signs=signs)
        return [] if same else [guess.sentiment]
    return [label for label in said(guess, facet) if label.id not in read]


def _missed(row: Labelled, guess: Prediction, facet: str) -> bool:
    """Say whether a label of several was read and not guessed."""
    guessed = {label.id for label in said(guess, facet)}
    return facet in ("leaves", "demand") and not set(row.labels.get(facet, ())) <= guessed


def _evidence(guess: Prediction, facet: str, wrong: Sequence[Label]) -> MaskedText | None:
    clauses = {entry.label: entry.clause for entry in guess.evidence}
    return next((clauses[key] for label in wrong if (key := f"{facet}:{label.id}") in clauses), None)
