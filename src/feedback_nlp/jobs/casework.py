"""From classified feedback to scored cases: join what belongs together, then say how urgent each open case is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from importlib.metadata import version
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from feedback_nlp.cases.duplicates import bands
from feedback_nlp.cases.events import CaseEvent, counts
from feedback_nlp.cases.join import Membership, join
from feedback_nlp.classify.derived import derive
from feedback_nlp.classify.escalation import Hit, summary
from feedback_nlp.jobs.course import people_behind, refresh
from feedback_nlp.jobs.review import queue_rows, reading_of
from feedback_nlp.jobs.textfacts import Facts, facts_row, read_facts
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.priority.facts import CaseFacts, TextFacts, merge
from feedback_nlp.priority.triage import score
from feedback_nlp.records import MaskedText, Part
from feedback_nlp.store import load
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.open import reading
from feedback_nlp.store.reviews import decided_escalation
from feedback_nlp.store.save import Row, drop_members, drop_scores, lock, mark_settled, replace_bands, upsert
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
    with work.engine.begin() as connection:
        case_ids = load.paused_cases(connection)
        for start in range(0, len(case_ids), work.settings.chunk_rows):
            refresh(connection, case_ids[start : start + work.settings.chunk_rows], work)


def score_cases(work: Workplace) -> int:
    """Score every open case for today; give how many."""
    total, after = 0, ""
    since = work.today - timedelta(days=work.policy.cases.listening.days)
    while True:
        with reading(work.engine) as connection:
            cases = load.open_cases(connection, after=after, opened_since=since, limit=work.settings.chunk_rows)
            members = load.case_members(connection, [case.id for case in cases])
        if not cases:
            break
        facts = {case_id: list(rows) for case_id, rows in groupby(members, key=lambda row: row.case_id)}
        rows = [_triage_row(case, facts[case.id], work) for case in cases]
        with work.engine.begin() as connection:
            upsert(connection, t.triage, rows)
        total, after = total + len(cases), cases[-1].id
        work.progress("triage", len(cases))
    with work.engine.begin() as connection:
        drop_scores(connection, but=work.today)
    return total


def _rules(work: Workplace) -> str:
    """Name what decides a case: where a policy or the calendar of working days changes, every case is decided again."""
    policy = work.policy
    files = (policy.cases, policy.states, policy.sla, policy.escalation, policy.derived, policy.routing)
    return "|".join((*(each.version for each in files), f"calendar-{version('chinesecalendar')}"))


def _settle(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> None:
    policy = work.policy
    facts = _facts(connection, rows, work)
    mine = [row for row in rows if _counts(row, facts[row.id], policy)]
    counted = {row.id for row in mine}
    dropped = [row for row in rows if row.case_id and row.id not in counted]
    people = people_behind(connection, [row.id for row in mine], policy)
    events = [_event(row, people.get(row.id, frozenset()), policy) for row in mine]
    new = [event for event in events if event.case_id is None]
    memberships = join(new, _known(connection, new, policy), policy=policy.cases)
    drop_members(connection, [row.id for row in dropped])
    case_ids = sorted({item.case_id for item in memberships} | {row.case_id for row in rows if row.case_id})
    _open_cases(connection, {item.case_id for item in memberships}, work)
    version = policy.cases.version
    upsert(connection, t.case_member, [_flat(item) | {"policy": version} for item in memberships])
    replace_bands(connection, {event.feedback_id: event.bands for event in events})
    refresh(connection, case_ids, work)
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


def _event(row: Any, people: frozenset[str], policy: Policy) -> CaseEvent:
    text = MaskedText(row.text)
    return CaseEvent(
        feedback_id=row.id,
        received_on=row.counted_on,
        theme=f"{row.business}/{row.leaf}",
        people=people,
        bands=bands(text, policy=policy.cases),
        text=text,
        case_id=row.case_id,
    )


def _known(connection: sa.Connection, new: Sequence[CaseEvent], policy: Policy) -> list[CaseEvent]:
    """Fetch the placed events that new ones may belong with."""
    if not new:
        return []
    reach = timedelta(days=max(policy.cases.repeat.days, policy.cases.duplicate.days))
    days = [event.received_on for event in new]
    rows = load.members_sharing(
        connection,
        hmacs=sorted({who.split(":", 1)[1] for event in new for who in event.people}),
        bands=sorted({band for event in new for band in event.bands}),
        since=min(days) - reach,
        until=max(days) + reach,
    )
    ids = [row.feedback_id for row in rows]
    people = people_behind(connection, ids, policy)
    letters: defaultdict[str, list[str]] = defaultdict(list)
    for row in load.bands_of(connection, ids):
        letters[row.feedback_id].append(row.band)
    return [
        CaseEvent(
            feedback_id=row.feedback_id,
            received_on=row.counted_on,
            theme=f"{row.business}/{row.leaf}",
            people=people.get(row.feedback_id, frozenset()),
            bands=tuple(letters[row.feedback_id]),
            text=MaskedText(row.text),
            case_id=row.case_id,
        )
        for row in rows
    ]


def _open_cases(connection: sa.Connection, case_ids: Iterable[str], work: Workplace) -> None:
    """Make sure that cases exist before their members; `refresh` fills them in the same transaction."""
    c = t.complaint_case.c
    known = set(connection.scalars(sa.select(c.id).where(among(connection, c.id, case_ids))))
    blank = {"theme": "", "opened_on": work.today, "events": 0, "customers": 0, "policy": work.policy.cases.version}
    upsert(
        connection, t.complaint_case, [{"id": case_id, **blank} for case_id in sorted(case_ids) if case_id not in known]
    )


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


def _flat(record: Hit | Part | Membership) -> Row:
    """Do as ``dataclasses.asdict`` does, which copies deeply and took half the time of scoring."""
    return {name: getattr(record, name) for name in record.__slots__}


def _text_facts(row: Any) -> TextFacts:
    return TextFacts(
        amount_fen=row.amount_fen,
        vulnerable=tuple(filter(None, row.vulnerable.split("|"))),
        level=row.level,
        hits=tuple(Hit(**hit) for hit in json.loads(row.hits)),
    )
