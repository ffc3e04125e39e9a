from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.report.charts import bars, lines, shares, steps, whiskers
from feedback_nlp.report.figures import Branch, Week

COUNTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=14)


@given(st.integers(0, 10**7))
def test_the_marks_of_an_axis_are_few_even_whole_and_reach_the_top(highest: int) -> None:
    marks = steps(highest)
    gaps = {after - before for before, after in pairwise(marks)}
    assert marks[0] == 0 and marks[-1] >= highest and len(gaps) == 1 and 2 <= len(marks) <= 7
    assert len(str(gaps.pop()).rstrip("0")) <= 1


@given(COUNTS, COUNTS)
def test_every_point_lies_in_the_picture_and_higher_counts_lie_higher(now: list[int], then: list[int]) -> None:
    weeks = [
        Week(at + 1, date(2026, 10, 1) + timedelta(days=7 * at), one, 7, other)
        for at, (one, other) in enumerate(zip(now, then, strict=False))
    ]
    chart = lines(weeks, width=760, height=250)
    dots = [*zip(chart.current, now, strict=False), *zip(chart.previous, then, strict=False)]
    assert all(0 <= dot.x <= 760 and 0 <= dot.y <= chart.floor for dot, _ in dots)
    by_count = sorted(dots, key=lambda pair: pair[1])
    assert all(low.y >= high.y for (low, _), (high, _) in pairwise(by_count))


def test_a_running_week_is_not_joined_to_the_line() -> None:
    told = [(5, 7, 4), (2, 3, 4), (None, 0, 9)]
    weeks = [Week(at, date(2026, 10, 1), *one) for at, one in enumerate(told, start=1)]
    chart = lines(weeks, width=340, height=220)
    assert [dot.text for dot in chart.current] == ["5"] and chart.running and chart.running.text == "2"


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), max_size=9))
def test_bars_share_one_scale(values: list[tuple[int, int]]) -> None:
    lengths = [length for pair in bars(values) for length in pair]
    assert all(0 <= length <= 100 for length in lengths)
    if any(any(pair) for pair in values):
        assert max(lengths) == 100


@given(st.lists(st.integers(0, 999), min_size=1, max_size=6))
def test_the_pieces_of_a_bar_fill_it(counts: list[int]) -> None:
    pieces = shares(counts)
    assert sum(length for _, length in pieces) == (0 if not any(counts) else pytest.approx(100, abs=0.1))


def test_whiskers_reach_to_the_end_of_the_scale_and_branches_without_rate_have_none() -> None:
    known = Branch("甲", 10, 5, 20, None, 500.0, 250.0, 1000.0, None)
    unknown = Branch("乙", 3, 1, None, None, None, None, None, None)
    found, average = whiskers([known, unknown], 400.0)
    assert found[1] is None and average == 40
    assert found[0] and (found[0].low, found[0].rate, found[0].high) == (25, 50, 100)
    assert whiskers([unknown], None) == ([None], None)
