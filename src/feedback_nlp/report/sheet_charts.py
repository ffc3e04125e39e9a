"""The charts of the sheet 概览: plain lines and bars, which every spreadsheet draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report.formats import BLUE, GREY

SHEET, COLUMN, TALLEST = "概览", 9, 10
PALE = "#9FB4C7"
_FONT = {"name": "微软雅黑", "size": 9}


def draw(sheet: Worksheet, book: Workbook, places: Mapping[str, tuple[int, int]]) -> None:
    """Draw what a manager compares; `places` gives first and last row of each table that has rows."""
    at = 8
    for title, kind in (("每周投诉案件", "line"), ("投诉业务（案件）", "bar"), ("投诉原因（案件）", "bar")):
        if title not in places:
            continue
        first, last = places[title]
        last = last if kind == "line" else min(last, first + TALLEST - 1)
        chart = _chart(book, title, kind)
        _series(chart, "本季", (first, last), column=1, color=BLUE)
        _series(chart, "上季", (first, last), column=2 if kind == "line" else 3, color=PALE)
        sheet.insert_chart(at, COLUMN, chart, {"object_position": 2, "description": title})
        at += 17


def _chart(book: Workbook, title: str, kind: str) -> Any:
    chart = book.add_chart({"type": kind})
    chart.set_title({"name": title, "name_font": {**_FONT, "size": 11, "color": BLUE}, "overlay": False})
    chart.set_legend({"position": "top", "font": _FONT})
    flat = kind == "bar"  # then the values run along the x axis
    labels = {"num_font": {**_FONT, "color": GREY}, "line": {"color": PALE}, "major_gridlines": {"visible": False}}
    values = {**labels, "major_gridlines": {"visible": True, "line": {"color": "#E5EAEF"}}}
    # Reversed, so that the first row of the table is the top bar; `high` then means the lower side.
    chart.set_x_axis({**values, "label_position": "high"} if flat else labels)
    chart.set_y_axis({**labels, "reverse": True} if flat else values)
    chart.set_size({"width": 620, "height": 320})
    return chart


def _series(chart: Any, name: str, rows: tuple[int, int], *, column: int, color: str) -> None:
    first, last = rows
    chart.add_series(
        {
            "name": name,
            "categories": [SHEET, first, 0, last, 0],
            "values": [SHEET, first, column, last, column],
            "line": {"color": color, "width": 2.25},
            "fill": {"color": color},
            "gap": 60,
        }
    )
