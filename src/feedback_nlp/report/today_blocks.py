"""The tables of the sheet 概览 that say what has to be done today, and how every figure is counted."""

from __future__ import annotations

from typing import Any

from feedback_nlp.report.blocks import Block
from feedback_nlp.report.duties import Loop
from feedback_nlp.report.figures import Summary
from feedback_nlp.report.rules import change, rules, state_name

GRAINS = (
    ("反馈件数", "events", "收到的每一条算一件，重复反映的也算"),
    ("投诉件数", "events", "反馈中类型为投诉的"),
    ("诉求（案件）数", "cases", "同一诉求不论反映几次、经哪个渠道，只算一件"),
    ("客户数", "customers", "按客户号、证件等识别，同一客户算一位；身份不明的各算一位。未结一栏为各案件相加"),
)
"""The four things that may be counted, and never mixed up: name, unit, definition."""
STATES = "“本季开立”是本季开立的案件今天处在什么状态，“全部”是数据库中所有案件。"
CLOSED = "闭环率 = 闭环 ÷（闭环 + 反馈待闭环）：已答复的案件中，客户已获告知、结果已落到改进事项或写明理由的占多少。"
GROUPS = "同一机构、同一原因，短期内投诉客户数明显多于平常；“平常”是按此前日子推算同样长的时间应有的客户数。"


def blocks(summary: Summary) -> list[Block]:
    """List the tables in the order they stand in."""
    return [
        _figures(summary),
        _grains(summary),
        _states(summary),
        _groups(summary),
        _alerts(summary),
        _reviews(summary),
    ]


def grains(summary: Summary) -> list[tuple[str, int, int, int, str]]:
    """Count at every grain: name, this quarter, the same days of the one before, open today, definition."""
    feedback, told, now = summary.feedback, summary.complaints, summary.today.open
    of = (feedback, told, told, told)
    open_ = (now.events, now.complaints, now.cases, now.customers)
    return [
        (name, getattr(total, unit), getattr(total, f"previous_{unit}"), waiting, note)
        for (name, unit, note), total, waiting in zip(GRAINS, of, open_, strict=True)
    ]


def loop(found: Loop) -> str:
    """Write the share of closed cases with what it is a share of.

    >>> loop(Loop(30, 40)), loop(Loop(1, 3))
    ('75.0%（30 / 40 件）', '1 / 3 件')
    """
    told = f"{found.closed:,} / {found.answered:,} 件"
    return f"{found.closed / found.answered:.1%}（{told}）" if found.answered >= rules().small_n else told


def _figures(summary: Summary) -> Block:
    rows = [
        (f"{one.name}（{one.unit}）", (one.n, "cell:alarm" if one.alarm and one.n else "cell:whole"), one.note)
        for one in summary.today.figures
    ]
    return Block("今日必办", ("事项", "数量", "怎么数的"), rows, wide=True)


def _grains(summary: Summary) -> Block:
    rows = [
        (name, now, then, (change(now, then), "cell:change"), open_, note)
        for name, now, then, open_, note in grains(summary)
    ]
    return Block("四种计数", ("口径", "本季至今", "上季同期", "变化", "未结（今日）", "怎么数的"), rows, wide=True)


def _states(summary: Summary) -> Block:
    today = summary.today
    rows: list[Any] = [(state_name(state.id, state.name), state.recent, state.all) for state in today.states]
    rate = "本季开立的闭环率 " + loop(today.loop_recent) + "，全部 " + loop(today.loop_all) + "。"
    return Block("处理状态（案件）", ("状态", "本季开立", "全部"), rows, f"{rate}{CLOSED}{STATES}")


def _groups(summary: Summary) -> Block:
    rows = [
        (
            one.org,
            one.customers,
            one.expected,
            one.days,
            one.open,
            f"{one.cause}（{one.first_on:%m-%d} 起 {one.cases} 件）",
        )
        for one in summary.today.groups
    ]
    columns = ("机构", "客户数", "平常", "历时天数", "未结案件", "原因")
    return Block("群体诉求（还有未结案件的）", columns, rows, GROUPS, wide=True)


def _alerts(summary: Summary) -> Block:
    most, alerts = rules().page_alerts, summary.today.alerts
    rows = [
        (one.rule, summary.stamp.names.level(one.level), _answer(one.answer_by, one.late), one.taken_by, one.message)
        for one in alerts[:most]
    ]
    rest = f"另有 {len(alerts) - most:,} 条没有列出。" if len(alerts) > most else ""
    return Block("待处理预警", ("预警", "级别", "应答时限", "已认领", "内容"), rows, rest, wide=True)


def _answer(by: Any, late: bool) -> Any:
    return None if by is None else (f"{by:%m-%d %H:%M}", "cell:rising" if late else "cell:change")


def _reviews(summary: Summary) -> Block:
    note = f"共 {summary.today.review_tasks:,} 条待复核；一条可有几个原因，各行相加会多于总数。"
    return Block("复核队列", ("原因", "条"), summary.today.reviews, note)
