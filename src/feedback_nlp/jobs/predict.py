"""Classify one file into another, without a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from feedback_nlp.classify.escalation import detect, summary
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.errors import OperatorError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.jobs.workplace import Progress, quiet
from feedback_nlp.jobs.writing import open_writer
from feedback_nlp.policy import load as load_policy
from feedback_nlp.policy.escalation import EscalationPolicy
from feedback_nlp.records import Prediction, RawFeedback, Reject
from feedback_nlp.text.prepare import prepare

COLUMNS: dict[str, type] = {
    "id": str, "text": str, "kind": str, "business": str, "touchpoint": str, "sentiment": str, "leaves": str,
    "demand": str, "escalation": str, "confidence": float, "review": bool, "evidence": str, "release": str,
}  # fmt: skip
REVIEW = tuple(COLUMNS).index("review")
CHUNK_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Predicted:
    """What became of the rows of a file."""

    rows: int
    predicted: int
    review: int
    rejects: tuple[Reject, ...]


def predict_file(
    source: Path,
    target: Path,
    *,
    predictor: Predictor,
    columns: dict[str, str],
    policy: EscalationPolicy | None = None,
    progress: Progress = quiet,
) -> Predicted:
    """Read a table, write one row a text with its labels; texts are masked, rows keep their order.

    The target appears only when it is complete. ``columns`` maps ``text`` and ``source_id`` to headers where they are
    not found by themselves. Rows without an id, or with one that holds personal data, get their row number.
    Without a ``policy`` of the bank, escalation is read by the one that comes with the package.
    """
    if source.resolve() == target.resolve():
        raise OperatorError(f"{target}: input and output are the same file")
    delivery = open_delivery(source, source=Source(source.stem, "other", columns=columns))
    rows, cues = delivery.rows(), policy or load_policy().escalation
    rejects: list[Reject] = []
    predicted = review = 0
    with open_writer(target, COLUMNS) as write:
        while chunk := list(islice(rows, CHUNK_ROWS)):
            rejects += [row for row in chunk if isinstance(row, Reject)]
            lines = list(_lines([row for row in chunk if isinstance(row, RawFeedback)], predictor, cues))
            write(lines)
            predicted += len(lines)
            review += sum(line[REVIEW] for line in lines)
            progress("predict", len(chunk))
    return Predicted(predicted + len(rejects), predicted, review, tuple(rejects))


def _lines(rows: list[RawFeedback], predictor: Predictor, cues: EscalationPolicy) -> Iterator[tuple[Any, ...]]:
    texts = [prepare(row.text).text for row in rows]
    for row, text, item in zip(rows, texts, predictor.predict(texts), strict=True):
        yield (
            _safe_id(row),
            text,
            item.kind.id,
            item.business.id,
            item.touchpoint.id,
            item.sentiment.id,
            "|".join(label.id for label in item.leaves),
            "|".join(label.id for label in item.demand),
            "|".join(summary(detect(text, policy=cues))),
            round(item.confidence, 4),
            item.review,
            _evidence(item),
            item.release,
        )


def _safe_id(row: RawFeedback) -> str:
    """Give the sender's id; without a key nothing can be hashed, so that one with personal data is left out."""
    return row.source_id if row.source_id and not prepare(row.source_id).found else str(row.row)


def _evidence(item: Prediction) -> str:
    first = f"leaves:{item.leaves[0].id}"
    clauses = {entry.label: entry.clause for entry in item.evidence}
    return clauses.get(first) or next(iter(clauses.values()), "")
