"""From classified feedback to scored cases: join what belongs together, then say how urgent each open case is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from feedback_nlp.cases.clocks import due_of, earliest
from feedback_nlp.cases.customers import count_customers
from feedback_nlp.cases.duplicates import bands
from feedback_nlp.cases.events import CaseEvent, counts, people_of
from feedback_nlp.cases.join import Membership, join
from feedback_nlp.cases.watchwords import Hit
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.priority.facts import CaseFacts, TextFacts, facts_of, merge
from feedback_nlp.priority.triage import score, severity
from feedback_nlp.records import Identifier, MaskedText, Part
from feedback_nlp.store import load
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import Row, drop_members, drop_scores, mark_settled, replace_bands, upsert

People = dict[str, frozenset[str]]


def settle(work: Workplace) -> int:
    """Put all feedback whose case is not decided yet into its case, the earliest first; give how many were looked at.

    One transaction a chunk: a killed run goes on with the next chunk and decides the same.
    """
    total, after = 0, (date.min, "")
    while True:
        with reading(work.engine) as connection:
            rows = load.unsettled(connection, policy=_rules(work), after=after, limit=work.settings.chunk_rows)
        if not rows:
            return total
        with work.engine.begin() as connection:
            _settle(connection, rows, work)
        total, after = total + len(rows), (rows[-1].counted_on, rows[-1].id)
        work.progress("cases", len(rows))


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
    """Name the policies that decide a case: where one changes, every case is decided again."""
    policy = work.policy
    return "|".join((policy.cases.version, policy.sla.version, policy.escalation.version))


def _settle(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> None:
    policy = work.policy
    mine = [row for row in rows if counts(row.kind, leaf=row.leaf, source_kind=row.source_kind, policy=policy.cases)]
    counted = {row.id for row in mine}
    dropped = [row for row in rows if row.case_id and row.id not in counted]
    people = _people(connection, [row.id for row in mine], policy)
    events = [_event(row, people.get(row.id, frozenset()), policy) for row in mine]
    new = [event for event in events if event.case_id is None]
    memberships = join(new, _known(connection, new, policy), policy=policy.cases)
    upsert(connection, t.text_facts, [_facts_row(row, policy) for row in mine])
    drop_members(connection, [row.id for row in dropped])
    case_ids = sorted({item.case_id for item in memberships} | {row.case_id for row in rows if row.case_id})
    _open_cases(connection, {item.case_id for item in memberships}, work)
    version = policy.cases.version
    upsert(connection, t.case_member, [_flat(item) | {"policy": version} for item in memberships])
    replace_bands(connection, {event.feedback_id: event.bands for event in events})
    _count_cases(connection, case_ids, work)
    mark_settled(connection, [row.id for row in rows], policy=_rules(work))


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


def _people(connection: sa.Connection, ids: Sequence[str], policy: Policy) -> People:
    """Tell which identifiers name the customer behind each feedback."""
    found: defaultdict[str, list[Identifier]] = defaultdict(list)
    for row in load.identifiers_of(connection, ids):
        found[row.feedback_id].append(Identifier(row.type, row.hmac, column=row.from_column))
    return {feedback_id: people_of(items, policy=policy.cases) for feedback_id, items in found.items()}


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
    people = _people(connection, ids, policy)
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


def _facts_row(row: Any, policy: Policy) -> Row:
    texts = [MaskedText(text) for text in (row.text, row.request) if text]
    facts = merge(facts_of(text, policy=policy.escalation) for text in texts)
    return {
        "feedback_id": row.id,
        "version": row.version,
        "amount_fen": facts.amount_fen,
        "vulnerable": "|".join(facts.vulnerable),
        "level": facts.level,
        "hits": json.dumps([_flat(hit) for hit in facts.hits], ensure_ascii=False),
        "policy": policy.escalation.version,
    }


def _open_cases(connection: sa.Connection, case_ids: Iterable[str], work: Workplace) -> None:
    """Make sure that cases exist before their members; `_count_cases` fills them in the same transaction."""
    c = t.complaint_case.c
    known = set(connection.scalars(sa.select(c.id).where(among(connection, c.id, case_ids))))
    blank = {"theme": "", "opened_on": work.today, "events": 0, "customers": 0, "policy": work.policy.cases.version}
    upsert(
        connection, t.complaint_case, [{"id": case_id, **blank} for case_id in sorted(case_ids) if case_id not in known]
    )


def _count_cases(connection: sa.Connection, case_ids: Sequence[str], work: Workplace) -> None:
    """Count cases afresh from all their members."""
    members = load.case_members(connection, case_ids)
    people = _people(connection, [row.feedback_id for row in members], work.policy)
    cases = [
        _case_row(case_id, list(rows), people, work) for case_id, rows in groupby(members, key=lambda row: row.case_id)
    ]
    upsert(connection, t.complaint_case, cases)


def _case_row(case_id: str, members: Sequence[Any], people: People, work: Workplace) -> Row:
    gravest = max(members, key=lambda row: severity(row.leaf, policy=work.policy.triage))  # the first of equals
    clocked = [(_closed_on(row, work), _due(row, work)) for row in members]
    running = earliest(due for closed_on, due in clocked if closed_on is None)
    closings = [closed_on for closed_on, _ in clocked if closed_on]
    unanswered = [
        (row.counted_on, due) for row, (closed_on, due) in zip(members, clocked, strict=True) if not closed_on
    ]
    still_open = not closings or any(due or day > max(closings) for day, due in unanswered)
    return {
        "id": case_id,
        "theme": f"{gravest.business}/{gravest.leaf}",
        "opened_on": members[0].counted_on,
        "due_on": running.on if running else None,
        "closed_on": None if still_open else max(closings),
        "events": len(members),
        "customers": count_customers(people.get(row.feedback_id, frozenset()) for row in members),
        "policy": work.policy.cases.version,
    }


def _closed_on(row: Any, work: Workplace) -> date | None:
    """Give the day a source says nothing is left to do; a status without a day counts from receipt."""
    by_word: date | None = row.counted_on if row.status in work.policy.cases.closed.statuses else None
    return row.closed_at.date() if row.closed_at else by_word


def _due(row: Any, work: Workplace) -> Any:
    delivered = row.due_at.date() if row.due_at else None
    return due_of(row.counted_on, source_kind=row.source_kind, delivered=delivered, policy=work.policy.sla)


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
