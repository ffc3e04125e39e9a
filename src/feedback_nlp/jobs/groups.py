"""Find group complaints among the cases that have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from feedback_nlp.cases.events import people_of
from feedback_nlp.cases.groups import Group, GroupCase, Span, bursts, reach, wave
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.records import Identifier
from feedback_nlp.store import groups as store
from feedback_nlp.store.open import reading
from feedback_nlp.taxonomy import parent

Key = store.Key


def key_of(org: str | None, theme: str, *, policy: CasesPolicy) -> Key | None:
    """Give under what a case is counted; None where it names no branch or no business."""
    business = theme.split("/", 1)[0]
    if business in policy.group.bank_wide:
        return "", business
    return (org, business) if org and business not in policy.group.vague else None


def touched(cases: Iterable[tuple[str | None, str, date]], *, policy: CasesPolicy) -> dict[Key, date]:
    """Give the keys of changed cases (branch, theme, day of opening), each with its first day."""
    found: dict[Key, date] = {}
    for org, theme, day in cases:
        if key := key_of(org, theme, policy=policy):
            found[key] = min(day, found.get(key, day))
    return found


def find_groups(work: Workplace) -> int:
    """Look at every key that has changed since the last time; give how many groups exist or grow there.

    One transaction a branch: a killed run goes on with the next branch.
    """
    policy = work.policy.cases
    with reading(work.engine) as connection:
        pending, first = sorted(store.pending_keys(connection).items()), store.first_day(connection)
    total = 0
    for org, items in groupby(pending, key=lambda item: item[0][0]):
        days = dict(items)
        with work.engine.begin() as connection:
            found = [
                group
                for key, cases in _cases(connection, org, days, policy)
                for group in _bursts(connection, key, cases, (first or work.today, days[key]), policy)
            ]
            _save(connection, found, policy)
            store.forget_keys(connection, days)
        total += len(found)
    with work.engine.begin() as connection:
        waves = [_wave(row) for row in store.new_waves(connection, least_customers=policy.group.letter_customers)]
        _save(connection, waves, policy)
    return total + len(waves)


def _cases(
    connection: sa.Connection, org: str, days: dict[Key, date], policy: CasesPolicy
) -> Iterable[tuple[Key, list[GroupCase]]]:
    far = timedelta(reach(policy.group))
    if not org:
        for key, day in days.items():
            rows = store.cases_of_business(connection, key[1], since=day - far)
            yield key, [_case(row) for row in rows]
        return
    found: defaultdict[Key, list[GroupCase]] = defaultdict(list)
    for row in store.cases_of_org(connection, org, since=min(days.values()) - far):
        key = (org, row.theme.split("/", 1)[0])
        if key in days:
            found[key].append(_case(row))
    yield from found.items()


def _bursts(
    connection: sa.Connection, key: Key, cases: list[GroupCase], days: tuple[date, date], policy: CasesPolicy
) -> list[Group]:
    """Find the groups of one key; who is behind its cases is asked only where there may be one."""
    far = timedelta(reach(policy.group))
    known = [Span(*row) for row in store.known_groups(connection, *key, since=days[1] - far)]
    found = bursts(cases, known, key=key, days=days, policy=policy.group)
    if not found:
        return []
    people = _people(connection, [case.case_id for case in cases], policy)
    named = [replace(case, people=people.get(case.case_id, frozenset())) for case in cases]
    return bursts(named, known, key=key, days=days, policy=policy.group)


def _people(connection: sa.Connection, case_ids: Sequence[str], policy: CasesPolicy) -> dict[str, frozenset[str]]:
    found: defaultdict[str, list[Identifier]] = defaultdict(list)
    for row in store.people_of_cases(connection, case_ids):
        found[row.case_id].append(Identifier(row.type, row.hmac, column=row.from_column))
    return {case_id: people_of(items, policy=policy) for case_id, items in found.items()}


def _case(row: Any) -> GroupCase:
    return GroupCase(row.id, row.opened_on, parent(row.theme.split("/", 1)[1]), row.customers)


def _wave(row: Any) -> Group:
    return wave(_case(row), org=row.org, business=row.theme.split("/", 1)[0], last_on=row.last_on)


def _save(connection: sa.Connection, groups: Sequence[Group], policy: CasesPolicy) -> None:
    columns = ("id", "org", "cause", "first_on", "last_on", "customers", "expected", "p")
    rows = [
        {name: getattr(group, name) for name in columns} | {"cases": len(group.case_ids), "policy": policy.version}
        for group in groups
    ]
    store.save_groups(connection, {group.id: group.case_ids for group in groups}, rows)
