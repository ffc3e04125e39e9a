"""Read feedback and deliveries as pandas frames: what reports and improvement items are counted on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from feedback_nlp.store import tables as t
from feedback_nlp.store.reviews import decided_escalation
from feedback_nlp.store.save import HUMAN

CATEGORIES = (
    "source", "source_kind", "org", "product", "complaint_channel", "service_channel",
    "kind", "business", "touchpoint", "sentiment", "leaf", "need", "risk",
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
    result = connection.execute(query, execution_options={"yield_per": CHUNK_ROWS})
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
    f, p, m, i, d = t.feedback, t.prediction, t.case_member, t.identifier, t.derived_label
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
            *(d.c[name] for name in ("need", "risk")),
            m.c.case_id,
            customer.scalar_subquery().label("customer"),
        )
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .outerjoin(d, d.c.feedback_id == f.c.id)
        .order_by(f.c.counted_on, f.c.id)
    )


def _narrow(frame: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(CATEGORIES, "category") | dict.fromkeys(STRINGS, "string[pyarrow]")
    return frame.astype(types | {"day": "datetime64[s]", "rating": "float32", "confidence": "float32"})


def details_frames(connection: sa.Connection, *, chunk: int = 5000) -> Iterator[pd.DataFrame]:
    """Stream every classified feedback, the latest first.

    ``escalation`` is what a person decided, else what the rules saw.
    """
    result = connection.execute(_details(), execution_options={"yield_per": chunk})
    for rows in result.partitions():
        frame = pd.DataFrame(rows, columns=list(result.keys()))
        frame["evidence"] = frame["evidence"].map(first_evidence)
        decided = decided_escalation(connection, frame["feedback_id"][frame["by_person"].astype(bool)].tolist())
        told = frame["feedback_id"].map({key: "|".join(kinds) for key, kinds in decided.items()}).astype(object)
        frame["escalation"] = told.fillna(frame["escalation"].fillna("[]").map(_kinds))
        yield frame


def _details() -> sa.Select[Any]:
    f, p, m, d, x = t.feedback, t.prediction, t.case_member, t.derived_label, t.text_facts
    mine = ("source", "source_id", "org", "complaint_channel", "service_channel", "product", "rating", "status", "text")
    theirs = ("kind", "business", "touchpoint", "sentiment", "leaves", "demand", "confidence", "review", "evidence")
    return (
        sa.select(
            f.c.id.label("feedback_id"),
            f.c.counted_on.label("day"),
            *(f.c[name] for name in (*mine, "flags", "request", "reply")),
            *(p.c[name] for name in (*theirs, "release")),
            *(d.c[name] for name in ("need", "risk", "process", "direction")),
            (p.c.release == HUMAN).label("by_person"),
            x.c.hits.label("escalation"),
            m.c.case_id,
        )
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.current))
        .outerjoin(m, m.c.feedback_id == f.c.id)
        .outerjoin(d, d.c.feedback_id == f.c.id)
        .outerjoin(x, x.c.feedback_id == f.c.id)
        .order_by(f.c.counted_on.desc(), f.c.id)
    )


def table_frame(connection: sa.Connection, table: sa.Table, *order: Any) -> pd.DataFrame:
    """Read a small table whole."""
    return read(connection, sa.select(table).order_by(*order))


def batches_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the reconciliation of every delivery."""
    b = t.batch.c
    query = sa.select(
        b.id.label("batch"), b.file, b.source, b.encoding, b.rows_read.label("rows"), b.new, b.updated, b.duplicate,
        b.rejected, b.finished_on,
    ).order_by(b.taken_in_on, b.source, b.file)  # fmt: skip
    return read(connection, query)


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
    return read(connection, query)


def first_evidence(value: str) -> str:
    """Give the clause behind the first reason, else behind whatever label has one."""
    clauses: dict[str, str] = json.loads(value)
    leaf = next((clause for label, clause in clauses.items() if label.startswith("leaves:")), None)
    return leaf or next(iter(clauses.values()), "")


def _kinds(hits: str) -> str:
    """Give ``kind:modality`` of the hits in a text, the gravest first, joined by |."""
    if hits == "[]":
        return ""
    found = sorted(json.loads(hits), key=lambda hit: -int(hit["level"]))
    return "|".join(dict.fromkeys(f"{hit['kind']}:{hit['modality']}" for hit in found))


def read(connection: sa.Connection, query: Any) -> pd.DataFrame:
    """Read a query whole."""
    result = connection.execute(query)
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))
