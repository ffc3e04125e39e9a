"""Read from the tables: what is still to be done, and the frames that reports count on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa

from feedback_nlp.records import ImprovementItem, MaskedText
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among


class Pending(NamedTuple):
    """A stored text that waits for a model."""

    id: str
    version: int
    text: MaskedText


def unclassified(connection: sa.Connection, after: str, limit: int) -> list[Pending]:
    """List texts that no release has read yet, in order of id, beginning behind ``after``."""
    f, p = t.feedback, t.prediction
    read = sa.exists().where(p.c.feedback_id == f.c.id, p.c.version == f.c.version)
    return _pending(connection, ~read, after, limit)


def unread_by(connection: sa.Connection, release: str, *, after: str, limit: int) -> list[Pending]:
    """List texts that are not read by a given release as the current one, in order of id."""
    f, p = t.feedback, t.prediction
    read = sa.exists().where(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.release == release, p.c.current)
    return _pending(connection, ~read, after, limit)


def _pending(connection: sa.Connection, condition: Any, after: str, limit: int) -> list[Pending]:
    f = t.feedback.c
    query = sa.select(f.id, f.version, f.text).where(f.id > after, condition).order_by(f.id).limit(limit)
    return [Pending(*row) for row in connection.execute(query)]


def unsettled(connection: sa.Connection, *, after: tuple[date, str], limit: int) -> list[Any]:
    """List classified feedback whose case is not decided yet, the earliest (day, id) first, beginning behind ``after``.

    Columns: those of ``feedback``, ``kind``, ``business``, ``leaf``, ``sentiment``; ``case_id`` of an earlier version.
    """
    f, p, m = t.feedback, t.prediction, t.case_member
    query = (
        sa.select(f, p.c.kind, p.c.business, p.c.leaf, p.c.sentiment, m.c.case_id)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .where(sa.tuple_(f.c.counted_on, f.c.id) > after, f.c.settled_version < f.c.version)
        .order_by(f.c.counted_on, f.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def identifiers_of(connection: sa.Connection, ids: Sequence[str]) -> list[Any]:
    """List (feedback_id, type, hmac, from_column) of some feedback."""
    i = t.identifier
    query = sa.select(i).order_by(i.c.feedback_id, i.c.type, i.c.hmac)
    return list(connection.execute(query.where(among(connection, i.c.feedback_id, ids))))


def members_sharing(
    connection: sa.Connection, *, hmacs: Sequence[str], bands: Sequence[str], since: date, until: date
) -> list[Any]:
    """List case members received between two days that share an identifier or a band with new feedback.

    Columns: feedback_id, case_id, counted_on, text, business, leaf.
    """
    i, b = t.identifier, t.case_band
    ids: set[str] = set()
    if hmacs:
        ids.update(connection.scalars(sa.select(i.c.feedback_id).where(among(connection, i.c.hmac, hmacs))))
    if bands:
        ids.update(connection.scalars(sa.select(b.c.feedback_id).where(among(connection, b.c.band, bands))))
    m, f, p = t.case_member, t.feedback, t.prediction
    query = (
        sa.select(m.c.feedback_id, m.c.case_id, f.c.counted_on, f.c.text, p.c.business, p.c.leaf)
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .where(f.c.counted_on.between(since, until))
    )
    return list(connection.execute(query.where(among(connection, f.c.id, sorted(ids)))))


def bands_of(connection: sa.Connection, ids: Sequence[str]) -> list[Any]:
    """List (band, feedback_id) of some case members."""
    b = t.case_band
    query = sa.select(b).order_by(b.c.feedback_id, b.c.band)
    return list(connection.execute(query.where(among(connection, b.c.feedback_id, ids))))


def case_members(connection: sa.Connection, case_ids: Sequence[str]) -> list[Any]:
    """List every member of some cases with what case and triage count: labels, dates, facts of the text."""
    m, f, p, x = t.case_member, t.feedback, t.prediction, t.text_facts
    query = (
        sa.select(
            m.c.case_id,
            m.c.feedback_id,
            f.c.counted_on,
            f.c.due_at,
            f.c.closed_at,
            f.c.status,
            f.c.source_kind,
            f.c.complaint_channel,
            p.c.business,
            p.c.leaf,
            p.c.sentiment,
            x.c.amount_fen,
            x.c.vulnerable,
            x.c.level,
            x.c.hits,
        )
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == m.c.feedback_id, p.c.current))
        .join(x, x.c.feedback_id == m.c.feedback_id)
        .order_by(m.c.case_id, f.c.counted_on, m.c.feedback_id)
    )
    return list(connection.execute(query.where(among(connection, m.c.case_id, case_ids))))


def open_cases(connection: sa.Connection, *, after: str, opened_since: date, limit: int) -> list[Any]:
    """List cases to be scored: open, and with a clock or opened since a day; in order of id."""
    c = t.complaint_case
    query = (
        sa.select(c)
        .where(
            c.c.id > after,
            c.c.closed_on.is_(None),
            sa.or_(c.c.due_on.is_not(None), c.c.opened_on >= opened_since),
        )
        .order_by(c.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def open_batch(connection: sa.Connection, source: str) -> tuple[str | None, int]:
    """Give the id of a source's batch that was not read to its end, and how many were."""
    b = t.batch.c
    rows = connection.execute(sa.select(b.id, b.finished_on).where(b.source == source)).all()
    return next((row.id for row in rows if row.finished_on is None), None), sum(
        row.finished_on is not None for row in rows
    )


