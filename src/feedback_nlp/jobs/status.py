"""What is stored, what is pending, how the last runs ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa

from feedback_nlp.jobs.tally import count_waiting
from feedback_nlp.jobs.workplace import moment_of
from feedback_nlp.settings import Settings
from feedback_nlp.store import tables as t
from feedback_nlp.store.load import current_release
from feedback_nlp.store.open import describe, open_store, reading

LAST_RUNS = 5


def status_lines(settings: Settings, *, today: date | None = None) -> Iterator[str]:
    """Give the lines of `feedback-nlp status`; nothing in them comes from a customer."""
    now = moment_of(today)
    engine = open_store(settings.store_url)
    with reading(engine) as connection:
        yield f"store      {describe(settings.store_url)}"
        yield f"release    {current_release(connection) or 'nothing classified yet'} (settings: {settings.release})"
        for name, table in {"feedback": t.feedback, "rejects": t.reject, "cases": t.complaint_case}.items():
            yield f"{name:<10} {_count(connection, table):,}"
        waiting = count_waiting(connection, now)
        yield f"open       {waiting.cases:,} cases, {waiting.cases_overdue:,} of them overdue on {now:%Y-%m-%d}"
        yield f"limits     {waiting.limits:,} running, {waiting.limits_overdue:,} of them overdue"
        yield f"to review  {waiting.reviews:,}"
        f, p = t.feedback.c, t.prediction.c
        unread = ~sa.exists().where(p.feedback_id == f.id, p.version == f.version)
        yield f"to do      {_count(connection, t.feedback, unread):,} to classify"
        for row in connection.execute(sa.select(t.batch).where(t.batch.c.finished_on.is_(None))):
            yield f"unfinished {row.file}: {row.rows_read:,} rows read; run again to go on"
        for row in connection.execute(sa.select(t.run).order_by(t.run.c.id.desc()).limit(LAST_RUNS)):
            ended = f"ended {row.finished_at:%H:%M:%S}" if row.finished_at else "did not end: run again"
            yield f"run {row.id:<6} {row.started_at:%Y-%m-%d %H:%M:%S} {row.command} for {row.today}, {ended}"
    engine.dispose()


def _count(connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0
