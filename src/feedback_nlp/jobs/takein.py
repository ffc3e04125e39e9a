"""Take deliveries in: read, prepare, store. Raw text lives only inside this module's loop."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake import Delivery, Source, open_delivery, open_query
from feedback_nlp.jobs.exposures import take_in_exposure
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.records import Feedback, RawFeedback, Reject
from feedback_nlp.settings import Feed
from feedback_nlp.store.deliveries import BatchRow, Counts, begin_batch, drop_batch, finish_batch, save_rows
from feedback_nlp.store.load import load_watermark, open_batch
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import save_watermark
from feedback_nlp.text.identity import occurrence_id
from feedback_nlp.text.prepare import prepare, prepare_feedback


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of one delivery."""

    file: str
    encoding: str | None
    counts: Counts
    known: bool = False  # read to its end by an earlier run: nothing was done now
    error: str | None = None  # why it could not be read, or not to its end
    note: str | None = None  # what whoever reads the counts should know


def try_file(work: Workplace, path: Path) -> TakenIn:
    """Take a file in; one that cannot be read is reported, and stands in nobody else's way."""
    try:
        return take_in(work, path)
    except SenderError as error:
        return TakenIn(shown(path), None, Counts(), error=str(error))


def try_query(work: Workplace, name: str) -> TakenIn:
    """Take a source's query in; one that fails, or whose database does not answer, is reported."""
    feed = next(item for item in work.settings.feeds if item.name == name)
    try:
        return take_in_query(work, feed)
    except (SenderError, OperatorError) as error:
        return TakenIn(name, None, Counts(), error=str(error))


def try_exposure(work: Workplace, path: Path) -> TakenIn:
    """Take the table of outlets and customers in; its rows are no feedback and count as none."""
    error = None
    try:
        take_in_exposure(work, path)
    except SenderError as refused:
        error = str(refused)
    return TakenIn(shown(path), None, Counts(), error=error)


def shown(path: Path) -> str:
    """Give a file name as it may be stored: names and numbers of people in it are masked like any text."""
    return prepare(path.name.encode(errors="replace").decode()).text


def take_in(work: Workplace, path: Path) -> TakenIn:
    """Read one file to its end; go on where a killed run stopped; a file read before is left alone."""
    feed = work.settings.feed_for(path)
    feed = replace(feed, name=prepare(feed.name).text) if feed.pattern is None else feed
    delivery = open_delivery(path, source=_source(feed))
    batch_id = _hash(feed.name, delivery.sha256, *_reading(feed))
    with work.engine.begin() as connection:
        counts, known = begin_batch(connection, _batch_row(batch_id, feed, delivery, shown(path)), today=work.today)
    if known:
        return TakenIn(shown(path), delivery.encoding, counts, known=True)
    counts = _read_all(work, delivery, batch_id, counts)
    with work.engine.begin() as connection:
        finish_batch(connection, batch_id, today=work.today)
    return TakenIn(shown(path), delivery.encoding, _balanced(counts), note=_note(delivery, counts))


def take_in_query(work: Workplace, feed: Feed, *, environ: Mapping[str, str] = os.environ) -> TakenIn:
    """Read what a database holds since the last time; the watermark moves in the transaction of the last rows.

    Rows that share the last watermark value are read again and count as duplicates, or else what is inserted at that
    very moment would get lost; a run that finds nothing else leaves no batch behind. A killed run's batch is read again
    from its start, as databases promise no order among equals: nothing is lost, what was stored counts as duplicate.
    """
    url = environ.get(feed.url or "", "")
    if not url:
        raise OperatorError(f"source {feed.name}: the environment variable {feed.url} with the database URL is not set")
    with reading(work.engine) as connection:
        after = load_watermark(connection, feed.name)
        unfinished, finished, rejected = open_batch(connection, feed.name)
    delivery = open_query(url, feed.query or "", source=_source(feed), watermark_column=feed.watermark, after=after)
    if "source_id" not in delivery.mapping:
        raise SenderError(
            f"source {feed.name}: the query gives no column that identifies a row; select its key and name it: "
            'columns = { source_id = "…" }'
        )
    batch_id = unfinished or _hash(feed.name, delivery.sha256, str(finished))
    with work.engine.begin() as connection:
        begin_batch(connection, _batch_row(batch_id, feed, delivery, feed.name), today=work.today, afresh=True)
    counts = _read_all(work, delivery, batch_id, Counts())
    with work.engine.begin() as connection:
        finish_batch(connection, batch_id, today=work.today)
        if delivery.last_watermark is not None:
            save_watermark(connection, feed.name, delivery.last_watermark)
        if not counts.new + counts.updated and counts.rejected <= rejected and not unfinished:
            drop_batch(connection, batch_id)  # only what shares the last watermark, or was rejected before
    return TakenIn(feed.name, delivery.encoding, _balanced(counts))


def _read_all(work: Workplace, delivery: Delivery, batch_id: str, counts: Counts) -> Counts:
    """Store what is left of a delivery, a transaction a chunk, going on behind the rows already counted."""
    for chunk in _chunks(delivery.rows(start=counts.rows), work):
        with work.engine.begin() as connection:
            counts += save_rows(connection, chunk, batch_id=batch_id, occurrence_id=occurrence_id, today=work.today)
        work.progress("intake", len(chunk))
    return counts


def _chunks(rows: Iterator[RawFeedback | Reject], work: Workplace) -> Iterator[list[Feedback | Reject]]:
    while raw := list(islice(rows, work.settings.chunk_rows)):
        yield [row if isinstance(row, Reject) else prepare_feedback(row, key=work.key) for row in raw]


def _balanced(counts: Counts) -> Counts:
    if not counts.balanced:
        raise OperatorError(f"rows do not add up ({counts}); please report this as a bug")
    return counts


def _reading(feed: Feed) -> tuple[str, ...]:
    """Give what decides how a file is read: with other columns the same bytes are another delivery."""
    return (
        *(f"{name}={header}" for name, header in sorted(feed.columns.items())),
        feed.encoding or "",
        feed.sheet or "",
    )


def _note(delivery: Delivery, counts: Counts) -> str | None:
    """Warn where redelivered and repeated words cannot be told apart."""
    if counts.duplicate and not {"source_id", "received_at", "occurred_at"} & delivery.mapping.keys():
        return (
            f"{delivery.file}: rows have neither id nor date, so {counts.duplicate:,} with words already known to this "
            "source count as delivered again; ask for ids or dates, or give each channel a [[source]] of its own"
        )
    return None


def _source(feed: Feed) -> Source:
    return Source(feed.name, feed.kind, columns=feed.columns, encoding=feed.encoding, sheet=feed.sheet)


def _batch_row(batch_id: str, feed: Feed, delivery: Delivery, file: str) -> BatchRow:
    return BatchRow(
        id=batch_id,
        source=feed.name,
        file=file,
        input_hash=delivery.sha256,
        encoding=delivery.encoding,
        header_row=delivery.header_row,
        mapping=delivery.mapping,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]
