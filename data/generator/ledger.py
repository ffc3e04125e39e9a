"""The complaint ledger: 69 columns under a title and merged group headers, in two quarterly workbooks."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from generator.cells import fill_row
from generator.courses import Course
from generator.tables import quarter, toml

FIRST_ROW = 4  # as the sender counts: title, groups, names, then data
_WIDE = ("投诉内容", "调查经过", "处理情况", "处理结果")
_NOTES = [
    "填报说明",
    "一、每季度末后一个工作日报送。",
    "二、日期格式为年/月/日，工单号不得重复。",
    "三、上季度未办结工单随本季度台账重报。",
]
_PLAIN = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}


def write(courses: list[Course], *, folder: Path) -> dict[str, list[Course]]:
    """Write both workbooks and give their rows in order."""
    first = [course for course in courses if quarter(course.received) == "Q2"]
    again = [course for course in first if course.comes_again]
    second = again + [course for course in courses if quarter(course.received) == "Q3"]
    books = {}
    for period, rows in zip(toml("bank")["quarters"], (first, second), strict=True):
        books[f"ledger_{period['name']}.xlsx"] = rows
        title = f"华河银行客户投诉登记台账（{period['name'][:4]}年第{period['name'][-1]}季度）"
        _book(folder / f"ledger_{period['name']}.xlsx", title=title, rows=rows, on=period["end"])
    return books


def _book(path: Path, *, title: str, rows: list[Course], on: date) -> None:
    with xlsxwriter.Workbook(path, _PLAIN) as book:
        # A fixed date instead of the clock: the same rows give the same bytes.
        book.set_properties({"title": title, "author": toml("bank")["name"], "created": datetime(2026, 10, 1)})
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet = book.add_worksheet("投诉台账")
        _head(book, sheet, title=title)
        for place, course in enumerate(rows, FIRST_ROW - 1):
            for column, value in enumerate(fill_row(course, on=on)):
                if isinstance(value, date):
                    sheet.write_datetime(place, column, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(place, column, value)
        sheet.freeze_panes(FIRST_ROW - 1, 4)
        notes = book.add_worksheet("填报说明")
        for place, note in enumerate(_NOTES):
            notes.write(place, 0, note)


def _head(book: Any, sheet: Any, *, title: str) -> None:
    """Write the title over all columns, the groups over theirs, and the names."""
    groups = toml("bank")["ledger"]
    style = book.add_format({"bold": True, "align": "center", "border": 1, "bg_color": "#D9E1F2", "text_wrap": True})
    large = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    sheet.merge_range(0, 0, 0, sum(map(len, groups.values())) - 1, title, large)
    column = 0
    for group, names in groups.items():
        if len(names) > 1:
            sheet.merge_range(1, column, 1, column + len(names) - 1, group, style)
        for name in names:
            sheet.write(2, column, name, style)
            sheet.set_column(column, column, 60 if name in _WIDE else 14)
            column += 1
