"""Put each event into its case: one customer with one demand, or one letter however often it is sent.

Incremental: events that have their place keep it, new ones join them or open a case. Cases are never merged: an event
linked to two of them joins that of the earliest event it is linked to. Taken in order of date and id, any split of a
stream into batches gives the same cases; a latecomer joins what is there and moves nothing.

Of a letter that comes by the thousand only the first is filed, and one more after every half of the window: the others
are found by what is filed. So a wave costs what a single letter does.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain

from feedback_nlp.cases.duplicates import alike, resemble
from feedback_nlp.cases.events import CaseEvent
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.taxonomy import parent

FIRST = "首次反映"
Index = defaultdict[str, list[CaseEvent]]
"""Identifier or band → its events in order."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event belongs, and why."""

    feedback_id: str
    case_id: str
    why: str  # in Chinese
    bands: tuple[str, ...]  # under which its letter is to be filed; none where a letter on file stands for it


def place(new: Sequence[CaseEvent], known: Sequence[CaseEvent], *, policy: CasesPolicy) -> list[Place]:
    """Place the new events among the known ones, in order of date and id.

    ``known`` are the placed events that share an identifier or a filed band with a new one and lie within the longer
    of the policy's windows of it; others do no harm. New events that are already among them are left out: they have a
    place. Of an event whose identifiers are all a crowd's, nothing but id, day, people and case is looked at.
    """
    index: Index = defaultdict(list)
    for event in sorted(known, key=_order):
        _file(index, event)
    placed = {event.feedback_id for event in known}
    places = []
    for event in sorted(new, key=_order):
        if event.feedback_id not in placed:
            found = _place(event, index, policy)
            _file(index, replace(event, case_id=found.case_id, bands=found.bands))
            placed.add(event.feedback_id)
            places.append(found)
    return places


def crowds(new: Iterable[CaseEvent], sharing: Iterable[CaseEvent], *, policy: CasesPolicy) -> set[str]:
    """List identifiers that, among the placed events sharing one, name nobody for any of the new events.

    Of a switchboard's thousand callers `place` need not see the texts.
    """
    days: defaultdict[str, list[date]] = defaultdict(list)
    for event in sharing:
        for who in event.people:
            days[who].append(event.received_on)
    found, naming = {who: sorted(each) for who, each in days.items()}, set()
    reach = timedelta(policy.repeat.days)
    for event in new:
        for who in event.people & found.keys():
            start = bisect_left(found[who], event.received_on - reach)
            if bisect_right(found[who], event.received_on + reach) - start < policy.people.crowd:
                naming.add(who)
    return found.keys() - naming


def case_id(feedback_id: str) -> str:
    """Name the case that a piece of feedback opens (20 hex digits).

    >>> case_id("0123456789abcdef0123")
    '206cafe6bf1a9ef02b0d'
    """
    return hashlib.sha256(f"case:{feedback_id}".encode()).hexdigest()[:20]


def _order(event: CaseEvent) -> tuple[date, str]:
    return event.received_on, event.feedback_id


def _file(index: Index, event: CaseEvent) -> None:
    for key in (*event.people, *event.bands):
        insort(index[key], event, key=_order)


def _place(event: CaseEvent, index: Index, policy: CasesPolicy) -> Place:
    own, letters = _of_the_customer(event, index, policy), _near(event.bands, index, event, policy.duplicate.days)
    strong = own.keys()
    last = None
    for other in _distinct(heapq.merge(*own.values(), *letters, key=_order)):
        same_customer = not strong.isdisjoint(other.people) and _one_customer(event, other, policy)
        if why := _same_demand(event, other, policy) if same_customer else "":
            return _join(event, other, f"同一客户{policy.repeat.days}天内再次反映，{why}")
        if _copy(event, other, policy):
            copied = replace(event, bands=() if _stands_in(event, letters, policy) else event.bands)
            return _join(copied, other, f"与{other.feedback_id}内容基本相同")
        if same_customer and _order(other) < _order(event):
            last = other
    if last and _says_again(event, last, policy):
        return _join(event, last, f"同一客户{policy.repeat.days}天内催办此前反映的事")
    return Place(event.feedback_id, case_id(event.feedback_id), FIRST, event.bands)


