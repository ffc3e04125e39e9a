"""Cases as the lines of a list: with the reasons of their score, the words that alarm, and what may be done next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from feedback_nlp.cases.clocks import Clock, due
from feedback_nlp.jobs.standing import Standing, kinds_of, possible, standings
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.lines import EXTENDED, PAUSED, PROVISIONAL, UNVERIFIED, CaseLine
from feedback_nlp.report.names import Names, names_of
from feedback_nlp.report.rules import day, theme
from feedback_nlp.report.tables import reasons
from feedback_nlp.store import desk

EXCERPT = 160
"""Characters of the gravest letter that a list shows."""


class Around(NamedTuple):
    """What a line says about a case besides its own row."""

    members: Sequence[Any]
    standing: Standing
    answer_by: datetime | None


def lines(connection: sa.Connection, rows: Sequence[Any], work: Workplace) -> list[CaseLine]:
    """Make the lines of some cases, in the order of ``rows``: those of `desk.cases_wanted`."""
    ids = [row.id for row in rows]
    members = desk.members(connection, ids)
    stand = standings(connection, rows, members, work)
    listed = _grouped(members)
    answers = _answers(desk.alerts(connection, ids))
    names = names_of(work.policy)
    around = {case_id: Around(listed.get(case_id, ()), stand[case_id], answers.get(case_id)) for case_id in ids}
    return [line(row, around[row.id], names=names, work=work) for row in rows]


def line(row: Any, around: Around, *, names: Names, work: Workplace) -> CaseLine:
    """Make the line of one case."""
    kinds, members = kinds_of(row), around.members
    due_on, clock = day(row.due_on), due(around.standing.clocks, policy=work.policy.sla)
    return CaseLine(
        case_id=row.id,
        seq=around.standing.seq,
        level=row.level,
        level_name=level_name(row.level, names),
        score=row.score,
        state=row.state,
        state_name=names.of("state", row.state),
        opened_on=row.opened_on,
        due_on=due_on,
        days_left=(due_on - work.today).days if due_on else None,
        marks=marks_of(clock, names) if clock else (),
        closed_on=row.closed_on,
        theme=row.theme,
        theme_name=theme(work.taxonomy, row.theme) if "/" in row.theme else row.theme,
        org=row.org,
        reasons=told(row),
        excerpt=_excerpt(members[0].text) if members else "",
        events=row.events,
        complaints=row.complaints,
        customers=row.customers,
        source_ids=tuple(dict.fromkeys(item.source_id for item in members if item.source_id)),
        process=row.process,
        department=row.department,
        owner=row.owner,
        assignee=row.assignee,
        group_id=row.group_id,
        kinds=kinds,
        kind_names=tuple(names.hit(kind) for kind in kinds),
        cues=_cues(members, kinds),
        answer_by=around.answer_by,
        steps=possible(around.standing, policy=work.policy, now=work.now),
    )


def level_name(level: int, names: Names) -> str:
    """Name a level as the reports do, and level 0 too."""
    return names.level(level) if level else names.of("level", level)


def told(row: Any) -> tuple[str, ...]:
    """Give the reasons of a score as they are read aloud, its floor in front."""
    found = reasons(json.loads(row.parts)) if row.parts else []
    return (row.floor, *found) if row.floor else tuple(found)


def marks_of(clock: Clock, names: Names) -> tuple[str, ...]:
    """Say what makes a limit doubtful, or stand still."""
    marks = {
        PROVISIONAL: clock.provisional,
        UNVERIFIED: names.limit(clock.rule).verified is False,
        PAUSED: clock.paused,
        EXTENDED: clock.extended,
    }
    return tuple(mark for mark, holds in marks.items() if holds)


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def _answers(alerts: Sequence[Any]) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for alert in alerts:
        if alert.state == "open" and alert.answer_by:
            found[alert.case_id] = min(alert.answer_by, found.get(alert.case_id, alert.answer_by))
    return found


def _cues(members: Sequence[Any], kinds: Sequence[str]) -> tuple[str, ...]:
    hits = (hit for row in members for hit in hits_of(row.hits))
    return tuple(dict.fromkeys(hit.cue for hit in hits if hit.meant in kinds and hit.level))


def _grouped(members: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    return {case_id: list(rows) for case_id, rows in groupby(members, key=attrgetter("case_id"))}
