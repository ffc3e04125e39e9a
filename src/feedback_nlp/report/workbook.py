"""The Excel workbook: 概览, 优先级, 期限, 群体诉求, 事件记录, 分类明细, 改进跟踪, 拒收记录.

Only what Excel, WPS and LibreOffice all show: no tables, no slicers, no conditional formats. Colours are those of the
report's day. Written row by row (constant memory), so the details may be as long as a sheet can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report import case_tables, overview, tables
from feedback_nlp.report.book import on_paper, open_book
from feedback_nlp.report.cells import safe
from feedback_nlp.report.columns import CASE, CLOCKS, DETAILS, GROUPS, HISTORY, ITEMS, REJECTS, Column
from feedback_nlp.report.figures import Summary
from feedback_nlp.report.formats import formats
from feedback_nlp.report.rules import NOTHING, rules
from feedback_nlp.report.tables import Table

SHEETS = ("概览", "优先级", "期限", "群体诉求", "事件记录", "分类明细", "改进跟踪", "拒收记录")
EXCEL_ROWS = 1_048_576
HEADER_POINTS, DETAIL_POINTS = 32, 45
_FROZEN = {"优先级": 4, "期限": 3, "群体诉求": 1, "事件记录": 1, "改进跟踪": 1}  # columns that stay while scrolling
_PRINTED = {"优先级": len(CASE), "分类明细": 19, "期限": len(CLOCKS) - 1}  # columns on paper, where not all
_TEXT = ("text", "long", "flag", "level")


@dataclass(slots=True)
class _Sheet:
    """A sheet that is being written."""

    sheet: Worksheet
    looks: dict[str, Format]
    rows: int = 1  # written so far; the header is one
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """What the sheets hold, as ``store.frames`` and ``store.case_frames`` give it; the details come in chunks."""

    priorities: pd.DataFrame
    clocks: pd.DataFrame
    groups: pd.DataFrame
    history: pd.DataFrame
    details: Iterable[pd.DataFrame]
    items: pd.DataFrame
    rejects: pd.DataFrame


def write_workbook(path: Path, summary: Summary, lists: Lists) -> None:
    """Write all sheets; the file appears under its name only when it is whole."""
    with open_book(path, streamed=True) as book:
        _write_sheets(book, summary, lists)


def _sheets(lists: Lists, summary: Summary) -> Mapping[str, tuple[tuple[Column, ...], Iterator[Table]]]:
    """Pair each sheet's columns, should it stay empty, with its chunks; nothing is computed before it is written."""
    stamp, listed = summary.stamp, rules().listed_clocks
    return {
        "优先级": (CASE, (tables.cases(one, stamp=stamp) for one in [lists.priorities])),
        "期限": (CLOCKS, (case_tables.clocks(one, stamp=stamp) for one in [lists.clocks.head(listed)])),
        "群体诉求": (GROUPS, (case_tables.groups(one, stamp=stamp) for one in [lists.groups])),
        "事件记录": (HISTORY, (case_tables.history(one, stamp=stamp) for one in [lists.history])),
        "分类明细": (DETAILS, (tables.details(one, stamp=stamp) for one in lists.details)),
        "改进跟踪": (ITEMS, (tables.items(one, stamp=stamp) for one in [lists.items])),
        "拒收记录": (REJECTS, (tables.rejects(one, stamp=stamp) for one in [lists.rejects])),
    }


def _write_sheets(book: xlsxwriter.Workbook, summary: Summary, lists: Lists) -> None:
    book.set_properties({"title": "客户反馈分析", "created": datetime.combine(summary.stamp.today, time())})
    looks = formats(book)
    added = {name: book.add_worksheet(name) for name in SHEETS}
    left_out = {
        name: _fill(_Sheet(added[name], looks), name, columns, chunks)
        for name, (columns, chunks) in _sheets(lists, summary).items()
    }
    left_out["优先级"] += max(0, summary.workload.cases - int(lists.priorities["closed_on"].isna().sum()))
    left_out["期限"] += max(0, len(lists.clocks) - rules().listed_clocks)
    overview.write(added["概览"], book, summary, looks=looks, left_out=left_out)


def _fill(target: _Sheet, name: str, columns: tuple[Column, ...], chunks: Iterator[Table]) -> int:
    """Write a sheet chunk by chunk and give the number of rows that found no room."""
    first = next(chunks, Table(columns, [[] for _ in columns]))
    _head(target, name, first.columns)
    for table in chain((first,), chunks):
        _write(target, table)
    if target.rows == 1:
        target.sheet.write_string(1, 0, NOTHING, target.looks["note"])
    target.sheet.autofilter(0, 0, max(1, target.rows - 1), len(first.columns) - 1)
    target.sheet.print_area(0, 0, max(1, target.rows - 1), _PRINTED.get(name, len(first.columns)) - 1)
    return target.left_out


def _head(target: _Sheet, name: str, columns: tuple[Column, ...]) -> None:
    sheet = target.sheet
    if name == "分类明细":
        sheet.set_default_row(DETAIL_POINTS)  # a height per row would cost a tenth of the time
    sheet.set_row(0, HEADER_POINTS)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, column.title, target.looks["header"])
    sheet.freeze_panes(1, _FROZEN.get(name, 0))
    on_paper(sheet, header=0)
    sheet.set_footer("&L&A&R第 &P / &N 页")


def _write(target: _Sheet, table: Table) -> None:
    rows = list(zip(*table.values, strict=True))
    room = max(0, EXCEL_ROWS - target.rows)
    target.left_out += max(0, len(rows) - room)
    for at, row in enumerate(rows[:room]):
        if table.heights:
            target.sheet.set_row(target.rows, table.heights[at])
        _write_row(target, table, at, row)
        target.rows += 1


def _write_row(target: _Sheet, table: Table, at: int, row: tuple[Any, ...]) -> None:
    sheet, looks = target.sheet, target.looks
    for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
        style = table.styles.get(column.field)
        look = looks[f"{column.kind}:{style[at]}" if style else column.kind]
        if value is None:
            sheet.write_blank(target.rows, place, None, look)  # keeps the line below the row unbroken
        elif column.kind in _TEXT:
            sheet.write_string(target.rows, place, safe(str(value)), look)
        else:
            sheet.write_number(target.rows, place, value, look)
