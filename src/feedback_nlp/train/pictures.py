"""Geometry of an evaluation's drawings: figures in, coordinates out. The template turns them into SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback_nlp.train.curves import Bin, Point
from feedback_nlp.train.evaluate import NONE, Range

FULL = 100.0  # a bar's or whisker's scale


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair of a label read and a label guessed."""

    x: float
    y: float
    count: int
    share: float  # of the texts in which the first label read is that of the row
    right: bool
    title: str


@dataclass(frozen=True, slots=True)
class Square:
    """A confusion picture: a row a label read, a column a label guessed."""

    side: float  # of a cell
    left: float  # where the cells begin
    top: float
    width: float
    height: float
    rows: tuple[tuple[float, str, int], ...]  # y, name, texts
    columns: tuple[tuple[float, str], ...]  # x, name
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot of shares over shares, in a view box of width × height."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A figure and its interval on a scale of 0 to 100."""

    low: float
    at: float
    high: float


def square(confusion: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> Square:
    """Place the labels that occur, in the order of ``names``; what has no label comes last."""
    guessed = {label for row in confusion.values() for label in row}
    labels = [label for label in (*names, NONE) if label in confusion or label in guessed]
    side = 46.0 if len(labels) <= 6 else 30.0 if len(labels) <= 20 else 19.0
    left, top = 232.0, 24.0 + 9 * max(len(names.get(label, label)) for label in labels)  # slanted names stand on top
    place = {label: at * side for at, label in enumerate(labels)}
    cells = [
        Cell(
            x=round(left + place[two], 1),
            y=round(top + place[one], 1),
            count=count,
            share=count / sum(row.values()),
            right=one == two,
            title=f"read {one}, guessed {two}: {count} of {sum(row.values())}",
        )
        for one, row in confusion.items()
        for two, count in row.items()
    ]
    return Square(
        side=side,
        left=left,
        top=top,
        width=left + len(labels) * side + 60,  # and those of the last columns reach over the edge
        height=top + len(labels) * side + 4,
        rows=tuple((top + place[one] + side / 2, named(one, names), _texts(confusion, one)) for one in labels),
        columns=tuple((left + place[two] + side / 2, names.get(two, two)) for two in labels),
        cells=tuple(cells),
    )


def named(label: str, names: Mapping[str, str]) -> str:
    """Put a label's Chinese name beside its id.

    >>> named("loan", {"loan": "贷款"}), named("-", {})
    ('loan 贷款', '-')
    """
    return f"{label} {names[label]}" if label in names else label


def chart(*, width: float, height: float, low: float = 0.0) -> Chart:
    """Lay out axes from 0 to 100 % and from ``low`` to 100 %."""
    made = Chart(width, height, left=44, right=14, top=22, bottom=30, x_ticks=(), y_ticks=())
    every = [at / 10 for at in range(0, 11, 2)]
    step = 0.2 if low <= 0.2 else 0.1
    marks = [round(1 - at * step, 1) for at in range(11) if 1 - at * step >= low - 1e-9]
    return Chart(
        width,
        height,
        made.left,
        made.right,
        made.top,
        made.bottom,
        x_ticks=tuple((x_of(value, made), f"{value:.0%}") for value in every),
        y_ticks=tuple((y_of(value, made, low=low), f"{value:.0%}") for value in marks),
    )


def x_of(value: float, on: Chart) -> float:
    """Place a share from left to right."""
    return round(on.left + value * (on.width - on.left - on.right), 1)


def y_of(value: float, on: Chart, *, low: float = 0.0) -> float:
    """Place a share from bottom to top; what lies below the axis stands on it."""
    share = max(0.0, (value - low) / (1 - low))
    return round(on.top + (1 - share) * (on.height - on.top - on.bottom), 1)


def dots(bins: Sequence[Bin], on: Chart) -> list[tuple[float, float, float, str]]:
    """Place the bins of a reliability diagram: x, y, radius (the area tells the number of texts), title."""
    most = max((item.rows for item in bins), default=1)
    return [
        (
            x_of(item.sure, on),
            y_of(item.right, on),
            round(2.5 + 6.5 * (item.rows / most) ** 0.5, 1),
            f"{item.rows} texts: {item.sure:.0%} sure, {item.right:.0%} right",
        )
        for item in bins
    ]


def path(points: Sequence[Point], what: str, on: Chart, *, low: float) -> str:
    """Give the line of one share over the coverage, as SVG points."""
    return " ".join(f"{x_of(point.coverage, on)},{y_of(getattr(point, what), on, low=low)}" for point in points)


def floor_of(points: Sequence[Point]) -> float:
    """Give a round share below all of a coverage curve's, so that the curve fills its picture.

    >>> floor_of([Point(0.1, 0.9, 1.0, 0.8, 0.74)])
    0.6
    """
    least = min((min(point.business, point.first_leaf, point.both) for point in points), default=0.0)
    return max(0.0, int(least * 10 - 1) / 10)


def whisker(figure: Range) -> Whisker:
    """Place a share between 0 and 1.

    >>> whisker(Range(0.5, 0.25, 1.0))
    Whisker(low=25.0, at=50.0, high=100.0)
    """
    return Whisker(*(round(FULL * value, 2) for value in (figure.low, figure.value, figure.high)))


def centred(figure: Range, *, reach: float) -> Whisker:
    """Place a difference between -reach and reach; 0 stands at 50.

    >>> centred(Range(0.1, -0.2, 0.5), reach=0.2)
    Whisker(low=0.0, at=75.0, high=100.0)
    """
    return Whisker(
        *(
            round(FULL / 2 * (1 + max(-1.0, min(1.0, value / reach))), 2)
            for value in (figure.low, figure.value, figure.high)
        )
    )


def _texts(confusion: Mapping[str, Mapping[str, int]], label: str) -> int:
    return sum(confusion.get(label, {}).values())
