"""What the tables say now that somebody must know: grave letters, clocks running out, bursts, cases of nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from feedback_nlp.cases.clocks import Clock, near, overdue
from feedback_nlp.jobs.standing import clock_of
from feedback_nlp.jobs.textfacts import BY_PERSON, hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.policy.alerts import AlertRule
from feedback_nlp.store import alerts as store
from feedback_nlp.taxonomy import Taxonomy

NO_BRANCH = "机构未注明"
SHOWN_CUES = 5


@dataclass(frozen=True, slots=True)
class Sign:
    """A thing that a rule says somebody must know."""

    rule: AlertRule
    subject: str  # what it is about: with the rule it makes the alert's id
    case_id: str | None
    says: str  # in Chinese: what was seen, and where


def find_signs(connection: sa.Connection, work: Workplace, *, now: datetime) -> Iterator[Sign]:
    """Look through cases, clocks and groups with every rule that is on."""
    yield from _escalations(connection, work, now)
    yield from _clocks(connection, work.policy, now)
    yield from _bursts(connection, work, now)
    yield from _unrouted(connection, work, now)


@dataclass(frozen=True, slots=True)
class Seen:
    """One cue in one letter."""

    letter: str
    on: date  # when we learned of it: a letter may be delivered long after it was written
    kind: str
    cue: str  # BY_PERSON where no cue says so
    level: int
    rule: str | None  # the rule that is about this kind by name, for the gravest cue of the kind in the letter


def _escalations(connection: sa.Connection, work: Workplace, now: datetime) -> Iterator[Sign]:
    """Cases with signs of escalation: the first rule about each kind of theirs, else the first rule about none."""
    rules = list(work.policy.alerts.rules("escalated"))
    cases = store.escalated_cases(
        connection,
        at_least=min(rule.at_least for rule in rules),  # there is one: the policy wants rules about lives
        lives=min(rule.at_least for rule in rules if rule.by_person),
        opened_since=now.date() - timedelta(days=work.policy.cases.listening.days),
        closed_since=now.date() - timedelta(days=max(rule.days for rule in rules)),
    )
    members = store.hits_of(connection, [case.id for case in cases])
    letters = {case_id: list(rows) for case_id, rows in groupby(members, key=attrgetter("case_id"))}
    for case in cases:
        seen = [hit for row in letters.get(case.id, ()) for hit in _seen(row, rules)]
        signs = [sign for rule in rules for sign in _about(case, seen, rule, work.policy, now)]
        named = [sign for sign in signs if sign.rule.kinds]
        yield from named or signs[:1]


def _seen(row: Any, rules: Sequence[AlertRule]) -> Iterator[Seen]:
    hits = hits_of(row.hits)
    for hit in hits:
        gravest = max(other.level for other in hits if other.kind == hit.kind)
        rule = next((rule.id for rule in rules if hit.kind in rule.kinds and gravest >= rule.at_least), None)
        yield Seen(row.feedback_id, max(row.counted_on, row.taken_in_on), hit.kind, hit.cue, hit.level, rule)


def _fits(hit: Seen, rule: AlertRule) -> bool:
    return hit.rule == rule.id if rule.kinds else hit.rule is None and hit.level >= rule.at_least


def _about(case: Any, seen: Sequence[Seen], rule: AlertRule, policy: Policy, now: datetime) -> Iterator[Sign]:
    """Look at a case as one rule does. What concerns a life counts in answered cases too, for the rule's days.

    It is one sign a letter: who closes an alert closes what its message spoke of, and no later letter.
    """
    mine = [hit for hit in seen if _fits(hit, rule)]
    if not rule.by_person:
        if mine and not case.closed_on:
            yield Sign(rule, case.id, case.id, _says(case, mine, rule, policy))
        return
    if case.closed_on or not case.due_on:
        mine = [hit for hit in mine if hit.on >= now.date() - timedelta(days=rule.days)]
    for letter, hits in groupby(mine, key=attrgetter("letter")):
        yield Sign(rule, f"{case.id} {letter}", case.id, _says(case, list(hits), rule, policy))


def _says(case: Any, hits: Sequence[Seen], rule: AlertRule, policy: Policy) -> str:
    cues = list(dict.fromkeys(hit.cue for hit in hits if hit.cue != BY_PERSON))[:SHOWN_CUES]
    names = "、".join(dict.fromkeys(policy.escalation.name(hit.kind) for hit in hits))
    kinds = "" if len(rule.kinds) == 1 else f"（{names}）"  # or the rule's own name says it
    says = f"来信提到“{'”“'.join(cues)}”{kinds}" if cues else f"人工认定有{names}"
    return f"{says}，{_where(case.org, case.id)}"


def _clocks(connection: sa.Connection, policy: Policy, now: datetime) -> Iterator[Sign]:
    """Clocks that are over or nearly so: the first rule that fits each."""
    rules = list(policy.alerts.rules("clock_over", "clock_near", "clock_spent"))
    for row in store.running_clocks(connection) if rules else ():
        clock = clock_of(row)
        rule = next((rule for rule in rules if _runs_out(clock, rule, policy, now)), None)
        if rule:
            subject = f"{row.case_id} {clock.rule} {clock.due_at:%Y-%m-%d}"
            limit = f"{policy.sla.name_of(clock.rule)}，期限{clock_time(clock.due_at)}"
            yield Sign(rule, subject, row.case_id, f"{_where(row.org, row.case_id)}，{limit}")


def _runs_out(clock: Clock, rule: AlertRule, policy: Policy, now: datetime) -> bool:
    if rule.when == "clock_over":
        return overdue(clock, now)
    if rule.when == "clock_near":  # a limit of a few hours would be near as soon as it starts
        return clock.started_at < clock.due_at - timedelta(days=rule.days) <= now
    return near(clock, now, share_from=policy.sla.near_share)


def _bursts(connection: sa.Connection, work: Workplace, now: datetime) -> Iterator[Sign]:
    for rule in work.policy.alerts.rules("burst"):
        for group in store.bursts_since(connection, now.date() - timedelta(days=rule.days)):
            yield Sign(rule, group.id, None, _burst(group, work.taxonomy))


def _burst(group: Any, taxonomy: Taxonomy) -> str:
    business, _, reason = group.cause.partition("/")
    cause = f"{taxonomy.name('business', business)}“{taxonomy.reasons.get(reason, reason)}”"
    return (
        f"{group.org or NO_BRANCH}{cause}，{_day(group.first_on)}至{_day(group.last_on)}有{group.customers}位客户、"
        f"{group.cases}件，同样长的时间里平常约{group.expected:.1f}位，群体 {group.id[:8]}"
    )


def _unrouted(connection: sa.Connection, work: Workplace, now: datetime) -> Iterator[Sign]:
    since = now.date() - timedelta(days=work.policy.cases.listening.days)
    for rule in work.policy.alerts.rules("unrouted"):
        for case in store.unrouted_cases(connection, since=since):
            business, leaf = case.theme.split("/", 1)
            names = f"{work.taxonomy.name('business', business)}“{work.taxonomy.name('leaves', leaf)}”"
            yield Sign(rule, case.id, case.id, f"{names}，{_where(case.org, case.id)}")


def _where(org: str | None, case_id: str) -> str:
    return f"{org or NO_BRANCH}，案件 {case_id[:8]}"


def _day(day: Any) -> str:
    return f"{day.month}月{day.day}日"


def clock_time(at: datetime) -> str:
    """Write a moment as it is read aloud.

    >>> clock_time(datetime(2026, 9, 30, 8, 5))
    '2026年9月30日08:05'
    """
    return f"{at.year}年{_day(at)}{at:%H:%M}"
