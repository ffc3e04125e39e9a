from __future__ import annotations

import io
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from feedback_nlp.report.terminal import priorities_table


@pytest.fixture
def printed(frames: SimpleNamespace) -> Any:
    def show(frame: pd.DataFrame, *, width: int = 100, top: int = 15) -> str:
        out = io.StringIO()
        table = priorities_table(frame, stamp=frames.stamp(), top=top)
        Console(file=out, width=width, no_color=True).print(table)
        return out.getvalue()

    return show


@pytest.mark.parametrize("width", [100, 120])
def test_it_fits_the_window_and_shows_every_column(printed: Any, full: dict[str, Any], width: int) -> None:
    told = printed(full["priorities"], width=width)
    assert max(cell_len(line) for line in told.splitlines()) <= width
    for title in ("级", "分", "案件", "主题", "期限", "件数", "机构与部门", "理由", "摘录"):
        assert title in told
    assert told.count("…") <= 15  # only excerpts are shortened, no column swallows its text
    order = full["priorities"].sort_values(["score", "due_on", "case_id"], ascending=[False, True, True])
    order = order.assign(urgent=order["level"] >= 2).sort_values("urgent", ascending=False, kind="stable")
    assert all(case[:8] in told for case in order["case_id"][:15])


def test_who_may_come_to_harm_comes_before_any_score(printed: Any, full: dict[str, Any]) -> None:
    levels, scores = [0, 3, 1, 2], [99.0, 10.0, 98.0, 11.0]
    some = (
        full["priorities"].head(4).assign(level=levels, score=scores, case_id=["甲" * 4, "乙" * 4, "丙" * 4, "丁" * 4])
    )
    told = printed(some)
    places = [told.index(sign * 4) for sign in "乙丁甲丙"]
    assert places == sorted(places)


def test_state_department_and_marks_stand_beside_the_case(printed: Any, full: dict[str, Any]) -> None:
    one = (
        full["priorities"]
        .head(1)
        .assign(state="investigating", department=None, group_id="g", due_on=date(2026, 12, 1), provisional=True)
    )
    told = printed(one)
    assert all(text in told for text in ("调查", "→没有归口", "群诉", "剩7天", "暂定"))
    told = printed(one.assign(department="信用卡中心", group_id=None, provisional=False))
    assert "→信用卡中心" in told and not any(text in told for text in ("没有归口", "群诉", "暂定"))


def test_placeholders_are_shown_and_escape_sequences_are_not(printed: Any, full: dict[str, Any]) -> None:
    told = printed(full["priorities"].assign(excerpt="[手机号]\x1b[31m红[/red]", evidence=""), top=1, width=120)
    assert "[手机号]" in told and "\x1b" not in told and "[/red]" in told


def test_closed_cases_are_not_listed(printed: Any, full: dict[str, Any]) -> None:
    closed = full["priorities"].assign(closed_on=date(2026, 11, 1))
    assert "暂无未结案件" in printed(closed)


def test_nothing_to_list_is_said(printed: Any, nothing: dict[str, Any]) -> None:
    assert "暂无未结案件" in printed(nothing["priorities"])


@pytest.mark.parametrize("orgs", [None, ""])
def test_a_case_without_branch_says_so(printed: Any, full: dict[str, Any], orgs: str | None) -> None:
    assert "未注明" in printed(full["priorities"].assign(orgs=orgs), top=1)


def test_limits_are_told_in_days(printed: Any, full: dict[str, Any]) -> None:
    due = [date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 29), None]
    told = printed(full["priorities"].head(4).assign(due_on=due))
    assert all(text in told for text in ("逾期4天", "今天", "剩5天", "–"))
