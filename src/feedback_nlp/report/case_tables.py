"""Clocks, group complaints and the history of cases as tables of what a reader sees."""

from __future__ import annotations

from typing import Any

import pandas as pd

from feedback_nlp.report.columns import CLOCKS, GROUPS, HISTORY
from feedback_nlp.report.figures import Stamp
from feedback_nlp.report.names import Limit
from feedback_nlp.report.tables import Table, dues, fitted, levels, table
from feedback_nlp.report.today import elapsed

RARE = 1e-6
_VERIFIED = {True: "已核实", False: "未核实", None: "台账所定"}


def clocks(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show running clocks, each with the rule behind it and where that stands."""
    limits: list[Limit] = [stamp.names.limit(rule) for rule in frame["rule"]]
    shown = frame.assign(
        name=[limit.name for limit in limits],
        source=[limit.source for limit in limits],
        verified=[_VERIFIED[limit.verified] for limit in limits],
        days_left=(pd.to_datetime(frame["due_at"]).dt.normalize() - pd.Timestamp(stamp.today)).dt.days,
        share=elapsed(frame, stamp.now),
        paused=pd.Series(map(_paused, frame["paused"], frame["paused_days"]), index=frame.index, dtype="object"),
    )
    looks = {"due_at": _deadlines(frame, stamp), "level": levels(frame["level"])}
    return fitted(table(CLOCKS, shown, stamp), looks)


def groups(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show group complaints beside what an ordinary time would have brought."""
    days = (pd.to_datetime(frame["last_on"]) - pd.to_datetime(frame["first_on"])).dt.days + 1
    return fitted(table(GROUPS, frame.assign(days=days, chance=frame["p"].map(_chance)), stamp), {})


def history(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show the steps of open cases."""
    return fitted(table(HISTORY, frame.assign(told=[_told(one, stamp) for one in frame["details"]]), stamp), {})


def _deadlines(frame: pd.DataFrame, stamp: Stamp) -> list[str]:
    """Give the look of each limit, which may pass within the day."""
    by_day = dues(frame.assign(due_on=frame["due_at"]), stamp)
    passed = pd.to_datetime(frame["due_at"]) < stamp.now
    return [look.replace("soon", "overdue") if late else look for late, look in zip(passed, by_day, strict=True)]


def _paused(now: bool, days: int) -> str | None:
    if now:
        return f"暂停中\n已停 {days} 天"
    return f"曾停 {days} 天" if days else None


def _chance(p: float) -> str:
    return "不到百万分之一" if p < RARE else f"约 {p:.0%}" if p >= 0.01 else f"约万分之 {p * 10_000:.2g}"


def _told(details: dict[str, Any], stamp: Stamp) -> str:
    return "\n".join(f"{stamp.names.of('detail', key)}：{value}" for key, value in details.items() if value)
