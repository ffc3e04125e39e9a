"""The sheet 复核: one row a task, labels to be confirmed or put right from lists; 选项 holds the lists.

Written row by row, as a workbook in constant memory needs it. Only what Excel, WPS and LibreOffice all show.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.classify.answers import ANSWERED, ESCALATION, NONE, Vocabulary
from feedback_nlp.report import review_columns as cols
from feedback_nlp.report.book import A3, on_paper
from feedback_nlp.report.cells import safe
from feedback_nlp.report.columns import Column
from feedback_nlp.report.formats import BLUE, CALM, GREY, HEADER, RULE
from feedback_nlp.report.rules import NOTHING, day, known
from feedback_nlp.report.tables import line_count

HEADER_ROW, FIRST_ROW = 1, 2  # from 0; above stand the instructions
HELP = (
    "怎么填：① 先看“为什么要看”和“内容”，黄色各列是目前的标签。\n"
    "② 都对，结论选“确认”；有错，从下拉列表改正，结论选“更正”；拿不准，选“跳过”，任务会留着。\n"
    "③ 填上复核人。结论留空的行不会导入。\n"
    "④ 原因、诉求各最多三个，最重要的放在前面，没有的留空；升级可填几个，用“、”隔开，没有就填“无”。\n"
    "⑤ 存盘后运行 feedback-nlp review import 文件名。灰色各列请勿改动。"
)
LABELS_HELP = (
    "怎么填：① 看“内容”，黄色各列是目前的标签或模型的建议；“为什么要看”说明为什么选它。\n"
    "② 有错，从下拉列表改正；都对，结论选“确认”；拿不准，选“跳过”。没改也没填结论的行不会导入。\n"
    "③ 复核人可以不填；入库时，没填的记运行命令的人。\n"
    "④ 原因、诉求各最多三个，最重要的放在前面，没有的留空；升级可填几个，用“、”隔开，没有就填“无”。\n"
    "⑤ 存盘后运行 feedback-nlp labels import 文件名。内容和灰色各列请勿改动。"
)
FILL = "必填：结论、复核人"
LABELS_FILL = "没改标签的要填结论；复核人可不填"
_BANDS = {
    "read": "先看这里",
    "labels": "标签：对的不动，错的从下拉列表改正",
    "too": "供参考",
    "locked": "请勿改动",
}
_YELLOW = "#FFF8DC"
_LINE, _PAD, _LEAST_LINES, _MOST_LINES = 14.5, 6, 3, 26  # points and lines; a row of Excel ends at 409 points
_HELP_POINTS, _HEADER_POINTS = 92, 30


def write_sheet(book: Workbook, frame: pd.DataFrame, *, words: Vocabulary, help_: str = HELP, fill: str = FILL) -> None:
    """Add the sheets 复核 and 选项 to a workbook; ``help_`` says how to fill it in and what reads it.

    ``frame`` has one row a task, the most pressing first: ``feedback_id``, ``version``, ``seq``, ``why`` (sentences
    parted by line ends), ``text``, ``labels`` (facet → ids), ``confidence``, ``evidence``, ``org``, ``day``,
    ``source_id``, ``case_id``, ``score``, ``due_on``. ``fill`` heads the last columns to be filled in.
    """
    looks = _looks(book)
    sheet, lists = book.add_worksheet(cols.SHEET), book.add_worksheet(cols.CHOICES)
    inputs = cols.filled(facets=words.facets)
    columns = (*cols.READ_FIRST, *inputs, *cols.READ_TOO, *cols.LOCKED)
    _head(sheet, columns, inputs, looks, {**_BANDS, "help": help_, "fill": fill})
    for place, row in enumerate(frame.to_dict("records"), start=1):
        _write_row(sheet, FIRST_ROW + place - 1, columns, _values(row, place, words), looks)
    if frame.empty:
        sheet.write_string(FIRST_ROW, 1, NOTHING, looks["text"])
    sources = _write_lists(lists, words, looks)
    if not frame.empty:
        _validate(sheet, columns, FIRST_ROW + len(frame) - 1, sources)
    last = FIRST_ROW + max(len(frame), 1) - 1
    sheet.print_area(0, 0, last, len(cols.READ_FIRST) + len(inputs) - 1)
    sheet.autofilter(HEADER_ROW, 0, last, len(columns) - 1)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "format_cells": True})


def _head(
    sheet: Worksheet,
    columns: Sequence[Column],
    inputs: Sequence[Column],
    looks: Mapping[str, Format],
    says: Mapping[str, str],
) -> None:
    sheet.set_row(0, _HELP_POINTS)
    sheet.set_row(HEADER_ROW, _HEADER_POINTS)
    reading, labels = len(cols.READ_FIRST), len(inputs) - 3
    edges = {"labels": labels, "fill": 3, "too": len(cols.READ_TOO), "locked": len(cols.LOCKED)}
    sheet.merge_range(0, 0, 0, reading - 1, says["help"], looks["help"])
    start = reading
    for name, width in edges.items():
        sheet.merge_range(0, start, 0, start + width - 1, says[name], looks[f"band:{name}"])
        start += width
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width, None, {"hidden": column.title == cols.WAS})
        sheet.write_string(HEADER_ROW, at, column.title, looks["header"])
    sheet.freeze_panes(FIRST_ROW, reading)
    on_paper(sheet, header=HEADER_ROW, paper=A3)


def _values(row: Mapping[Any, Any], place: int, words: Vocabulary) -> dict[str, Any]:
    """Give every cell of a row by field; labels in Chinese."""
    labels: Mapping[str, Sequence[str]] = row["labels"]
    was = json.dumps(labels, ensure_ascii=False)
    return {
        **row,
        "place": place,
        "was": was,
        **cols.written(labels, words=words),
        "verdict": "",
        "author": "",
        "note": "",
    }


def _write_row(
    sheet: Worksheet, at: int, columns: Sequence[Column], cells: Mapping[str, Any], looks: Mapping[str, Format]
) -> None:
    lines = max(line_count(cells[column.field], column.width) for column in cols.READ_FIRST if column.kind == "long")
    sheet.set_row(at, _PAD + _LINE * min(_MOST_LINES, max(_LEAST_LINES, lines)))
    start = len(cols.READ_FIRST)
    for place, column in enumerate(columns):
        value, mine = cells[column.field], start <= place < len(columns) - len(cols.READ_TOO) - len(cols.LOCKED)
        look = looks["input" if mine else "locked" if column in cols.LOCKED else column.kind]
        if not known(value) or value == "":
            sheet.write_blank(at, place, None, look)
        elif column.kind == "day":
            sheet.write_datetime(at, place, day(value), look)
        elif isinstance(value, str):
            sheet.write_string(at, place, safe(value) if column.field != "was" else value, look)
        else:
            sheet.write_number(at, place, value, look)


def _write_lists(sheet: Worksheet, words: Vocabulary, looks: Mapping[str, Format]) -> dict[str, str]:
    """Write every list of choices into a column of its own; give the range of each."""
    lists = {facet: list(words.names[facet].values()) for facet in ANSWERED}
    lists[ESCALATION] = [NONE, *lists[ESCALATION]]
    lists["verdict"] = list(cols.VERDICTS)
    rows = max(len(names) for names in lists.values())
    for at, facet in enumerate(lists):
        sheet.set_column(at, at, 22)
        sheet.write_string(0, at, words.facets.get(facet, cols.VERDICT), looks["header"])
    for row in range(rows):
        for at, names in enumerate(lists.values()):
            if row < len(names):
                sheet.write_string(row + 1, at, names[row])
    sheet.hide()
    ranges = {}
    for at, (facet, names) in enumerate(lists.items()):
        letter = xl_col_to_name(at)
        ranges[facet] = f"='{cols.CHOICES}'!${letter}$2:${letter}${len(names) + 1}"
    return ranges


def _validate(sheet: Worksheet, columns: Sequence[Column], last: int, sources: Mapping[str, str]) -> None:
    for at, column in enumerate(columns):
        list_name = column.facet or column.field
        if list_name not in sources:
            continue
        verdict = column.field == "verdict"
        options = {
            "validate": "list",
            "source": sources[list_name],
            "ignore_blank": True,
            "error_type": "stop" if verdict else "warning",
            "error_title": column.title,
            "error_message": (
                "请选“确认”、“更正”或“跳过”。"
                if verdict
                else "不在下拉列表中。只有列表里的名称或其编号能导入，仍要保留吗？"
            ),
        }
        sheet.data_validation(FIRST_ROW, at, last, at, options)


def _looks(book: Workbook) -> dict[str, Format]:
    line = {"valign": "top", "bottom": 1, "bottom_color": RULE}
    band = {"bold": True, "valign": "bottom", "align": "left", "font_color": BLUE}
    day_ = {"num_format": "yyyy-mm-dd", "align": "center"}
    looks: dict[str, dict[str, Any]] = {
        "text": {**line, "text_wrap": True},
        "long": {**line, "text_wrap": True, "left": 1, "left_color": RULE},
        "whole": {**line, "num_format": "0", "align": "center"},
        "decimal": {**line, "num_format": "0.0", "align": "center"},
        "share": {**line, "num_format": "0%", "align": "center"},
        "day": {**line, **day_},
        "input": {**line, "text_wrap": True, "bg_color": _YELLOW, "locked": False, "left": 1, "left_color": RULE},
        "locked": {**line, "font_color": GREY, "bg_color": "#F2F2F2"},
        "header": HEADER,
        "help": {"text_wrap": True, "valign": "vcenter", "bg_color": CALM, "font_color": BLUE},
        "band:labels": {**band, "bg_color": _YELLOW},
        "band:fill": {**band, "bg_color": _YELLOW},
        "band:too": {**band, "bg_color": CALM},
        "band:locked": {**band, "bg_color": "#F2F2F2", "font_color": GREY},
    }  # fmt: skip
    return {name: book.add_format(look) for name, look in looks.items()}
