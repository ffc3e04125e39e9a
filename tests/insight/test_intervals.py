"""Golden values: domain.md §3 (Wilson, Poisson tail, conditional binomial); Garwood's table of Poisson limits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from feedback_nlp.insight.intervals import higher_rate, poisson, poisson_tail, wilson


def test_wilson_gives_the_published_bounds() -> None:
    assert wilson(37, 50) == pytest.approx((0.604468, 0.841285), abs=5e-7)
    assert wilson(0, 20) == pytest.approx((0, 0.161125), abs=5e-7)


@settings(deadline=None)
@given(st.integers(1, 2000), st.data())
def test_wilson_agrees_with_scipy_and_holds_the_share(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    known = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert 0 <= low <= hits / n <= high <= 1


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "n"), [(3, 2), (-1, 5), (1, 0)])
def test_impossible_shares_are_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{hits} of {n}"):
        wilson(hits, n)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390)])
def test_poisson_bounds_are_garwoods(count: int, low: float, high: float) -> None:
    assert poisson(count) == pytest.approx((low, high), abs=5e-4)


def test_the_poisson_tail_and_the_rate_comparison_give_the_published_values() -> None:
    assert poisson_tail(20, expected=10) == pytest.approx(0.00345434, abs=5e-9)
    assert higher_rate(30, 1300, other=94, other_exposure=7300) == pytest.approx(0.00534788, abs=5e-9)


def test_equal_rates_are_no_evidence_and_more_events_are_more() -> None:
    p_values = [higher_rate(count, 100, other=50, other_exposure=100) for count in (50, 60, 80, 120)]
    assert p_values == sorted(p_values, reverse=True) and p_values[0] > 0.5 and p_values[-1] < 1e-6
