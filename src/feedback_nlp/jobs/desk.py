"""The complaint officer's desk: find and list cases, and take the steps that the rules allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from feedback_nlp.cases.states import Event, Step, take
from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.caselines import lines
from feedback_nlp.jobs.course import append_events, refresh
from feedback_nlp.jobs.staff import staff_name
from feedback_nlp.jobs.standing import standings
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.lines import SHORT, CaseLine
from feedback_nlp.store import desk
from feedback_nlp.store import tables as t
from feedback_nlp.store.desk import Wanted
from feedback_nlp.store.open import reading
from feedback_nlp.text.prepare import prepare

__all__ = ["CaseList", "Moved", "Wanted", "assign_case", "find_case", "list_cases", "move_case", "take_steps"]

LISTED = 50
NO_DETAILS: Mapping[str, str] = MappingProxyType({})


class Moved(OfficerError):
    """Somebody else has moved the case since it was looked at."""


class CaseList(NamedTuple):
    """The first cases of a list, and how many there are."""

    cases: list[CaseLine]
    total: int


def list_cases(work: Workplace, wanted: Wanted | None = None, *, limit: int = LISTED) -> CaseList:
    """List cases, levels >= 2 always first, then by score; without ``wanted`` all that somebody owes an answer."""
    asked = wanted or Wanted()
    with reading(work.engine) as connection:
        rows = desk.cases_wanted(connection, asked, limit=limit)
        return CaseList(lines(connection, rows, work), desk.count_wanted(connection, asked))


def wanted_states(work: Workplace, names: list[str]) -> tuple[str, ...]:
    """Read states written as ids or Chinese names."""
    known = {word: item.id for item in work.policy.states.state for word in (item.id, item.name)}
    for name in names:
        if name not in known:
            listed = "、".join(item.name for item in work.policy.states.state)
            raise OfficerError(f"没有“{name}”这种状态；可选：{listed}")
    return tuple(known[name] for name in names)


def find_case(connection: sa.Connection, prefix: str) -> str:
    """Give the id of the one case that begins like this; OfficerError for none and for several."""
    return _the_one(connection, t.complaint_case.c.id, prefix, what="案件", where="`feedback-nlp cases list`")


def move_case(
    work: Workplace,
    case: str,
    action: str,
    *,
    by: str,
    note: str = "",
    details: Mapping[str, str] = NO_DETAILS,
    at: datetime | None = None,
    now: datetime | None = None,
) -> Event:
    """Take one step with a case, named by the first digits of its id; the action by its id or Chinese name.

    ``at`` is when it happened, ``now`` when it is written down; both default to the workplace's moment. Raises
    OfficerError where the rules do not allow the step, and says what they do allow.
    """
    moment = now or work.now
    with reading(work.engine) as connection:
        case_id = find_case(connection, case)
    (event,) = take_steps(work, case_id, [Step(action, by, at or moment, note, details)], now=moment)
    return event


def assign_case(
    work: Workplace, case: str, assignee: str, *, by: str, note: str = "", now: datetime | None = None
) -> Event:
    """Hand a case to somebody."""
    return move_case(work, case, "assign", by=by, note=note, details={"assignee": assignee}, now=now)


def take_steps(
    work: Workplace, case_id: str, steps: Sequence[Step], *, now: datetime, seen: int | None = None
) -> list[Event]:
    """Append the events of some steps and bring the case up to date, all in one transaction.

    ``seen`` is the number of the last event that whoever asks knew of. Where somebody has moved the case since then, or
    at the same moment, it is refused as `Moved`: what one decides about, one has looked at.
    """
    try:
        with work.engine.begin() as connection:
            desk.lock_cases(connection, [case_id])
            events = _appended(connection, case_id, steps, work=work, now=now, seen=seen)
            refresh(connection, [case_id], replace(work, now=now, today=now.date()))
            return events
    except IntegrityError as error:  # both looked before either had written
        raise _overtaken(work, case_id) from error


def _appended(
    connection: sa.Connection,
    case_id: str,
    steps: Sequence[Step],
    *,
    work: Workplace,
    now: datetime,
    seen: int | None,
) -> list[Event]:
    rows = desk.cases_named(connection, [case_id])
    if not rows:
        raise OfficerError(f"没有案件号“{case_id}”；案件号见`feedback-nlp cases list`")
    standing = standings(connection, rows, desk.members(connection, [case_id]), work)[case_id]
    if seen is not None and standing.seq != seen:
        raise _moved(case_id, standing.history, work)
    history = list(standing.history)
    for step in steps:
        asked = tidy_step(connection, step, work=work)
        history.append(take(asked, history, case=standing.case, policy=work.policy.states, now=now))
    taken = history[len(standing.history) :]
    append_events(connection, taken)
    return taken


def tidy_step(connection: sa.Connection, step: Step, *, work: Workplace) -> Step:
    """Mask what is free text, and read names and beginnings of ids as the ids they stand for."""
    details = {key: value.strip() for key, value in step.details.items() if value and value.strip()}
    for key, read in _READ.items():
        if key in details:
            details[key] = read(connection, details[key], work)
    for key in ("assignee", "approver"):
        if key in details:
            details[key] = staff_name(details[key], what=work.policy.states.detail.get(key, key))
    return replace(
        step, actor=staff_name(step.actor, what="办理人"), note=prepare(step.note).text.strip(), details=details
    )


def _free_text(_connection: sa.Connection, value: str, _work: Workplace) -> str:
    return prepare(value).text


def _improvement(connection: sa.Connection, value: str, _work: Workplace) -> str:
    return _the_one(connection, t.improvement.c.id, value, what="改进事项", where="工作簿的“改进跟踪”")


def _pause_reason(_connection: sa.Connection, value: str, work: Workplace) -> str:
    return next((key for key, name in work.policy.states.pause_reason.items() if value == name), value)


def _rule(_connection: sa.Connection, value: str, work: Workplace) -> str:
    return next((rule.id for rule in work.policy.sla.rule if value == rule.name), value)


_READ = {"no_improvement": _free_text, "improvement": _improvement, "reason": _pause_reason, "rule": _rule}


def _the_one(connection: sa.Connection, column: sa.Column[Any], prefix: str, *, what: str, where: str) -> str:
    written = prefix.strip()
    found = desk.ids_beginning(connection, column, written, limit=3) if written else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise OfficerError(f"没有编号以“{written}”开头的{what}；编号见{where}")
    raise OfficerError(f"编号以“{written}”开头的{what}不止一个（{'、'.join(found)}…），请多写几位")


def _moved(case_id: str, history: Sequence[Event], work: Workplace) -> Moved:
    states = work.policy.states
    if not history:
        return Moved(f"案件 {case_id[:SHORT]} 的记录与清单不符，请重新查看")
    last = history[-1]
    who = states.actor.get(last.actor, last.actor)
    return Moved(
        f"案件 {case_id[:SHORT]} 已被{who}移动（{last.at:%Y-%m-%d %H:%M} {states.action_name(last.action)}，"
        f"现为“{states.name(last.to_state)}”），请重新查看"
    )


def _overtaken(work: Workplace, case_id: str) -> Moved:
    with reading(work.engine) as connection:
        rows = desk.cases_named(connection, [case_id])
        return _moved(case_id, standings(connection, rows, [], work)[case_id].history, work)
