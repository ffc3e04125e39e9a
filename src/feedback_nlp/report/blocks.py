"""The tables of the sheet 概览 that describe the quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from feedback_nlp.report.figures import Line, Share, Summary
from feedback_nlp.report.rules import change, rules

DERIVED = "由标签按规则推出，未经人工逐条确认。"


@dataclass(frozen=True, slots=True)
class Block:
    """One table with its title; a cell is a text, a number, a (value, look) pair or None."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    wide: bool = False  # the last column holds sentences and takes all the room that is left


def blocks(summary: Summary) -> list[Block]:
    """List the tables of the quarter, in the order they stand in."""
    return [
        _indicators(summary),
        _weeks(summary),
        _facet("投诉业务（案件）", summary.business),
        _facet("投诉原因（案件）", summary.leaves),
        _facet("投诉渠道（案件）", summary.channels, "投诉如何到达银行；未注明渠道的按来源归类。"),
        _facet("服务触点（案件）", summary.touchpoints, "问题发生在哪里，由模型从文字判断。"),
        _facet("反馈类型（条）", summary.kinds),
        _facet("情绪（条）", summary.sentiments),
        _facet("需求类别（条）", summary.needs, DERIVED + "基本、成长、情感三类，一条可属几类。"),
        _facet("风险类型（条）", summary.risks, DERIVED + "没有风险的不列；占比为占全部反馈。"),
        _branches(summary),
        _ratings(summary),
        _intake(summary),
    ]


def _indicators(summary: Summary) -> Block:
    work = summary.workload
    rows = [
        ("不满反馈占比", *_share(summary.negative)),
        ("模型拿不准占比", *_share(summary.unsure)),
        ("未结案件（件，今日）", work.cases, None, None),
        (f"其中：评分 {rules().urgent_score:g} 以上（件）", work.urgent, None, None),
        ("在办改进（项，今日）", work.items, None, None),
    ]
    return Block("指标", ("指标", "本季至今", "上季同期", "变化"), rows)


def _share(share: Share) -> tuple[Any, Any, Any]:
    least = rules().small_n
    now = (share.hits / share.n, "cell:share") if share.n >= least else None
    then = (share.previous_hits / share.previous_n, "cell:share") if share.previous_n >= least else None
    points = None
    if now and then:
        points = (f"{100 * (now[0] - then[0]):+.1f} 百分点", "cell:change")
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
