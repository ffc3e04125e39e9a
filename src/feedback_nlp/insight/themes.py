"""Themes: what one business is blamed for in one period."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from feedback_nlp.insight import counts
from feedback_nlp.insight.periods import Period, within
from feedback_nlp.records import Theme
from feedback_nlp.taxonomy import Taxonomy

PROBLEMS = ("complaint",)
"""The kinds that make a problem, as in the overview: praise for friendly staff carries the same leaf as a complaint."""


def themes(
    events: pd.DataFrame,
    *,
    period: Period,
    before: Period,
    taxonomy: Taxonomy,
    kinds: Collection[str] = PROBLEMS,
) -> list[Theme]:
    """Count each business and first leaf, most cases first; themes of the period before alone are left out."""
    problems = events[events["kind"].isin(list(kinds))]
    names = problems["business"].astype(str).str.cat(problems["leaf"].astype(str), sep="/")
    named = problems.assign(theme=names)[problems["leaf"].notna()]
    table = counts.by(named, "theme", period=period, before=before, unit="cases")
    unhappy = [label for label, value in taxonomy.sentiment_values.items() if value < 0]
    now = within(named, period)
    negative = now.loc[now["sentiment"].isin(unhappy), "theme"].value_counts()
    return [
        Theme(
            id=str(name),
            events=int(row["events"]),
            cases=int(row["cases"]),
            customers=int(row["customers"]),
            negative=int(negative.get(name, 0)),
            previous=int(row["previous"]),
        )
        for name, row in table[table["events"] > 0].iterrows()
    ]
