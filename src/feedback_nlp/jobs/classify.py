"""Let a release read stored texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store.load import Pending, unclassified, unread_by
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import forget_settled, save_predictions

Fetch = Callable[[sa.Connection, str, int], list[Pending]]


class Chunk(NamedTuple):
    """One batch that was classified."""

    texts: int  # how many; 0: nothing is left
    last: str  # id of the last one, where the next chunk begins


def classify_new(work: Workplace, predictor: Predictor) -> int:
    """Classify what no release has read yet; give how many."""
    return _classify_all(work, predictor, unclassified)


def classify_chunk(work: Workplace, predictor: Predictor, *, after: str = "") -> Chunk:
    """Classify the next texts that no release has read yet, in one transaction."""
    return _classify(work, predictor, after, unclassified)


def reclassify(work: Workplace, predictor: Predictor) -> int:
    """Let a release read everything it has not read as the current one; earlier predictions stay as history."""

    def fetch(connection: sa.Connection, after: str, limit: int) -> list[Pending]:
        return unread_by(connection, predictor.name, after=after, limit=limit)

    return _classify_all(work, predictor, fetch)


def _classify_all(work: Workplace, predictor: Predictor, fetch: Fetch) -> int:
    total, chunk = 0, _classify(work, predictor, "", fetch)
    while chunk.texts:
        total, chunk = total + chunk.texts, _classify(work, predictor, chunk.last, fetch)
    return total


def _classify(work: Workplace, predictor: Predictor, after: str, fetch: Fetch) -> Chunk:
    with reading(work.engine) as connection:
        pending = fetch(connection, after, work.settings.chunk_rows)
    if not pending:
        return Chunk(0, after)
    predictions = predictor.predict([item.text for item in pending])
    pairs = [(item.id, item.version, prediction) for item, prediction in zip(pending, predictions, strict=True)]
    with work.engine.begin() as connection:
        save_predictions(connection, pairs, taxonomy=work.taxonomy.version, today=work.today)
        forget_settled(connection, [item.id for item in pending])
    work.progress("classify", len(pending))
    return Chunk(len(pending), pending[-1].id)
