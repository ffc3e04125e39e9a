"""From the tables to what people look at: the workbook, the page, today's list on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from feedback_nlp.errors import OperatorError
from feedback_nlp.insight.periods import quarter_to_date
from feedback_nlp.jobs.takein import TakenIn
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.page import render_page
from feedback_nlp.report.summary import Stamp, Summary, build
from feedback_nlp.report.terminal import priorities_table
from feedback_nlp.report.window import NARROW
from feedback_nlp.report.workbook import write_workbook
from feedback_nlp.store import frames, load
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading

LISTED = 2000
"""Cases on the priority list; nobody reads further, and all of them stay in the tables."""
SHOWN = 15
"""Cases on the terminal."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where the reports lie."""

    workbook: Path
    page: Path
    open_cases: int  # all of them, listed or not


def write_reports(work: Workplace) -> Written:
    """Write the Excel workbook and the HTML summary of today."""
    folder = work.settings.reports
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot write reports to {folder}: {error.strerror}") from error
    workbook, page = folder / f"feedback_{work.today}.xlsx", folder / f"feedback_{work.today}.html"
    with reading(work.engine) as connection:
        items = frames.table_frame(connection, t.improvement, t.improvement.c.opened_on, t.improvement.c.id)
        priorities = frames.priorities_frame(connection, limit=LISTED)
        summary = _summary(work, connection, items)
        page.write_text(render_page(summary, priorities, items), encoding="utf-8")
        write_workbook(
            workbook,
            summary,
            priorities=priorities,
            details=frames.details_frames(connection),
            items=items,
            rejects=frames.rejects_frame(connection),
        )
    work.progress("report", 1)
    return Written(workbook, page, summary.workload.cases)


def show_day(work: Workplace, written: Written, *, console: Console) -> None:
    """Print today's priorities and where the reports lie."""
    with reading(work.engine) as connection:
        cases = frames.priorities_frame(connection, limit=SHOWN)
    table = priorities_table(
        cases,
        today=work.today,
        taxonomy=work.taxonomy,
        total=written.open_cases,
        narrow=console.width < NARROW,
    )
    console.print(table)
    console.print(f"Excel  {written.workbook}\nHTML   {written.page}", highlight=False, soft_wrap=True)


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


def _summary(work: Workplace, connection: sa.Connection, items: pd.DataFrame) -> Summary:
    _, before = quarter_to_date(work.today)
    return build(
        frames.events_frame(connection, people=work.policy.cases.people.columns, since=before.start),
        priorities=frames.open_frame(connection),
        items=items,
        batches=frames.batches_frame(connection),
        exposure=frames.table_frame(connection, t.exposure, t.exposure.c.org, t.exposure.c.quarter),
        stamp=Stamp(
            today=work.today,
            release=load.current_release(connection) or work.settings.release,
            policy=work.policy.triage.version,
            taxonomy=work.taxonomy,
        ),
    )
