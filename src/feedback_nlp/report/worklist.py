"""The work list of a complaint officer as one workbook: what to do, what is urgent, what to fill in and send back.

Only what Excel, WPS and LibreOffice all have: drop-downs, frozen rows, filters; no macros, no protected cells.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report import worklist_columns as cols
from feedback_nlp.report.book import A4, open_book
from feedback_nlp.report.columns import Column
from feedback_nlp.report.lines import BranchLine, CaseLine, ClockLine
from feedback_nlp.report.listing import Looks, fill, height, lay_out, looks_of
from feedback_nlp.report.tables import line_count

FROZEN = {cols.OPEN_SHEET: 5, cols.WAITING_SHEET: 3, cols.CLOCKS_SHEET: 3, cols.URGENT_SHEET: 2}
"""Columns that stay while scrolling."""
GUIDE_WIDTH = 120
LIST_SIGNS = 255
"""Characters of a drop-down that is written out, Excel's limit."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One improvement item that a case may be closed with."""

    choice: str  # id and title: what stands in the drop-down; the import reads the id
    theme_name: str
    owner: str
    opened_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class WorkList:
    """What the workbook shows."""

    made_at: datetime
    cases: Sequence[CaseLine]  # owed an answer, levels >= 2 first
    waiting: Sequence[CaseLine]  # answered, not 闭环 yet
    urgent: Sequence[CaseLine]
    clocks: Sequence[ClockLine]
    branches: Sequence[BranchLine]
    items: Sequence[ItemLine]
    choices: Mapping[str, Sequence[str]]  # header of an input column → what may stand in it
    words: Mapping[str, str]  # for the sheet 说明: urgent, levels
    left_out: Mapping[str, int]  # sheet → rows that found no room


def write_worklist(path: Path, found: WorkList, *, review: Callable[[xlsxwriter.Workbook], None] | None = None) -> None:
    """Write the workbook; it appears under its name only when it is whole. ``review`` adds the sheet 复核."""
    with _book(path, title="投诉处理清单", made_at=found.made_at) as book:
        _write(book, found)
        if review:
            review(book)


def write_lists(path: Path, lists: Mapping[str, tuple[Sequence[Column], Sequence[Any]]], *, made_at: datetime) -> None:
    """Write plain lists, each a sheet of its own: name → columns and lines."""
    with _book(path, title="、".join(lists), made_at=made_at) as book:
        looks = looks_of(book)
        for name, (columns, rows) in lists.items():
            _list(book, name, columns, rows, today=made_at.date(), looks=looks)


@contextmanager
def _book(path: Path, *, title: str, made_at: datetime) -> Iterator[xlsxwriter.Workbook]:
    with open_book(path) as book:
        book.set_properties({"title": title, "created": made_at})
        yield book


def alert_state(state: str) -> str:
    """Name the state of an alert.

    >>> alert_state("open")
    '待处理'
    """
    return str(_guide()["alert_state"].get(state, state))


def _write(book: xlsxwriter.Workbook, found: WorkList) -> None:
    looks, guide = looks_of(book), _guide()
    inputs = (*cols.INPUT, *cols.KEY)
    _cases(book, cols.OPEN_SHEET, (*cols.OPEN, *inputs), found.cases, found=found, looks=looks, banner=guide["banner"])
    waiting, told = (*cols.WAITING, *inputs), guide["waiting_banner"]
    _cases(book, cols.WAITING_SHEET, waiting, found.waiting, found=found, looks=looks, banner=told)
    for name, columns, rows in (
        (cols.CLOCKS_SHEET, cols.CLOCKS, found.clocks),
        (cols.BRANCHES_SHEET, cols.BRANCHES, found.branches),
        (cols.URGENT_SHEET, cols.URGENT, found.urgent),
        (cols.ITEMS_SHEET, cols.ITEMS, found.items),
    ):
        _list(book, name, columns, rows, today=found.made_at.date(), looks=looks)
    _explain(book.add_worksheet(cols.GUIDE_SHEET), found, looks=looks)


def _list(
    book: xlsxwriter.Workbook,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Any],
    *,
    today: date,
    looks: Looks,
) -> None:
    sheet = book.add_worksheet(name)
    top = fill(sheet, columns, rows, looks=looks, today=today)
    lay_out(sheet, top=top, frozen=FROZEN.get(name, 0), printed=len(columns), rows=len(rows))


