"""Read the tables as pandas frames: what reports and improvement items are counted on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among

CATEGORIES = (
    "source", "source_kind", "org", "product", "complaint_channel", "service_channel",
    "kind", "business", "touchpoint", "sentiment", "leaf",
)  # fmt: skip
STRINGS = ("feedback_id", "case_id", "customer")
CHUNK_ROWS = 20_000


def events_frame(connection: sa.Connection, *, people: Sequence[str], since: date | None = None) -> pd.DataFrame:
    """Read the narrow frame of events that everything is counted on: no texts, one row a feedback.

    ``people`` are the identifier types that name a customer, the surest first; a customer with none of them has no key.
    Read in chunks, with categories and Arrow strings, so that a million events take about a hundred megabytes.
    """
    query = _events(people)
    if since:
        query = query.where(t.feedback.c.counted_on >= since)
    result = connection.execution_options(yield_per=CHUNK_ROWS).execute(query)
    names = list(result.keys())
    chunks = [_narrow(pd.DataFrame(rows, columns=names)) for rows in result.partitions()]
    if not chunks:
        return _narrow(pd.DataFrame({name: pd.Series(dtype=object) for name in names}))
    for name in CATEGORIES:
        known = pd.Index(sorted(set().union(*(chunk[name].cat.categories for chunk in chunks))), dtype=object)
        for chunk in chunks:
            chunk[name] = chunk[name].cat.set_categories(known)
    return pd.concat(chunks, ignore_index=True)


def _events(people: Sequence[str]) -> sa.Select[Any]:
    f, p, m, i = t.feedback, t.prediction, t.case_member, t.identifier
    surest = sa.case({kind: str(rank) for rank, kind in enumerate(people)}, value=i.c.type)
    customer = sa.select(sa.func.min(surest.concat(i.c.hmac))).where(
        i.c.feedback_id == f.c.id, i.c.from_column, i.c.type.in_(people)
    )
    mine = ("source", "source_kind", "org", "product", "complaint_channel", "service_channel", "rating")
    theirs = ("kind", "business", "touchpoint", "sentiment", "leaf", "confidence", "review")
    return (
        sa.select(
            f.c.id.label("feedback_id"),
            f.c.counted_on.label("day"),
            *(f.c[name] for name in mine),
            *(p.c[name] for name in theirs),
            m.c.case_id,
            customer.scalar_subquery().label("customer"),
        )
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .order_by(f.c.counted_on, f.c.id)
    )


def _narrow(frame: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(CATEGORIES, "category") | dict.fromkeys(STRINGS, "string[pyarrow]")
    return frame.astype(types | {"day": "datetime64[s]", "rating": "float32", "confidence": "float32"})


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
        .where(c.c.closed_on.is_(None))
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
        .where(c.c.closed_on.is_(None))
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


def _context(connection: sa.Connection, case_ids: Sequence[str]) -> pd.DataFrame:
    """What the members of some cases say: the gravest one's words, everybody's branches and order numbers."""
    m, f, p, c = t.case_member, t.feedback, t.prediction, t.complaint_case
    gravest_first = (p.c.business + "/" + p.c.leaf) != c.c.theme
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
        .join(c, c.c.id == m.c.case_id)
        .where(among(connection, m.c.case_id, case_ids))
        .order_by(m.c.case_id, gravest_first, f.c.counted_on, f.c.id)
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
