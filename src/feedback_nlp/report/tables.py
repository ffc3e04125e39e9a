"""Frames of ids and numbers become tables of what a reader sees: translated, dated, coloured."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from rich.cells import cell_len

from feedback_nlp.report.columns import CASE, CASE_END, CASE_MORE, DETAILS, ITEMS, REJECTS, Column
from feedback_nlp.report.figures import Stamp
from feedback_nlp.report.names import Names
from feedback_nlp.report.rules import UNROUTED, band, clock, day, known, rules, theme, word

LINE_POINTS, PAD_POINTS = 14.5, 5
FEWEST_LINES, MOST_LINES = 2, 8
PROVISIONAL = "~"
"""Ends the look of a limit that was counted beyond the last published calendar."""
UNSCORED = "还没有评分，下一次每日运行时补上"
_EPOCH = pd.Timestamp("1899-12-30")  # day 0 of spreadsheet dates


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, ready to be written; None is an empty cell, days are spreadsheet serial numbers."""

    columns: tuple[Column, ...]
    values: list[list[Any]]
    styles: Mapping[str, Sequence[str]] = field(default_factory=dict)  # field → the look of each of its cells
    heights: list[float] | None = None  # points per row; None: all alike


def details(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show one chunk of single pieces of feedback."""
    by = {person: word("labelled_by", "person" if person else "model") for person in (True, False)}
    return table(DETAILS, frame.assign(labelled_by=frame["by_person"].astype(bool).map(by)), stamp)


def rejects(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show the rows that were refused, and why."""
    return table(REJECTS, frame, stamp)


def items(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show the improvement items; the limit of the analysis counts as long as an item is being planned."""
    clocks = [
        clock(day(due), stamp.today) if status == "plan" else "none"
        for due, status in zip(frame["analysis_due_on"], frame["status"], strict=True)
    ]
    return fitted(table(ITEMS, frame, stamp), {"analysis_due_on": clocks})


def cases(frame: pd.DataFrame, *, stamp: Stamp) -> Table:
    """Show the cases in the order of `ranked`, with the points of every part in a column of its own."""
    ordered = ranked(frame)
    parts = {} if ordered.empty else _points(ordered["parts"])
    limits = {rule: stamp.names.limit(rule).name for rule in set(ordered["rule"].dropna())}
    ordered = ordered.assign(
        rank=range(1, len(ordered) + 1),
        reasons=["\n".join(told(row)) for row in ordered[["score", "parts"]].to_dict("records")],
        days_left=_left(ordered, stamp),
        department=ordered["department"].fillna(UNROUTED),
        limit=ordered["rule"].map(limits),
        group=ordered["group_id"].notna(),
        sum=[round(sum(points(part) for part in parts_), 4) if parts_ else math.nan for parts_ in ordered["parts"]],
        final=ordered["score"],
        **{f"part:{name}": values for name, (_, values) in parts.items()},
    )
    middle = [
        Column(f"part:{name}", f"{part_name(name)}\n满分 {most:g}", 11, "points") for name, (most, _) in parts.items()
    ]
    looks: dict[str, Sequence[str]] = {
        "due_on": dues(ordered.assign(due_on=ordered["due_on"].where(ordered["closed_on"].isna())), stamp),
        "score": [band(float(score)) for score in ordered["score"]],
        "level": levels(ordered["level"]),
    }
    return fitted(table((*CASE, *CASE_MORE, *middle, *CASE_END), ordered, stamp), looks)


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Order cases: escalation that cannot wait first, the gravest in front, then by score, limit, opening, id.

    Two runs must agree on who stands first, and this list with `store.case_frames`.
    """
    due = pd.to_datetime(frame["due_on"])
    told = frame.assign(due_on=due, urgent=frame["level"].where(frame["level"] >= rules().urgent_level, 0))
    order = ["urgent", "score", "due_on", "opened_on", "case_id"]
    return told.sort_values(order, ascending=[False, False, True, True, True])


def dues(frame: pd.DataFrame, stamp: Stamp) -> list[str]:
    """Give the look of each limit; one that later calendars may still move says so."""
    return [
        clock(day(limit), stamp.today) + (PROVISIONAL if known(guessed) and guessed else "")
        for limit, guessed in zip(frame["due_on"], frame["provisional"], strict=True)
    ]


def levels(column: pd.Series[Any]) -> list[str]:
    """Give the look of each level."""
    return [f"{int(level)}" for level in column]


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


def told(case: Mapping[Any, Any]) -> list[str]:
    """Give the reasons of a case's score, or why it has none.

    >>> told({"score": None, "parts": []})
    ['还没有评分，下一次每日运行时补上']
    """
    return reasons(case["parts"]) if known(case["score"]) else [UNSCORED]


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


def _left(frame: pd.DataFrame, stamp: Stamp) -> pd.Series[Any]:
    """Count the days to each limit that is still running, below 0 once it has passed."""
    limits = pd.to_datetime(frame["due_on"]).where(frame["closed_on"].isna())
    return (limits - pd.Timestamp(stamp.today)).dt.days


def table(columns: tuple[Column, ...], frame: pd.DataFrame, stamp: Stamp) -> Table:
    """Translate the columns of a frame."""
    return Table(columns, [_values(frame[column.field], column, stamp) for column in columns])


def _values(series: pd.Series[Any], column: Column, stamp: Stamp) -> list[Any]:
    if column.kind in ("day", "due"):
        series = (pd.to_datetime(series).dt.normalize() - _EPOCH).dt.days
    elif column.kind in ("moment", "deadline"):
        series = (pd.to_datetime(series) - _EPOCH) / pd.Timedelta(days=1)
    values = series.astype(object).where(series.notna(), None).tolist()
    if column.kind == "flag":
        return ["是" if value else None for value in values]
    if column.kind == "level":
        return [stamp.names.level(value) if value else None for value in values]
    if column.facet is None:
        return values
    names = {value: _translate(value, column.facet, stamp) for value in set(values)}
    return [names[value] for value in values]


def _translate(value: Hashable, facet: str, stamp: Stamp) -> str | None:
    if not value:
        return None
    if facet == "theme":
        return theme(stamp.taxonomy, value)
    return "、".join(_naming(facet, stamp)(key) for key in str(value).split("|"))


def _naming(facet: str, stamp: Stamp) -> Callable[[str], str]:
    names: Names = stamp.names
    if facet == "hits":
        return names.hit
    if facet in stamp.taxonomy.names:
        return lambda key: stamp.taxonomy.name(facet, key)
    if facet in names.words:
        return lambda key: names.of(facet, key)
    return lambda key: word(facet, key)


def fitted(found: Table, styles: Mapping[str, Sequence[str]]) -> Table:
    """Give every row the height its longest cell needs: spreadsheets differ in whether they find it themselves."""
    texts = [(column, values) for column, values in zip(found.columns, found.values, strict=True) if _wraps(column)]
    rows = len(found.values[0])
    lines = [max(line_count(values[row], column.width) for column, values in texts) for row in range(rows)]
    heights = [PAD_POINTS + LINE_POINTS * min(MOST_LINES, max(FEWEST_LINES, count)) for count in lines]
    return Table(found.columns, found.values, styles, heights)


def _wraps(column: Column) -> bool:
    return column.kind in ("text", "long")


def line_count(value: Any, width: float) -> int:
    """Give the lines a text takes in a column of so many characters."""
    return sum(max(1, math.ceil(cell_len(line) / (width - 1))) for line in str(value or "").split("\n"))
