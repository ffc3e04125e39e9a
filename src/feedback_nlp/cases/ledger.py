"""What the status columns of an imported ledger say of a case, as the next event of its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from feedback_nlp.cases.clocks import Opening
from feedback_nlp.cases.guards import Asked, CaseNow, Step, guarded
from feedback_nlp.cases.history import CONTINUES, LEDGER, OWN, RESTARTS, Event, reopened, state_of, told_at
from feedback_nlp.cases.openings import unanswered
from feedback_nlp.cases.states import following
from feedback_nlp.policy.states import StatesPolicy

HELD = "未采信："
"""Begins what was heard of a ledger that was not believed: should that change, it is news."""


def follow(
    told: Sequence[Opening], history: Sequence[Event], *, case: CaseNow, policy: StatesPolicy, now: datetime
) -> Event | None:
    """Give the one event that brings a case to where the ledger says it is; None where that is no news.

    To be asked until it gives None: a closing date that cannot be true is written down once, after that event. What
    people have done is not pulled back, but for an answer that the ledger itself takes back, and for letters that
    nobody has answered.
    """
    state = state_of(history)
    if not told or state == "void":
        return None
    view = _View(history, case, policy, now, _said(told, policy))
    event = _while_answered(view, told, state) if policy.answered(state) else _while_open(view, told, state)
    return event or _doubted(view, told)


class _Said(NamedTuple):
    """What a ledger says of a whole case."""

    state: str
    word: str
    at: datetime
    day: str  # the day it was answered, "" while it is not

    @property
    def key(self) -> str:
        return f"{self.word} {self.day}".strip()


class _View(NamedTuple):
    history: Sequence[Event]
    case: CaseNow
    policy: StatesPolicy
    now: datetime
    said: _Said | None

    @property
    def held(self) -> bool:
        return guarded(self.case.kinds, policy=self.policy)


def _said(told: Sequence[Opening], policy: StatesPolicy) -> _Said | None:
    """Put together what the rows of a ledger say: the furthest that is still open, else the last that was answered."""
    order = [item.id for item in policy.state]
    talking = [(item, _Said(item.said, item.word, item.said_at, "")) for item in told if item.said_at]
    answered = [said for _, said in talking if policy.answered(said.state)]
    last = max(answered, key=lambda said: (said.at, said.state, said.word), default=None)
    running = [  # as in `unanswered`: a review that was there when the case was answered is no open letter
        said
        for item, said in talking
        if not policy.answered(said.state) and (item.waits or last is None or said.at.date() > last.at.date())
    ]
    if running:
        return max(running, key=lambda said: (order.index(said.state), said.at, said.word))
    return last and last._replace(day=f"{last.at:%Y-%m-%d}")


def _while_open(view: _View, told: Sequence[Opening], state: str) -> Event | None:
    said, order = view.said, [item.id for item in view.policy.state]
    if said is None or _heard(view.history) == _key(view, said):
        return None
    if said.day and view.held:
        note = f"台账显示“{said.key}”；{view.policy.safety.ledger_note}"
        return _event(view, "note", at=said.at, note=note, ledger=_key(view, said))
    if said.day and unanswered(told, view.history, policy=view.policy):
        return None
    if said.day and _old(said, view.history):
        return _heard_only(view, said)
    if said.day:
        return _moved(view, said)
    return _moved(view, said) if order.index(said.state) > order.index(state) else _heard_only(view, said)


def _while_answered(view: _View, told: Sequence[Opening], state: str) -> Event | None:
    said, heard = view.said, _heard(view.history)
    if said and _takes_back(said, told, heard, view.policy):
        note = f"台账由“{heard}”改为“{said.word}”，此前的答复不再算数"
        return _event(view, "reopen", at=view.now, note=note, clock=CONTINUES, ledger=_key(view, said))
    waiting = unanswered(told, view.history, policy=view.policy)
    if waiting:
        return _another(view, min(item.received_at for item in waiting))
    if said is None or heard == _key(view, said):
        return None
    changed = next((event for event in reversed(view.history) if event.from_state != event.to_state), None)
    corrects = said.day and not view.held and said.state != state and changed and changed.actor == LEDGER
    return _moved(view, said) if corrects else _heard_only(view, said)


def _doubted(view: _View, told: Sequence[Opening]) -> Event | None:
    written = {event.note for event in view.history if event.actor == LEDGER}
    found = {f"台账的办结日期 {item.doubted} 不合理，未采信": item.received_at for item in told if item.doubted}
    note = min(found.keys() - written, default=None)
    return _event(view, "note", at=found[note], note=note) if note else None


def _old(said: _Said, history: Sequence[Event]) -> bool:
    """Tell whether an answer is older than the day a person reopened the case."""
    return any(said.at.date() < event.at.date() for event in reopened(history, RESTARTS))


def _takes_back(said: _Said, told: Sequence[Opening], heard: str, policy: StatesPolicy) -> bool:
    """Tell whether what the ledger once called answered is open there again."""
    day = _day_in(heard)
    if day is None or said.day or heard.startswith(HELD):
        return False
    open_again = (item for item in told if item.said and not policy.answered(item.said))
    return any(item.received_at.date() <= day for item in open_again)


def _another(view: _View, received_at: datetime) -> Event:
    news = received_at > told_at(view.history[-1])
    note = "又收到反馈，尚未答复" if news else "并入的反馈尚未答复"
    if view.held:
        note = f"{note}；{view.policy.safety.ledger_note}"
    key = _key(view, view.said) if view.said and (view.held or not view.said.day) else ""
    return _event(view, "reopen", at=received_at, note=note, clock=OWN, ledger=key)


def _moved(view: _View, said: _Said) -> Event:
    action = next(item for item in view.policy.action if item.to == said.state and item.id not in ("reopen", "restore"))
    told = {"informed_on": f"{min(said.at, view.now):%Y-%m-%d}"} if action.id == "respond" else {}
    return _event(view, action.id, at=said.at, note=f"台账显示“{said.word}”", ledger=said.key, **told)


def _heard_only(view: _View, said: _Said) -> Event:
    return _event(view, "note", at=said.at, note=f"台账显示“{said.key}”", ledger=_key(view, said))


def _key(view: _View, said: _Said) -> str:
    return HELD + said.key if said.day and view.held else said.key


def _heard(history: Sequence[Event]) -> str:
    """Give what the ledger said last; "" where it has to be heard again, for another letter has come between."""
    for event in reversed(history):
        if event.details.get("ledger") or event.details.get("clock") == OWN:
            return event.details.get("ledger", "")
    return ""


def _day_in(key: str) -> date | None:
    day = key.rpartition(" ")[2]
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def _event(view: _View, action: str, *, at: datetime, note: str, **details: str) -> Event:
    """Make an event as early as history allows: people may have steps to add that were taken before the import."""
    found = view.policy.find(action)
    assert found is not None  # the policy refuses to be without
    moment = min(at, view.now)
    if view.history:
        moment = max(moment, view.history[-1].at)
    step = Step(action, LEDGER, moment, note, {key: value for key, value in details.items() if value})
    asked = Asked(step, found, view.history, view.case, view.policy, view.now)
    return following(asked, to_state=found.to or state_of(view.history))
