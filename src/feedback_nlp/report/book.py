"""Workbooks as this project writes them: texts stay texts, and a file appears under its name only when it is whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.errors import OperatorError

A4, A3 = 9, 8
_OPTIONS: dict[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "微软雅黑", "font_size": 10},
}


@contextmanager
def open_book(path: Path, *, streamed: bool = False) -> Iterator[xlsxwriter.Workbook]:
    """Open a workbook to be written; ``streamed`` keeps one row in memory, so it is filled row by row.

    Raises OperatorError where somebody has the old one open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".book-") as folder:
        draft = Path(folder) / path.name
        streaming = {"constant_memory": True, "tmpdir": folder} if streamed else {}
        # Closed even when the writing breaks off: it holds open files. The draft then goes with its folder.
        with xlsxwriter.Workbook(draft, _OPTIONS | streaming) as book:
            yield book
        try:
            draft.replace(path)
        except PermissionError as error:
            raise OperatorError(f"{path}: cannot be replaced; close it in Excel or WPS and run again") from error


def on_paper(sheet: Worksheet, *, header: int, paper: int = A4) -> None:
    """Print a list across the page, as wide as one, with its header (counted from 0) on every page."""
    sheet.ignore_errors({"number_stored_as_text": "A:AZ"})
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
