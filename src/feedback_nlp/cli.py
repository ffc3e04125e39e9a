"""The command line: each command is one call into ``jobs``.

Exit codes: 0 done; 1 `doctor` found something missing; 2 something was refused or could not be read, with one sentence
that says what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError

from feedback_nlp import __version__
from feedback_nlp.errors import FeedbackError
from feedback_nlp.report.window import console
from feedback_nlp.settings import Settings
from feedback_nlp.settings import load as load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
out = console()
err = Console(stderr=True, highlight=False, soft_wrap=True)

Config = Annotated[
    Path | None, typer.Option("--config", help="settings file (default: ./feedback.toml, if there is one)")
]
Today = Annotated[
    datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help="the day to work on (default: today)")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="print errors only")]
Release = Annotated[str | None, typer.Option("--release", help="model release (default: as in the settings)")]


def main() -> None:
    """Run the command line; what a person can put right is printed as one sentence, without a traceback."""
    try:
        app()
    except FeedbackError as error:
        err.print(f"error: {error}", style="red", markup=False)
        sys.exit(2)
    except OSError as error:
        err.print(
            f"error: {error.filename}: {error.strerror}; check the path and its rights", style="red", markup=False
        )
        sys.exit(2)
    except DBAPIError as error:
        from feedback_nlp.store.open import first_line

        err.print(
            f"error: the store failed: {first_line(error)}; put it right and run again", style="red", markup=False
        )
        sys.exit(2)
    except KeyboardInterrupt:
        err.print("stopped; run the same command again to go on")
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Turn what customers of a bank say into what the bank repairs first."""
    if version:
        out.print(__version__)
        raise typer.Exit


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="where to write")] = Path()) -> None:
    """Write feedback.toml and copies of policy and taxonomy for editing."""
    from feedback_nlp.jobs.install import write_installation

    for path in write_installation(folder):
        out.print(f"wrote {path}", highlight=False)


@app.command()
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
    from feedback_nlp.jobs.workplace import open_workplace

    settings = load_settings(config)
    with _bar(quiet) as progress:
        work = open_workplace(settings, today=today.date() if today else None, create_key=True, progress=progress)
        for warning in work.warnings:
            err.print(f"warning: {warning}", style="yellow", markup=False)
        day = run_daily(work, inputs or [])
        written = write_reports(work) if report else None
    show_intake(day.taken_in, console=out, errors=err)
    if written:
        show_day(work, written, console=out)
    if any(item.error for item in day.taken_in):
        raise typer.Exit(2)


