"""The window that terminal output is laid out for."""

import os
import sys

from rich.console import Console

PAGE_WIDTH = 120
"""Columns where there is no window: a pipe, a log file."""
NARROW = 100
"""Columns below which tables leave out what can be missed."""


def console() -> Console:
    """Give a console as wide as the window, or as a page where there is none."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PAGE_WIDTH)
