"""From classified feedback to cases: read what texts say, join what belongs together, count, queue for review."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa

from feedback_nlp import __version__
from feedback_nlp.cases.events import counts
from feedback_nlp.classify.derived import derive
from feedback_nlp.classify.escalation import summary
from feedback_nlp.jobs.course import held_cases, refresh
from feedback_nlp.jobs.placing import place_rows
from feedback_nlp.jobs.review import queue_rows, reading_of
from feedback_nlp.jobs.textfacts import Facts, facts_row, read_facts
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.store import load
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading
from feedback_nlp.store.reviews import decided_escalation
from feedback_nlp.store.save import Row, drop_members, lock, mark_settled, upsert
from feedback_nlp.taxonomy import MULTI, SINGLE


def settle(work: Workplace) -> int:
    """Put all feedback whose case is not decided yet into its case, the earliest first; give how many were looked at.

    One transaction a chunk: a killed run goes on with the next chunk and decides the same.
    """
    total, after = 0, (date.min, "")
    while True:
        with work.engine.begin() as connection:
            rows = _claim(connection, after, work)
            if not rows:
                break
            _settle(connection, rows, work)
        total, after = total + len(rows), (rows[-1].counted_on, rows[-1].id)
        work.progress("cases", len(rows))
    _move_paused(work)
    return total


def _claim(connection: sa.Connection, after: tuple[date, str], work: Workplace) -> list[Any]:
    """Read the next chunk so that nobody decides about it until the transaction ends: it would go unnoticed."""
    read = partial(load.unsettled, policy=_rules(work), after=after, limit=work.settings.chunk_rows)
    rows = read(connection)
    if connection.dialect.name != "postgresql" or not rows:  # SQLite lets one write at a time
        return rows
    ids = {row.id for row in rows}
    lock(connection, sorted(ids))
    return [row for row in read(connection) if row.id in ids]


def _move_paused(work: Workplace) -> None:
    """Set the clocks that stand still anew: their limits move with every day."""
    with reading(work.engine) as connection:
        case_ids = load.paused_cases(connection)
    for start in range(0, len(case_ids), work.settings.chunk_rows):
        with work.engine.begin() as connection:
            refresh(connection, case_ids[start : start + work.settings.chunk_rows], work)


def _rules(work: Workplace) -> str:
    """Name what decides a case: where a policy, the calendar or this package changes, every case is decided again."""
    policy = work.policy
    files = (policy.cases, policy.states, policy.sla, policy.escalation, policy.derived, policy.routing, policy.triage)
    code = (f"calendar-{version('chinesecalendar')}", f"code-{__version__}", f"taxonomy-{work.taxonomy.version}")
    return "|".join((*(each.version for each in files), *code))


def _settle(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> None:
    facts = _facts(connection, rows, work)
    held = held_cases(connection, [row.case_id for row in rows if row.case_id], work)
    mine = [row for row in rows if row.case_id in held or _counts(row, facts[row.id], work.policy)]
    counted = {row.id for row in mine}
    drop_members(connection, [row.id for row in rows if row.case_id and row.id not in counted])
    case_ids = place_rows(connection, mine, work) | {row.case_id for row in rows if row.case_id}
    refresh(connection, sorted(case_ids), work)
    queue_rows(connection, [reading_of(row, facts[row.id].hits) for row in rows], work=work)
    mark_settled(connection, [row.id for row in rows], policy=_rules(work))


def _facts(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> dict[str, Facts]:
    """Read and store what the texts say, and what follows from labels and words; what a person decided holds."""
    decided = decided_escalation(connection, [row.id for row in rows])
    facts = {row.id: read_facts(row, decided=decided.get(row.id), policy=work.policy) for row in rows}
    upsert(connection, t.text_facts, [facts_row(row, facts[row.id], work.policy) for row in rows])
    upsert(connection, t.derived_label, [_derived_row(row, facts[row.id], work.policy) for row in rows])
    return facts


def _counts(row: Any, facts: Facts, policy: Policy) -> bool:
    return counts(row.kind, leaf=row.leaf, level=facts.level, source_kind=row.source_kind, policy=policy.cases)


def _derived_row(row: Any, facts: Facts, policy: Policy) -> Row:
    labels = {facet: (getattr(row, facet),) for facet in SINGLE}
    labels |= {facet: tuple(filter(None, getattr(row, facet).split("|"))) for facet in MULTI}
    found = derive(labels, summary(facts.hits), policy=policy.derived)
    joined = {name: "|".join(getattr(found, name)) for name in ("need", "risk", "stage", "process", "direction")}
    rules = json.dumps(dict(found.rules), ensure_ascii=False)
    return {"feedback_id": row.id, "version": row.version, **joined, "rules": rules, "policy": policy.derived.version}
