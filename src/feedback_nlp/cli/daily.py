"""The daily path and what is made of it: run, urgent, report, reclassify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Quiet, Release, Today, bar, err, out, settings_for
from feedback_nlp.settings import load as load_settings


def run(
    inputs: Annotated[list[Path] | None, typer.Argument(help="files, or folders of files")] = None,
    config: Config = None,
    today: Today = None,
    quiet: Quiet = False,
    report: Annotated[bool, typer.Option(help="write the Excel workbook and the HTML summary")] = True,
) -> None:
    """Take in what is new, classify it, join it to cases, score them, report: the daily path without Prefect."""
    from feedback_nlp.jobs.daily import run_daily
    from feedback_nlp.jobs.report import show_day, show_intake, write_reports
    from feedback_nlp.jobs.urgent import show_warned
    from feedback_nlp.jobs.workplace import open_workplace

    settings = load_settings(config)
    with bar(quiet) as progress:
        work = open_workplace(settings, today=today.date() if today else None, create_key=True, progress=progress)
        for warning in work.warnings:
            err.print(f"warning: {warning}", style="yellow", markup=False)
        day = run_daily(work, inputs or [])
        written = write_reports(work) if report else None
    show_intake(day.taken_in, console=out, errors=err)
    if written:
        show_day(work, written, console=out)
    show_warned(day.raised, day.delivered, console=out)
    for problem in day.delivered.errors:
        err.print(f"error: {problem}", style="red", markup=False)
    if day.problems:
        raise typer.Exit(2)


def urgent(
    inputs: Annotated[list[Path] | None, typer.Argument(help="files, or folders of files")] = None,
    config: Config = None,
    today: Today = None,
    quiet: Quiet = False,
) -> None:
    """Look at what is new and tell people at once what cannot wait; for every few minutes, between daily runs."""
    from feedback_nlp.jobs.urgent import run_urgent, show_urgent
    from feedback_nlp.jobs.workplace import open_workplace

    with bar(quiet) as progress:
        day = today.date() if today else None
        work = open_workplace(load_settings(config), today=day, create_key=True, progress=progress)
        done = run_urgent(work, inputs or [], now=work.now)
    show_urgent(done, console=out, errors=err)
    if done.problems:
        raise typer.Exit(2)


def report(config: Config = None, today: Today = None, quiet: Quiet = False) -> None:
    """Write the Excel workbook and the HTML summary from what is stored."""
    from feedback_nlp.jobs.report import show_written, write_reports
    from feedback_nlp.jobs.workplace import open_workplace
    from feedback_nlp.store.open import only_run

    with bar(quiet) as progress:
        work = open_workplace(load_settings(config), today=today.date() if today else None, progress=progress)
        with only_run(work.engine):  # half-loaded data would make a report that looks whole
            written = write_reports(work)
    show_written(written, console=out)


def reclassify(release: Release = None, config: Config = None, today: Today = None, quiet: Quiet = False) -> None:
    """Let a release read everything stored; earlier predictions stay as history."""
    from feedback_nlp.jobs.daily import run_reclassify
    from feedback_nlp.jobs.workplace import open_workplace

    with bar(quiet) as progress:
        day = today.date() if today else None
        work = open_workplace(settings_for(config, release), today=day, progress=progress)
        count = run_reclassify(work)
    out.print(f"{count} texts classified by {work.settings.release}", highlight=False)
