"""Group complaints: many customers with one cause in a few days, or many signers of one letter.

The cause is counted as branch and business. Reasons are too fine: twelve families who complain of one closed school
are read as six reasons, and no pair of branch, business and reason stands out. A group is named by the reason that
most of its cases give. Businesses that no branch is answerable for, such as the app, are counted over the whole bank.

How likely so many customers are if nothing has changed is the exact upper tail of a Poisson distribution whose mean
comes from the days before: (cases + 1) a day, the one for what a short count cannot know. A case counts once, on its
first day; a wave of one letter is a group of its own and in no other.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from feedback_nlp.cases.customers import count_customers
from feedback_nlp.policy.cases import Group as GroupPolicy

DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class GroupCase:
    """A case as it is counted here."""

    case_id: str
    opened_on: date
    reason: str  # the parent of its leaf
    customers: int
    people: frozenset[str] = frozenset()  # identifiers of its customers, where they were asked for


@dataclass(frozen=True, slots=True)
class Group:
    """A group complaint."""

    id: str
    org: str  # "" for the whole bank, or several branches
    cause: str  # "business/reason"
    first_on: date
    last_on: date
    customers: int
    expected: float  # customers in as many days, by what was usual before; 0 for a wave of letters
    p: float  # chance of so many or more; 0 for a wave of letters: nobody writes the same words by chance
    case_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a group."""

    first_on: date
    last_on: date


def bursts(
    cases: Sequence[GroupCase],
    known: Sequence[Span],
    *,
    key: tuple[str, str],
    days: tuple[date, date],
    policy: GroupPolicy,
) -> list[Group]:
    """Find the groups of one key (branch, business) that exist, grow or come up from a day on.

    ``cases`` are those of the key, from `reach` days before that day on. ``known`` are the groups found by earlier
    runs: they grow or stay, and never vanish. ``days`` are the first day the store knows and the day to begin with.
    Day by day in one go or in many, the groups are the same.
    """
    ordered = sorted(cases, key=lambda case: (case.opened_on, case.case_id))
    count = _Count(tuple(case for case in ordered if case.customers < policy.letter_customers), days[0], policy)
    spans = {span.first_on: span for span in known}
    for day in sorted({case.opened_on for case in count.cases if case.opened_on >= days[1]}):
        last = max((first for first in spans if first <= day), default=None)
        if found := _burst(day, spans[last] if last else None, count):
            spans[found.first_on] = found
    return [_group(span, key, count) for _, span in sorted(spans.items()) if span.last_on >= days[1]]


def reach(policy: GroupPolicy) -> int:
    """Give how many days before a new case old ones still count."""
    return policy.longest_days + max(policy.window_days) + policy.baseline_days


def wave(case: GroupCase, *, org: str, business: str, last_on: date) -> Group:
    """Make a group of a case that is one letter of many signers."""
    return Group(
        id=_id("letter", case.case_id),
        org=org,
        cause=f"{business}/{case.reason}",
        first_on=case.opened_on,
        last_on=last_on,
        customers=case.customers,
        expected=0.0,
        p=0.0,
        case_ids=(case.case_id,),
    )


def poisson_tail(count: int, mean: float) -> float:
    """Give the chance of so many or more events where so many are expected.

    >>> round(poisson_tail(20, 10), 8)
    0.00345434
    """
    if count <= 0:
        return 1.0
    n, term, total = count, math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)), 0.0
    while term > total * 1e-17 or n < mean:
        total, n = total + term, n + 1
        term *= mean / n
    return min(1.0, total)


@dataclass(frozen=True, slots=True)
class _Count:
    """The cases of one key in order, and what is usual."""

    cases: tuple[GroupCase, ...]
    since: date  # the first day the store knows
    policy: GroupPolicy

    def between(self, first: date, last: date) -> tuple[GroupCase, ...]:
        start = bisect_left(self.cases, first, key=lambda case: case.opened_on)
        return self.cases[start : bisect_right(self.cases, last, lo=start, key=lambda case: case.opened_on)]

    def expected(self, before: date, days: int) -> float | None:
        """Give how many customers are usual in so many days; None where too little is known before that day."""
        first = max(before - self.policy.baseline_days * DAY, self.since)
        known_days = (before - first).days
        if known_days < self.policy.least_baseline_days:
            return None
        return (len(self.between(first, before - DAY)) + 1) / known_days * days


def _burst(day: date, last: Span | None, count: _Count) -> Span | None:
    """Tell whether too many customers come on a day and before it; the narrowest span that says so decides.

    A group that goes on is measured by what was usual before it began.
    """
    policy = count.policy
    for days in policy.window_days:
        start = day - (days - 1) * DAY
        cases = count.between(start, day)
        goes_on = last is not None and start <= last.last_on + DAY and (day - last.first_on).days < policy.longest_days
        own = last if goes_on else None
        expected = count.expected(own.first_on if own else start, days)
        if expected is None or not _unusual(sum(case.customers for case in cases), expected, policy):
            continue
        if not _unusual(_customers(cases), expected, policy):
            continue
        return _grown(own, day, count) if own else Span(cases[0].opened_on, day)
    return None


def _unusual(customers: int, expected: float, policy: GroupPolicy) -> bool:
    return customers >= policy.least_customers and poisson_tail(customers, expected) <= policy.p


def _grown(span: Span, day: date, count: _Count) -> Span | None:
    """Let a group reach up to a day where more come since its last day than usual: one more case is nothing unusual."""
    more = count.between(span.last_on + DAY, day)
    usual = count.expected(span.first_on, (day - span.last_on).days)
    unusual = usual is not None and poisson_tail(_customers(more), usual) <= count.policy.grow_p
    return replace(span, last_on=day) if more and unusual else span


def _customers(cases: Sequence[GroupCase]) -> int:
    """Count the customers of several cases, each once; a case of a few signers has more than it has in common."""
    return count_customers(case.people for case in cases) + sum(case.customers - 1 for case in cases)


def _group(span: Span, key: tuple[str, str], count: _Count) -> Group:
    org, business = key
    cases = count.between(span.first_on, span.last_on)
    reasons = Counter(case.reason for case in cases)
    reason = max(sorted(reasons), key=reasons.__getitem__, default="")
    customers = _customers(cases)
    expected = count.expected(span.first_on, (span.last_on - span.first_on).days + 1) or 0.0
    return Group(
        id=_id(org, business, span.first_on.isoformat()),
        org=org,
        cause=f"{business}/{reason}",
        first_on=span.first_on,
        last_on=span.last_on,
        customers=customers,
        expected=round(expected, 4),
        p=poisson_tail(customers, expected) if expected else 0.0,
        case_ids=tuple(case.case_id for case in cases),
    )


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(("group", *parts)).encode()).hexdigest()[:20]
