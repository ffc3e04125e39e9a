"""Set up an installation and look at it: init, status, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Today, out
from feedback_nlp.settings import load as load_settings


def init(
    folder: Annotated[Path, typer.Argument(help="where to write")] = Path(),
    missing: Annotated[
        bool, typer.Option("--missing", help="write only the files that are not there, as after an update")
    ] = False,
) -> None:
    """Write feedback.toml and copies of policy and taxonomy for editing."""
    from feedback_nlp.jobs.install import write_installation

    for path in write_installation(folder, missing=missing):
        out.print(f"wrote {path}", highlight=False)


def status(config: Config = None, today: Today = None) -> None:
    """Show what is stored, what is pending, and how the last runs ended."""
    from feedback_nlp.jobs.status import status_lines

    for line in status_lines(load_settings(config), today=today.date() if today else None):
        out.print(line, highlight=False, markup=False)


def doctor(config: Config = None) -> None:
    """Check the installation and name what is missing."""
    from feedback_nlp.jobs.install import examine

    checks = examine(load_settings(config))
    for check in checks:
        mark = "ok     " if check.ok else "MISSING" if check.needed else "absent "
        out.print(f"{mark} {check.name}: {check.says}", highlight=False, markup=False, soft_wrap=True)
    if not all(check.ok for check in checks if check.needed):
        raise typer.Exit(1)
