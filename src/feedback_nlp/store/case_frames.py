"""Read cases and what waits around them as pandas frames: clocks, groups, history, alerts, reviews.

Lists come with the levels from URGENT on first, the gravest in front, whatever the score, as everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.desk import URGENT
from feedback_nlp.store.frames import first_evidence, read
from feedback_nlp.store.reviews import awaits_person

URGENT_FIRST = sa.case((t.complaint_case.c.level >= URGENT, -t.complaint_case.c.level), else_=0)
_CASE = (
    "theme", "opened_on", "due_on", "closed_on", "events", "complaints", "customers", "state", "assignee", "level",
    "kinds", "department", "owner", "group_id",
)  # fmt: skip


def priorities_frame(connection: sa.Connection, *, limit: int) -> pd.DataFrame:
    """Read the first open cases of the work list, with everything a manager needs to defend the order.

    A case that is younger than the last scores has none yet: its ``score`` is missing, its ``parts`` are empty.
    """
    c, g = t.complaint_case, t.triage
    scored = (g.c.score.is_(None), g.c.score.desc())
    parts = sa.func.coalesce(g.c.parts, "[]").label("parts")
    query = (
        sa.select(c.c.id.label("case_id"), g.c.score, g.c.floor, parts, *(c.c[name] for name in _CASE))
        .outerjoin(g, g.c.case_id == c.c.id)
        .where(c.c.closed_on.is_(None))
        .order_by(URGENT_FIRST, *scored, c.c.due_on.is_(None), c.c.due_on, c.c.opened_on, c.c.id)
        .limit(limit)
    )
    frame = read(connection, query)
    frame["parts"] = [json.loads(parts) for parts in frame["parts"]]
    ids = frame["case_id"].tolist()
    return frame.join(_context(connection, ids), on="case_id").join(_deciding(connection, ids), on="case_id")


def open_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the narrow frame of all open cases, scored or not: what a work load is counted on."""
    c, g = t.complaint_case, t.triage
    mine = ("due_on", "closed_on", "events", "complaints", "customers", "level", "process")
    query = (
        sa.select(c.c.id.label("case_id"), g.c.score, *(c.c[name] for name in mine))
        .outerjoin(g, g.c.case_id == c.c.id)
        .where(c.c.closed_on.is_(None))
        .order_by(c.c.id)
    )
    return read(connection, query)


def states_frame(connection: sa.Connection, *, since: date) -> pd.DataFrame:
    """Count cases by state: all of them, and those opened since a day."""
    c = t.complaint_case.c
    recent = sa.func.sum(sa.case((c.opened_on >= since, 1), else_=0))
    query = sa.select(c.state, sa.func.count().label("all"), recent.label("recent")).group_by(c.state).order_by(c.state)
    return read(connection, query)


def clocks_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read every running clock with the case it belongs to, in the order of the list of limits."""
    k, c = t.sla_clock, t.complaint_case
    mine = (
        "case_id", "rule", "event", "started_at", "due_at", "paused_days", "paused", "extended", "provisional",
    )  # fmt: skip
    theirs = ("theme", "state", "level", "org", "department", "owner")
    query = (
        sa.select(*(k.c[name] for name in mine), *(c.c[name] for name in theirs))
        .join(c, c.c.id == k.c.case_id)
        .where(k.c.stopped_at.is_(None))
        .order_by(URGENT_FIRST, k.c.due_at, k.c.case_id, k.c.rule)
    )
    return read(connection, query)


def groups_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the group complaints, the latest first, with the number of their cases that are still open."""
    g, c = t.case_group, t.complaint_case
    still = sa.select(sa.func.count()).where(c.c.group_id == g.c.id, c.c.closed_on.is_(None)).scalar_subquery()
    query = sa.select(*(column for column in g.c if column.name != "policy"), still.label("open")).order_by(
        g.c.last_on.desc(), g.c.customers.desc(), g.c.id
    )
    return read(connection, query)


def history_frame(connection: sa.Connection, *, loop: Sequence[str], limit: int) -> pd.DataFrame:
    """Read the last steps of open cases, the newest first; ``loop`` are the states of answered cases not done yet."""
    e, c = t.case_event, t.complaint_case
    query = (
        sa.select(*e.c, c.c.theme, c.c.org)
        .join(c, c.c.id == e.c.case_id)
        .where(c.c.closed_on.is_(None) | c.c.state.in_(loop))
        .order_by(e.c.at.desc(), e.c.recorded_at.desc(), e.c.case_id, e.c.seq.desc())
        .limit(limit)
    )
    frame = read(connection, query)
    frame["details"] = frame["details"].map(json.loads)
    return frame


def alerts_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read the alerts that nobody has resolved yet, the gravest first, then the one to be answered first."""
    a = t.alert.c
    query = (
        sa.select(t.alert)
        .where(a.state != "resolved")
        .order_by(a.level.desc(), a.answer_by.is_(None), a.answer_by, a.opened_at, a.id)
    )
    return read(connection, query)


def reviews_frame(connection: sa.Connection) -> pd.DataFrame:
    """Read why each open review task is in the queue: ``reasons`` holds lists of ids."""
    r = t.review_task.c
    frame = read(connection, sa.select(r.feedback_id, r.reasons).where(r.state == "open").order_by(r.feedback_id))
    frame["reasons"] = [[one["reason"] for one in json.loads(told)] for told in frame["reasons"]]
    return frame


def _deciding(connection: sa.Connection, case_ids: Sequence[str]) -> pd.DataFrame:
    """Tell for some cases which running clock gave the case its limit, and how sure that day is."""
    k, c = t.sla_clock.c, t.complaint_case.c
    query = (
        sa.select(k.case_id, k.rule, k.provisional, k.due_at, c.due_on)
        .join_from(t.sla_clock, t.complaint_case)
        .where(k.stopped_at.is_(None), among(connection, k.case_id, case_ids))
        .order_by(k.case_id, k.due_at, k.rule)
    )
    frame = read(connection, query)
    deciding = frame[pd.to_datetime(frame["due_at"]).dt.normalize() == pd.to_datetime(frame["due_on"])]
    return deciding.drop_duplicates("case_id").set_index("case_id")[["rule", "provisional"]]


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
            awaits_person(f.c.id).label("review"),
        )
        .join(f, f.c.id == m.c.feedback_id)
        .join(p, sa.and_(p.c.feedback_id == m.c.feedback_id, p.c.current))
        .join(c, c.c.id == m.c.case_id)
        .where(among(connection, m.c.case_id, case_ids))
        .order_by(m.c.case_id, gravest_first, f.c.counted_on, f.c.id)
    )
    frame = read(connection, query)
    return frame.groupby("case_id", sort=False).agg(
        orgs=("org", _joined),
        product=("product", "first"),
        sentiment=("sentiment", "first"),
        source_ids=("source_id", _joined),
        excerpt=("text", lambda texts: texts.iloc[0][:200]),
        evidence=("evidence", lambda values: first_evidence(values.iloc[0])),
        status=("status", "last"),
        review=("review", "max"),
    )


def _joined(values: pd.Series[Any]) -> str:
    return "、".join(dict.fromkeys(str(value) for value in values.dropna()))
