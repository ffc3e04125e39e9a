from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.report.test_worklist import CASE, CLOCK, FULL, URGENT

from feedback_nlp.report.desk_terminal import branches_table, cases_table, clocks_table

TODAY = date(2026, 9, 30)


def printed(thing: Any, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(thing)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_every_list_fits_the_window_and_names_every_case(width: int) -> None:
    cases = [URGENT, replace(CASE, org="江南省分行营业部客户服务中心", assignee="欧阳建国")]
    for told in (
        printed(cases_table(cases, total=9, width=width, today=TODAY), width),
        printed(clocks_table([CLOCK], title="期限", width=width), width),
        printed(branches_table(FULL.branches, days=7, share=0.8), width),
    ):
        assert max(cell_len(line) for line in told.splitlines()) <= width
    told = printed(cases_table(cases, total=9, width=width, today=TODAY), width)
    assert "01cacaca" in told and "特急" in told and "剩5天" in told and "列出前 2 件" in told
    assert ("理由" in told) is (width >= 100)


def test_a_doubtful_limit_says_why_in_the_list() -> None:
    told = printed(cases_table([CASE], total=1, width=100, today=TODAY), 100)
    assert "暂定" in told and "未核实" in told


def test_what_a_customer_wrote_is_no_markup_and_no_escape_sequence() -> None:
    hostile = replace(CASE, excerpt="[手机号]\x1b[31m红[/red]")
    told = printed(cases_table([hostile], total=1, width=160, today=TODAY), 160)
    assert "[手机号]" in told and "\x1b" not in told and "[/red]" in told


def test_an_empty_list_says_so() -> None:
    assert "没有这样的案件" in printed(cases_table([], total=0, width=80, today=TODAY), 80)