def _join(event: CaseEvent, other: CaseEvent, why: str) -> Place:
    return Place(event.feedback_id, other.case_id or case_id(other.feedback_id), why, event.bands)


def _of_the_customer(event: CaseEvent, index: Index, policy: CasesPolicy) -> dict[str, list[CaseEvent]]:
    """Give what shares an identifier that is no crowd's, by identifier."""
    found = zip(event.people, _near(event.people, index, event, policy.repeat.days), strict=True)
    return {who: events for who, events in found if len(events) < policy.people.crowd}


def _near(keys: Iterable[str], index: Index, event: CaseEvent, days: int) -> list[list[CaseEvent]]:
    first, last = event.received_on - timedelta(days), event.received_on + timedelta(days)
    near = []
    for key in keys:
        events = index.get(key, [])
        start = bisect_left(events, first, key=_day)
        near.append(events[start : bisect_right(events, last, lo=start, key=_day)])
    return near


def _day(event: CaseEvent) -> date:
    return event.received_on


def _distinct(events: Iterable[CaseEvent]) -> Iterator[CaseEvent]:
    last = None
    for event in events:
        if event.feedback_id != last:
            yield event
        last = event.feedback_id


def _copy(event: CaseEvent, other: CaseEvent, policy: CasesPolicy) -> bool:
    return not set(event.bands).isdisjoint(other.bands) and alike(event.text, other.text, policy=policy)


def _stands_in(event: CaseEvent, letters: Iterable[list[CaseEvent]], policy: CasesPolicy) -> bool:
    """Tell whether a letter on file is near enough in time to be found in place of this copy of it."""
    reach = timedelta(policy.duplicate.days // 2)
    near = (other for other in chain.from_iterable(letters) if abs(other.received_on - event.received_on) <= reach)
    return any(_copy(event, other, policy) for other in near)


def _same_demand(event: CaseEvent, other: CaseEvent, policy: CasesPolicy) -> str:
    """Say what makes two events of one customer the same demand; nothing where they are two."""
    if _apart(event, policy) == _apart(other, policy):
        if labels := _same_labels(event, other, policy):
            return labels
        if policy.repeat.same == "business" and (registered := _same_registration(event, other, policy)):
            return registered
    return "内容相近" if resemble(event.text, other.text, policy=policy) else ""


def _same_labels(event: CaseEvent, other: CaseEvent, policy: CasesPolicy) -> str:
    if event.theme == other.theme:
        return "" if event.theme in policy.repeat.empty else "业务和原因相同"
    one, two = (each.theme.split("/", 1)[0] for each in (event, other))
    return "业务相同" if policy.repeat.same == "business" and one == two and one not in policy.repeat.vague else ""


def _same_registration(event: CaseEvent, other: CaseEvent, policy: CasesPolicy) -> str:
    """Compare the registered business; where one has none, the product."""
    named = bool(event.category and other.category)
    one, two = (each.category if named else each.product for each in (event, other))
    agree = one is not None and one == two and one not in policy.repeat.vague_categories
    return f"登记{'类别' if named else '产品'}相同（{one}）" if agree else ""


def _says_again(event: CaseEvent, last: CaseEvent, policy: CasesPolicy) -> bool:
    mine = _apart(event, policy)
    return mine in ("", _apart(last, policy)) and any(re.search(cue, event.text) for cue in policy.repeat.again)


def _apart(event: CaseEvent, policy: CasesPolicy) -> str:
    """Name the grave reason that makes an event a matter of its own, if it has one."""
    leaf = event.theme.split("/", 1)[1]
    return parent(leaf) if not {leaf, parent(leaf)}.isdisjoint(policy.repeat.apart) else ""


def _one_customer(event: CaseEvent, other: CaseEvent, policy: CasesPolicy) -> bool:
    """Refuse two who each carry an identifier of which a person has only one, and not the same; and long intervals."""
    if abs((event.received_on - other.received_on).days) > policy.repeat.days:
        return False
    for kind in policy.people.unique:
        mine, theirs = ({who for who in each.people if who.startswith(f"{kind}:")} for each in (event, other))
        if mine and theirs and mine.isdisjoint(theirs):
            return False
    return True
