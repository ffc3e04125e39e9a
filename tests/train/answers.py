"""Answers for tests: rows and predictions, made by hand."""

from collections.abc import Sequence
from typing import Any

from feedback_nlp.records import Evidence, Label, MaskedText, Prediction
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.reading import Reading

PLAIN: dict[str, Any] = {
    "kind": "complaint",
    "business": "loan",
    "touchpoint": "unknown",
    "sentiment": "negative",
    "leaves": ("pricing.fee",),
    "demand": (),
}


def row(number: int, text: str = "年费太高", **labels: Any) -> Labelled:
    """Make a labelled row; a facet that is None was not read."""
    read = {facet: (value,) if isinstance(value, str) else value for facet, value in {**PLAIN, **labels}.items()}
    carried = {facet: tuple(value) for facet, value in read.items() if value is not None}
    return Labelled(f"r{number}", MaskedText(text), carried, "mine.jsonl", "letter", None)


def guess(sure: float = 0.9, *, confidence: float = 0.9, review: bool = False, **labels: Any) -> Prediction:
    """Make a prediction in which every label is equally sure."""
    told = {**PLAIN, **labels}
    return Prediction(
        **{facet: Label(told[facet], sure) for facet in ("kind", "business", "touchpoint", "sentiment")},
        **{facet: tuple(Label(label, sure) for label in told[facet]) for facet in ("leaves", "demand")},
        confidence=confidence,
        review=review,
        evidence=tuple(Evidence(f"leaves:{label}", MaskedText("太高")) for label in told["leaves"]),
        release="made",
    )


def readings(pairs: Sequence[tuple[Labelled, Prediction, Prediction]]) -> tuple[Reading, Reading]:
    """Give two releases' answers to the same rows."""
    rows = [labelled for labelled, _, _ in pairs]
    return Reading("new", rows, [one for _, one, _ in pairs]), Reading("old", rows, [two for _, _, two in pairs])
