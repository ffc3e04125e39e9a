"""What has to be done today: counted from the cases as they stand, each figure with its definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from feedback_nlp.report.duties import Alert, Figure, Group, Loop, Open, State, Today
from feedback_nlp.report.figures import Stamp
from feedback_nlp.report.names import Names
from feedback_nlp.report.rules import UNNAMED, UNROUTED, day, days_left, known, rules, theme, word

LEVELS = (3, 2, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """The frames of ``store.case_frames`` that today is counted on; every one may be empty."""

    cases: pd.DataFrame  # all open cases
    states: pd.DataFrame
    clocks: pd.DataFrame  # all running clocks
    groups: pd.DataFrame
    alerts: pd.DataFrame
    reviews: pd.DataFrame
    near_share: float  # from which share of its time on a clock is nearly over, see sla.toml


def build(standing: Standing, *, stamp: Stamp) -> Today:
    """Count what waits for somebody."""
    groups = tuple(_group(row, stamp) for row in standing.groups.to_dict("records") if row["open"])
    alerts = tuple(_alert(row, stamp) for row in standing.alerts.to_dict("records"))
    states = _states(standing.states, stamp.names)
    cases = standing.cases
    return Today(
        figures=(*_levels(cases, stamp.names), *_limits(standing, stamp), *_other(standing, groups, alerts)),
        grave=int((cases["level"] >= rules().urgent_level).sum()),
        groups=groups,
        alerts=alerts,
        reviews=_reasons(standing.reviews["reasons"]),
        review_tasks=len(standing.reviews),
        states=states,
        loop_recent=_loop({state.id: state.recent for state in states}),
        loop_all=_loop({state.id: state.all for state in states}),
        open=_open(cases),
    )


def _levels(cases: pd.DataFrame, names: Names) -> list[Figure]:
    counts = cases["level"].value_counts()
    waiting = Figure("未结案件", len(cases), "件", "还欠客户一个答复的案件：没有答复，也没有撤诉、转办或不予受理")
    return [waiting] + [
        Figure(
            names.level(level),
            int(counts.get(level, 0)),
            "件",
            _level_note(level, names),
            alarm=level >= rules().urgent_level,
        )
        for level in LEVELS
    ]


def _level_note(level: int, names: Names) -> str:
    hours = names.words.get("hours", {}).get(str(level))
    told = f"未结案件中，来件里最严重的升级用语为 {level} 级的"
    told += f"；须在 {hours} 小时内有人应答" if hours else ""
    return told + ("；不论分数，排在最前" if level >= rules().urgent_level else "")


def _limits(standing: Standing, stamp: Stamp) -> list[Figure]:
    limits, today, near_share = rules(), stamp.today, standing.near_share
    left = [days_left(due, today) for due in standing.cases["due_on"]]
    running = [days for days in left if days is not None]
    near, far = limits.due_soon_days, limits.due_week_days
    return [
        Figure(
            "逾期案件",
            sum(days < 0 for days in running),
            "件",
            "未结案件，办结期限（仍在走的答复期限中最早的一个）已经过去",
            alarm=True,
        ),
        Figure(
            "逾期时限",
            int((pd.to_datetime(standing.clocks["due_at"]) < stamp.now).sum()),
            "条",
            "仍在走、已经过去的时限（见“期限”表）；一件案件可有几条，所以不少于逾期案件",
            alarm=True,
        ),
        Figure(
            f"{near} 天内到期", sum(0 <= days <= near for days in running), "件", "未结案件，今天到期的也算", alarm=True
        ),
        Figure(f"{far} 天内到期", sum(0 <= days <= far for days in running), "件", f"含 {near} 天内到期的"),
        Figure(
            f"用时过 {near_share:.0%}",
            _nearly(standing.clocks, stamp.now, near_share=near_share),
            "件",
            f"至少一个期限（见“期限”表）已用去 {near_share:.0%} 以上、还没有过期的案件；暂停中的期限不算",
        ),
    ]


def _other(standing: Standing, groups: tuple[Group, ...], alerts: tuple[Alert, ...]) -> list[Figure]:
    unrouted = int(standing.cases["process"].isna().sum())
    late = sum(alert.late for alert in alerts)
    return [
        Figure(UNROUTED, unrouted, "件", "未结案件，没有分派规则对得上，须由人指定部门", alarm=True),
        Figure("群体诉求", len(groups), "起", "同一机构、同一原因，短期内投诉客户数超出偶然波动，且还有未结案件的"),
        Figure("待处理预警", len(alerts), "条", f"还没有处理完的预警；其中 {late} 条已过应答时限", alarm=late > 0),
        Figure("待复核", len(standing.reviews), "条", "等人复核标签的反馈；一条可有几个原因"),
    ]


def _nearly(clocks: pd.DataFrame, now: datetime, *, near_share: float) -> int:
    share = elapsed(clocks, now)
    near = (share >= near_share) & (pd.to_datetime(clocks["due_at"]) >= now) & ~clocks["paused"].astype(bool)
    return int(clocks["case_id"][near].nunique())


def elapsed(clocks: pd.DataFrame, now: datetime) -> pd.Series[float]:
    """Give the share of its time that each clock has used, 0 to 1 and beyond; days of pause do not count."""
    started = pd.to_datetime(clocks["started_at"]) + pd.to_timedelta(clocks["paused_days"].astype(int), unit="D")
    whole = (pd.to_datetime(clocks["due_at"]) - started).dt.total_seconds()
    used = (pd.Timestamp(now) - started).dt.total_seconds()
    return (used / whole.where(whole > 0)).clip(lower=0).astype(float).fillna(1.0)


def _group(row: dict[Any, Any], stamp: Stamp) -> Group:
    first, last = day(row["first_on"]), day(row["last_on"])
    assert first is not None and last is not None  # the table holds no group without days
    return Group(
        org=row["org"] or UNNAMED,
        cause=theme(stamp.taxonomy, row["cause"]),
        first_on=first,
        last_on=last,
        cases=int(row["cases"]),
        open=int(row["open"]),
        customers=int(row["customers"]),
        expected=float(row["expected"]),
    )


def _alert(row: dict[Any, Any], stamp: Stamp) -> Alert:
    answer_by = pd.Timestamp(row["answer_by"]).to_pydatetime() if known(row["answer_by"]) else None
    waiting = row["state"] == "open"
    return Alert(
        level=int(row["level"]),
        rule=stamp.names.of("alert", row["rule"]),
        message=str(row["message"]),
        case_id=str(row["case_id"]) if known(row["case_id"]) else "",
        answer_by=answer_by,
        late=waiting and answer_by is not None and answer_by < stamp.now,
        taken_by=str(row["acknowledged_by"]) if known(row["acknowledged_by"]) else "",
    )


def _reasons(column: Iterable[list[str]]) -> tuple[tuple[str, int], ...]:
    counts = Counter(word("review", reason) for reasons in column for reason in dict.fromkeys(reasons))
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _states(frame: pd.DataFrame, names: Names) -> tuple[State, ...]:
    """List the states in the order of the policy; those it does not know come last."""
    counted = {str(row["state"]): row for row in frame.to_dict("records")}
    order = dict.fromkeys([*names.words.get("state", {}), *sorted(counted)])
    return tuple(
        State(key, names.of("state", key), int(counted[key]["recent"]), int(counted[key]["all"]))
        for key in order
        if key in counted
    )


def _loop(counts: dict[str, int]) -> Loop:
    closed = counts.get("closed", 0)
    return Loop(closed, closed + counts.get("responded", 0))


def _open(cases: pd.DataFrame) -> Open:
    events, complaints, customers = (int(cases[name].sum()) for name in ("events", "complaints", "customers"))
    return Open(events, complaints, len(cases), customers)
