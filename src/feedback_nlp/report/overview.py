"""The sheet 概览: tables one below the other, charts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from feedback_nlp.report import sheet_charts as charts
from feedback_nlp.report.cells import safe
from feedback_nlp.report.figures import Line, Share, Summary
from feedback_nlp.report.headlines import headlines, span
from feedback_nlp.report.rules import NOTHING, change, rules

WIDTHS = (30, 11, 11, 11, 11, 11, 11, 11, 3)
LAST = len(WIDTHS) - 2  # column of the last figure; charts stand right of it
HEADLINE = 60  # Chinese characters in one line across the tables


@dataclass(frozen=True, slots=True)
class Block:
    """One table with its title; a cell is a text, a number, a (number, look) pair or None."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    note: str = ""


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
    for block in _blocks(summary):
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
    for row, cells in enumerate(block.rows, start=at + 2):
        for place, cell in enumerate(cells):
            _cell(sheet, (row, place), cell, looks)
    after = at + 2 + len(block.rows)
    for text in [block.note] if block.rows and block.note else [] if block.rows else [NOTHING]:
        sheet.merge_range(after, 0, after, LAST, text, looks["note"])
        after += 1
    return after + 1


def _cell(sheet: Worksheet, where: tuple[int, int], cell: Any, looks: Mapping[str, Format]) -> None:
    value, look = cell if isinstance(cell, tuple) else (cell, None)
    plain = looks["cell" if where[1] else "name"]
    if value is None:
        sheet.write_blank(*where, None, plain)
    elif isinstance(value, str):
        sheet.write_string(*where, safe(value) if where[1] == 0 else value, looks[look] if look else plain)
    else:
        sheet.write_number(*where, value, looks[look or ("cell:whole" if isinstance(value, int) else "cell:decimal")])


def _blocks(summary: Summary) -> list[Block]:
    return [
        _indicators(summary),
        _weeks(summary),
        _facet("投诉业务（案件）", summary.business),
        _facet("投诉原因（案件）", summary.leaves),
        _facet("投诉渠道（案件）", summary.channels, "投诉如何到达银行；未注明渠道的按来源归类。"),
        _facet("服务触点（案件）", summary.touchpoints, "问题发生在哪里，由模型从文字判断。"),
        _facet("反馈类型（条）", summary.kinds),
        _facet("情绪（条）", summary.sentiments),
        _branches(summary),
        _ratings(summary),
        _intake(summary),
    ]


def _indicators(summary: Summary) -> Block:
    told, all_, work = summary.complaints, summary.feedback, summary.workload
    rows = [
        ("反馈（条）", all_.events, all_.previous_events, change(all_.events, all_.previous_events)),
        ("投诉（条）", told.events, told.previous_events, change(told.events, told.previous_events)),
        ("投诉案件（件，同一诉求计一件）", told.cases, told.previous_cases, change(told.cases, told.previous_cases)),
        ("投诉客户（位，身份不明的各计一位）", told.customers, None, None),
        ("不满反馈占比", *_share(summary.negative)),
        ("需人工复核占比", *_share(summary.review)),
        ("未结案件（件，今日）", work.cases, None, None),
        ("其中：紧急 / 逾期 / 即将到期", f"{work.urgent} / {work.overdue} / {work.due_soon}", None, None),
        ("在办改进（项，今日）", work.items, None, None),
    ]
    return Block("指标", ("指标", "本季至今", "上季同期", "变化"), rows)


def _share(share: Share) -> tuple[Any, Any, Any]:
    least = rules().small_n
    now = (share.hits / share.n, "cell:share") if share.n >= least else None
    then = (share.previous_hits / share.previous_n, "cell:share") if share.previous_n >= least else None
    points = None
    if now and then:
        points = f"{100 * (now[0] - then[0]):+.1f} 百分点"
    return now, then, points


def _weeks(summary: Summary) -> Block:
    rows = [
        (f"第{week.number}周", _whole_week(week.current, week.days), week.previous, f"{week.start:%m-%d}")
        for week in summary.weeks
        if week.current is not None or week.previous is not None
    ]
    running = [week for week in summary.weeks if 0 < week.days < 7]
    note = "按季度首日起每七天一周。"
    if running:
        note += f"第 {running[0].number} 周才过 {running[0].days} 天，已有 {running[0].current} 件，不列入。"
    return Block("每周投诉案件", ("周", "本季", "上季", "本季起始日"), rows if summary.complaints.events else [], note)


def _whole_week(count: int | None, days: int) -> int | None:
    return count if days == 7 else None


def _facet(title: str, lines: Sequence[Line], note: str = "") -> Block:
    rows = [
        (
            line.name,
            line.n,
            (line.share, "cell:share") if sum(one.n for one in lines) >= rules().small_n else None,
            line.previous,
            (change(line.n, line.previous), "cell:rising" if line.rising else "cell:change"),
            line.events,
            line.cases,
            line.customers,
        )
        for line in lines[: rules().top_labels]
    ]
    columns = ("名称", "本季至今", "占比", "上季同期", "变化", "条", "件", "客户")
    return Block(title, columns, rows, note)


def _branches(summary: Summary) -> Block:
    rows = [
        (one.org, one.cases, one.previous, one.outlets, one.per_outlets, one.low, one.high, one.per_clients)
        for one in summary.branches
    ]
    columns = ("机构", "案件", "上季同期", "网点数", "每千网点", "区间下限", "区间上限", "每千万客户")
    note = "率按本季至今的案件计算；区间为 95%。没有网点数的机构只列件数。"
    return Block("机构投诉率", columns, rows, note)


def _ratings(summary: Summary) -> Block:
    rows = [(one.source, one.n, one.mean, one.previous_n, one.previous) for one in summary.ratings]
    note = "各来源分制不同，不可互相比较。"
    return Block("评分（按来源，原分制）", ("来源", "条", "均值", "上季条", "上季均值"), rows, note)


def _intake(summary: Summary) -> Block:
    rows = [
        (one.file, one.rows, one.new, one.updated, one.duplicate, one.rejected, _verdict(one.balanced, one.finished_on))
        for one in summary.intake
    ]
    note = "收到行数 = 新增 + 更新 + 重复 + 拒收。"
    return Block("收件核对", ("文件", "收到", "新增", "更新", "重复", "拒收", "核对"), rows, note)


def _verdict(balanced: bool, finished_on: date | None) -> str:
    return "未读完" if finished_on is None else "相符" if balanced else "不符"


def _versions(summary: Summary) -> str:
    stamp, review = summary.stamp, summary.review
    share = f"{review.hits / review.n:.1%}" if review.n >= rules().small_n else f"{review.hits} 条"
    return (
        f"业务、原因、触点、情绪等标签为模型预测，并非人工结论；本季需人工复核 {share}。"
        f"模型版本 {stamp.release}，分类体系第 {stamp.taxonomy.version} 版，评分规则 {stamp.policy}，"
        f"生成日 {stamp.today:%Y-%m-%d}。"
    )
