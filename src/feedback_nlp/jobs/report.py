"""From the tables to what people look at: the workbook, the page, today's list on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import chain, count
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from feedback_nlp.errors import OperatorError
from feedback_nlp.insight.periods import quarter_to_date
from feedback_nlp.jobs.takein import TakenIn
from feedback_nlp.jobs.worklist import export_worklist
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.names import names_of
from feedback_nlp.report.page import render_page
from feedback_nlp.report.rules import rules
from feedback_nlp.report.summary import Stamp, Standing, Summary, build
from feedback_nlp.report.terminal import priorities_table
from feedback_nlp.report.window import NARROW
from feedback_nlp.report.workbook import Lists, write_workbook
from feedback_nlp.store import case_frames, frames, load
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading

STEPS = 5000
"""Steps of open cases on the sheet 事件记录, the newest."""
UNFINISHED = ("responded",)
"""Answered, but not in 闭环: their steps are still of interest."""
SHOWN = 15
"""Cases on the terminal."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where the reports lie."""

    workbook: Path
    page: Path
    worklist: Path
    open_cases: int  # all of them, listed or not


def write_reports(work: Workplace) -> Written:
    """Write the Excel workbook, the HTML summary and the work list of today.

    A work list is never written over: somebody may have filled it in.
    """
    folder = work.settings.reports
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot write reports to {folder}: {error.strerror}") from error
    workbook, page = folder / f"feedback_{work.today}.xlsx", folder / f"feedback_{work.today}.html"
    with reading(work.engine) as connection:
        items = frames.table_frame(connection, t.improvement, t.improvement.c.opened_on, t.improvement.c.id)
        lists = Lists(
            priorities=case_frames.priorities_frame(connection, limit=rules().listed_cases),
            clocks=case_frames.clocks_frame(connection),
            groups=case_frames.groups_frame(connection),
            history=case_frames.history_frame(connection, loop=UNFINISHED, limit=STEPS),
            details=frames.details_frames(connection),
            items=items,
            rejects=frames.rejects_frame(connection),
        )
        summary = _summary(work, connection, lists)
        page.write_text(render_page(summary, lists.priorities, items), encoding="utf-8")
        write_workbook(workbook, summary, lists)
    worklist = _free(folder, f"worklist_{work.today}")
    export_worklist(work, worklist)
    work.progress("report", 1)
    return Written(workbook, page, worklist, summary.workload.cases)


def _free(folder: Path, name: str) -> Path:
    """Give a name that no file has yet."""
    numbered = chain([f"{name}.xlsx"], (f"{name}_{number}.xlsx" for number in count(2)))
    return next(path for each in numbered if not (path := folder / each).exists())


def show_day(work: Workplace, written: Written, *, console: Console) -> None:
    """Print today's priorities and where the reports lie."""
    with reading(work.engine) as connection:
        cases = case_frames.priorities_frame(connection, limit=SHOWN)
        stamp = _stamp(work, connection)
    table = priorities_table(
        cases,
        stamp=stamp,
        total=written.open_cases,
        narrow=console.width < NARROW,
    )
    console.print(table)
    show_written(written, console=console)


def show_written(written: Written, *, console: Console) -> None:
    """Print where the reports lie."""
    lines = {"Excel": written.workbook, "HTML": written.page, "work list": written.worklist}
    for name, path in lines.items():
        console.print(f"{name:<10} {path}", highlight=False, soft_wrap=True)


def show_intake(taken_in: Sequence[TakenIn], *, console: Console, errors: Console) -> None:
    """Print what became of every delivered row, and which deliveries could not be read."""
    table = Table(title="rows in = new + updated + duplicate + rejected", title_justify="left")
    table.add_column("delivery", overflow="fold")
    table.add_column("encoding")
    for name in ("rows", "new", "updated", "duplicate", "rejected"):
        table.add_column(name, justify="right")
    for item in taken_in:
        counts = [f"{value:,}" for value in astuple(item.counts)]
        note = "read before" if item.known else "not read" if item.error else item.encoding or "workbook"
        table.add_row(item.file, note, *counts)
    console.print(table)
    for item in taken_in:
        if item.note:
            errors.print(f"note: {item.note}", style="yellow", markup=False, soft_wrap=True)
        if item.error:
            errors.print(f"error: {item.error}", style="red", markup=False, soft_wrap=True)


def _summary(work: Workplace, connection: sa.Connection, lists: Lists) -> Summary:
    now, before = quarter_to_date(work.today)
    standing = Standing(
        cases=case_frames.open_frame(connection),
        states=case_frames.states_frame(connection, since=now.start),
        clocks=lists.clocks,
        groups=lists.groups,
        alerts=case_frames.alerts_frame(connection),
        reviews=case_frames.reviews_frame(connection),
        near_share=work.policy.sla.near_share,
    )
    return build(
        frames.events_frame(connection, people=work.policy.cases.people.columns, since=before.start),
        standing=standing,
        items=lists.items,
        batches=frames.batches_frame(connection),
        exposure=frames.table_frame(connection, t.exposure, t.exposure.c.org, t.exposure.c.quarter),
        stamp=_stamp(work, connection),
    )


def _stamp(work: Workplace, connection: sa.Connection) -> Stamp:
    return Stamp(
        now=work.now,
        release=load.current_release(connection) or work.settings.release,
        policy=work.policy.triage.version,
        taxonomy=work.taxonomy,
        names=names_of(work.policy),
    )
