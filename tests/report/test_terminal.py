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
from feedback_nlp.taxonomy import load


def printed(frame: pd.DataFrame, *, width: int = 100, top: int = 15) -> str:
    out = io.StringIO()
    table = priorities_table(frame, today=date(2026, 11, 24), taxonomy=load(), top=top)
    Console(file=out, width=width, no_color=True).print(table)
    return out.getvalue()


@pytest.mark.parametrize("width", [100, 120])
def test_it_fits_the_window_and_shows_every_column(full: dict[str, Any], width: int) -> None:
    told = printed(full["priorities"], width=width)
    assert max(cell_len(line) for line in told.splitlines()) <= width
    for title in ("分", "案件", "主题", "期限", "次数", "机构", "理由", "摘录"):
        assert title in told
    assert told.count("…") <= 15  # only excerpts are shortened, no column swallows its text
    order = full["priorities"].sort_values(["score", "due_on", "case_id"], ascending=[False, True, True])
    assert all(case[:8] in told for case in order["case_id"][:15])


def test_placeholders_are_shown_and_escape_sequences_are_not(full: dict[str, Any]) -> None:
    told = printed(full["priorities"].assign(excerpt="[手机号]\x1b[31m红[/red]", evidence=""), top=1, width=120)
    assert "[手机号]" in told and "\x1b" not in told and "[/red]" in told


def test_closed_cases_are_not_listed(full: dict[str, Any]) -> None:
    closed = full["priorities"].assign(closed_on=date(2026, 11, 1))
    assert "暂无未结案件" in printed(closed)


def test_nothing_to_list_is_said(nothing: dict[str, Any], frames: SimpleNamespace) -> None:
    assert "暂无未结案件" in printed(nothing["priorities"])


@pytest.mark.parametrize("orgs", [None, ""])
def test_a_case_without_branch_says_so(full: dict[str, Any], orgs: str | None) -> None:
    assert "未注明" in printed(full["priorities"].assign(orgs=orgs), top=1)


def test_limits_are_told_in_days(full: dict[str, Any]) -> None:
    due = [date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 29), None]
    told = printed(full["priorities"].head(4).assign(due_on=due))
    assert all(text in told for text in ("逾期4天", "今天", "剩5天", "–"))
