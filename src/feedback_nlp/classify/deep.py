"""The linear model and the encoder side by side: what both know of a text, added up."""

# c clauses, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from feedback_nlp.classify.assemble import Reading, predictions
from feedback_nlp.classify.decide import Decision
from feedback_nlp.classify.linear import LinearModel
from feedback_nlp.classify.onnx import EncoderModel, Floats
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText, Prediction
from feedback_nlp.taxonomy import FACETS


class DeepPredictor:
    """A release of both, loaded."""

    def __init__(
        self,
        name: str,
        linear: LinearModel,
        encoder: EncoderModel,
        mix: Mapping[str, Sequence[float]],
        decision: Decision,
    ) -> None:
        """Put a release together; ``mix`` holds each facet's two weights, of the linear and of the encoder's scores."""
        self.name = name
        self._linear = linear
        self._encoder = encoder
        self._wide, self._deep = _columns(mix, decision)
        self._decision = decision

    def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
        """Read each distinct text once; give one prediction a text, in their order."""
        return predictions(texts, read=self.read, decision=self._decision, release=self.name)

    def read(self, texts: Sequence[str]) -> Reading:
        """Read prepared texts clause by clause; both parts cut them into the same clauses."""
        wide = self._linear.read(texts)
        _, shares = self._encoder.clause_scores(texts)
        return Reading(
            clauses=wide.clauses,
            starts=wide.starts,
            known=wide.known,
            shares=wide.shares * self._wide + shares * self._deep,
            intercept=wide.intercept * self._wide + self._encoder.intercept * self._deep,
        )


def _columns(mix: Mapping[str, Sequence[float]], decision: Decision) -> tuple[Floats, Floats]:
    """Give every label its facet's two weights, (k,) each."""
    for facet in FACETS:
        if len(mix.get(facet, ())) != 2:
            raise TrainerError(f"the mix of {facet} must be two weights, linear and encoder; train the release again")
    sizes = [len(decision.labels[facet]) for facet in FACETS]
    wide, deep = np.repeat(np.array([mix[facet] for facet in FACETS], dtype=np.float32), sizes, axis=0).T
    return wide, deep
