"""Feedback that a model has read and rules have looked at, put into the tables as a run does."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from feedback_nlp.classify.escalation import Hit
from feedback_nlp.jobs.review import queue_rows, reading_of
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.records import Evidence, Feedback, Label, MaskedText, Prediction
from feedback_nlp.store import tables as t
from feedback_nlp.store.deliveries import BatchRow, begin_batch, save_rows
from feedback_nlp.store.reviews import settled
from feedback_nlp.store.save import mark_settled, save_predictions, upsert

NOW = datetime(2026, 9, 30, 9, 0)
TODAY = NOW.date()
DOUBTFUL = Prediction(
    kind=Label("complaint", 0.9),
    business=Label("credit_card", 0.3),
    touchpoint=Label("phone", 0.8),
    sentiment=Label("negative", 0.9),
    leaves=(Label("pricing.fee", 0.6), Label("service.attitude", 0.5)),
    demand=(Label("refund", 0.7),),
    confidence=0.4,
    review=True,
    evidence=(
        Evidence("leaves:pricing.fee", MaskedText("扣了年费")),
        Evidence("leaves:service.attitude", MaskedText("态度很差")),
        Evidence("business:credit_card", MaskedText("信用卡")),
    ),
    release="linear-a",
)
SURE = replace(DOUBTFUL, confidence=0.95, review=False)
THREAT = Hit("regulator", "12378", 0, 5, "threat", 2)


def letter(number: int, text: str = "信用卡扣了年费，客服态度很差", **columns: Any) -> Feedback:
    """Make one record; its id is its number in twenty digits."""
    text = MaskedText(text)
    content = text + json.dumps({name: str(value) for name, value in columns.items()})
    row = {"id": f"{number:020d}", "source": "ledger", "source_kind": "ledger", "source_id": f"GD{number}"}
    return Feedback(**row, text=text, content=content, received_at=datetime(2026, 9, 1), **columns)


def deliver(work: Workplace, *records: Feedback, batch: str = "b1", on: date = TODAY) -> None:
    """Store records; a known id with another content is an update."""
    with work.engine.begin() as connection:
        begin_batch(connection, BatchRow(batch, "ledger", f"{batch}.csv", batch, None, 1, {}), today=on)
        save_rows(connection, records, batch_id=batch, occurrence_id=None, today=on)


def classify(work: Workplace, feedback_id: str, prediction: Prediction) -> None:
    """Let a release read the version of now."""
    with work.engine.begin() as connection:
        version = connection.scalar(sa.select(t.feedback.c.version).where(t.feedback.c.id == feedback_id)) or 0
        save_predictions(connection, [(feedback_id, version, prediction)], taxonomy=1, today=NOW.date())


def settle(work: Workplace, hits: Iterable[Hit] = (), *, only: str | None = None) -> int:
    """Have the rules look at all feedback, or one, and queue what a person should see; give how many tasks changed."""
    with work.engine.begin() as connection:
        rows = connection.execute(sa.select(t.feedback.c.id, t.feedback.c.version)).all()
        rows = [row for row in rows if only in (None, row.id)]
        facts = {"vulnerable": "", "level": 0, "policy": "test", "amount_fen": None}
        facts |= {"hits": json.dumps([asdict(hit) for hit in hits], ensure_ascii=False)}
        upsert(connection, t.text_facts, [{"feedback_id": row.id, "version": row.version, **facts} for row in rows])
        mark_settled(connection, [row.id for row in rows], policy="test")
        found = [row for row in settled(connection, after="", limit=10_000) if only in (None, row.id)]
        return queue_rows(connection, [reading_of(row, hits_of(row.hits)) for row in found], work=work)


def waiting(work: Workplace, number: int = 1, prediction: Prediction = DOUBTFUL, *hits: Hit) -> str:
    """Bring one piece of feedback as far as the queue; give its id."""
    record = letter(number)
    deliver(work, record, batch=f"b{number}")
    classify(work, record.id, prediction)
    settle(work, hits, only=record.id)
    return record.id


def table(work: Workplace, which: sa.Table) -> list[Any]:
    """Read a table whole, in order of its key."""
    with work.engine.connect() as connection:
        return list(connection.execute(sa.select(which).order_by(*which.primary_key)))
