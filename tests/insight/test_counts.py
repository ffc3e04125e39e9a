from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.insight import counts
from feedback_nlp.insight.periods import Period

NOW = Period(date(2026, 10, 1), date(2026, 10, 31), "2026-10")
THEN = Period(date(2026, 9, 1), date(2026, 9, 30), "2026-09")
Make = Callable[..., pd.DataFrame]


def test_events_cases_and_customers_are_counted_apart(make_events: Make) -> None:
    events = make_events(
        {"day": "2026-10-01", "case_id": "a", "customer": "x"},
        {"day": "2026-10-02", "case_id": "a", "customer": "x"},
        {"day": "2026-10-31", "case_id": "b", "customer": "x"},
    )
    row = counts.by(events, "business", period=NOW, before=THEN).loc["loan"]
    assert (row["events"], row["cases"], row["customers"]) == (3, 2, 1)


def test_an_event_without_case_or_customer_counts_as_one_of_its_own(make_events: Make) -> None:
    events = make_events({"day": "2026-10-01"}, {"day": "2026-10-01"}, {"day": "2026-10-01", "case_id": "a"})
    assert counts.total(events) == {"events": 3, "cases": 3, "customers": 3}


def test_days_outside_both_periods_do_not_count(make_events: Make) -> None:
    events = make_events({"day": "2026-11-01"}, {"day": "2026-08-31"}, {"day": "2026-10-15"})
    row = counts.by(events, "business", period=NOW, before=THEN).loc["loan"]
    assert (row["events"], row["previous"]) == (1, 0)


def test_change_is_relative_to_the_period_before_and_missing_without_one(make_events: Make) -> None:
    events = make_events(
        *[{"day": "2026-10-05"}] * 3,
        *[{"day": "2026-09-05"}] * 2,
        {"day": "2026-10-05", "business": "fx"},
        {"day": "2026-09-30", "business": "treasury"},
    )
    table = counts.by(events, "business", period=NOW, before=THEN)
    assert table.loc["loan", "change"] == pytest.approx(0.5)
    assert pd.isna(table.loc["fx", "change"])
    assert table.loc["treasury", "change"] == -1
    assert table.index.tolist() == ["loan", "fx", "treasury"]
    assert table.loc["loan", "share"] == pytest.approx(0.75)


def test_a_missing_label_is_counted_under_the_empty_name(make_events: Make) -> None:
    events = make_events({"day": "2026-10-05", "org": None}, {"day": "2026-10-05"})
    assert counts.by(events, "org", period=NOW, before=THEN)["events"].to_dict() == {"": 1, "云港支行": 1}


def test_an_empty_frame_gives_an_empty_table_with_all_columns(make_events: Make) -> None:
    table = counts.by(make_events(), "business", period=NOW, before=THEN, unit="cases")
    assert table.empty and table.columns.tolist() == counts.COLUMNS


@settings(max_examples=40, deadline=None)  # pandas is slow at first
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["loan", "fx", None]),
            st.sampled_from(["2026-09-03", "2026-10-03", "2026-12-01"]),
            st.sampled_from(["a", "b", None]),
        ),
        max_size=30,
    )
)
def test_counts_equal_those_made_row_by_row(rows: list[tuple[str | None, str, str | None]]) -> None:
    events = pd.DataFrame(rows, columns=["business", "day", "case_id"]).assign(customer=None)
    events["day"] = pd.to_datetime(events["day"])
    seen: defaultdict[str, set[object]] = defaultdict(set)
    for at, (label, day, case) in enumerate(rows):
        if day == "2026-10-03":
            seen[label or ""].add(case if case is not None else at)
    table = counts.by(events, "business", period=NOW, before=THEN, unit="cases")
    assert {label: n for label, n in table["cases"].to_dict().items() if n} == {
        label: len(cases) for label, cases in seen.items()
    }
