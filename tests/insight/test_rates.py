from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from feedback_nlp.insight.periods import Period
from feedback_nlp.insight.rates import CUSTOMERS, OUTLETS, by_org, rate

NOW = Period(date(2026, 10, 1), date(2026, 11, 24), "2026Q4")
THEN = Period(date(2026, 7, 1), date(2026, 8, 24), "2026Q3")
Make = Callable[..., pd.DataFrame]


def test_the_two_rates_of_the_bulletin_come_out_as_published() -> None:
    assert rate(812, 2_260, unit=OUTLETS) == pytest.approx(359.3, abs=0.05)
    assert rate(812, 1.53e8, unit=CUSTOMERS) == pytest.approx(53.1, abs=0.05)


@pytest.mark.parametrize("exposure", [None, 0, float("nan")])
def test_without_exposure_there_is_no_rate(exposure: float | None) -> None:
    assert rate(5, exposure, unit=OUTLETS) is None


def exposure(*rows: tuple[str, str, int | None, int | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["org", "quarter", "outlets", "customers"])


def test_a_branch_without_exposure_keeps_its_counts_and_comes_last(make_events: Make) -> None:
    events = make_events(
        *[{"day": "2026-10-05", "org": "甲支行"}] * 5,
        *[{"day": "2026-10-05", "org": "乙支行"}] * 2,
        {"day": "2026-07-05", "org": "乙支行"},
    )
    table = by_org(events, exposure(("乙支行", "2026Q4", 4, 50_000)), period=NOW, before=THEN)
    assert table.index.tolist() == ["乙支行", "甲支行"]
    assert table.loc["乙支行", "per_outlets"] == pytest.approx(500)
    assert table.loc["乙支行", "per_clients"] == pytest.approx(400)
    assert table.loc["乙支行", "low"] < 500 < table.loc["乙支行", "high"]
    assert table.loc["甲支行", "cases"] == 5 and pd.isna(table.loc["甲支行", "per_outlets"])


def test_the_last_known_quarter_stands_in_and_later_ones_do_not(make_events: Make) -> None:
    known = exposure(("云港支行", "2026Q2", 1, 1), ("云港支行", "2026Q3", 10, None), ("云港支行", "2027Q1", 99, 99))
    table = by_org(make_events({"day": "2026-10-05"}), known, period=NOW, before=THEN)
    row = table.loc["云港支行"]
    assert (row["exposure_quarter"], row["outlets"], row["per_outlets"]) == ("2026Q3", 10, 100)
    assert pd.isna(row["per_clients"])


def test_events_without_a_branch_belong_to_none(make_events: Make) -> None:
    assert by_org(make_events({"day": "2026-10-05", "org": None}), exposure(), period=NOW, before=THEN).empty
