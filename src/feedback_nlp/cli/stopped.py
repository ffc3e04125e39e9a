"""What a command says that was stopped half-way and can go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from feedback_nlp.cli.shell import err

STOPPED = 130  # exit code: ended by Ctrl-C, as shells count it


@contextmanager
def resumable() -> Iterator[None]:
    """On Ctrl-C, say how to go on instead of nothing."""
    try:
        yield
    except KeyboardInterrupt:
        err.print("stopped; to go on, run the same command with --resume")
        raise typer.Exit(STOPPED) from None
