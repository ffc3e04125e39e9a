"""The overview in four sentences, for whoever reads nothing else."""

from __future__ import annotations

from feedback_nlp.report.figures import Summary
from feedback_nlp.report.rules import change, rules

MOST = 3
"""Names in one sentence: what a reader keeps in mind."""


def headlines(summary: Summary) -> list[str]:
    """Say what waits, what came in, what grew and which branches stand out."""
    growth = [_growth(summary)] if summary.complaints.events else []
    return [_waiting(summary), _volume(summary), *growth, *_branches(summary)]


def span(summary: Summary) -> str:
    """Write the days that are counted and those they are compared with."""
    days = [f"{day.month}月{day.day}日" for one in (summary.period, summary.before) for day in (one.start, one.end)]
    return f"{days[0]}—{days[1]}，对比上季同期 {days[2]}—{days[3]}"


def _volume(summary: Summary) -> str:
    told, all_ = summary.complaints, summary.feedback
    if not all_.events:
        return "本季至今没有收到反馈。"
    return (
        f"本季至今收到反馈 {all_.events:,} 条，其中投诉 {told.events:,} 条，合 {told.cases:,} 件案件；"
        f"上季同期 {told.previous_cases:,} 件（{change(told.cases, told.previous_cases)}）。"
    )


def _growth(summary: Summary) -> str:
    rising = sorted((line for line in summary.leaves if line.rising), key=lambda line: line.previous - line.n)
    if not rising:
        return "没有哪一类投诉原因的增加超出偶然波动。"
    told = "；".join(f"{line.name} {line.n:,} 件（上季同期 {line.previous:,} 件）" for line in rising[:MOST])
    return f"增加超出偶然波动的投诉原因：{told}。"


def _branches(summary: Summary) -> list[str]:
    average = summary.branch_average
    if average is None:
        return []
    above = [one for one in summary.branches if one.low is not None and one.low > average]
    if not above:
        return []
    names = "、".join(one.org for one in above[:MOST]) + (f"等 {len(above)} 家" if len(above) > MOST else "")
    return [f"每千网点投诉量明显高于平均的机构：{names}。"]


def _waiting(summary: Summary) -> str:
    work = summary.workload
    if not work.cases and not work.items:
        return "没有未结案件，也没有在办的改进事项。"
    return (
        f"未结案件 {work.cases:,} 件：升级 {rules().urgent_level} 级以上 {summary.today.grave:,} 件，"
        f"逾期案件 {work.overdue:,} 件，{rules().due_soon_days} 天内到期 {work.due_soon:,} 件；"
        f"在办改进 {work.items:,} 项，其中分析逾期 {work.items_overdue:,} 项。"
    )
