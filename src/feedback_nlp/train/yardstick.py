"""The numbers that measuring and comparing go by."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Cut:
    """Where SnowNLP's one probability becomes three answers, and up to how many rows it is asked unbidden."""

    negative: float
    positive: float
    rows: int


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What yardstick.toml says; see the remarks there."""

    version: int
    frequent: int
    lengths: tuple[int, ...]
    bins: int
    points: int
    worst: int
    gate: int
    snownlp: Cut
    goal: dict[str, float]


@lru_cache(maxsize=1)
def yardstick() -> Yardstick:
    """Read the numbers that come with the package."""
    data = tomllib.loads((files(__package__) / "yardstick.toml").read_text(encoding="utf-8"))
    return Yardstick(**{**data, "lengths": tuple(data["lengths"]), "snownlp": Cut(**data["snownlp"])})
