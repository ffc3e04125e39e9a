"""Geometry of the page's drawings: numbers in, coordinates out. The template turns them into SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_nlp.report.figures import Branch, Week

LEFT, RIGHT, TOP, BOTTOM = 38.0, 18.0, 10.0, 24.0
"""Margins for the axis labels, in the units of the view box."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One week's figure."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Two lines over the weeks of a quarter, in a view box of `width` × `height`."""

    width: float
    height: float
    floor: float  # y of 0
    current: tuple[Dot, ...]
    previous: tuple[Dot, ...]
    running: Dot | None  # the week that is not over: drawn hollow, not joined to the line
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A rate and its interval on a scale of 0 to 100; None where there is no rate."""

    low: float
    rate: float
    high: float


def steps(highest: float, *, most: int = 5) -> list[int]:
    """Give round marks from 0 to at least `highest`, whole numbers, a few of them.

    >>> steps(95), steps(3), steps(0)
    ([0, 20, 40, 60, 80, 100], [0, 1, 2, 3], [0, 1])
    """
    raw = max(1.0, highest) / most
    size = 10 ** math.floor(math.log10(raw)) if raw > 1 else 1
    step = max(1, next(int(size * factor) for factor in (1, 2, 5, 10) if size * factor >= raw))
    return list(range(0, step * math.ceil(max(1.0, highest) / step) + 1, step))


def lines(weeks: Sequence[Week], *, width: float, height: float) -> LineChart:
    """Place this quarter's weeks over those of the quarter before."""
    counts = [count for week in weeks for count in (week.current, week.previous) if count is not None]
    marks = steps(max(counts, default=0))
    step = (width - LEFT - RIGHT) / max(1, len(weeks) - 1)

    def dot(week: Week, count: int) -> Dot:
        y = TOP + (height - TOP - BOTTOM) * (1 - count / marks[-1])
        return Dot(round(LEFT + (week.number - 1) * step, 1), round(y, 1), f"{count:,}")

    running = [dot(week, week.current) for week in weeks if week.current is not None and week.days < 7]
    every = 1 if width > 500 else 3  # a narrow screen has room for every third label
    return LineChart(
        width=width,
        height=height,
        floor=height - BOTTOM,
        current=tuple(dot(week, week.current) for week in weeks if week.current is not None and week.days == 7),
        previous=tuple(dot(week, week.previous) for week in weeks if week.previous is not None),
        running=running[0] if running else None,
        x_ticks=tuple(Tick(dot(week, 0).x, f"{week.number}周") for week in weeks[::every]),
        y_ticks=tuple(Tick(dot(weeks[0], mark).y, f"{mark:,}") for mark in marks) if weeks else (),
    )


def bars(values: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Give the lengths of pairs of bars, 0 to 100, on one scale.

    >>> bars([(30, 60), (15, 0)])
    [(50.0, 100.0), (25.0, 0.0)]
    """
    longest = max((value for pair in values for value in pair), default=0) or 1
    return [(round(100 * now / longest, 2), round(100 * before / longest, 2)) for now, before in values]


def whiskers(branches: Sequence[Branch], average: float | None) -> tuple[list[Whisker | None], float | None]:
    """Give every branch's rate with its interval, and the average, on one scale of 0 to 100."""
    top = max([one.high for one in branches if one.high is not None] + [average or 0.0], default=0.0) or 1.0

    def place(value: float) -> float:
        return round(100 * value / top, 2)

    found = [
        None
        if one.per_outlets is None or one.low is None or one.high is None
        else Whisker(place(one.low), place(one.per_outlets), place(one.high))
        for one in branches
    ]
    return found, None if average is None else place(average)


def shares(counts: Sequence[int]) -> list[tuple[float, float]]:
    """Give start and length of the pieces of one bar of 100.

    >>> shares([1, 3])
    [(0.0, 25.0), (25.0, 75.0)]
    """
    whole = sum(counts) or 1
    starts = [sum(counts[:at]) for at in range(len(counts))]
    return [(round(100 * start / whole, 2), round(100 * n / whole, 2)) for start, n in zip(starts, counts, strict=True)]
