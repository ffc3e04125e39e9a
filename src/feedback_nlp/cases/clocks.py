"""Until when what has to be done for a case; every rule of ``sla.toml`` that applies has a clock of its own.

In days, the day of receipt does not count and the last one does to its end. In hours, the moment of receipt counts;
where only a day is known, it is read against the bank: received at its beginning, answered at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from feedback_nlp.cases.calendar import DAY
from feedback_nlp.cases.guards import Extension
from feedback_nlp.cases.history import MACHINES, RESTARTS, Event, believed, extended, pauses, reopened, told_at
from feedback_nlp.cases.limits import NOTHING, Limit, due_at, within
from feedback_nlp.policy.sla import DELIVERED, RECEIVED, SlaPolicy, SlaRule


@dataclass(frozen=True, slots=True)
class Opening:
    """One piece of feedback of a case as its clocks see it, see ``openings.openings``."""

    received_at: datetime
    source_kind: str
    complaint_channel: str | None = None
    due_at: datetime | None = None  # 办结期限 as delivered
    answered_at: datetime | None = None  # as the ledger has it, where the ledger is believed
    answered_as: str = "responded"
    waits: bool = True  # somebody has to answer it
    said: str = ""  # the state its columns say it is in, "" where they say nothing
    said_at: datetime | None = None
    word: str = ""  # as written there
    doubted: date | None = None  # 办结日期 as delivered, where it cannot be true
    again: int = 0  # no feedback, but the day a case was reopened: the number of that event


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit of one case: a row of ``sla_clock``."""

    rule: str  # id in sla.toml, or "delivered"
    event: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    paused_days: int  # calendar days taken out so far
    paused: bool  # standing still: the limit moves with every day, compute it again
    extended: bool
    provisional: bool  # counted by weekday beyond the last published calendar


@dataclass(frozen=True, slots=True)
class _Past:
    """What all clocks of a case share."""

    history: Sequence[Event]
    kinds: tuple[str, ...]
    policy: SlaPolicy
    now: datetime
    pauses: Sequence[tuple[datetime, datetime | None]] = ()
    believed: Sequence[Event] = ()  # since the ledger last took an answer back


class _Run(NamedTuple):
    """One clock before it is known where it stands."""

    rule: str
    event: str
    limit: Limit
    start: datetime


def clocks(
    openings: Sequence[Opening], history: Sequence[Event], *, kinds: tuple[str, ...], policy: SlaPolicy, now: datetime
) -> tuple[Clock, ...]:
    """Give all clocks of a case side by side, the earliest limit first; ``kinds`` are "kind:modality".

    Per rule the earliest limit among what is unanswered decides; where all is answered, the answer that was most late.
    """
    past = _Past(history, kinds, policy, now)
    if history:
        openings = (*openings, *_again(openings, history))
        past = replace(past, pauses=pauses(history), believed=believed(history))
    found: dict[str, Clock] = {}
    for opening in openings:
        for clock in _clocks_of(opening, past):
            known = found.get(clock.rule)
            if known is None or _rank(clock) < _rank(known):
                found[clock.rule] = clock
    return tuple(sorted(found.values(), key=lambda clock: (clock.due_at, clock.rule)))


def waits(opening: Opening, *, kinds: tuple[str, ...], policy: SlaPolicy) -> bool:
    """Tell whether feedback has a limit for its answer: the ledger's own, or that of a rule."""
    rules = _rules(policy, opening.source_kind, opening.complaint_channel, kinds)
    day = opening.received_at.date()
    return bool(opening.due_at) or any(policy.event[rule.event].due and rule.holds_on(day) for rule in rules)


def due(running: Iterable[Clock], *, policy: SlaPolicy) -> Clock | None:
    """Give the earliest clock that still runs for the answer, see ``complaint_case.due_on``; None where none does."""
    return min(
        (clock for clock in running if clock.stopped_at is None and policy.event[clock.event].due),
        key=lambda clock: (clock.due_at, clock.rule),
        default=None,
    )


def overdue(clock: Clock, now: datetime) -> bool:
    """Tell whether a clock still runs though its limit has passed."""
    return clock.stopped_at is None and now > clock.due_at


def near(clock: Clock, now: datetime, *, share_from: float) -> bool:
    """Tell whether a clock runs, is not over, and has used this share of its time."""
    return clock.stopped_at is None and not clock.paused and now <= clock.due_at and share(clock, now) >= share_from


def share(clock: Clock, now: datetime) -> float:
    """Give the used share of a clock's time, 0 and up, above 1 where it is over; pauses are taken out of both."""
    began = clock.started_at + clock.paused_days * DAY
    whole, used = clock.due_at - began, (clock.stopped_at or now) - began
    return max(0.0, used / whole) if whole > NOTHING else 1.0


def extensions(running: Iterable[Clock], history: Sequence[Event], *, policy: SlaPolicy) -> tuple[Extension, ...]:
    """List the limits that running clocks may still be moved to, for ``CaseNow.extensions``."""
    used = extended(history)
    found: dict[str, Extension] = {}
    for clock in running:
        rule = _longer(clock.rule, policy)
        while rule and clock.extended and rule.id in used:
            rule = _longer(rule.id, policy)
        fits = rule and rule.on and rule.id not in used and rule.holds_on(clock.started_at.date())
        if clock.stopped_at is None and rule and fits:
            found[rule.id] = Extension(rule.id, rule.name, rule.approval_by, clock.due_at)
    return tuple(found.values())


