"""The linear model: weights over word and character grams, one column a label."""

# n texts, c clauses, v grams, k labels of all facets side by side

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.decide import Decision, Verdicts, decide
from feedback_nlp.classify.evidence import evidence
from feedback_nlp.classify.features import Features, Floats, Vocabulary, by_text, features, lines, read
from feedback_nlp.records import Label, MaskedText, Prediction
from feedback_nlp.taxonomy import FACETS
from feedback_nlp.text.mask import PLACEHOLDERS

WEIGHTS, VOCABULARY = "weights.npz", "vocabulary.txt"
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
class LinearModel:
    """Raw scores: features times weights."""

    vocabulary: Vocabulary
    weights: Floats  # (v, k)
    intercept: Floats  # (k,)

    def clause_scores(self, batch: Features) -> Floats:
        """Give every clause's share of its text's scores (c, k), without the intercept."""
        result: Floats = batch.matrix @ self.weights
        return result

    def scores(self, batch: Features) -> npt.NDArray[Any]:
        """Give the raw scores of a batch of texts (n, k)."""
        return by_text(self.clause_scores(batch), batch.starts) + self.intercept


def pack(model: LinearModel) -> dict[str, bytes]:
    """Give the files of a model; half precision is enough for the weights."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "weights": model.weights.astype(np.float16),
        "intercept": model.intercept,
        "idf": model.vocabulary.idf,
    }
    return {WEIGHTS: _npz(arrays), VOCABULARY: lines(model.vocabulary).encode()}


def _npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Write arrays as numpy.savez_compressed does, but without the time of day: equal models give equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def read_model(folder: Path) -> LinearModel:
    """Read what `pack` gave."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        vocabulary = read((folder / VOCABULARY).read_bytes().decode(), idf=arrays["idf"])
        return LinearModel(vocabulary, arrays["weights"].astype(np.float32), arrays["intercept"])


class LinearPredictor:
    """A linear release, loaded."""

    def __init__(self, name: str, model: LinearModel, decision: Decision) -> None:
        self.name = name
        self._model = model
        self._decision = decision
        self._columns = {facet: decision.columns(facet) for facet in decision.labels}

    def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
        """Read each distinct text once; give one prediction a text, in their order."""
        distinct = list(dict.fromkeys(texts))
        read = {text: made for part in _slices(distinct) for text, made in zip(part, self._read(part), strict=True)}
        return [read[text] for text in texts]

    def _read(self, texts: list[MaskedText]) -> Iterator[Prediction]:
        batch = features(texts, vocabulary=self._model.vocabulary)
        shares = self._model.clause_scores(batch)
        verdicts = decide(by_text(shares, batch.starts) + self._model.intercept, self._decision)
        starts = batch.starts.tolist()
        for place, (text, start, end) in enumerate(zip(texts, starts, [*starts[1:], len(shares)], strict=True)):
            if batch.known[place] and _says_something(text):
                yield self._prediction(verdicts, place, batch.clauses[start:end], shares[start:end])
            else:
                yield self._abstention()

    def _prediction(self, verdicts: Verdicts, place: int, clauses: list[str], shares: Floats) -> Prediction:
        found = {facet: self._labels(verdicts, facet, place) for facet in FACETS}
        confidence = float(verdicts.confidence[place])
        return Prediction(
            kind=found["kind"][0],
            business=found["business"][0],
            touchpoint=found["touchpoint"][0],
            sentiment=found["sentiment"][0],
            leaves=found["leaves"],
            demand=found["demand"],
            confidence=confidence,
            review=confidence < self._decision.review or found["kind"][0].score < self._decision.kind_sure,
            evidence=evidence(clauses, shares, labels=self._evident(verdicts, place)),
            release=self.name,
        )

    def _labels(self, verdicts: Verdicts, facet: str, place: int) -> tuple[Label, ...]:
        names, row = self._decision.labels[facet], verdicts.probabilities[facet][place]
        return tuple([Label(names[at], float(row[at])) for at in verdicts.places(facet, place)])

    def _evident(self, verdicts: Verdicts, place: int) -> list[tuple[str, int]]:
        return [
            (f"{facet}:{self._decision.labels[facet][at]}", self._columns[facet].start + at)
            for facet in EVIDENT
            for at in verdicts.places(facet, place)
        ]

    def _abstention(self) -> Prediction:
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
            release=self.name,
        )


def _slices(texts: Sequence[MaskedText]) -> Iterator[list[MaskedText]]:
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


def _says_something(text: str) -> bool:
    """Say whether a letter or an emoji's name is left once the placeholders are taken away."""
    return bool(_LETTER.search(_PLACEHOLDER.sub("", text)))
