"""Which limits are over, nearly over, or due within days: the list, and how it looks from branch to branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from feedback_nlp.cases.clocks import Clock, near, overdue, share
from feedback_nlp.jobs.caselines import level_name, marks_of
from feedback_nlp.jobs.standing import clock_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.lines import BranchLine, ClockLine
from feedback_nlp.report.names import Names, names_of
from feedback_nlp.report.rules import UNNAMED, theme
from feedback_nlp.store import desk
from feedback_nlp.store.open import reading

DAYS = 7
Heading = Literal["overdue", "pressing", "soon", ""]


class ClockList(NamedTuple):
    """The limits that press, and the same counted by branch."""

    clocks: list[ClockLine]  # levels >= 2 first, then the nearest limit
    branches: list[BranchLine]  # most overdue first
    days: int
    share: float  # 0 to 1


def clocks_due(
    work: Workplace,
    *,
    days: int = DAYS,
    branch: str | None = None,
    share: float | None = None,
    now: datetime | None = None,
) -> ClockList:
    """List running limits that are over, have used ``share`` of their time (default: sla.toml), or end within days."""
    moment, part = now or work.now, work.policy.sla.near_share if share is None else share
    names = names_of(work.policy)
    with reading(work.engine) as connection:
        running = [(row.case_id, clock_of(row)) for row in desk.running_clocks(connection, branch=branch)]
        pressing = [
            (case_id, clock) for case_id, clock in running if heading(clock, moment, days=days, share_from=part)
        ]
        cases = {row.id: row for row in desk.cases_named(connection, sorted({case_id for case_id, _ in pressing}))}
    found = [clock_line(clock, cases[case_id], names=names, work=work, now=moment) for case_id, clock in pressing]
    found.sort(key=lambda line: (-line.level if line.level >= desk.URGENT else 0, line.due_at, line.case_id, line.rule))
    headings = [(cases[case_id], heading(clock, moment, days=days, share_from=part)) for case_id, clock in pressing]
    return ClockList(found, _branches(headings), days, part)


def heading(clock: Clock, now: datetime, *, days: int, share_from: float) -> Heading:
    """Say how a limit stands: over, nearly over, due within days, or none of these."""
    if overdue(clock, now):
        return "overdue"
    if near(clock, now, share_from=share_from):
        return "pressing"
    soon = clock.due_at.date() <= now.date() + timedelta(days=days) and not clock.paused and clock.stopped_at is None
    return "soon" if soon else ""


def clock_line(clock: Clock, case: Any, *, names: Names, work: Workplace, now: datetime) -> ClockLine:
    """Make the line of one limit; ``case`` is a row of ``complaint_case``."""
    limit = names.limit(clock.rule)
    return ClockLine(
        case_id=case.id,
        rule=clock.rule,
        rule_name=limit.name,
        source=limit.source,
        verified=limit.verified,
        event=clock.event,
        event_name=names.of("event", clock.event),
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        days_left=(clock.due_at.date() - now.date()).days,
        share=share(clock, now),
        overdue=overdue(clock, now),
        marks=marks_of(clock, names),
        level=case.level,
        level_name=level_name(case.level, names),
        state_name=names.of("state", case.state),
        theme_name=theme(work.taxonomy, case.theme),
        org=case.org,
        department=case.department,
        owner=case.owner,
        assignee=case.assignee,
    )


def _branches(found: Iterable[tuple[Any, Heading]]) -> list[BranchLine]:
    by_branch: dict[str, list[tuple[Any, Heading]]] = {}
    for case, how in found:
        by_branch.setdefault(case.org or UNNAMED, []).append((case, how))
    lines = [_branch(org, rows) for org, rows in by_branch.items()]
    return sorted(lines, key=lambda line: (-line.overdue, -line.pressing, -line.soon, line.org))


def _branch(org: str, rows: Sequence[tuple[Any, Heading]]) -> BranchLine:
    counted = [how for _, how in rows]
    return BranchLine(
        org=org,
        overdue=counted.count("overdue"),
        pressing=counted.count("pressing"),
        soon=counted.count("soon"),
        cases=len({case.id for case, _ in rows}),
    )
