"""How cases stand, counted afresh from everything known of them: members, history, clocks, route.

The one place that fills ``complaint_case`` and ``sla_clock``: `settle` calls it for the cases that new feedback
touches, the desk for a case that somebody has moved.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa

from feedback_nlp.cases.clocks import Clock, Opening, clocks, due
from feedback_nlp.cases.customers import count_customers
from feedback_nlp.cases.events import is_complaint, people_of
from feedback_nlp.cases.ledger import follow
from feedback_nlp.cases.openings import answered_on, openings
from feedback_nlp.cases.routing import NOBODY, route
from feedback_nlp.cases.states import MACHINES, SYSTEM, CaseNow, Event, Step, guarded, state_of, state_since, take
from feedback_nlp.classify.escalation import level_of, summary
from feedback_nlp.jobs.groups import touched
from feedback_nlp.jobs.standing import alarms, histories
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.priority.facts import VULNERABLE
from feedback_nlp.priority.triage import severity
from feedback_nlp.records import Identifier
from feedback_nlp.store import desk, load
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.groups import remember_keys
from feedback_nlp.store.reviews import decided_escalation
from feedback_nlp.store.save import Row, drop_cases, replace_clocks, upsert

People = Mapping[str, frozenset[str]]
VOID, RESTORE, CONTACT = "void", "restore", "contact"
_EMPTIED = "名下的反馈已更正为不计入案件，案件撤销"
_REFILLED = "名下又有反馈，案件恢复"


class _Known(NamedTuple):
    """What is known of one case."""

    case_id: str
    members: Sequence[Any]  # rows of `load.case_members`, the earliest first
    history: tuple[Event, ...]
    people: People
    lives: tuple[str, ...]  # what an earlier text said about a life, see `_lives`


def refresh(connection: sa.Connection, case_ids: Sequence[str], work: Workplace) -> None:
    """Count some cases afresh, write down what their ledgers say, set their clocks; those without members go.

    Their keys are noted for `find_groups`: what has changed may make a group complaint.
    """
    desk.lock_cases(connection, case_ids)
    members = load.case_members(connection, case_ids)
    people = people_behind(connection, [row.feedback_id for row in members], work.policy)
    history = histories(connection, case_ids)
    before = {row.id: row for row in load.cases_before(connection, case_ids)}
    lives = _lives(connection, list(before.values()), history, work)
    rows: list[Row] = []
    events: list[Event] = []
    running: dict[str, tuple[Clock, ...]] = {}
    for case_id, mine in groupby(members, key=lambda row: row.case_id):
        known = _Known(case_id, list(mine), history.get(case_id, ()), people, lives.get(case_id, ()))
        row, news, running[case_id] = _stand(known, work)
        rows.append(row)
        events += news
    upsert(connection, t.complaint_case, rows)
    changed = ((row["org"], row["theme"], row["opened_on"]) for row in rows if _moved(row, before.get(row["id"])))
    remember_keys(connection, touched(changed, policy=work.policy.cases))
    replace_clocks(
        connection, list(running), [_clock_row(id, clock, work) for id, all_ in running.items() for clock in all_]
    )
    events += _retire(connection, [case_id for case_id in case_ids if case_id not in running], history, work)
    append_events(connection, events)


def held_cases(connection: sa.Connection, case_ids: Sequence[str], work: Workplace) -> set[str]:
    """Tell which cases have said something about somebody's life that no person has dealt with yet: none of it goes."""
    before = load.cases_before(connection, case_ids)
    return set(_lives(connection, before, histories(connection, [row.id for row in before]), work))


def _lives(
    connection: sa.Connection, before: Sequence[Any], history: Mapping[str, tuple[Event, ...]], work: Workplace
) -> dict[str, tuple[str, ...]]:
    """Give what cases have said about somebody's life, as "kind:modality", while no person has dealt with it.

    A sender who delivers the same letter again with other words does not undo it: only a person's contact or decision
    does.
    """
    found: dict[str, tuple[str, ...]] = {}
    for row in before:
        grave = tuple(kind for kind in row.kinds.split("|") if guarded([kind], policy=work.policy.states))
        if grave and not any(_reached(event) for event in history.get(row.id, ())):
            found[row.id] = grave
    members = {row.feedback_id: row.case_id for row in load.case_members(connection, sorted(found))}
    decided = {members[feedback_id] for feedback_id in decided_escalation(connection, sorted(members))}
    return {case_id: kinds for case_id, kinds in found.items() if case_id not in decided}


def _reached(event: Event) -> bool:
    return event.action == CONTACT and event.actor not in MACHINES


def people_behind(connection: sa.Connection, ids: Sequence[str], policy: Policy) -> People:
    """Tell which identifiers name the customer behind each feedback."""
    found: defaultdict[str, list[Identifier]] = defaultdict(list)
    for row in load.identifiers_of(connection, ids):
        found[row.feedback_id].append(Identifier(row.type, row.hmac, column=row.from_column))
    return {feedback_id: people_of(items, policy=policy.cases) for feedback_id, items in found.items()}


