"""The numbers that fine-tuning goes by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class DeepRecipe:
    """What deep.toml says; see the remarks there."""

    version: int
    base: str
    folds: int
    epochs: int
    batch: int
    batch_tokens: int
    most_windows: int
    rate: float
    head_rate: float
    layer_decay: float
    weight_decay: float
    warm_up: float
    clip: float
    dropout: float
    average: float
    rare: float
    small_file: float
    smoothing: float
    neighbours: float
    bf16: bool
    trial_steps: int
    say_seconds: int
    facets: Mapping[str, float]


def deep_recipe() -> DeepRecipe:
    """Read the recipe that comes with the package."""
    return DeepRecipe(**tomllib.loads((files(__package__) / "deep.toml").read_text(encoding="utf-8")))