def load_watermark(connection: sa.Connection, source: str) -> object:
    """Give how far a query has been read; None before its first run."""
    value = connection.scalar(sa.select(t.watermark.c.value).where(t.watermark.c.source == source))
    if value is None:
        return None
    entry = json.loads(value)
    readers: dict[str, Any] = {"datetime": datetime.fromisoformat, "date": date.fromisoformat}
    return readers.get(entry["type"], lambda text: text)(entry["value"])


def current_release(connection: sa.Connection) -> str | None:
    """Give the release most current predictions are from; None in an empty store."""
    p = t.prediction.c
    query = sa.select(p.release).where(p.current).group_by(p.release).order_by(sa.func.count().desc()).limit(1)
    return connection.scalar(query)


def improvements(connection: sa.Connection) -> list[ImprovementItem]:
    """List every improvement item, the oldest first."""
    i = t.improvement
    columns = [i.c[name] for name in ImprovementItem.__slots__]
    return [ImprovementItem(*row) for row in connection.execute(sa.select(*columns).order_by(i.c.opened_on, i.c.id))]


def events_frame(connection: sa.Connection, *, since: date | None = None) -> pd.DataFrame:
    """Read the narrow frame of events that everything is counted on: no texts, one row a feedback."""
    f, p, m, i = t.feedback, t.prediction, t.case_member, t.identifier
    customer = sa.select(sa.func.min(i.c.hmac)).where(i.c.feedback_id == f.c.id, i.c.from_column).scalar_subquery()
    query = (
        sa.select(
            f.c.id.label("feedback_id"),
            f.c.counted_on.label("day"),
            *(
                f.c[name]
                for name in ("source", "source_kind", "org", "product", "complaint_channel", "service_channel")
            ),
            f.c.rating,
            *(p.c[name] for name in ("kind", "business", "touchpoint", "sentiment", "leaf", "confidence", "review")),
            m.c.case_id,
            customer.label("customer"),
        )
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .order_by(f.c.counted_on, f.c.id)
    )
    if since:
        query = query.where(f.c.counted_on >= since)
    frame = _frame(connection, query)
    frame["day"] = pd.to_datetime(frame["day"])
    for name in ("source", "source_kind", "org", "product", "complaint_channel", "service_channel", "kind", "business"):
        frame[name] = frame[name].astype("category")
    for name in ("touchpoint", "sentiment", "leaf"):
        frame[name] = frame[name].astype("category")
    return frame


def priorities_frame(connection: sa.Connection, *, limit: int) -> pd.DataFrame:
    """Read the open cases with the highest scores, with everything a manager needs to defend the order."""
    c, g = t.complaint_case, t.triage
    query = (
        sa.select(
            c.c.id.label("case_id"),
            g.c.score,
            g.c.floor,
            g.c.parts,
            *(c.c[name] for name in ("theme", "opened_on", "due_on", "closed_on", "events", "customers")),
        )
        .join(g, g.c.case_id == c.c.id)
        .where(c.c.closed_on.is_(None), g.c.as_of == _last_scored())
        .order_by(g.c.score.desc(), c.c.due_on.is_(None), c.c.due_on, c.c.opened_on, c.c.id)
        .limit(limit)
    )
    frame = _frame(connection, query)
    frame["parts"] = frame["parts"].map(json.loads)
    return frame.join(_context(connection, frame["case_id"].tolist()), on="case_id")


