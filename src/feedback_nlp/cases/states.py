"""The way of a case: which steps its state allows, and how one is taken. All rules stand in ``states.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feedback_nlp.cases.guards import Asked, CaseNow, Extension, Step, guarded, problems
from feedback_nlp.cases.history import LEDGER, MACHINES, SYSTEM, Event, state_of, state_since
from feedback_nlp.errors import OfficerError
from feedback_nlp.policy.states import StatesPolicy

__all__ = [
    "LEDGER",
    "MACHINES",
    "SYSTEM",
    "CaseNow",
    "Event",
    "Extension",
    "Step",
    "following",
    "guarded",
    "state_of",
    "state_since",
    "steps",
    "take",
]


def steps(state: str, *, policy: StatesPolicy) -> tuple[str, ...]:
    """Give the ids of the actions a person may take in a state, in the order of the policy."""
    return tuple(item.id for item in policy.action if state in item.from_states and item.by != "system")


def take(step: Step, history: Sequence[Event], *, case: CaseNow, policy: StatesPolicy, now: datetime) -> Event:
    """Make the next event of a step, or refuse it with an ``OfficerError`` that says what is possible instead."""
    state, action = state_of(history), policy.find(step.action)
    if action is None or state not in action.from_states:
        raise OfficerError(_illegal(step, state, case=case, policy=policy))
    asked = Asked(step, action, history, case, policy, now)
    for problem in problems(asked):
        raise OfficerError(f"案件 {case.case_id[:8]} 不能“{action.name}”：{problem}")
    to_state = history[-1].from_state if action.id == "restore" else action.to or state
    return following(asked, to_state=to_state)


def following(asked: Asked, *, to_state: str) -> Event:
    """Number a step as the next event; asks no guard."""
    step, history = asked.step, asked.history
    return Event(
        case_id=asked.case.case_id,
        seq=history[-1].seq + 1 if history else 1,
        at=step.at,
        recorded_at=asked.now,
        actor=step.actor.strip(),
        action=asked.action.id,
        from_state=state_of(history),
        to_state=to_state,
        note=step.note.strip(),
        details=dict(step.details),
    )


def _illegal(step: Step, state: str, *, case: CaseNow, policy: StatesPolicy) -> str:
    legal = "、".join(policy.action_name(item) for item in steps(state, policy=policy)) or "无"
    found = policy.find(step.action)
    what = f"不能“{found.name}”" if found else f"没有“{step.action}”这一步"
    return f"案件 {case.case_id[:8]} 现为“{policy.name(state)}”，{what}；可以：{legal}"
