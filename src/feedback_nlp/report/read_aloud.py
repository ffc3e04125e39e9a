"""A case's score, signs and limits in sentences that a manager can read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from feedback_nlp.report.casefile import CaseFile, FoundLine, HitLine, PartLine
from feedback_nlp.report.lines import PAUSED, PROVISIONAL, SHORT, CaseLine, ClockLine
from feedback_nlp.report.rules import UNNAMED


class Section(NamedTuple):
    """A heading and the sentences below it."""

    title: str
    sentences: tuple[str, ...]


def sections(found: CaseFile) -> tuple[Section, ...]:
    """Explain a case: where it stands, how its score came about, what was read in the letters, which limits run."""
    return (
        Section("现状", tuple(_standing(found.case))),
        Section("分数怎么来的", tuple(_score(found))),
        Section("来信里读到的金额和日期", tuple(_facts(found))),
        Section("升级苗头", tuple(_signs(found))),
        Section("期限", tuple(_limits(found.clocks))),
        Section("下一步", (_next(found.case),)),
    )


def left(days: int) -> str:
    """Say how far off a day is.

    >>> left(3), left(0), left(-2)
    ('还剩 3 天', '今天到期', '已逾期 2 天')
    """
    return f"已逾期 {-days} 天" if days < 0 else f"还剩 {days} 天" if days else "今天到期"


def _standing(case: CaseLine) -> Iterator[str]:
    yield (
        f"案件 {case.case_id[:SHORT]}：{case.org or UNNAMED}，{case.theme_name}，{case.opened_on} 收到，"
        f"现为“{case.state_name}”，级别：{case.level_name}。"
    )
    yield f"客户来信 {case.events} 件，其中投诉 {case.complaints} 件，涉及客户 {case.customers} 名。"
    if case.due_on and case.days_left is not None:
        marks = f"（{'、'.join(case.marks)}）" if case.marks else ""
        yield f"办结期限 {case.due_on}{marks}，{left(case.days_left)}。"
    elif case.closed_on:
        yield f"已于 {case.closed_on} 答复，不再计时。"
    else:
        yield "没有办结期限。"


def _score(found: CaseFile) -> Iterator[str]:
    case = found.case
    if case.score is None:
        yield "今天没有评分：已答复的案件不评分，新开的案件在下一次每日运行时评分。"
        return
    for part in found.parts:
        yield _part(part)
    total = sum(part.points for part in found.parts)
    yield f"合计 {total:.1f} 分。"
    if found.floor:
        yield f"保底：{found.floor}，所以按 {case.score:.1f} 分计。"
    yield f"最后得分 {case.score:.1f} 分，评分规则 {found.policy}，评分日期 {found.scored_on}。"


def _part(part: PartLine) -> str:
    reason = part.reason or ("不计入分数" if not part.weight else "没有")
    return f"{part.title}：{part.value:.2f} × 权重 {part.weight:g} = {part.points:.1f} 分，{reason}。"


def _facts(found: CaseFile) -> Iterator[str]:
    for amount in found.amounts:
        yield f"金额 {_read(amount)}"
    for day in found.dates:
        yield f"日期 {_read(day)}"
    if not found.amounts and not found.dates:
        yield "来信没有写明金额和日期。"


def _read(item: FoundLine) -> str:
    return f"{item.value}，读自“{item.words}”：“{item.clause}”。" if item.clause else f"{item.value}，{item.words}。"


def _signs(found: CaseFile) -> Iterator[str]:
    for hit in sorted(found.hits, key=lambda each: -each.level):
        yield _sign(hit)
    if not found.hits:
        yield "来信没有升级苗头。"


def _sign(hit: HitLine) -> str:
    counted = f"计 {hit.level} 级" if hit.level else "不计级"
    words = f"原话“{hit.cue}”：“{hit.clause}”" if hit.clause else hit.cue
    return f"{hit.name}，{counted}，{words}。"


def _limits(clocks: tuple[ClockLine, ...]) -> Iterator[str]:
    for clock in clocks:
        yield _limit(clock)
    if not clocks:
        yield "没有期限。"


def _limit(clock: ClockLine) -> str:
    told = [
        f"{clock.rule_name}（{clock.event_name}）：{clock.started_at:%Y-%m-%d} 起算，{clock.due_at:%Y-%m-%d %H:%M} 到期"
    ]
    if clock.stopped_at:
        late = clock.stopped_at > clock.due_at
        told.append(f"{clock.stopped_at:%Y-%m-%d} 完成，{'超过期限' if late else '没有超期'}")
    else:
        told += [f"时间已用 {clock.share:.0%}", left(clock.days_left)]
    told += [_DOUBTS[mark] for mark in clock.marks if mark in _DOUBTS]
    verified = "。未核实，引用前请核对规定原文" if clock.verified is False else ""
    return f"{'，'.join(told)}。依据：{clock.source or clock.rule_name}{verified}。"


_DOUBTS = {PROVISIONAL: "暂定，超出已公布的工作日历，按周一至周五计", PAUSED: "计时暂停中"}


def _next(case: CaseLine) -> str:
    return f"现在可以：{'、'.join(case.steps.values())}。" if case.steps else "现在没有可以做的步骤。"
