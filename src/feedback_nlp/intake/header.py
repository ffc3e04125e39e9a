"""Find the header rows of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback_nlp.intake.columns import is_field, is_known, plain
from feedback_nlp.intake.source import Source, policy


@dataclass(frozen=True)
class Header:
    """Where the header stands and what it calls the columns."""

    first: int  # index of its first row among the rows looked at
    last: int
    names: tuple[str, ...]  # one per column, unique
    full: tuple[str, ...]  # with the group title above


def find_header(rows: Sequence[Sequence[object]], *, source: Source, floor: Mapping[int, int] = {}) -> Header:
    """Pick the block of rows that names most columns; titles above it are skipped.

    ``floor`` gives, for a row, the last row that its merged cells reach. Raises nothing: with no known name at all
    the first row with a cell is the header.
    """
    limits = policy()["header"]
    count = min(len(rows), limits["scan_rows"])
    blocks = [
        (a, b)
        for a in range(count)
        for b in range(a, min(a + limits["max_height"], count))
        if any(map(_shown, rows[a]))
    ]
    if not blocks:
        return Header(0, 0, (), ())
    explicit = frozenset(plain(header) for header in source.columns.values())
    best = max(blocks, key=lambda block: (_known(rows, block, explicit), block[0] - block[1], -block[0]))
    first, last = best
    last = max(last, max((floor.get(row, row) for row in range(first, last + 1)), default=last))
    last = _with_sub_names(rows, first, last)
    names = _lowest(rows, first, last)
    groups = [_group(rows, first=first, last=last, column=column) for column in range(len(names))]
    return Header(first, last, _unique(names, groups), tuple(g + n for g, n in zip(groups, names, strict=True)))


def header_of(names: Sequence[str]) -> Header:
    """Give the header of a format that names its columns itself."""
    unique = _unique(names, [""] * len(names))
    return Header(0, 0, unique, unique)


def _known(rows: Sequence[Sequence[object]], block: tuple[int, int], explicit: frozenset[str]) -> int:
    """Count the known names, each once, without those that come again in their column: categories such as "mobile"."""
    others = [*rows[: block[0]], *rows[block[1] + 1 :]]
    others = [row for row in others if row != rows[block[1]]]  # a repeated header row is none of these
    names: set[str] = set()
    for column, name in enumerate(_lowest(rows, *block)):
        if (text := plain(name)) and (text in explicit or is_known(name)):
            again = any(column < len(row) and plain(_shown(row[column])) == text for row in others)
            names |= set() if again else {text}
    return len(names)


def _shown(cell: object) -> str:
    """Write a header cell; a name may be broken into lines."""
    return "" if cell is None else re.sub(r"\s*[\r\n]\s*", "", str(cell).strip().strip("\ufeff"))


def _lowest(rows: Sequence[Sequence[object]], first: int, last: int) -> list[str]:
    """Name each column by its lowest cell in the block: a group title stands above, the name below."""
    width = max(len(rows[row]) for row in range(first, last + 1))
    names = [""] * width
    for row in range(first, last + 1):
        for column, cell in enumerate(rows[row]):
            names[column] = _shown(cell) or names[column]
    return names


def _with_sub_names(rows: Sequence[Sequence[object]], first: int, last: int) -> int:
    """Take in a further row that only names parts of groups: it says nothing where a known name stands above it."""
    if last + 1 >= len(rows) or last + 1 - first >= policy()["header"]["max_height"]:
        return last
    names, below = _lowest(rows, first, last), [_shown(cell) for cell in rows[last + 1]]
    filled = [column for column, cell in enumerate(below) if cell]
    if len(names) < 3 or not filled or any(is_field(names[column]) for column in filled if column < len(names)):
        return last
    longest = policy()["header"]["sub_name_chars"]
    if any(len(below[column]) > longest or re.search(r"\d", below[column]) for column in filled):
        return last
    grouped = all(_has_gap_beside(names, column) for column in filled)
    return last + 1 if grouped else last


def _has_gap_beside(names: Sequence[str], column: int) -> bool:
    """Tell whether a column lies under a group title: it, or its right neighbour, has no name of its own."""
    return column >= len(names) or not names[column] or (column + 1 < len(names) and not names[column + 1])


def _group(rows: Sequence[Sequence[object]], *, first: int, last: int, column: int) -> str:
    """Find the group title of a column: the nearest cell above its name, or left of there (merged cells)."""
    own = next(
        (row for row in range(last, first - 1, -1) if column < len(rows[row]) and _shown(rows[row][column])), first
    )
    for row in range(own - 1, max(first - 2, -1), -1):
        cells = [_shown(cell) for cell in rows[row][: column + 1]]
        if sum(map(bool, map(_shown, rows[row]))) > 1:  # one lone cell is the title of the page
            return next((cell for cell in reversed(cells) if cell), "")
    return ""


def _unique(names: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """Make every name unique: by its group title, then by a number; a nameless column is called by its place."""
    counts, seen, result = Counter(names), Counter[str](), []
    for place, (name, group) in enumerate(zip(names, groups, strict=True), start=1):
        label = name or f"第{place}列"
        if name and counts[name] > 1 and group and group != name:
            label = f"{group}·{name}"
        seen[label] += 1
        result.append(label if seen[label] == 1 else f"{label}({seen[label]})")
    return tuple(result)
