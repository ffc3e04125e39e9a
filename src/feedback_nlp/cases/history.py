"""What has been done with a case: events in order of ``seq``, of which nothing ever changes, and what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import takewhile

from feedback_nlp.policy.states import FIRST

LEDGER, SYSTEM = "ledger", "system"
MACHINES = frozenset({LEDGER, SYSTEM})
"""Actors that are no persons."""
CONTINUES, RESTARTS, OWN = "continues", "restarts", "own"
"""What a reopening does to the clocks, in its details under ``clock``.

``restarts``: they run anew from that day, as they do where a person reopens. ``continues``: the ledger takes its answer
back, as if there had been none. ``own``: another letter came in, which brings its own clocks.
"""
DAY_END = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Event:
    """One step that was taken: a row of ``case_event``."""

    case_id: str
    seq: int  # 1, 2, 3 …
    at: datetime  # when it happened
    recorded_at: datetime
    actor: str  # a person, "ledger", "system"
    action: str
    from_state: str
    to_state: str
    note: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def state_of(history: Sequence[Event]) -> str:
    """Give the state a case is in."""
    return history[-1].to_state if history else FIRST


def state_since(history: Sequence[Event]) -> datetime | None:
    """Give when a case came into its state; None where nothing has happened to it."""
    return next((event.at for event in reversed(history) if event.from_state != event.to_state), None)


def told_at(event: Event) -> datetime:
    """Give when the customer knew: the day written down as ``informed_on``, else the moment of the event."""
    day = _told_on(event)
    return min(event.at, datetime.combine(day, DAY_END)) if day else event.at


def this_run(history: Sequence[Event]) -> list[Event]:
    """List the events since the last reopening, the newest first."""
    return list(takewhile(lambda event: event.action != "reopen", reversed(history)))


def reopened(history: Iterable[Event], how: str) -> list[Event]:
    """List the reopenings that do one of three things to the clocks."""
    return [event for event in history if event.action == "reopen" and _clock(event) == how]


def believed(history: Sequence[Event]) -> Sequence[Event]:
    """Give the events whose answers count: those since the ledger last took one back."""
    taken_back = reopened(history, CONTINUES)
    return [event for event in history if event.seq > taken_back[-1].seq] if taken_back else history


def extended(history: Sequence[Event]) -> dict[str, datetime]:
    """Give the rules that the clocks of this run have been extended by, and when; clocks that start anew have none."""
    run = takewhile(lambda event: event.action != "reopen" or _clock(event) == CONTINUES, reversed(history))
    return {event.details["rule"]: event.at for event in run if event.action == "extend"}


def pauses(history: Iterable[Event]) -> list[tuple[datetime, datetime | None]]:
    """List when the clocks stood still; the end of a pause that lasts is None.

    A pause begins when it was decided, or on the day the customer was told if that was later: time he does not know of
    cannot be taken out. It ends when the case is resumed or reopened.
    """
    found: list[tuple[datetime, datetime | None]] = []
    for event in history:
        if event.action == "pause":
            day = _told_on(event)
            found.append((max(event.at, datetime.combine(day, time.min)) if day else event.at, None))
        elif event.action in ("resume", "reopen") and found and found[-1][1] is None:
            found[-1] = (found[-1][0], max(found[-1][0], event.at))
    return found


def _told_on(event: Event) -> date | None:
    """Give the day written down as ``informed_on``; None where there is none, or where nobody can read it.

    Events stay as they are for ever: a day that an older release let pass must not stop every run after it.
    """
    try:
        return date.fromisoformat(event.details.get("informed_on", ""))
    except ValueError:
        return None


def _clock(event: Event) -> str:
    return event.details.get("clock", RESTARTS)
