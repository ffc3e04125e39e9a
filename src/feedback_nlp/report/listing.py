"""Write lines of a list to a sheet, one row each, with room for what a person fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report.book import on_paper
from feedback_nlp.report.cells import safe
from feedback_nlp.report.columns import Column
from feedback_nlp.report.formats import BLUE, GREY, HEADER, LATE, MOMENT, NEAR, RULE, formats
from feedback_nlp.report.rules import NOTHING, band, clock
from feedback_nlp.report.tables import FEWEST_LINES, LINE_POINTS, MOST_LINES, PAD_POINTS, line_count

Looks = Mapping[str, Format]
INPUT = "#FFF8E1"
_CENTRED = {"align": "center", "text_wrap": True}
_OWN: dict[str, dict[str, Any]] = {
    "level": _CENTRED,
    "level:2": {**_CENTRED, **NEAR},
    "level:3": {**_CENTRED, **LATE},
    "used": {"num_format": "0%", "align": "center"},
    "moment": MOMENT,
    "moment:overdue": {**MOMENT, **LATE},
    "input": {"bg_color": INPUT, "text_wrap": True, "border": 1, "border_color": RULE},
    "input_day": {"bg_color": INPUT, "num_format": "yyyy-mm-dd", "align": "center", "border": 1, "border_color": RULE},
    "key": {"font_color": GREY, "font_size": 8},
    "header:input": {**HEADER, **NEAR},
    "plain": {"bottom": 0, "text_wrap": True},
    "banner": {"font_color": BLUE, "bold": True, "bottom": 0, "valign": "vcenter"},
}
INPUTS = ("input", "input_day")
"""Kinds of columns that a person fills in."""
BLANK = 20
HEADER_POINTS, BANNER_POINTS = 32, 24


def looks_of(book: Workbook) -> Looks:
    """Register the report's looks and those of a list that people fill in."""
    line = {"bottom": 1, "bottom_color": RULE, "valign": "top"}
    return formats(book) | {name: book.add_format({**line, **look}) for name, look in _OWN.items()}


def fill(
    sheet: Worksheet, columns: Sequence[Column], lines: Sequence[Any], *, looks: Looks, today: date, banner: str = ""
) -> int:
    """Write a banner if there is one, the header and the lines; give the row of the header, counted from 0.

    A line's attributes are named like the columns' fields; an input column is empty unless the line has a value for it.
    """
    top = 1 if banner else 0
    if banner:
        sheet.set_row(0, BANNER_POINTS)
        sheet.write_string(0, 0, banner, looks["banner"])
    sheet.set_row(top, HEADER_POINTS)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        head = looks["header:input" if column.kind in INPUTS else "header"]
        sheet.write_string(top, at, column.title, head)
    for row, line in enumerate(lines, start=top + 1):
        _line(sheet, row, columns, line, looks=looks, today=today)
    if not lines:
        sheet.write_string(top + 1, 0, NOTHING, looks["note"])
    sheet.autofilter(top, 0, top + max(1, len(lines)), len(columns) - 1)
    return top


def lay_out(sheet: Worksheet, *, top: int, frozen: int, printed: int, rows: int) -> None:
    """Freeze header and first columns, and print the columns for reading on A4, as wide as one page."""
    sheet.freeze_panes(top + 1, frozen)
    on_paper(sheet, header=top)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.print_area(0, 0, top + max(1, rows), printed - 1)
    sheet.set_footer("&L&A&R第 &P / &N 页")


def height(lines: int, *, fewest: int = FEWEST_LINES) -> float:
    """Give the points of a row of so many lines."""
    return PAD_POINTS + LINE_POINTS * min(MOST_LINES, max(fewest, lines))


def _line(sheet: Worksheet, row: int, columns: Sequence[Column], line: Any, *, looks: Looks, today: date) -> None:
    shown = [None if column.kind in INPUTS else _shown(getattr(line, column.field)) for column in columns]
    texts = [(value, item.width) for item, value in zip(columns, shown, strict=True) if isinstance(value, str)]
    sheet.set_row(row, height(max((line_count(*text) for text in texts), default=1)))
    for at, (column, value) in enumerate(zip(columns, shown, strict=True)):
        _cell(sheet, (row, at), value, looks[_look(column, line, today)])


def _cell(sheet: Worksheet, place: tuple[int, int], value: Any, look: Format) -> None:
    if value is None or value == "":
        sheet.write_blank(*place, None, look)  # keeps the line below the row unbroken
    elif isinstance(value, date):  # a datetime is one
        sheet.write_datetime(*place, value, look)
    elif isinstance(value, str):
        sheet.write_string(*place, safe(value), look)
    else:
        sheet.write_number(*place, value, look)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "、".join(value.values())
    if isinstance(value, bool):
        return "是" if value else None
    if isinstance(value, tuple):
        return "\n".join(value) if any(len(item) > BLANK for item in value) else "、".join(value)
    return value


_MARKED: dict[str, Callable[[Any, Any, date], str]] = {
    "level": lambda line, _value, _today: str(line.level) if line.level > 1 else "",
    "score": lambda _line, value, _today: "" if value is None else band(value),
    "due": lambda _line, value, today: clock(value, today),
    "moment": lambda line, _value, _today: "overdue" if getattr(line, "overdue", False) else "",
}


def _look(column: Column, line: Any, today: date) -> str:
    """Name the look of a cell: that of its kind, or of what its value means."""
    mark = _MARKED.get(column.kind)
    meaning = mark(line, getattr(line, column.field), today) if mark else ""
    return f"{column.kind}:{meaning}" if meaning else column.kind
