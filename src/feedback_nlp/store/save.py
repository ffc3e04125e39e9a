"""Write records to the tables. Every function here works inside its caller's transaction and may be repeated."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback_nlp.records import Feedback, Prediction, Reject
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

Row = dict[str, Any]


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


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows; where the primary key is known, overwrite the row."""
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=changed) if changed else insert.on_conflict_do_nothing()
    )
    connection.execute(statement, rows)


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


def save_watermark(connection: sa.Connection, source: str, value: object) -> None:
    """Remember how far a query has been read."""
    kind = type(value).__name__
    text = value.isoformat() if isinstance(value, date | datetime) else value
    upsert(connection, t.watermark, [{"source": source, "value": json.dumps({"type": kind, "value": text})}])


def save_predictions(
    connection: sa.Connection,
    pairs: Iterable[tuple[str, int, Prediction]],
    *,
    taxonomy: int,
    today: date,
) -> None:
    """Store predictions of (feedback id, version); from now on they are the current ones."""
    rows = [_prediction_row(*pair, taxonomy=taxonomy, today=today) for pair in pairs]
    if not rows:
        return
    ids = [row["feedback_id"] for row in rows]
    p = t.prediction
    connection.execute(p.update().where(among(connection, p.c.feedback_id, ids), p.c.current).values(current=False))
    upsert(connection, p, rows)


def forget_settled(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Have `cases` look at feedback again: its label has changed."""
    f = t.feedback
    connection.execute(
        f.update().where(among(connection, f.c.id, ids), f.c.settled_version > 0).values(settled_version=0)
    )


def mark_settled(connection: sa.Connection, ids: Sequence[str], *, policy: str) -> None:
    """Remember that `cases` has seen the current version of feedback, and by which policy."""
    f = t.feedback
    statement = f.update().where(among(connection, f.c.id, ids))
    connection.execute(statement.values(settled_version=f.c.version, settled_by=policy))


def drop_scores(connection: sa.Connection, *, but: date) -> None:
    """Forget the scores of open cases that were not scored on a day: nobody follows them any more."""
    g, c = t.triage, t.complaint_case
    is_open = sa.select(c.c.id).where(c.c.closed_on.is_(None))
    connection.execute(g.delete().where(g.c.as_of != but, g.c.case_id.in_(is_open)))


def drop_members(connection: sa.Connection, ids: Sequence[str]) -> None:
    """Take feedback out of its cases; a case that nobody is left in goes with its score."""
    m, c = t.case_member, t.complaint_case
    case_ids = list(
        connection.scalars(sa.select(m.c.case_id).where(among(connection, m.c.feedback_id, ids)).distinct())
    )
    connection.execute(t.case_band.delete().where(among(connection, t.case_band.c.feedback_id, ids)))
    connection.execute(m.delete().where(among(connection, m.c.feedback_id, ids)))
    kept = set(connection.scalars(sa.select(m.c.case_id).where(among(connection, m.c.case_id, case_ids))))
    empty = [case_id for case_id in case_ids if case_id not in kept]
    connection.execute(t.triage.delete().where(among(connection, t.triage.c.case_id, empty)))
    connection.execute(c.delete().where(among(connection, c.c.id, empty)))


def replace_bands(connection: sa.Connection, bands: Mapping[str, Sequence[str]]) -> None:
    """Store the bands of letters by feedback id, in place of those they had."""
    b = t.case_band
    connection.execute(b.delete().where(among(connection, b.c.feedback_id, bands)))
    rows = [{"band": band, "feedback_id": feedback_id} for feedback_id, found in bands.items() for band in found]
    upsert(connection, b, rows)


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


def _prediction_row(feedback_id: str, version: int, item: Prediction, *, taxonomy: int, today: date) -> Row:
    single = {facet: getattr(item, facet) for facet in ("kind", "business", "touchpoint", "sentiment")}
    scores = {f"{facet}:{label.id}": round(label.score, 4) for facet, label in single.items()}
    for facet in ("leaves", "demand"):
        scores |= {f"{facet}:{label.id}": round(label.score, 4) for label in getattr(item, facet)}
    return {
        "feedback_id": feedback_id,
        "version": version,
        "release": item.release,
        "current": True,
        **{facet: label.id for facet, label in single.items()},
        "leaf": item.leaves[0].id,
        "leaves": "|".join(label.id for label in item.leaves),
        "demand": "|".join(label.id for label in item.demand),
        "scores": json.dumps(scores),
        "confidence": round(item.confidence, 4),
        "review": item.review,
        "evidence": json.dumps({e.label: e.clause for e in item.evidence}, ensure_ascii=False),
        "taxonomy": taxonomy,
        "predicted_on": today,
    }
