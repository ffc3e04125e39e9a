"""How cells look. 微软雅黑 is on every Chinese Windows; elsewhere the spreadsheet takes its own Chinese font."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from feedback_nlp.report.tables import PROVISIONAL

BLUE, GREY, RULE = "#1F4E79", "#5B6770", "#D5DCE3"
RED, AMBER, CALM = "#F8C9C4", "#FDE7B0", "#EAF1F8"
DARK_RED, DARK_AMBER = "#8E1B12", "#7A4B00"

_MIDDLE = {"valign": "vcenter", "align": "center"}
_DAY = {"num_format": "yyyy-mm-dd", "align": "center"}
_OVERVIEW = ("name", "cell", "column", "block")
MOMENT = {"num_format": "yyyy-mm-dd hh:mm", "align": "center"}
LATE = {"bg_color": RED, "font_color": DARK_RED, "bold": True}
NEAR = {"bg_color": AMBER, "font_color": DARK_AMBER, "bold": True}
_GUESSED = {"num_format": 'yyyy-mm-dd"（暂定）"'}
_GUESSED_MOMENT = {"num_format": 'yyyy-mm-dd hh:mm"（暂定）"', "text_wrap": True}
_CLOCKS: dict[str, dict[str, Any]] = {":overdue": LATE, ":soon": NEAR, ":later": {}, ":none": {}}
HEADER = {"bold": True, "font_color": "#FFFFFF", "bg_color": BLUE, "text_wrap": True, **_MIDDLE}
_SCORE = {"num_format": "0.0", "align": "center", "bold": True}
_LOOKS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "long": {"text_wrap": True},
    "flag": {"align": "center", "font_color": DARK_AMBER},
    "whole": {"num_format": "#,##0", "align": "center"},
    "decimal": {"num_format": "0.0", "align": "center"},
    "points": {"num_format": '0.0;-0.0;"–"', "align": "center"},
    "share": {"num_format": "0.0%", "align": "center"},
    "score": _SCORE,
    "score:urgent": {**_SCORE, **LATE},
    "score:high": {**_SCORE, **NEAR},
    "score:normal": {**_SCORE, "bg_color": CALM},
    "level:3": {"align": "center", **LATE},
    "level:2": {"align": "center", **NEAR},
    "level:1": {"align": "center"},
    "level:0": {"align": "center"},
    "day": _DAY,
    "moment": MOMENT,
    **{f"due{name}": {**_DAY, **look} for name, look in _CLOCKS.items()},
    **{f"due{name}{PROVISIONAL}": {**_DAY, **look, **_GUESSED} for name, look in _CLOCKS.items()},
    **{f"deadline{name}": {**MOMENT, **look} for name, look in _CLOCKS.items()},
    **{f"deadline{name}{PROVISIONAL}": {**MOMENT, **look, **_GUESSED_MOMENT} for name, look in _CLOCKS.items()},
    "header": HEADER,
    "title": {"bottom": 0, "bold": True, "font_size": 18, "font_color": BLUE, "valign": "vcenter"},
    "headline": {"text_wrap": True, "bottom": 0, "font_size": 11, "valign": "vcenter"},
    "block": {"bold": True, "font_size": 12, "font_color": BLUE, "bottom": 2, "bottom_color": BLUE},
    "column": {"bold": True, "bg_color": CALM, "align": "right", "text_wrap": True},
    "column:first": {"bold": True, "bg_color": CALM, "text_wrap": True},
    "column:last": {"bold": True, "bg_color": CALM, "text_wrap": True, "indent": 1},
    "name": {"text_wrap": True},
    "cell": {"align": "right"},
    "cell:whole": {"num_format": "#,##0"},
    "cell:decimal": {"num_format": "#,##0.0"},
    "cell:share": {"num_format": "0.0%"},
    "cell:change": {"align": "right"},
    "cell:alarm": {"num_format": "#,##0", "align": "right", "font_color": DARK_RED, "bold": True},
    "cell:text": {"text_wrap": True, "indent": 1},
    "cell:rising": {"align": "right", "font_color": DARK_RED, "bold": True},
    "note": {"font_color": GREY, "text_wrap": True, "bottom": 0},
}


def formats(book: Workbook) -> dict[str, Format]:
    """Register every look with the workbook."""
    line = {"bottom": 1, "bottom_color": RULE}
    return {
        name: book.add_format({"valign": "vcenter" if name.startswith(_OVERVIEW) else "top", **line, **look})
        for name, look in _LOOKS.items()
    }