def append_events(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Store events."""
    rows = [
        {name: getattr(event, name) for name in Event.__slots__}
        | {"details": json.dumps(dict(event.details), ensure_ascii=False)}
        for event in events
    ]
    if rows:
        connection.execute(t.case_event.insert(), rows)


def _stand(known: _Known, work: Workplace) -> tuple[Row, list[Event], tuple[Clock, ...]]:
    """Give the row of a case, the events that its ledger adds, and its clocks."""
    policy, members = work.policy, known.members
    hits = [hit for row in members for hit in hits_of(row.hits)]
    told_now = tuple(kind for kind in summary(hits) if not kind.startswith(f"{VULNERABLE}:"))
    kinds = tuple(dict.fromkeys((*known.lives, *told_now)))
    told = openings(members, kinds=kinds, policy=policy, now=work.now)
    news = _news(known, told, kinds, work)
    history = (*known.history, *news)
    running = clocks(told, history, kinds=kinds, policy=policy.sla, now=work.now)
    first_due = due(running, policy=policy.sla)
    gravest = max(members, key=lambda row: severity(row.leaf, policy=policy.triage))  # the first of equals
    theme = f"{gravest.business}/{gravest.leaf}"
    org = gravest.org or next((row.org for row in members if row.org), None)
    way = route(theme, org=org, routing=policy.routing)
    routed = way != NOBODY
    row = {
        "id": known.case_id,
        "theme": theme,
        "opened_on": members[0].counted_on,
        "due_on": first_due.due_at.date() if first_due else None,
        "closed_on": answered_on(told, history, policy=policy.states),
        "events": len(members),
        "complaints": sum(is_complaint(row.kind, source_kind=row.source_kind, policy=policy.cases) for row in members),
        "customers": max(
            count_customers(known.people.get(row.feedback_id, frozenset()) for row in members),
            *(row.people or 0 for row in members),
        ),
        "state": state_of(history),
        "state_since": state_since(history),
        "assignee": next((event.details["assignee"] for event in reversed(history) if event.action == "assign"), None),
        "level": max(*(row.level for row in members), *(_level(kind, policy) for kind in known.lives), 0),
        "kinds": "|".join(kinds),
        "org": org,
        "process": way.process if routed else None,
        "department": way.department if routed else None,
        "owner": way.owner if routed else None,
        "policy": policy.cases.version,
    }
    return row, news, running


def _news(known: _Known, told: Sequence[Opening], kinds: tuple[str, ...], work: Workplace) -> list[Event]:
    """Let the ledger catch up, one event at a time."""
    case = CaseNow(
        case_id=known.case_id,
        opened_on=known.members[0].counted_on,
        kinds=kinds,
        level=max(row.level for row in known.members),
        alarm_at=alarms(known.members, work.policy).get(known.case_id),
    )
    news: list[Event] = []
    if state_of(known.history) == VOID:
        news.append(_by_system(RESTORE, _REFILLED, known.history, case=case, work=work))
    while event := follow(told, (*known.history, *news), case=case, policy=work.policy.states, now=work.now):
        news.append(event)
    return news


def _level(pair: str, policy: Policy) -> int:
    kind, modality = pair.split(":", 1)
    return level_of(kind, modality, policy=policy.escalation)


def _moved(row: Row, before: Any) -> bool:
    """Tell whether a case counts otherwise for group complaints than it did."""
    counted = ("org", "theme", "opened_on", "customers")
    return before is None or any(row[name] != getattr(before, name) for name in counted)


def _retire(
    connection: sa.Connection, case_ids: Sequence[str], history: Mapping[str, tuple[Event, ...]], work: Workplace
) -> list[Event]:
    """Let cases go that nothing is left of; one that somebody has worked on stays, marked so."""
    drop_cases(connection, [case_id for case_id in case_ids if case_id not in history])
    kept = [case_id for case_id in case_ids if case_id in history and state_of(history[case_id]) != VOID]
    events = []
    for row in desk.cases_named(connection, kept):
        case = CaseNow(case_id=row.id, opened_on=row.opened_on)
        events.append(_by_system(VOID, _EMPTIED, history[row.id], case=case, work=work))
    void = {"state": VOID, "state_since": work.now, "closed_on": work.today, "due_on": None, "level": 0, "kinds": ""}
    empty = dict.fromkeys(("events", "complaints", "customers"), 0)
    c = t.complaint_case
    connection.execute(c.update().where(among(connection, c.c.id, kept)).values(**void, **empty))
    connection.execute(t.triage.delete().where(among(connection, t.triage.c.case_id, kept)))
    replace_clocks(connection, kept, [])
    return events


def _by_system(action: str, note: str, history: Sequence[Event], *, case: CaseNow, work: Workplace) -> Event:
    at = max(work.now, history[-1].at)
    return take(Step(action, SYSTEM, at, note), history, case=case, policy=work.policy.states, now=at)


def _clock_row(case_id: str, clock: Clock, work: Workplace) -> Row:
    return {"case_id": case_id, "policy": work.policy.sla.version} | {
        name: getattr(clock, name) for name in Clock.__slots__
    }
