"""What every command shares: the two consoles, options with one meaning, the progress bar."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from feedback_nlp.errors import OfficerError
from feedback_nlp.report.window import console
from feedback_nlp.settings import Settings
from feedback_nlp.settings import load as load_settings

if TYPE_CHECKING:
    from feedback_nlp.jobs.workplace import Workplace

out = console()
err = Console(stderr=True, highlight=False, soft_wrap=True)

Config = Annotated[
    Path | None, typer.Option("--config", help="settings file (default: ./feedback.toml, if there is one)")
]
Today = Annotated[
    datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help="the day to work on (default: today)")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="print errors only")]
Json = Annotated[bool, typer.Option("--json", help="print JSON on stdout and nothing else")]
Excel = Annotated[Path | None, typer.Option("--excel", metavar="FILE", help="write an Excel workbook instead")]
By = Annotated[str | None, typer.Option("--by", help="who acts: name or number in the bank (default: the login name)")]
Note = Annotated[str, typer.Option("--note", help="what is written down; personal data in it is masked")]
Branch = Annotated[str | None, typer.Option("--branch", help="only branches whose name contains this")]
Release = Annotated[str | None, typer.Option("--release", help="model release (default: as in the settings)")]


def say(line: str) -> None:
    """Tell how far a long command has come, apart from its result."""
    err.print(line, markup=False)


def settings_for(config: Path | None, release: str | None) -> Settings:
    """Read the settings, with another release where one is named."""
    settings = load_settings(config)
    return replace(settings, release=release) if release else settings


@contextmanager
def workplace(config: Path | None, today: datetime | None) -> Iterator[Workplace]:
    """Open the installation for one command, and close it behind it."""
    from feedback_nlp.jobs.workplace import open_workplace

    work = open_workplace(load_settings(config), today=today.date() if today else None)
    try:
        yield work
    finally:
        work.engine.dispose()


def actor(by: str | None) -> str:
    """Give the name of whoever acts."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError, ImportError) as error:  # a container without a user of that number
        raise OfficerError("不知道是谁在操作，请用 --by 写明姓名或工号") from error


def print_json(value: object) -> None:
    """Print a value as JSON in UTF-8, whatever the terminal's encoding: dataclasses as objects, times as ISO 8601."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2).encode())


def answer(found: object, *, json: bool, excel: Path | None, page: Callable[[], RenderableType]) -> None:
    """Print what was found as asked for: as JSON, as the name of the workbook it was written to, or as a page."""
    if json:
        print_json(found)
    elif excel:
        out.print(f"Excel  {excel}", highlight=False, soft_wrap=True)
    else:
        out.print(page())


def plain(value: Any) -> Any:
    """Turn records into what JSON knows.

    >>> plain({"on": datetime(2026, 9, 30), "kinds": ("a", "b")})
    {'on': '2026-09-30T00:00:00', 'kinds': ['a', 'b']}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


@contextmanager
def bar(quiet: bool) -> Iterator[Callable[[str, int], None]]:
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
