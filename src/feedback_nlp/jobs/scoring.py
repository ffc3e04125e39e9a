"""Say how urgent each open case is today."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.priority.facts import CaseFacts, TextFacts, merge
from feedback_nlp.priority.triage import score
from feedback_nlp.records import Part
from feedback_nlp.store import load
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import Row, upsert


def score_cases(work: Workplace) -> int:
    """Score every open case for today, however old, so that every list can show it; give how many."""
    total, after = 0, ""
    while True:
        with reading(work.engine) as connection:
            cases = load.open_cases(connection, after=after, limit=work.settings.chunk_rows)
            members = load.case_members(connection, [case.id for case in cases])
        if not cases:
            break
        facts = {case_id: list(rows) for case_id, rows in groupby(members, key=lambda row: row.case_id)}
        rows = [_triage_row(case, facts[case.id], work) for case in cases]
        with work.engine.begin() as connection:
            upsert(connection, t.triage, rows)
        total, after = total + len(cases), cases[-1].id
        work.progress("triage", len(cases))
    return total


def _triage_row(case: Any, members: Sequence[Any], work: Workplace) -> Row:
    facts = CaseFacts(
        case_id=case.id,
        theme=case.theme,
        opened_on=case.opened_on,
        due_on=case.due_on,
        closed=False,
        events=case.events,
        customers=case.customers,
        sentiment=min(work.taxonomy.sentiment_values.get(row.sentiment, 0) for row in members),
        texts=merge(_text_facts(row) for row in members),
    )
    result = score(facts, policy=work.policy.triage, taxonomy=work.taxonomy, today=work.today)
    return {
        "case_id": case.id,
        "score": result.score,
        "parts": json.dumps([_flat(part) for part in result.parts], ensure_ascii=False),
        "floor": result.floor,
        "policy": result.policy,
        "as_of": work.today,
    }


def _flat(record: Part) -> Row:
    """Do as ``dataclasses.asdict`` does, which copies deeply and took half the time of scoring."""
    return {name: getattr(record, name) for name in record.__slots__}


def _text_facts(row: Any) -> TextFacts:
    return TextFacts(
        amount_fen=row.amount_fen,
        vulnerable=tuple(filter(None, row.vulnerable.split("|"))),
        level=row.level,
        hits=tuple(hits_of(row.hits)),
    )
