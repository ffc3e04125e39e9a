"""Write the work list of the day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from feedback_nlp.cases.states import steps
from feedback_nlp.jobs.clocklist import ClockList, clocks_due
from feedback_nlp.jobs.desk import Wanted, list_cases
from feedback_nlp.jobs.review import words_of
from feedback_nlp.jobs.review_sheet import sheet_frame
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy.escalation import LEVELS
from feedback_nlp.report import worklist_columns as cols
from feedback_nlp.report.columns import Column
from feedback_nlp.report.lines import SHORT, CaseLine
from feedback_nlp.report.names import names_of
from feedback_nlp.report.review_sheet import write_sheet
from feedback_nlp.report.rules import theme
from feedback_nlp.report.worklist import ItemLine, WorkList, alert_state, write_lists, write_worklist
from feedback_nlp.store import desk
from feedback_nlp.store.open import reading

CASES, REVIEWS = 1000, 200
"""Rows of a sheet; nobody works through more before the next list is written."""


def export_worklist(work: Workplace, path: Path, *, wanted: Wanted | None = None, limit: int = CASES) -> WorkList:
    """Write the workbook that an officer works with: `wanted` narrows the sheet 处理, e.g. to one branch."""
    found = worklist(work, wanted or Wanted(), limit=limit)
    frame = sheet_frame(work, limit=REVIEWS)
    write_worklist(path, found, review=partial(write_sheet, frame=frame, words=words_of(work)))
    return found


def write_cases(work: Workplace, path: Path, cases: Sequence[CaseLine]) -> None:
    """Write a list of cases as a workbook."""
    columns = (*cols.OPEN, *cols.KEY[:1])
    write_lists(path, {cols.CASES_SHEET: (columns, cases)}, made_at=work.now)


def write_clocks(work: Workplace, path: Path, found: ClockList) -> None:
    """Write a list of limits as a workbook, with a sheet that counts them by branch."""
    sheets: dict[str, tuple[Sequence[Column], Sequence[Any]]] = {
        cols.CLOCKS_SHEET: (cols.CLOCKS, found.clocks),
        cols.BRANCHES_SHEET: (cols.BRANCHES, found.branches),
    }
    write_lists(path, sheets, made_at=work.now)


def write_alerts(work: Workplace, path: Path, frame: pd.DataFrame) -> None:
    """Write a list of alerts as a workbook."""
    names = names_of(work.policy)
    listed = frame.assign(
        level_name=[names.level(level) for level in frame["level"]],
        state_name=[alert_state(state) for state in frame["state"]],
    ).astype(object)
    rows = listed.where(listed.notna(), None).itertuples(index=False)
    write_lists(path, {cols.ALERTS_SHEET: (cols.ALERTS, list(rows))}, made_at=work.now)


def worklist(work: Workplace, wanted: Wanted, *, limit: int = CASES) -> WorkList:
    """Collect what the workbook shows."""
    listed = list_cases(work, wanted, limit=limit)
    answered = Wanted(answered=True, states=closable(work), branch=wanted.branch, assignee=wanted.assignee)
    waiting = list_cases(work, answered, limit=limit)
    pressing = clocks_due(work, branch=wanted.branch)
    with reading(work.engine) as connection:
        items = desk.open_improvements(connection)
    return WorkList(
        made_at=work.now,
        cases=listed.cases,
        waiting=waiting.cases,
        urgent=[line for line in listed.cases if line.level >= desk.URGENT],
        clocks=pressing.clocks[:limit],
        branches=pressing.branches,
        items=[_item(row, work) for row in items],
        choices=_choices(work),
        words=_words(work),
        left_out={
            cols.OPEN_SHEET: listed.total - len(listed.cases),
            cols.WAITING_SHEET: waiting.total - len(waiting.cases),
            cols.CLOCKS_SHEET: max(0, len(pressing.clocks) - limit),
        },
    )


def closable(work: Workplace) -> tuple[str, ...]:
    """Name the states in which the customer has his answer and 闭环 is still to come."""
    policy = work.policy.states
    return tuple(item.id for item in policy.state if item.answered and "close" in steps(item.id, policy=policy))


def _item(row: Any, work: Workplace) -> ItemLine:
    return ItemLine(
        choice=f"{row.id[:SHORT]} {row.title}",
        theme_name=theme(work.taxonomy, row.theme),
        owner=row.owner,
        opened_on=row.opened_on,
        reason=row.reason,
    )


def _choices(work: Workplace) -> dict[str, Sequence[str]]:
    extending = [rule.name for rule in work.policy.sla.rule if rule.on and rule.extends]
    return {cols.REASON: list(work.policy.states.pause_reason.values()), cols.RULE: extending}


def _words(work: Workplace) -> dict[str, str]:
    names, hours = names_of(work.policy), work.policy.escalation.response_hours
    levels = [f"{names.level(level)}（{hours[str(level)]} 小时内有人处理）" for level in reversed(LEVELS)]
    urgent = "、".join(names.level(level) for level in reversed(LEVELS) if level >= desk.URGENT)
    return {"levels": "、".join([*levels, names.of("level", 0)]), "urgent": urgent}