def _cases(
    book: xlsxwriter.Workbook,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[CaseLine],
    *,
    found: WorkList,
    looks: Looks,
    banner: str,
) -> None:
    """Write a sheet of cases, with room for one step each."""
    sheet = book.add_worksheet(name)
    top = fill(sheet, columns, rows, looks=looks, today=found.made_at.date(), banner=banner)
    reading = len(columns) - len(cols.INPUT) - len(cols.KEY)
    lay_out(sheet, top=top, frozen=FROZEN[name], printed=reading, rows=len(rows))
    if rows:
        places = {column.title: at for at, column in enumerate(columns)}
        _offer_steps(sheet, rows, first=top + 1, place=places[cols.ACTION])
        _offer(sheet, places, span=(top + 1, top + len(rows)), found=found)


def _offer_steps(sheet: Worksheet, rows: Sequence[CaseLine], *, first: int, place: int) -> None:
    """Give every row a drop-down of its own legal steps; rows with the same steps share one."""
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, line in enumerate(rows, start=first):
        alike[tuple(line.steps.values())].append(at)
    for steps, places in alike.items():
        if steps:
            _drop_down(sheet, places, place, list(steps))


def _drop_down(sheet: Worksheet, rows: Sequence[int], place: int, source: list[str]) -> None:
    sheet.data_validation(
        rows[0],
        place,
        rows[0],
        place,
        {
            "validate": "list",
            "source": source,
            "other_cells": [[row, place, row, place] for row in rows[1:]],
            "error_title": "现在不能这样做",
            "error_message": "请从下拉列表里选，列表里是这件案件现在允许的动作。",
        },
    )


def _offer(sheet: Worksheet, places: Mapping[str, int], *, span: tuple[int, int], found: WorkList) -> None:
    """Add the other drop-downs, and refuse what is no day."""
    first, last = span
    for title, choices in found.choices.items():
        if choices and len(",".join(choices)) <= LIST_SIGNS and not any("," in choice for choice in choices):
            listed = {"validate": "list", "source": list(choices), "error_message": "请从下拉列表里选。"}
            sheet.data_validation(first, places[title], last, places[title], listed)
    if found.items:
        source = f"='{cols.ITEMS_SHEET}'!$A$2:$A${len(found.items) + 1}"
        options = {"validate": "list", "source": source, "error_message": "请从下拉列表里选，清单见“改进事项”页。"}
        sheet.data_validation(first, places[cols.IMPROVEMENT], last, places[cols.IMPROVEMENT], options)
    told = {
        "validate": "date",
        "criteria": "between",
        "minimum": date(2000, 1, 1),
        "maximum": found.made_at.date().replace(year=found.made_at.year + 1, day=1),
        "error_title": "不是日期",
        "error_message": "请填写告知客户的日期，例如 2026-09-30。",
    }
    sheet.data_validation(first, places[cols.INFORMED], last, places[cols.INFORMED], told)


def _explain(sheet: Worksheet, found: WorkList, *, looks: Looks) -> None:
    sheet.set_column(0, 0, GUIDE_WIDTH)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    row = 0
    for section in _guide()["section"]:
        sheet.write_string(row, 0, section["title"], looks["block"])
        for line in section["lines"]:
            row += 1
            told = line.format(**found.words, made=_made(found))
            sheet.set_row(row, height(line_count(told, GUIDE_WIDTH), fewest=1))
            sheet.write_string(row, 0, told, looks["plain"])
        row += 2


def _made(found: WorkList) -> str:
    left = [f"“{name}”还有 {count:,} 行没有列出" for name, count in found.left_out.items() if count]
    told = f"{found.made_at:%Y-%m-%d %H:%M} 导出：处理 {len(found.cases):,} 件，待闭环 {len(found.waiting):,} 件，"
    return (
        f"{told}期限 {len(found.clocks):,} 条，升级 {len(found.urgent):,} 件。{'；'.join(left)}{'。' if left else ''}"
    )


@lru_cache(maxsize=1)
def _guide() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("worklist.toml").read_text(encoding="utf-8"))
