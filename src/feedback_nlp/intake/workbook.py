"""Read xlsx, xls, xlsb and ods with calamine.

A sheet is loaded whole, so its size is limited (headers.toml, limits); larger data comes as csv.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.columns import assign
from feedback_nlp.intake.header import Header, find_header
from feedback_nlp.intake.rows import Records, Table, is_empty
from feedback_nlp.intake.sniff import Examined
from feedback_nlp.intake.source import Source, policy


def open_workbook(examined: Examined, *, source: Source) -> Table:
    """Load the sheet that holds the feedback and find its header."""
    name = examined.path.name
    try:
        with load_workbook(examined.path) as book:
            sheet = _sheet(book, source=source, file=name)
    except PasswordError:
        raise SenderError(
            f"{name}: the workbook is protected by a password; remove it in Excel and save again"
        ) from None
    except CalamineError:
        raise SenderError(f"{name}: the workbook is damaged; open it in Excel and save it again as xlsx") from None
    header = _header(sheet, source=source)
    width = len(header.names)

    def records() -> Records:
        for number, values in enumerate(sheet.iter_rows(), start=1):
            if number > header.last + 1 and not is_empty(values):
                yield number, values[:width]

    return Table(examined.kind, header, header.last + 1, records)


def _sheet(book: CalamineWorkbook, *, source: Source, file: str) -> CalamineSheet:
    """Choose the sheet: the one named, else the only visible one with a text column."""
    if source.sheet is not None:
        if source.sheet not in book.sheet_names:
            raise SenderError(
                f"{file}: there is no sheet {source.sheet!r}; the sheets are: {', '.join(book.sheet_names)}. "
                f"Correct `sheet` of source {source.name!r} in feedback.toml"
            )
        return _loaded(book, source.sheet, file=file)
    visible = [
        each.name
        for each in book.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
    ]
    sheets = [sheet for each in visible if (sheet := _loaded(book, each, file=file)).height]
    if not sheets:
        raise SenderError(f"{file}: the workbook has no data rows; ask the sender to deliver it again")
    fitting = [sheet for sheet in sheets if "text" in _mapping(sheet, source=source)] if len(sheets) > 1 else sheets
    if len(fitting) > 1:
        names = ", ".join(sheet.name for sheet in fitting)
        raise SenderError(
            f'{file}: several sheets hold feedback ({names}); name one for source {source.name!r}: sheet = "…"'
        )
    return (fitting or sheets)[0]


def _loaded(book: CalamineWorkbook, name: str, *, file: str) -> CalamineSheet:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > (limit := policy()["limits"]["workbook_rows"]):
        raise SenderError(f"{file}: sheet {name!r} has more than {limit} rows; save it as csv (UTF-8)")
    return sheet


def _mapping(sheet: CalamineSheet, *, source: Source) -> dict[str, str]:
    header = _header(sheet, source=source)
    known = Source(source.name, source.kind, {k: v for k, v in source.columns.items() if v in header.names})
    return dict(assign(header.names, source=known, full=header.full).mapping)


def _header(sheet: CalamineSheet, *, source: Source) -> Header:
    rows: list[Sequence[Any]] = list(islice(sheet.iter_rows(), policy()["header"]["sample_rows"]))
    floor: dict[int, int] = {}
    for (top, _), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom - top < policy()["header"]["max_height"]:
            floor[top] = max(bottom, floor.get(top, top))
    return find_header(rows, source=source, floor=floor)
