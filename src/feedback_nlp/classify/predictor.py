"""What every model release can do, whatever is inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from feedback_nlp.records import MaskedText, Prediction


class Predictor(Protocol):
    """A loaded release. Batch size and order never change a prediction."""

    @property
    def name(self) -> str:
        """Give the name of the release."""

    def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
        """Read texts that `text.prepare` made; give one prediction each, in their order."""
