"""The linear model: weights over word and character grams, one column a label."""

# n texts, c clauses, v grams, k labels of all facets side by side

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.assemble import Reading, predictions
from feedback_nlp.classify.decide import Decision
from feedback_nlp.classify.features import Features, Floats, Vocabulary, by_text, features, lines, read
from feedback_nlp.records import MaskedText, Prediction

WEIGHTS, VOCABULARY = "weights.npz", "vocabulary.txt"


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

    def read(self, texts: Sequence[str]) -> Reading:
        """Read prepared texts clause by clause."""
        batch = features(texts, vocabulary=self.vocabulary)
        known = (batch.known > 0).tolist()
        return Reading(batch.clauses, batch.starts, known, self.clause_scores(batch), self.intercept)

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

    def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
        """Read each distinct text once; give one prediction a text, in their order."""
        return predictions(texts, read=self._model.read, decision=self._decision, release=self.name)