def owed(running: Iterable[Clock]) -> tuple[str, ...]:
    """List the events that running clocks wait for, for ``CaseNow.owed``."""
    return tuple(dict.fromkeys(clock.event for clock in running if clock.stopped_at is None))


def _clocks_of(opening: Opening, past: _Past) -> Iterator[Clock]:
    day = opening.received_at.date()
    for rule in _rules(past.policy, opening.source_kind, opening.complaint_channel, past.kinds):
        if rule.holds_on(day) and not (rule.yields and _believable(opening, past.policy)):
            start = opening.received_at if rule.start == RECEIVED else _started(rule.start, past)
            if start is not None:
                yield _clock(_Run(rule.id, rule.event, Limit(rule.limit, rule.unit, rule.roll), start), opening, past)
    if opening.due_at:
        limit = Limit((opening.due_at.date() - day).days, "days")
        yield _clock(_Run(DELIVERED, past.policy.delivered.event, limit, opening.received_at), opening, past)


def _believable(opening: Opening, policy: SlaPolicy) -> bool:
    """Tell whether a ledger's limit may stand for that of the law: a slip of the pen may not."""
    days = (opening.due_at.date() - opening.received_at.date()).days if opening.due_at else -1
    return 0 <= days <= policy.delivered.believable_days


def _clock(run: _Run, opening: Opening, past: _Past) -> Clock:
    rule, event, limit, start = run
    stopped_at = _stopped(event, start, opening, past)
    if not past.history:
        due = due_at(start, limit)
        return Clock(rule, event, start, due.at, stopped_at, 0, False, False, due.provisional)
    end = stopped_at or past.now
    stood = past.pauses if past.policy.event[event].pauses else ()
    spans = within(stood, start, end)
    due, longer = due_at(start, limit, spans=spans), _extension(rule, start, end, past)
    if longer:
        due = max(due, due_at(start, Limit(longer.limit, longer.unit, longer.roll), spans=spans))
    lasts = bool(stood) and stood[-1][1] is None  # from this very moment on, maybe: no span to take out yet
    still = lasts and stopped_at is None and max(stood[-1][0], start) <= due.at
    return Clock(
        rule=rule,
        event=event,
        started_at=start,
        due_at=due.at,
        stopped_at=stopped_at,
        paused_days=due.taken_out.days,
        paused=still,
        extended=longer is not None,
        provisional=due.provisional,
    )


def _stopped(event: str, start: datetime, opening: Opening, past: _Past) -> datetime | None:
    """Give when something stopped a clock first.

    What the ledger says of an answer holds for its own row, which knows of it; a person's answer holds for all that had
    been received when the customer was told. Where a case was reopened, every answer after that counts, none before it.
    """
    what = past.policy.event[event]
    found: list[datetime] = []
    if opening.answered_at and opening.answered_as in what.stop:
        found.append(opening.answered_at)
    anybody, again = start != opening.received_at, opening.again if start == opening.received_at else 0
    for step in past.history if what.once else past.believed:
        entered = "" if step.from_state in (*what.stop, step.to_state) else step.to_state
        if step.action in what.stop or entered in what.stop or step.details.get("done") == event:
            if what.once or again:
                found += [max(told_at(step), start)] if step.seq > again else []
            elif (anybody or step.actor not in MACHINES) and told_at(step) >= start:
                found.append(told_at(step))
    return min(found, default=None)


def _started(start: str, past: _Past) -> datetime | None:
    """Give when a clock that does not run from receipt began: with the last such step."""
    for step in reversed(past.history):
        if start == step.action or (start == step.to_state != step.from_state):
            return told_at(step)
    return None


def _extension(rule: str, start: datetime, end: datetime, past: _Past) -> SlaRule | None:
    """Give the longest limit that a clock was moved to while it ran."""
    names = {step.details["rule"] for step in past.history if step.action == "extend" and start <= step.at <= end}
    found, further = None, _longer(rule, past.policy)
    while further and further.id in names:
        found, further = further, _longer(further.id, past.policy)
    return found


def _again(openings: Iterable[Opening], history: Sequence[Event]) -> Iterator[Opening]:
    """Let a case that a person reopened begin anew, however its feedback came; the ledger's own limit is gone."""
    ways = dict.fromkeys((item.source_kind, item.complaint_channel) for item in openings)
    for step in reopened(history, RESTARTS):
        for source_kind, channel in ways:
            yield Opening(step.at, source_kind, channel, again=step.seq)


def _rank(clock: Clock) -> tuple[object, ...]:
    """Order clocks of one rule: the first decides."""
    if clock.stopped_at is None:
        return 0, clock.due_at, clock.started_at
    return 1, clock.due_at - clock.stopped_at, clock.due_at, clock.started_at


@lru_cache(maxsize=4096)
def _rules(policy: SlaPolicy, source_kind: str, channel: str | None, kinds: tuple[str, ...]) -> tuple[SlaRule, ...]:
    """List the rules that start clocks for such feedback."""
    said = {name for kind in kinds for name in (kind, kind.partition(":")[0])}
    return tuple(
        rule
        for rule in policy.rule
        if rule.on
        and source_kind in rule.source_kinds
        and (not rule.kinds or said.intersection(rule.kinds))
        and (not rule.complaint_channels or any(re.search(way, channel or "") for way in rule.complaint_channels))
    )


@lru_cache(maxsize=256)
def _longer(rule: str, policy: SlaPolicy) -> SlaRule | None:
    return next((item for item in policy.rule if item.extends == rule), None)
