"""Put each event into its case: one customer with one demand, or one letter however often it is sent.

Incremental: events that have their place keep it, new ones join them or open a case. Cases are never merged: an event
linked to two of them joins that of the earliest event it is linked to. Taken in order of date and id, any split of a
stream into batches gives the same cases; a latecomer joins what is there and moves nothing.
"""

from __future__ import annotations

import hashlib
import heapq
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from feedback_nlp.cases.duplicates import alike
from feedback_nlp.cases.events import CaseEvent
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.taxonomy import parent

FIRST = "首次反映"


@dataclass(frozen=True, slots=True)
class Membership:
    """Where an event belongs, and why."""

    feedback_id: str
    case_id: str
    why: str  # in Chinese


def join(new: Sequence[CaseEvent], known: Sequence[CaseEvent], *, policy: CasesPolicy) -> list[Membership]:
    """Place the new events among the known ones, in order of date and id.

    ``known`` are the placed events that share an identifier or a band with a new one and lie within the longer of the
    policy's windows of it; others do no harm. New events that are already among them are left out: they have a place.
    """
    index: defaultdict[str, list[CaseEvent]] = defaultdict(list)  # identifier or band → its events in order
    for event in sorted(known, key=_order):
        _file(index, event)
    placed = {event.feedback_id for event in known}
    memberships = []
    for event in sorted(new, key=_order):
        if event.feedback_id not in placed:
            membership = _place(event, index, policy)
            _file(index, replace(event, case_id=membership.case_id))
            placed.add(event.feedback_id)
            memberships.append(membership)
    return memberships


def case_id(feedback_id: str) -> str:
    """Name the case that a piece of feedback opens (20 hex digits).

    >>> case_id("0123456789abcdef0123")
    '206cafe6bf1a9ef02b0d'
    """
    return hashlib.sha256(f"case:{feedback_id}".encode()).hexdigest()[:20]


def _order(event: CaseEvent) -> tuple[date, str]:
    return event.received_on, event.feedback_id


def _file(index: defaultdict[str, list[CaseEvent]], event: CaseEvent) -> None:
    for key in (*event.people, *event.bands):
        insort(index[key], event, key=_order)


def _place(event: CaseEvent, index: defaultdict[str, list[CaseEvent]], policy: CasesPolicy) -> Membership:
    near, strong = [], set()
    for who in event.people:
        found = _near(index[who], event.received_on, policy.repeat.days)
        if len(found) < policy.people.crowd:
            strong.add(who)
            near.append(map(index[who].__getitem__, found))
    for band in event.bands:
        found = _near(index[band], event.received_on, policy.duplicate.days)
        near.append(map(index[band].__getitem__, found))  # lazily: a wave may have thousands, its first is enough
    for other in _distinct(heapq.merge(*near, key=_order)):
        why = _link(event, other, strong & other.people, policy)
        if why and other.case_id:
            return Membership(event.feedback_id, other.case_id, why)
    return Membership(event.feedback_id, case_id(event.feedback_id), FIRST)


def _near(events: list[CaseEvent], day: date, days: int) -> range:
    reach = timedelta(days=days)
    start = bisect_left(events, day - reach, key=lambda event: event.received_on)
    return range(start, bisect_right(events, day + reach, key=lambda event: event.received_on))


def _distinct(events: Iterable[CaseEvent]) -> Iterator[CaseEvent]:
    last = None
    for event in events:
        if event.feedback_id != last:
            yield event
        last = event.feedback_id


def _link(event: CaseEvent, other: CaseEvent, shared: set[str], policy: CasesPolicy) -> str:
    days = abs((event.received_on - other.received_on).days)
    same_demand = _demand(event, policy) == _demand(other, policy) and days <= policy.repeat.days
    if same_demand and shared and not _two_people(event, other, policy.people.unique):
        return f"同一客户{policy.repeat.days}天内同一诉求"
    if not set(event.bands).isdisjoint(other.bands) and alike(event.text, other.text, policy=policy):
        return f"与{other.feedback_id}内容基本相同"
    return ""


def _demand(event: CaseEvent, policy: CasesPolicy) -> str:
    """Give what must be equal for two events of one person to be the same demand."""
    business, leaf = event.theme.split("/", 1)
    if policy.repeat.same == "theme" or business in policy.repeat.vague:
        return event.theme
    return f"{business}/{parent(leaf)}" if parent(leaf) in policy.repeat.apart else business


def _two_people(event: CaseEvent, other: CaseEvent, unique: Sequence[str]) -> bool:
    """Tell whether both carry an identifier of which a person has only one, and not the same."""
    for kind in unique:
        mine, theirs = ({who for who in each.people if who.startswith(f"{kind}:")} for each in (event, other))
        if mine and theirs and mine.isdisjoint(theirs):
            return True
    return False
