"""From a model's clause scores to predictions: the same for every kind of model.

A model is a function that reads a batch of texts. What it finds is decided and explained; a text in which it finds
nothing is left to a person.
"""

# n texts, c clauses, k labels of all facets side by side

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.decide import Decision, Verdicts, decide
from feedback_nlp.classify.evidence import evidence
from feedback_nlp.classify.features import by_text
from feedback_nlp.records import Label, MaskedText, Prediction
from feedback_nlp.taxonomy import FACETS
from feedback_nlp.text.mask import PLACEHOLDERS

Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[Any]

SLICE = 60_000  # characters read at once: bounds memory, changes no prediction
NOTHING = {
    "kind": "other",
    "business": "other",
    "touchpoint": "unknown",
    "sentiment": "neutral",
    "leaves": "other.none",
}
"""What is said about a text in which the model knows nothing."""
EVIDENT = ("business", "sentiment", "leaves", "demand")
"""Facets for whose labels evidence is given."""

_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())))
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model found in a batch of texts, each of one clause at least."""

    clauses: Sequence[str]  # c, all texts one after another
    starts: Ints  # (n,), the first clause of each text
    known: Sequence[bool]  # n: whether the model knows anything in the text
    shares: Scores  # (c, k), every clause's share of its text's scores, without the intercept
    intercept: Scores  # (k,)

    def ends(self) -> list[int]:
        """Give the clause behind each text's last (n,)."""
        return [*self.starts[1:].tolist(), len(self.shares)] if len(self.starts) else []


Read = Callable[[list[MaskedText]], Reading]


def predictions(texts: Sequence[MaskedText], *, read: Read, decision: Decision, release: str) -> list[Prediction]:
    """Read each distinct text once; give one prediction a text, in their order."""
    found: dict[MaskedText, Prediction] = {}
    for part in slices(list(dict.fromkeys(texts))):
        found.update(zip(part, _decided(part, read(part), decision, release), strict=True))
    return [found[text] for text in texts]


def slices(texts: Sequence[MaskedText]) -> Iterator[list[MaskedText]]:
    """Part a batch so that no slice but a single long text exceeds the characters read at once."""
    part: list[MaskedText] = []
    size = 0
    for text in texts:
        if part and size + len(text) > SLICE:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


def _decided(texts: Sequence[MaskedText], reading: Reading, decision: Decision, release: str) -> Iterator[Prediction]:
    verdicts = decide(by_text(reading.shares, reading.starts) + reading.intercept, decision)
    for place, (text, start, end) in enumerate(zip(texts, reading.starts.tolist(), reading.ends(), strict=True)):
        if reading.known[place] and _says_something(text):
            clauses, shares = reading.clauses[start:end], reading.shares[start:end]
            yield _prediction(verdicts, place, decision, clauses=clauses, shares=shares, release=release)
        else:
            yield _abstention(release)


def _prediction(
    verdicts: Verdicts, place: int, decision: Decision, *, clauses: Sequence[str], shares: Scores, release: str
) -> Prediction:
    found = {facet: _labels(verdicts, facet, place, decision) for facet in FACETS}
    confidence = float(verdicts.confidence[place])
    return Prediction(
        kind=found["kind"][0],
        business=found["business"][0],
        touchpoint=found["touchpoint"][0],
        sentiment=found["sentiment"][0],
        leaves=found["leaves"],
        demand=found["demand"],
        confidence=confidence,
        review=confidence < decision.review or found["kind"][0].score < decision.kind_sure,
        evidence=evidence(clauses, shares, labels=_evident(verdicts, place, decision)),
        release=release,
    )


def _labels(verdicts: Verdicts, facet: str, place: int, decision: Decision) -> tuple[Label, ...]:
    names, row = decision.labels[facet], verdicts.probabilities[facet][place]
    return tuple([Label(names[at], float(row[at])) for at in verdicts.places(facet, place)])


def _evident(verdicts: Verdicts, place: int, decision: Decision) -> list[tuple[str, int]]:
    return [
        (f"{facet}:{decision.labels[facet][at]}", start + at)
        for facet, start in ((facet, decision.columns(facet).start) for facet in EVIDENT)
        for at in verdicts.places(facet, place)
    ]


def _abstention(release: str) -> Prediction:
    """Say that nothing can be said: a person should look."""
    said = {facet: Label(label, 0.0) for facet, label in NOTHING.items()}
    return Prediction(
        kind=said["kind"],
        business=said["business"],
        touchpoint=said["touchpoint"],
        sentiment=said["sentiment"],
        leaves=(said["leaves"],),
        demand=(),
        confidence=0.0,
        review=True,
        evidence=(),
        release=release,
    )


def _says_something(text: str) -> bool:
    """Say whether a letter or an emoji's name is left once the placeholders are taken away."""
    return bool(_LETTER.search(_PLACEHOLDER.sub("", text)))
