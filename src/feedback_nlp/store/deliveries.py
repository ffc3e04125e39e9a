"""Store deliveries: each row is new, updated, duplicate or rejected, in one transaction with its batch."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from feedback_nlp.records import Feedback, Reject
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.save import Row, upsert


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One delivery as the store knows it."""

    id: str
    source: str
    file: str
    input_hash: str
    encoding: str | None
    header_row: int | None
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a delivery: rows = new + updated + duplicate + rejected."""

    rows: int = 0
    new: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def balanced(self) -> bool:
        """Say whether every row is accounted for.

        >>> Counts(rows=3, new=1, duplicate=1, rejected=1).balanced, Counts(rows=2, new=1).balanced
        (True, False)
        """
        return self.rows == self.new + self.updated + self.duplicate + self.rejected


def begin_batch(connection: sa.Connection, item: BatchRow, *, today: date, afresh: bool = False) -> tuple[Counts, bool]:
    """Open a batch, or find it again: what is counted already, and whether it was read to its end.

    ``afresh`` forgets what an earlier run counted. A batch of the same file that a killed run left half-read, and that
    has another content now, is closed as it is.
    """
    known = connection.execute(sa.select(t.batch).where(t.batch.c.id == item.id)).one_or_none()
    if known and not afresh:
        counts = Counts(known.rows_read, known.new, known.updated, known.duplicate, known.rejected)
        return counts, known.finished_on is not None
    same_file = (t.batch.c.source == item.source, t.batch.c.file == item.file, t.batch.c.id != item.id)
    half_read = t.batch.c.finished_on.is_(None)
    connection.execute(
        t.batch.update().where(*same_file, half_read).values(finished_on=today)
    )  # the file has changed since
    row = asdict(item) | {"mapping": json.dumps(item.mapping, ensure_ascii=False), "taken_in_on": today}
    counters = {"rows_read": 0, "new": 0, "updated": 0, "duplicate": 0, "rejected": 0}
    upsert(connection, t.batch, [row | counters])
    connection.execute(t.occurrence.delete().where(t.occurrence.c.batch_id == item.id))
    return Counts(), False


def finish_batch(connection: sa.Connection, batch_id: str, *, today: date) -> None:
    """Close a batch that was read to its end."""
    connection.execute(t.occurrence.delete().where(t.occurrence.c.batch_id == batch_id))
    connection.execute(t.batch.update().where(t.batch.c.id == batch_id).values(finished_on=today))


def drop_batch(connection: sa.Connection, batch_id: str) -> None:
    """Forget a batch that brought nothing, with its rejects."""
    connection.execute(t.reject.delete().where(t.reject.c.batch_id == batch_id))
    connection.execute(t.batch.delete().where(t.batch.c.id == batch_id))


def save_rows(
    connection: sa.Connection, rows: Sequence[Feedback | Reject], *, batch_id: str, occurrence_id: Any, today: date
) -> Counts:
    """Store one chunk of a delivery and move its batch forward, all in the caller's transaction.

    ``occurrence_id(base, n)`` makes the id of the n-th record with the same base id; the records arrive with the first.
    """
    rejects = [row for row in rows if isinstance(row, Reject)]
    records = _number(connection, [row for row in rows if isinstance(row, Feedback)], batch_id, occurrence_id)
    _insert_rejects(connection, rejects, batch_id)
    new, updated = _sort_out(connection, records)
    _insert_new(connection, new, batch_id, today)
    _replace_updated(connection, updated, batch_id, today)
    _insert_identifiers(connection, [*new, *(record for record, _ in updated)])
    counts = Counts(
        rows=len(rows),
        new=len(new),
        updated=len(updated),
        duplicate=len(records) - len(new) - len(updated),
        rejected=len(rejects),
    )
    _advance(connection, batch_id, counts)
    return counts


def _number(connection: sa.Connection, records: list[Feedback], batch_id: str, occurrence_id: Any) -> list[Feedback]:
    bases = Counter(record.id for record in records if record.source_id is None)
    if not bases:
        return records
    o = t.occurrence
    query = sa.select(o.c.base, o.c.n).where(o.c.batch_id == batch_id, among(connection, o.c.base, bases))
    seen: Counter[str] = Counter(dict(tuple(row) for row in connection.execute(query)))
    numbered = []
    for record in records:
        if record.source_id is None:
            seen[record.id] += 1
            record = replace(record, id=occurrence_id(record.id, seen[record.id]))
        numbered.append(record)
    upsert(connection, o, [{"batch_id": batch_id, "base": base, "n": seen[base]} for base in bases])
    return numbered


def _insert_rejects(connection: sa.Connection, rejects: list[Reject], batch_id: str) -> None:
    rows = [
        {"batch_id": batch_id, "row_number": item.row, "column_name": item.column, "reason": item.reason}
        for item in rejects
    ]
    upsert(connection, t.reject, rows)


def _sort_out(connection: sa.Connection, records: list[Feedback]) -> tuple[list[Feedback], list[tuple[Feedback, int]]]:
    """Tell new records from updates (with the version they get); the rest are redeliveries."""
    f = t.feedback
    query = sa.select(f.c.id, f.c.version, f.c.content).where(
        among(connection, f.c.id, {record.id for record in records})
    )
    known: dict[str, tuple[int, str]] = {row.id: (row.version, row.content) for row in connection.execute(query)}
    new: dict[str, Feedback] = {}
    updated: list[tuple[Feedback, int]] = []
    for record in records:
        version, content = known.get(record.id, (0, ""))
        if content == record.content:
            continue
        known[record.id] = (version + 1, record.content)
        if version == 0:
            new[record.id] = record
        else:
            updated.append((record, version + 1))
    return list(new.values()), updated


def _insert_new(connection: sa.Connection, records: list[Feedback], batch_id: str, today: date) -> None:
    if records:
        rows = [feedback_row(record, version=1, batch_id=batch_id, today=today) for record in records]
        connection.execute(t.feedback.insert(), rows)


def _replace_updated(
    connection: sa.Connection, updates: list[tuple[Feedback, int]], batch_id: str, today: date
) -> None:
    f, h = t.feedback, t.feedback_history
    for record, version in updates:
        old = connection.execute(sa.select(f).where(f.c.id == record.id)).one()._mapping
        body = json.dumps(dict(old), ensure_ascii=False, default=str)
        upsert(connection, h, [{"id": record.id, "version": old["version"], "batch_id": old["batch_id"], "body": body}])
        row = feedback_row(record, version=version, batch_id=batch_id, today=old["counted_on"])
        kept = {name: old[name] for name in ("settled_version", "settled_by")}
        connection.execute(f.update().where(f.c.id == record.id).values(row | kept))
        if old["text"] == record.text:  # what a release read in it still holds
            p = t.prediction
            mine = (p.c.feedback_id == record.id, p.c.version == old["version"])
            connection.execute(p.update().where(*mine).values(version=version))


def _insert_identifiers(connection: sa.Connection, records: Iterable[Feedback]) -> None:
    """Store whose feedback it is; an update may have corrected a telephone number, so the old ones go."""
    records = list({record.id: record for record in records}.values())
    i = t.identifier
    if records:
        connection.execute(i.delete().where(among(connection, i.c.feedback_id, [record.id for record in records])))
    rows = [
        {"feedback_id": record.id, "type": item.type, "hmac": item.hmac, "from_column": item.column}
        for record in records
        for item in record.identifiers
    ]
    upsert(connection, t.identifier, rows)


def _advance(connection: sa.Connection, batch_id: str, counts: Counts) -> None:
    b = t.batch.c
    connection.execute(
        t.batch.update()
        .where(b.id == batch_id)
        .values(
            rows_read=b.rows_read + counts.rows,
            new=b.new + counts.new,
            updated=b.updated + counts.updated,
            duplicate=b.duplicate + counts.duplicate,
            rejected=b.rejected + counts.rejected,
        )
    )


def feedback_row(record: Feedback, *, version: int, batch_id: str, today: date) -> Row:
    """Flatten a record into its table row; ``today`` counts where the record has no day of its own."""
    moment = record.received_at or record.occurred_at
    row = {name: getattr(record, name) for name in record.__slots__ if name not in ("identifiers", "flags", "extra")}
    return row | {
        "version": version,
        "settled_version": 0,
        "settled_by": "",
        "batch_id": batch_id,
        "counted_on": moment.date() if moment else today,
        "flags": "|".join(record.flags),
        "extra": json.dumps(dict(record.extra), ensure_ascii=False),
    }
