"""Find the case of each new event among all that is stored, without reading all that is stored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from feedback_nlp.cases.duplicates import bands
from feedback_nlp.cases.events import CaseEvent, category_of, people_of
from feedback_nlp.cases.join import Place, crowds, place
from feedback_nlp.jobs.course import People, people_behind
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.records import Identifier, MaskedText
from feedback_nlp.store import letters
from feedback_nlp.store import tables as t
from feedback_nlp.store.among import among
from feedback_nlp.store.save import upsert


def place_rows(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> set[str]:
    """Give classified feedback that counts its case where it has none yet; give the cases that got a member.

    ``rows`` are those of `load.unsettled`. Letters whose text has changed are filed anew and stay where they are.
    """
    policy = work.policy
    people = people_behind(connection, [row.id for row in rows], policy)
    events = [_event(row, people.get(row.id, frozenset()), policy) for row in rows]
    new = [event for event in events if event.case_id is None]
    places = place(new, _known(connection, new, policy), policy=policy.cases)
    case_ids = {item.case_id for item in places}
    _open_cases(connection, case_ids, work)
    _save_places(connection, places, policy)
    days = {row.id: row.counted_on for row in rows}
    letters.file_letters(connection, [(item.feedback_id, days[item.feedback_id], item.bands) for item in places])
    changed = {row.id for row in rows if row.case_id and 0 < row.settled_version < row.version}
    anew = [(event.feedback_id, event.received_on, event.bands) for event in events if event.feedback_id in changed]
    letters.refile_letters(connection, anew)
    return case_ids


def _save_places(connection: sa.Connection, places: Sequence[Place], policy: Policy) -> None:
    columns, version = ("feedback_id", "case_id", "why"), policy.cases.version
    rows = [{name: getattr(item, name) for name in columns} | {"policy": version} for item in places]
    upsert(connection, t.case_member, rows)


def _event(row: Any, people: frozenset[str], policy: Policy) -> CaseEvent:
    text = MaskedText(row.text)
    return CaseEvent(
        feedback_id=row.id,
        received_on=row.counted_on,
        theme=f"{row.business}/{row.leaf}",
        people=people,
        bands=bands(text, policy=policy.cases),
        text=text,
        case_id=row.case_id,
        category=category_of(json.loads(row.extra), policy=policy.cases),
        product=row.product,
    )


def _known(connection: sa.Connection, new: Sequence[CaseEvent], policy: Policy) -> list[CaseEvent]:
    """Fetch the placed events that new ones may belong with; of a crowd's callers no more than day and case."""
    if not new:
        return []
    days = [event.received_on for event in new]
    near, far = timedelta(policy.cases.repeat.days), timedelta(policy.cases.duplicate.days)
    hmacs = sorted({who.split(":", 1)[1] for event in new for who in event.people})
    found = letters.customers_sharing(connection, hmacs=hmacs, since=min(days) - near, until=max(days) + near)
    sharing = _callers(found, policy)
    nobody = crowds(new, sharing, policy=policy.cases)
    filed: defaultdict[str, list[str]] = defaultdict(list)
    keys = sorted({band for event in new for band in event.bands})
    for row in letters.letters_sharing(connection, bands=keys, since=min(days) - far, until=max(days) + far):
        filed[row.feedback_id].append(row.band)
    ids = sorted({event.feedback_id for event in sharing if not event.people <= nobody} | filed.keys())
    people = people_behind(connection, ids, policy)
    whole = [_member(row, people, filed, policy) for row in letters.members(connection, ids)]
    return whole + [event for event in sharing if event.people <= nobody and event.feedback_id not in filed]


def _callers(rows: Iterable[Any], policy: Policy) -> list[CaseEvent]:
    """Make events of which only customer, day and case are known."""
    found: defaultdict[tuple[str, date, str], list[Identifier]] = defaultdict(list)
    for row in rows:
        found[row.feedback_id, row.counted_on, row.case_id].append(
            Identifier(row.type, row.hmac, column=row.from_column)
        )
    return [
        CaseEvent(name, day, "", people_of(items, policy=policy.cases), (), MaskedText(""), case_id)
        for (name, day, case_id), items in found.items()
    ]


def _member(row: Any, people: People, filed: Mapping[str, Sequence[str]], policy: Policy) -> CaseEvent:
    return CaseEvent(
        feedback_id=row.feedback_id,
        received_on=row.counted_on,
        theme=f"{row.business}/{row.leaf}",
        people=people.get(row.feedback_id, frozenset()),
        bands=tuple(filed.get(row.feedback_id, ())),
        text=MaskedText(row.text),
        case_id=row.case_id,
        category=category_of(json.loads(row.extra), policy=policy.cases),
        product=row.product,
    )


def _open_cases(connection: sa.Connection, case_ids: Iterable[str], work: Workplace) -> None:
    """Make sure that cases exist before their members; `refresh` fills them in the same transaction."""
    c = t.complaint_case.c
    known = set(connection.scalars(sa.select(c.id).where(among(connection, c.id, case_ids))))
    blank = {"theme": "", "opened_on": work.today, "events": 0, "customers": 0, "policy": work.policy.cases.version}
    upsert(
        connection, t.complaint_case, [{"id": case_id, **blank} for case_id in sorted(case_ids) if case_id not in known]
    )
