"""Frames of ids and numbers become tables of what a reader sees: translated, dated, coloured."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from feedback_nlp.report.columns import CASE, CASE_END, DETAILS, ITEMS, REJECTS, Column
from feedback_nlp.report.rules import band, clock, day, theme, word
from feedback_nlp.taxonomy import Taxonomy

LINE_POINTS, PAD_POINTS = 14.5, 5
FEWEST_LINES, MOST_LINES = 2, 8
_EPOCH = pd.Timestamp("1899-12-30")  # day 0 of spreadsheet dates


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, ready to be written; None is an empty cell, days are spreadsheet serial numbers."""

    columns: tuple[Column, ...]
    values: list[list[Any]]
    styles: Mapping[str, Sequence[str]] = field(default_factory=dict)  # field → the look of each of its cells
    heights: list[float] | None = None  # points per row; None: all alike


def details(frame: pd.DataFrame, *, taxonomy: Taxonomy) -> Table:
    """Show one chunk of single pieces of feedback."""
    return _table(DETAILS, frame, taxonomy)


def rejects(frame: pd.DataFrame, *, taxonomy: Taxonomy) -> Table:
    """Show the rows that were refused, and why."""
    return _table(REJECTS, frame, taxonomy)


def items(frame: pd.DataFrame, *, taxonomy: Taxonomy, today: date) -> Table:
    """Show the improvement items; the limit of the analysis counts as long as an item is being planned."""
    clocks = [
        clock(day(due), today) if status == "plan" else "none"
        for due, status in zip(frame["analysis_due_on"], frame["status"], strict=True)
    ]
    return _fitted(_table(ITEMS, frame, taxonomy), {"analysis_due_on": clocks})


def cases(frame: pd.DataFrame, *, taxonomy: Taxonomy, today: date) -> Table:
    """Show the cases, most urgent first, with the points of every part in a column of its own."""
    ordered = ranked(frame)
    parts = {} if ordered.empty else _points(ordered["parts"])
    ordered = ordered.assign(
        rank=range(1, len(ordered) + 1),
        reasons=["\n".join(reasons(parts_)) for parts_ in ordered["parts"]],
        days_left=_left(ordered, today),
        sum=[round(sum(points(part) for part in parts_), 4) for parts_ in ordered["parts"]],
        final=ordered["score"],
        **{f"part:{name}": values for name, (_, values) in parts.items()},
    )
    middle = [
        Column(f"part:{name}", f"{part_name(name)}\n满分 {most:g}", 11, "points") for name, (most, _) in parts.items()
    ]
    clocks = [
        "none" if day(closed) else clock(day(due), today)
        for due, closed in zip(ordered["due_on"], ordered["closed_on"], strict=True)
    ]
    bands = [band(float(score)) for score in ordered["score"]]
    return _fitted(_table((*CASE, *middle, *CASE_END), ordered, taxonomy), {"due_on": clocks, "score": bands})


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Order cases by score, then by limit, then by id: two runs must agree on who stands first."""
    due = pd.to_datetime(frame["due_on"])
    return frame.assign(due_on=due).sort_values(["score", "due_on", "case_id"], ascending=[False, True, True])


def points(part: dict[str, Any]) -> float:
    """Give the points a part adds to a score of 0 to 100."""
    return 100 * float(part["value"]) * float(part["weight"])


def part_name(name: str) -> str:
    """Give a part's Chinese name."""
    return word("part", name)


def reasons(parts: Iterable[dict[str, Any]]) -> list[str]:
    """Give the reasons of the parts that count, weightiest first, with their points.

    >>> reasons([{"name": "emotion", "value": 0.5, "weight": 0.1, "reason": "不满"}])
    ['不满 +5.0']
    """
    counted = sorted((part for part in parts if part["reason"] and part["value"] > 0), key=lambda part: -points(part))
    return [f"{part['reason']} +{points(part):.1f}" for part in counted]


def _points(column: pd.Series[Any]) -> dict[str, tuple[float, list[float]]]:
    """Give for every part the most it can add and what it adds to each case, 0 where a case lacks it."""
    # A part of weight 0 is switched off: a column of nothing would only raise questions.
    names = list(dict.fromkeys(part["name"] for parts in column for part in parts if part["weight"]))
    most, values = dict.fromkeys(names, 0.0), {name: [0.0] * len(column) for name in names}
    for row, parts in enumerate(column):
        for part in (part for part in parts if part["weight"]):
            values[part["name"]][row] = points(part)
            most[part["name"]] = max(most[part["name"]], 100 * float(part["weight"]))
    return {name: (most[name], values[name]) for name in names}


def _left(frame: pd.DataFrame, today: date) -> pd.Series[Any]:
    """Count the days to each limit that is still running, below 0 once it has passed."""
    limits = pd.to_datetime(frame["due_on"]).where(frame["closed_on"].isna())
    return (limits - pd.Timestamp(today)).dt.days


def _table(columns: tuple[Column, ...], frame: pd.DataFrame, taxonomy: Taxonomy) -> Table:
    return Table(columns, [_values(frame[column.field], column, taxonomy) for column in columns])


def _values(series: pd.Series[Any], column: Column, taxonomy: Taxonomy) -> list[Any]:
    if column.kind in ("day", "due"):
        series = (pd.to_datetime(series).dt.normalize() - _EPOCH).dt.days
    values = series.astype(object).where(series.notna(), None).tolist()
    if column.kind == "flag":
        return ["是" if value else None for value in values]
    if column.facet is None:
        return values
    names = {value: _translate(value, column.facet, taxonomy) for value in set(values)}
    return [names[value] for value in values]


def _translate(value: Hashable, facet: str, taxonomy: Taxonomy) -> str | None:
    if not value:
        return None
    if facet == "theme":
        return theme(taxonomy, value)
    known = facet in taxonomy.names
    one: Callable[[str], str] = (lambda key: taxonomy.name(facet, key)) if known else (lambda key: word(facet, key))
    return "、".join(one(key) for key in str(value).split("|"))


def _fitted(table: Table, styles: Mapping[str, Sequence[str]]) -> Table:
    """Give every row the height its longest cell needs: spreadsheets differ in whether they find it themselves."""
    texts = [(column, values) for column, values in zip(table.columns, table.values, strict=True) if _wraps(column)]
    rows = len(table.values[0])
    lines = [max(_lines(values[row], column.width) for column, values in texts) for row in range(rows)]
    heights = [PAD_POINTS + LINE_POINTS * min(MOST_LINES, max(FEWEST_LINES, count)) for count in lines]
    return Table(table.columns, table.values, styles, heights)


def _wraps(column: Column) -> bool:
    return column.kind in ("text", "long")


def _lines(value: Any, width: float) -> int:
    return sum(max(1, math.ceil(_width(line) / (width - 1))) for line in str(value or "").split("\n"))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