@app.command()
def predict(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="csv, xlsx, xls, jsonl or parquet")],
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="csv, xlsx, jsonl or parquet")],
    text_column: Annotated[str | None, typer.Option(help="header of the text (default: found by itself)")] = None,
    id_column: Annotated[str | None, typer.Option(help="header of the id (default: found by itself)")] = None,
    release: Release = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Classify the texts of one file into another; nothing is stored."""
    from feedback_nlp.jobs.predict import predict_file
    from feedback_nlp.jobs.workplace import load_predictor

    settings = _settings(config, release)
    columns = {name: header for name, header in {"text": text_column, "source_id": id_column}.items() if header}
    with _bar(quiet) as progress:
        result = predict_file(source, target, predictor=load_predictor(settings), columns=columns, progress=progress)
    for item in result.rejects[:10]:
        err.print(f"row {item.row}, column {item.column or '-'}: {item.reason}", markup=False)
    out.print(
        f"{result.rows} rows: {result.predicted} classified ({result.review} for a person to look at), "
        f"{len(result.rejects)} rejected → {target}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def train(
    model: Annotated[str, typer.Option(help="kind of model; this version trains 'linear'")] = "linear",
    name: Annotated[str, typer.Option(help="name of the release, a new folder below models")] = "linear-own",
    data: Annotated[list[Path] | None, typer.Option(help="labelled JSONL file, may be repeated")] = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """Train a release from labelled texts (default: data/labelled) and measure it."""
    from feedback_nlp.errors import OperatorError
    from feedback_nlp.jobs.training import MODELS
    from feedback_nlp.jobs.training import train as train_release
    from feedback_nlp.train.evaluate import as_table

    if model not in MODELS:
        raise OperatorError(f"--model {model}: this version trains {', '.join(MODELS)}")
    created = (today or datetime.now()).date()
    found = train_release(load_settings(config), name=name, data=data or [], today=created, say=_say)
    for evaluation in found:
        out.print(as_table(evaluation), highlight=False, markup=False)


@app.command()
def evaluate(
    release: Annotated[str, typer.Argument(help="name of a release")] = "default",
    data: Annotated[Path | None, typer.Argument(help="labelled JSONL file (default: data/labelled/dev.jsonl)")] = None,
    split: Annotated[str, typer.Option(help="part of data/labelled: dev or test; test only measures")] = "dev",
    output: Annotated[
        Path | None, typer.Option("--out", help="folder for metrics, classes and confusion tables")
    ] = None,
    config: Config = None,
) -> None:
    """Measure a release per facet and class, beside the majority guess."""
    from feedback_nlp.jobs.training import evaluate as evaluate_release
    from feedback_nlp.train.evaluate import as_table

    evaluation = evaluate_release(load_settings(config), release, data=data, split=split, out=output)
    out.print(as_table(evaluation), highlight=False, markup=False)


@app.command()
def reclassify(release: Release = None, config: Config = None, today: Today = None, quiet: Quiet = False) -> None:
    """Let a release read everything stored; earlier predictions stay as history."""
    from feedback_nlp.jobs.daily import run_reclassify
    from feedback_nlp.jobs.workplace import open_workplace

    with _bar(quiet) as progress:
        day = today.date() if today else None
        work = open_workplace(_settings(config, release), today=day, progress=progress)
        count = run_reclassify(work)
    out.print(f"{count} texts classified by {work.settings.release}", highlight=False)


@app.command()
def report(config: Config = None, today: Today = None, quiet: Quiet = False) -> None:
    """Write the Excel workbook and the HTML summary from what is stored."""
    from feedback_nlp.jobs.report import write_reports
    from feedback_nlp.jobs.workplace import open_workplace
    from feedback_nlp.store.open import only_run

    with _bar(quiet) as progress:
        work = open_workplace(load_settings(config), today=today.date() if today else None, progress=progress)
        with only_run(work.engine):  # half-loaded data would make a report that looks whole
            written = write_reports(work)
    out.print(f"Excel  {written.workbook}\nHTML   {written.page}", highlight=False, soft_wrap=True)


@app.command()
def status(config: Config = None) -> None:
    """Show what is stored, what is pending, and how the last runs ended."""
    from feedback_nlp.jobs.status import status_lines

    for line in status_lines(load_settings(config)):
        out.print(line, highlight=False, markup=False)


@app.command()
def doctor(config: Config = None) -> None:
    """Check the installation and name what is missing."""
    from feedback_nlp.jobs.install import examine

    checks = examine(load_settings(config))
    for check in checks:
        mark = "ok     " if check.ok else "MISSING" if check.needed else "absent "
        out.print(f"{mark} {check.name}: {check.says}", highlight=False, markup=False, soft_wrap=True)
    if not all(check.ok for check in checks if check.needed):
        raise typer.Exit(1)


def _say(line: str) -> None:
    err.print(line, markup=False)


def _settings(config: Path | None, release: str | None) -> Settings:
    from dataclasses import replace

    settings = load_settings(config)
    return replace(settings, release=release) if release else settings


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """Show counters on a terminal, nothing elsewhere; quiet, and nothing is printed but errors."""
    out.quiet = quiet
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(step: str, rows: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=None)
            progress.advance(tasks[step], rows)

        yield advance


if __name__ == "__main__":
    main()
