"""The feedback of a case as its clocks see it: since when, until when, and whether it has been answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Protocol

from feedback_nlp.cases.clocks import Opening, waits
from feedback_nlp.cases.guards import guarded
from feedback_nlp.cases.history import DAY_END, MACHINES, RESTARTS, Event, believed, reopened, state_of, told_at
from feedback_nlp.policy import Policy
from feedback_nlp.policy.states import StatesPolicy


class Member(Protocol):
    """One piece of feedback of a case, as ``store.load.case_members`` gives it."""

    @property
    def received_at(self) -> datetime | None: ...
    @property
    def counted_on(self) -> date: ...
    @property
    def source_kind(self) -> str: ...
    @property
    def complaint_channel(self) -> str | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def status(self) -> str | None: ...


def openings(
    members: Iterable[Member], *, kinds: tuple[str, ...], policy: Policy, now: datetime
) -> tuple[Opening, ...]:
    """Read the limits and the status columns of a case's members; ``kinds`` are "kind:modality" of the case.

    A closing date means answered, whatever the status says; a status that means so without a date counts from receipt.
    A closing date before receipt or after ``now`` is none, and kept in ``doubted``.
    Where only a person may end the case, the ledger's answer is kept in ``said`` and not believed.
    """
    return tuple(_opening(member, kinds, policy, now) for member in members)


def unanswered(told: Iterable[Opening], history: Sequence[Event], *, policy: StatesPolicy) -> list[Opening]:
    """List what still waits for an answer.

    Feedback that no limit runs for, such as a review, waits only where nothing of its case was answered on its day or
    later.
    """
    answers = [(item, _answered_at(item, history, policy)) for item in told]
    last = max((at for _, at in answers if at), default=None)
    return [
        item
        for item, at in answers
        if at is None and (item.waits or last is None or item.received_at.date() > last.date())
    ]


def answered_on(told: Sequence[Opening], history: Sequence[Event], *, policy: StatesPolicy) -> date | None:
    """Give the day the last of a case was answered, for ``complaint_case.closed_on``; None while anything waits.

    To be asked when `follow` has nothing more to say.
    """
    if not policy.answered(state_of(history)) or unanswered(told, history, policy=policy):
        return None
    again = reopened(history, RESTARTS)
    since = [
        max(told_at(event), again[-1].at)
        for event in history
        if again and event.seq > again[-1].seq and _answers(event, policy)
    ]
    found = [at for item in told if (at := _answered_at(item, history, policy))]
    return max([*found, *since[:1]], default=told_at(history[-1])).date()


def _opening(member: Member, kinds: tuple[str, ...], policy: Policy, now: datetime) -> Opening:
    received_at = member.received_at or datetime.combine(member.counted_on, time.min)
    state, closed_at = policy.states.meaning(member.status) or "", member.closed_at
    if closed_at and not received_at.date() <= closed_at.date() <= now.date():
        closed_at = None
    if closed_at and not policy.states.answered(state):
        state = "responded"
    done = policy.states.answered(state)
    said_at = _late(closed_at or received_at) if done else received_at
    opening = Opening(
        received_at=received_at,
        source_kind=member.source_kind,
        complaint_channel=member.complaint_channel,
        due_at=member.due_at,
        answered_at=said_at if done and not guarded(kinds, policy=policy.states) else None,
        answered_as=state or "responded",
        said=state,
        said_at=said_at if state else None,
        word=_word(member.status, state, policy.states),
        doubted=member.closed_at.date() if member.closed_at and not closed_at else None,
    )
    return replace(opening, waits=waits(opening, kinds=kinds, policy=policy.sla))


def _word(status: str | None, state: str, policy: StatesPolicy) -> str:
    """Give the status as written, or where a closing date says otherwise the first word for that."""
    return status if status and policy.meaning(status) == state else next(iter(policy.ledger.get(state, ())), state)


def _late(at: datetime) -> datetime:
    """Read a day without a time as its end."""
    return datetime.combine(at, DAY_END) if at.time() == time.min else at


def _answers(event: Event, policy: StatesPolicy) -> bool:
    return policy.answered(event.to_state) and not policy.answered(event.from_state)


def _answered_at(item: Opening, history: Sequence[Event], policy: StatesPolicy) -> datetime | None:
    """Give when the ledger answered it, or a person all that had been received; as ``clocks`` stops its clock."""
    people = (
        told_at(event)
        for event in believed(history)
        if event.actor not in MACHINES and _answers(event, policy) and told_at(event) >= item.received_at
    )
    return min([*people, *([item.answered_at] if item.answered_at else [])], default=None)
