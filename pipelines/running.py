"""What every flow of this folder shares: its steps' retries, the installation it works on, its command line.

Imports ``local_server`` first, as prefect reads its settings on import; a flow imports this module before prefect.
"""

from __future__ import annotations

import argparse
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import local_server  # noqa: F401  first: prefect reads its settings on import

# isort: split
from prefect import task
from prefect.states import State
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import load as load_settings


def _io_failed(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Retry disks and databases only: what cannot be read today cannot be read in ten seconds either."""
    return isinstance(state.result(raise_on_failure=False), OSError | DBAPIError)


step = task(retries=3, retry_delay_seconds=10, retry_condition_fn=_io_failed, persist_result=False, cache_policy=None)


@lru_cache(maxsize=1)
def workplace(config: Path | None, today: date | None) -> Workplace:
    """Open the installation once in each worker process; what a task receives is only where it lies."""
    return open_workplace(load_settings(config), today=today, create_key=True)


def arguments(doc: str | None, *, inbox: bool = True) -> argparse.Namespace:
    """Read inbox, config and today from the command line; the first line of ``doc`` says what the flow does."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    if inbox:
        parser.add_argument("inbox", type=Path, nargs="?", help="file or folder with new deliveries")
    parser.add_argument("--config", type=Path, help="settings file (default: ./feedback.toml)")
    parser.add_argument("--today", type=date.fromisoformat, help="the day to work on, at its end (default: now)")
    return parser.parse_args()


def warn_of(options: argparse.Namespace, *, errors: Console) -> None:
    """Print what is not as it should be in the installation, such as a local key."""
    for warning in workplace(options.config, options.today).warnings:
        errors.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
