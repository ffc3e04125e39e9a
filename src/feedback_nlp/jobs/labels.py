"""What people decided, as labels for training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feedback_nlp.classify.answers import ESCALATION
from feedback_nlp.errors import OperatorError
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.jobs.writing import open_writer
from feedback_nlp.store import reviews
from feedback_nlp.store.open import reading
from feedback_nlp.store.reviews import DecisionRow
from feedback_nlp.taxonomy import MULTI, SINGLE

_ORIGIN = ("source", "release", "reasons", "reviewer", "decided_at")
COLUMNS = dict.fromkeys(("id", "text", *SINGLE, *MULTI, ESCALATION, *_ORIGIN), str)
"""As in data/labelled, and where the label comes from. ``reasons``: why a person looked, for weights in training."""
ENDINGS = (".jsonl", ".xlsx")


def export_labels(work: Workplace, path: Path) -> int:
    """Write every decision that holds, with its masked text, one line a feedback; give how many.

    JSON lines are what ``train`` reads: lists are lists, escalation a list of kind and modality. In Excel they are
    joined by ``|``.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise OperatorError(f"{path}: labels are written as {' or '.join(ENDINGS)}")
    count = 0
    with reading(work.engine) as connection, open_writer(path, COLUMNS) as write:
        for item, row in reviews.holding(connection):
            values = _line(item, row)
            write([[_flat(value) for value in values] if ending == ".xlsx" else values])
            count += 1
    return count


def _line(item: DecisionRow, row: Any) -> list[Any]:
    pairs = [pair.split(":", 1) for pair in item.labels.get(ESCALATION, ())]
    return [
        item.feedback_id,
        row.text,
        *(item.labels[facet][0] for facet in SINGLE),
        *(list(item.labels[facet]) for facet in MULTI),
        [{"kind": kind, "modality": modality} for kind, modality in pairs],
        row.source,
        item.release,
        list(item.reasons),
        item.author,
        item.at.isoformat(timespec="seconds"),
    ]


def _flat(value: str | Sequence[Any]) -> str:
    if isinstance(value, str):
        return value
    return "|".join(":".join(each.values()) if isinstance(each, dict) else each for each in value)
