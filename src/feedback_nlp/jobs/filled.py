"""Read back workbooks that people have filled in."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, PasswordError, load_workbook

from feedback_nlp.errors import SenderError


def filled_sheets(path: Path, names: Collection[str]) -> dict[str, list[list[Any]]]:
    """Give the rows of those of some sheets that a workbook has, each from its first row and column."""
    try:
        with load_workbook(path) as book:
            found = [name for name in names if name in book.sheet_names]
            return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in found}
    except PasswordError:
        raise SenderError(f"{path.name}: protected by a password; remove it in Excel and save again") from None
    except OSError as error:  # calamine's names no file
        raise SenderError(f"{path}: cannot be read ({error}); check the path and its rights") from error
    except CalamineError:
        raise SenderError(f"{path.name}: no workbook, or damaged; open it in Excel and save it again as xlsx") from None
