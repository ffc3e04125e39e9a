"""The sheet 概览: tables one below the other, charts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report import sheet_charts as charts
from feedback_nlp.report import today_blocks
from feedback_nlp.report.blocks import Block, blocks
from feedback_nlp.report.cells import safe
from feedback_nlp.report.figures import Summary
from feedback_nlp.report.headlines import headlines, span
from feedback_nlp.report.rules import NOTHING, rules
from feedback_nlp.report.tables import LINE_POINTS, PAD_POINTS, line_count

WIDTHS = (30, 11, 11, 11, 11, 11, 11, 11, 3)
LAST = len(WIDTHS) - 2  # column of the last figure; charts stand right of it
HEADLINE = 60  # Chinese characters in one line across the tables


def write(
    sheet: Worksheet,
    book: Workbook,
    summary: Summary,
    *,
    looks: Mapping[str, Format],
    left_out: Mapping[str, int],
) -> None:
    """Write the overview; `left_out` names the sheets that could not hold every row."""
    _lay_out(sheet)
    at = _head(sheet, summary, looks=looks, left_out=left_out)
    places = {}
    for block in (*today_blocks.blocks(summary), *blocks(summary)):
        places[block.title] = (at + 2, at + 1 + len(block.rows))
        at = _block(sheet, block, at=at, looks=looks)
    charts.draw(sheet, book, {title: rows for title, rows in places.items() if rows[1] >= rows[0]})
    sheet.set_row(at, 60)
    sheet.merge_range(at, 0, at, LAST, safe(_versions(summary)), looks["note"])


def _lay_out(sheet: Worksheet) -> None:
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(2, 0)


def _head(sheet: Worksheet, summary: Summary, *, looks: Mapping[str, Format], left_out: Mapping[str, int]) -> int:
    """Write title, days and sentences; give the first row below."""
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, f"客户反馈概览 · {summary.period.name}", looks["title"])
    when = f"{span(summary)}　生成日 {summary.stamp.today:%Y-%m-%d}"
    sheet.merge_range(1, 0, 1, LAST, when, looks["note"])
    missing = [
        f"工作表“{name}”列不下全部：另有 {count:,} 行没有列入，它们仍在数据库中。"
        for name, count in left_out.items()
        if count
    ]
    told = [*headlines(summary), *missing]
    for at, sentence in enumerate(told, start=2):
        sheet.set_row(at, 34 if len(sentence) > HEADLINE else 20)
        sheet.merge_range(at, 0, at, LAST, safe(sentence), looks["headline"])
    return len(told) + 3


def _block(sheet: Worksheet, block: Block, *, at: int, looks: Mapping[str, Format]) -> int:
    sheet.set_row(at, 22)
    for place in range(LAST + 1):
        sheet.write_string(at, place, block.title if place == 0 else "", looks["block"])
    for place, title in enumerate(block.columns):
        sheet.write_string(at + 1, place, title, looks["column" if place else "column:first"])
    if block.wide:
        _spread(sheet, (at + 1, len(block.columns) - 1), block.columns[-1], looks["column:last"])
    for row, cells in enumerate(block.rows, start=at + 2):
        for place, cell in enumerate(cells[:-1] if block.wide else cells):
            _cell(sheet, (row, place), cell, looks)
        if block.wide:
            sheet.set_row(row, _height([(cells[-1], len(cells) - 1), (cells[0], None)]))
            _spread(sheet, (row, len(cells) - 1), cells[-1], looks["cell:text"])
    after = at + 2 + len(block.rows)
    for text in [block.note] if block.rows and block.note else [] if block.rows else [NOTHING]:
        sheet.set_row(after, _height([(text, 0)]))
        sheet.merge_range(after, 0, after, LAST, text, looks["note"])
        after += 1
    return after + 1


def _spread(sheet: Worksheet, where: tuple[int, int], text: str, look: Format) -> None:
    row, place = where
    if place == LAST:  # one cell cannot be merged
        sheet.write_string(row, place, safe(text), look)
    else:
        sheet.merge_range(row, place, row, LAST, safe(text), look)


def _height(texts: Sequence[tuple[str, int | None]]) -> float:
    """Give the points that the longest text needs; merged cells never grow by themselves.

    Each text with the column from which it runs to the last; None for one that keeps to the first.
    """
    return PAD_POINTS + LINE_POINTS * max(
        line_count(text, WIDTHS[0] if start is None else sum(WIDTHS[start : LAST + 1])) for text, start in texts
    )


def _cell(sheet: Worksheet, where: tuple[int, int], cell: Any, looks: Mapping[str, Format]) -> None:
    value, look = cell if isinstance(cell, tuple) else (cell, None)
    plain = looks["cell" if where[1] else "name"]
    if value is None:
        sheet.write_blank(*where, None, plain)
    elif isinstance(value, str):
        # A change such as +3 has its look; what comes from a file or a person has none.
        sheet.write_string(*where, value if look else safe(value), looks[look] if look else plain)
    else:
        sheet.write_number(*where, value, looks[look or ("cell:whole" if isinstance(value, int) else "cell:decimal")])


def _versions(summary: Summary) -> str:
    stamp, unsure = summary.stamp, summary.unsure
    share = f"{unsure.hits / unsure.n:.1%}" if unsure.n >= rules().small_n else f"{unsure.hits} 条"
    return (
        f"业务、原因、触点、情绪等标签为模型预测，并非人工结论；本季模型拿不准的占 {share}。"
        f"模型版本 {stamp.release}，分类体系第 {stamp.taxonomy.version} 版，评分规则 {stamp.policy}，"
        f"生成日 {stamp.today:%Y-%m-%d}。"
    )
