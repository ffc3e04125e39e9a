"""How cases stand at a moment: their history, what the rules of their steps ask about, and what may be done next."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa

from feedback_nlp.cases.clocks import Clock, extensions, owed
from feedback_nlp.cases.states import CaseNow, Event, Step, guarded, state_of, steps, take
from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.store import desk

ANYBODY = "?"
"""Stands for the person in a trial of a step."""


class Standing(NamedTuple):
    """One case as its rules see it."""

    case: CaseNow
    history: tuple[Event, ...]
    clocks: tuple[Clock, ...]

    @property
    def seq(self) -> int:
        """Give the number of the last event; 0 where nothing has happened yet."""
        return self.history[-1].seq if self.history else 0


def standings(
    connection: sa.Connection, rows: Sequence[Any], members: Sequence[Any], work: Workplace
) -> dict[str, Standing]:
    """Put together how some cases stand: rows of ``complaint_case``, and their `desk.members`."""
    ids = [row.id for row in rows]
    history = histories(connection, ids)
    clocks: defaultdict[str, list[Clock]] = defaultdict(list)
    for row in desk.clocks(connection, ids):
        clocks[row.case_id].append(clock_of(row))
    heard = alarms(members, work.policy)
    improvements = frozenset(desk.improvement_ids(connection))
    return {
        row.id: _standing(row, history.get(row.id, ()), clocks[row.id], heard, work.policy, improvements)
        for row in rows
    }


def possible(standing: Standing, *, policy: Policy, now: datetime) -> dict[str, str]:
    """Name the steps that a person may take now, provided that they bring what the step asks for: id → Chinese name."""
    state = state_of(standing.history)
    return {
        action: policy.states.action_name(action)
        for action in steps(state, policy=policy.states)
        if _allowed(action, standing, policy=policy, now=now)
    }


def histories(connection: sa.Connection, case_ids: Sequence[str]) -> dict[str, tuple[Event, ...]]:
    """Give what has been done with some cases; those without any event are left out."""
    rows = desk.events(connection, case_ids)
    return {case_id: tuple(map(event_of, mine)) for case_id, mine in groupby(rows, key=lambda row: row.case_id)}


def event_of(row: Any) -> Event:
    """Read a row of ``case_event``."""
    return Event(**row._asdict() | {"details": json.loads(row.details)})


def clock_of(row: Any) -> Clock:
    """Read a row of ``sla_clock``."""
    return Clock(**{name: getattr(row, name) for name in Clock.__slots__})


def kinds_of(row: Any) -> tuple[str, ...]:
    """Read the escalation of a row of ``complaint_case``: "kind:modality", gravest first."""
    return tuple(filter(None, row.kinds.split("|")))


def _standing(
    row: Any,
    history: tuple[Event, ...],
    clocks: Sequence[Clock],
    heard: Mapping[str, datetime],
    policy: Policy,
    improvements: frozenset[str],
) -> Standing:
    case = CaseNow(
        case_id=row.id,
        opened_on=row.opened_on,
        kinds=kinds_of(row),
        level=row.level,
        alarm_at=heard.get(row.id),
        extensions=extensions(clocks, history, policy=policy.sla),
        owed=owed(clocks),
        improvements=improvements,
    )
    return Standing(case, history, tuple(clocks))


def alarms(members: Sequence[Any], policy: Policy) -> Mapping[str, datetime]:
    """Tell when the newest letter of each case came in that only a person may answer."""
    found: dict[str, datetime] = {}
    for row in members:
        if guarded([hit.meant for hit in hits_of(row.hits)], policy=policy.states):
            at = row.received_at or datetime.combine(row.counted_on, time.min)
            found[row.case_id] = max(at, found.get(row.case_id, at))
    return found


def _allowed(action: str, standing: Standing, *, policy: Policy, now: datetime) -> bool:
    """Try a step with everything filled in: what is refused even then is not possible."""
    extension = next((item.rule for item in standing.case.extensions), "")
    filled = {
        "informed_on": now.date().isoformat(),
        "no_improvement": ANYBODY,
        "assignee": ANYBODY,
        "approver": ANYBODY,
        "reason": next(iter(policy.states.pause_reason), ""),
        "rule": extension,
    }
    try:
        take(
            Step(action, ANYBODY, now, note=ANYBODY, details=filled),
            standing.history,
            case=standing.case,
            policy=policy.states,
            now=now,
        )
    except OfficerError:
        return False
    return True