def open_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the narrow frame of all open cases: what a work load is counted on."""
    c, g, m, p = t.complaint_case, t.triage, t.case_member, t.prediction
    doubtful = (
        sa.exists()
        .where(m.c.case_id == c.c.id, p.c.feedback_id == m.c.feedback_id, p.c.current, p.c.review)
        .label("review")
    )
    query = (
        sa.select(c.c.id.label("case_id"), g.c.score, c.c.due_on, c.c.closed_on, doubtful)
        .join(g, g.c.case_id == c.c.id)
        .where(c.c.closed_on.is_(None), g.c.as_of == _last_scored())
        .order_by(c.c.id)
    )
    return _frame(connection, query)


def details_frames(connection: sa.Connection, *, chunk: int = 5000) -> Iterator[pd.DataFrame]:
    """Stream every classified feedback, the latest first."""
    f, p, m = t.feedback, t.prediction, t.case_member
    mine = ("source", "source_id", "org", "complaint_channel", "service_channel", "product", "rating", "status", "text")
    theirs = ("kind", "business", "touchpoint", "sentiment", "leaves", "demand", "confidence", "review", "evidence")
    query = (
        sa.select(
            f.c.id.label("feedback_id"),
            f.c.counted_on.label("day"),
            *(f.c[name] for name in (*mine, "flags", "request", "reply")),
            *(p.c[name] for name in (*theirs, "release")),
            m.c.case_id,
        )
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .order_by(f.c.counted_on.desc(), f.c.id)
    )
    result = connection.execution_options(yield_per=chunk).execute(query)
    for rows in result.partitions():
        frame = pd.DataFrame(rows, columns=list(result.keys()))
        frame["evidence"] = frame["evidence"].map(_first_evidence)
        yield frame


def table_frame(connection: sa.Connection, table: sa.Table, *order: Any) -> pd.DataFrame:
    """Read a small table whole."""
    return _frame(connection, sa.select(table).order_by(*order))


def batches_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the reconciliation of every delivery."""
    b = t.batch.c
    query = sa.select(
        b.id.label("batch"), b.file, b.source, b.encoding, b.rows_read.label("rows"), b.new, b.updated, b.duplicate,
        b.rejected, b.finished_on,
    ).order_by(b.taken_in_on, b.source, b.file)  # fmt: skip
    return _frame(connection, query)


def rejects_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read every rejected row with its delivery."""
    b, r = t.batch.c, t.reject.c
    query = (
        sa.select(
            b.id.label("batch"), b.file, r.row_number.label("row"), r.column_name.label("column"), r.reason,
            b.taken_in_on.label("day"),
        )
        .join_from(t.reject, t.batch)
        .order_by(b.taken_in_on, b.file, r.row_number)
    )  # fmt: skip
    return _frame(connection, query)


def _last_scored() -> Any:
    """Scores of an earlier day belong to cases that nobody follows any more, see `open_cases`."""
    return sa.select(sa.func.max(t.triage.c.as_of)).scalar_subquery()


def _context(connection: sa.Connection, case_ids: Sequence[str]) -> pd.DataFrame:
    """What the members of some cases say: the first one's words, everybody's branches and order numbers."""
    m, f, p = t.case_member, t.feedback, t.prediction
    query = (
        sa.select(
            m.c.case_id,
            f.c.org,
            f.c.product,
            f.c.source_id,
            f.c.text,
            f.c.status,
            p.c.sentiment,
            p.c.evidence,
            p.c.review,
        )
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == m.c.feedback_id, p.c.current))
        .where(among(connection, m.c.case_id, case_ids))
        .order_by(m.c.case_id, f.c.counted_on, f.c.id)
    )
    frame = _frame(connection, query)
    return frame.groupby("case_id", sort=False).agg(
        orgs=("org", _joined),
        product=("product", "first"),
        sentiment=("sentiment", "first"),
        source_ids=("source_id", _joined),
        excerpt=("text", lambda texts: texts.iloc[0][:200]),
        evidence=("evidence", lambda values: _first_evidence(values.iloc[0])),
        status=("status", "last"),
        review=("review", "max"),
    )


def _joined(values: pd.Series[Any]) -> str:
    return "、".join(dict.fromkeys(str(value) for value in values.dropna()))


def _first_evidence(value: str) -> str:
    clauses: dict[str, str] = json.loads(value)
    leaf = next((clause for label, clause in clauses.items() if label.startswith("leaves:")), None)
    return leaf or next(iter(clauses.values()), "")


def _frame(connection: sa.Connection, query: Any) -> pd.DataFrame:
    result = connection.execute(query)
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))
