from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd

from feedback_nlp.insight.periods import quarter_to_date
from feedback_nlp.insight.themes import themes
from feedback_nlp.records import Theme
from feedback_nlp.taxonomy import load

NOW, THEN = quarter_to_date(date(2026, 11, 24))
Make = Callable[..., pd.DataFrame]


def found(events: pd.DataFrame) -> list[Theme]:
    return themes(events, period=NOW, before=THEN, taxonomy=load())


def test_a_theme_is_counted_in_every_unit_and_with_the_period_before(make_events: Make) -> None:
    events = make_events(
        {"day": "2026-10-05", "case_id": "a", "customer": "x"},
        {"day": "2026-11-05", "case_id": "a", "customer": "x", "sentiment": "very_negative"},
        {"day": "2026-11-24", "case_id": "b", "sentiment": "neutral"},
        {"day": "2026-11-24", "kind": "suggestion", "sentiment": "neutral"},  # no case: the overview has none either
        {"day": "2026-08-24", "case_id": "c"},
        {"day": "2026-08-25", "case_id": "d"},  # beyond the days that are compared
    )
    assert found(events) == [Theme("loan/pricing.fee", events=3, cases=2, customers=2, negative=2, previous=1)]


def test_praise_and_questions_make_no_theme(make_events: Make) -> None:
    events = make_events(
        {"day": "2026-10-05", "kind": "praise", "leaf": "service.attitude"}, {"day": "2026-10-05", "kind": "inquiry"}
    )
    assert found(events) == []


def test_what_is_over_is_left_out_and_the_largest_comes_first(make_events: Make) -> None:
    events = make_events(
        {"day": "2026-07-05", "leaf": "system.crash"},
        {"day": "2026-10-05", "leaf": "rules.limit"},
        {"day": "2026-10-05"},
        {"day": "2026-10-06"},
        {"day": "2026-10-06", "leaf": None},
    )
    assert [(theme.id, theme.cases) for theme in found(events)] == [("loan/pricing.fee", 2), ("loan/rules.limit", 1)]
    assert found(make_events()) == []
