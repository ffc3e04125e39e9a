"""Put together everything that is known of one case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from feedback_nlp.jobs.caselines import lines
from feedback_nlp.jobs.clocklist import clock_line
from feedback_nlp.jobs.desk import find_case
from feedback_nlp.jobs.quoting import quote, yuan
from feedback_nlp.jobs.standing import clock_of, event_of
from feedback_nlp.jobs.textfacts import hits_of, words_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy.derived import GIVEN
from feedback_nlp.report import casefile as page
from feedback_nlp.report.names import Names, names_of
from feedback_nlp.report.tables import part_name, points
from feedback_nlp.store import desk
from feedback_nlp.store.open import reading
from feedback_nlp.taxonomy import MULTI, SINGLE

REGISTERED = "来源文件登记的数"
"""Where an amount stands that no words name."""


def show_case(work: Workplace, case: str, *, now: datetime | None = None) -> page.CaseFile:
    """Give everything about one case, named by the first digits of its id; OfficerError for none and for several."""
    with reading(work.engine) as connection:
        case_id = find_case(connection, case)
        return case_file(connection, case_id, work=work, now=now or work.now)


def case_file(connection: sa.Connection, case_id: str, *, work: Workplace, now: datetime) -> page.CaseFile:
    """Give everything about one case."""
    names = names_of(work.policy)
    (row,) = desk.cases_named(connection, [case_id])
    (line,) = lines(connection, [row], work)
    members = desk.members(connection, [case_id])
    tasks = {task.feedback_id: task for task in desk.tasks(connection, [item.id for item in members])}
    clocks = [clock_of(item) for item in desk.clocks(connection, [case_id])]
    return page.CaseFile(
        case=line,
        members=tuple(_member(item, tasks.get(item.id), work=work) for item in members),
        hits=tuple(hit for item in members for hit in _hits(item, names)),
        amounts=tuple(found for item in members for found in _found(item, "amounts", lambda one: yuan(one["fen"]))),
        dates=tuple(found for item in members for found in _found(item, "dates", lambda one: str(one["on"]))),
        parts=tuple(_part(part) for part in json.loads(row.parts or "[]")),
        floor=row.floor,
        policy=row.scored_by or "",
        scored_on=row.as_of,
        clocks=tuple(clock_line(clock, row, names=names, work=work, now=now) for clock in clocks),
        events=tuple(_event(item, names) for item in desk.events(connection, [case_id])),
        alerts=tuple(_alert(item) for item in desk.alerts(connection, [case_id])),
        group=_group(connection, row.group_id),
    )


def _member(row: Any, task: Any | None, *, work: Workplace) -> page.MemberLine:
    return page.MemberLine(
        feedback_id=row.id,
        source=row.source,
        source_id=row.source_id,
        received_on=row.counted_on,
        channel=row.complaint_channel,
        org=row.org,
        status=row.status,
        why=row.why,
        text=row.text,
        request=row.request,
        reply=row.reply,
        release=row.release,
        confidence=row.confidence,
        labels=tuple(_labels(row, work)),
        derived=tuple(_derived(row, work)),
        review=tuple(reason["says"] for reason in json.loads(task.reasons)) if task else (),
    )


def _labels(row: Any, work: Workplace) -> Iterator[page.LabelLine]:
    scores, clauses = json.loads(row.scores), json.loads(row.evidence)
    for facet in (*SINGLE, *MULTI):
        for label in filter(None, str(getattr(row, facet)).split("|")):
            yield page.LabelLine(
                facet=facet,
                facet_name=work.policy.review.facet[facet],
                label=label,
                name=work.taxonomy.name(facet, label),
                score=scores.get(f"{facet}:{label}"),
                clause=clauses.get(f"{facet}:{label}", ""),
                rule="",
            )


def _derived(row: Any, work: Workplace) -> Iterator[page.LabelLine]:
    rules: Mapping[str, str] = json.loads(row.rules or "{}")
    for facet in GIVEN:
        told = getattr(work.policy.derived.facet, facet)
        for label in filter(None, (getattr(row, facet) or "").split("|")):
            yield page.LabelLine(
                facet=facet,
                facet_name=told.name,
                label=label,
                name=told.labels.get(label, label),
                score=None,
                clause="",
                rule=rules.get(f"{facet}:{label}", ""),
            )


def _hits(row: Any, names: Names) -> Iterator[page.HitLine]:
    for hit in hits_of(row.hits):
        yield page.HitLine(
            feedback_id=row.id,
            kind=hit.kind,
            modality=hit.modality,
            name=names.hit(hit.meant),
            level=hit.level,
            cue=hit.cue,
            clause=quote(words_of(row), hit.start, hit.end).clause,
        )


def _found(row: Any, column: str, write: Callable[[Mapping[str, Any]], str]) -> Iterator[page.FoundLine]:
    for item in json.loads(getattr(row, column) or "[]"):
        told = quote(words_of(row), item["start"], item["end"])
        yield page.FoundLine(row.id, write(item), told.words or REGISTERED, told.clause)


def _part(part: Mapping[str, Any]) -> page.PartLine:
    return page.PartLine(
        name=part["name"],
        title=part_name(part["name"]),
        value=part["value"],
        weight=part["weight"],
        points=round(points(dict(part)), 2),
        reason=part["reason"],
    )


def _event(row: Any, names: Names) -> page.EventLine:
    event = event_of(row)
    return page.EventLine(
        seq=event.seq,
        at=event.at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        actor_name=names.of("actor", event.actor),
        action=event.action,
        action_name=names.of("action", event.action),
        from_name=names.of("state", event.from_state),
        to_name=names.of("state", event.to_state),
        note=event.note,
        details={names.of("detail", key): _detail(key, value, names) for key, value in event.details.items()},
    )


def _detail(key: str, value: str, names: Names) -> str:
    if key == "rule":
        return names.limit(value).name
    groups = {"reason": "pause", "done": "event"}
    return names.of(groups[key], value) if key in groups else value


def _alert(row: Any) -> page.AlertLine:
    return page.AlertLine(**{name: getattr(row, name) for name in page.AlertLine.__slots__})


def _group(connection: sa.Connection, group_id: str | None) -> page.GroupLine | None:
    row = desk.group(connection, group_id) if group_id else None
    return page.GroupLine(**{name: getattr(row, name) for name in page.GroupLine.__slots__}) if row else None
