"""Counts of events by any column, with the period before.

Three units that a report must never mix up: *events* (pieces of feedback), *cases* (matters: the same demand made
twice counts once) and *customers*. An event without a case or a customer counts as one of its own.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from feedback_nlp.insight.periods import Period, within

Unit = Literal["events", "cases", "customers"]
_KEYS = {"cases": "case_id", "customers": "customer"}
COLUMNS = ["events", "cases", "customers", "share", "previous", "change"]


def total(events: pd.DataFrame) -> dict[Unit, int]:
    """Count a frame in all three units."""
    return {"events": len(events), "cases": _distinct(events, "case_id"), "customers": _distinct(events, "customer")}


def by(events: pd.DataFrame, facet: str, *, period: Period, before: Period, unit: Unit = "events") -> pd.DataFrame:
    """Count by one column, largest first, and compare with the period before.

    Indexed by label; a missing label is "". `share` is of the period's total in `unit`, 0 to 1; a case whose events
    carry two labels counts under both, so shares of cases may add up to more than 1. `change` is relative to
    `previous` and missing where `previous` is 0. Labels seen only in the period before are kept with 0 events.
    """
    now, then = within(events, period), within(events, before)
    frame = _table(now, facet)
    previous = _table(then, facet)[unit]
    frame = frame.reindex(frame.index.union(previous.index), fill_value=0)
    frame["previous"] = previous.reindex(frame.index, fill_value=0)
    whole = total(now)[unit]
    frame["share"] = frame[unit] / whole if whole else 0.0
    frame["change"] = (frame[unit] / frame["previous"].where(frame["previous"] > 0) - 1).astype(float)
    # Equal counts are ordered by label: a report run twice must read the same.
    return frame.sort_index().sort_values(unit, ascending=False, kind="stable")[COLUMNS]


def _table(events: pd.DataFrame, facet: str) -> pd.DataFrame:
    labels = _labels(events[facet])
    frame = pd.DataFrame({"events": labels.value_counts()}, dtype="int64")
    for unit, key in _KEYS.items():
        frame[unit] = _distinct_by(labels, events[key]).reindex(frame.index, fill_value=0)
    return frame.rename_axis(facet)


def _labels(column: pd.Series) -> pd.Series:
    return column.astype("object").where(column.notna(), "").astype(str)


def _distinct(events: pd.DataFrame, key: str) -> int:
    return int(events[key].nunique() + events[key].isna().sum())


def _distinct_by(labels: pd.Series, key: pd.Series) -> pd.Series:
    known = key.notna()
    pairs = pd.DataFrame({"label": labels[known], "key": key[known]}).drop_duplicates()
    return pairs["label"].value_counts().add(labels[~known].value_counts(), fill_value=0).astype("int64")
