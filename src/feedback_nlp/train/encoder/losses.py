"""The loss curve: loss.jsonl, one line every few steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

Row = dict[str, Any]


class Losses:
    """Means since the last line, and the file they go to."""

    def __init__(self, path: Path, *, since: int) -> None:
        """Go on at a step: lines of later steps, which a kill has undone, are dropped."""
        self._path = path
        kept = [row for row in read_losses(path) if row["step"] <= since]
        path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
        self._sums: dict[str, Tensor] = {}
        self._steps = 0

    def add(self, figures: Mapping[str, Tensor]) -> None:
        """Count one step; nothing waits for the device."""
        self._sums = {name: self._sums.get(name, 0) + value for name, value in figures.items()}
        self._steps += 1

    def write(self, step: int, *, tokens: int, speed: int, rate: float) -> Row:
        """Append the means and begin anew."""
        means = {name: round(value.item() / self._steps, 4) for name, value in self._sums.items()}
        row = {"step": step, "tokens": tokens, **means, "tokens_s": speed, "rate": rate}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        self._sums, self._steps = {}, 0
        return row


def read_losses(path: Path) -> list[Row]:
    """Read a loss curve; a last line that a kill cut short is left out."""
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def thinned(rows: list[Row], *, most: int) -> list[Row]:
    """Keep evenly many lines, the first and the last among them.

    >>> [row["step"] for row in thinned([{"step": step} for step in range(7)], most=3)]
    [0, 3, 6]
    """
    if len(rows) <= most:
        return rows
    return [rows[round(place * (len(rows) - 1) / (most - 1))] for place in range(most)]
