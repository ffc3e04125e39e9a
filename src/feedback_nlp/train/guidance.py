"""The numbers that looking after labels goes by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Wanting:
    """How texts are chosen to be labelled."""

    sample: int
    known: int
    enough: int
    sparse: float
    shortest: int
    close: float
    block: int


@dataclass(frozen=True, slots=True)
class Suspecting:
    """How labels are doubted."""

    folds: int
    least: int
    odds: Mapping[str, float]  # facet → from which a doubt is listed


@dataclass(frozen=True, slots=True)
class Splitting:
    """How a file is parted."""

    dev: float


@dataclass(frozen=True, slots=True)
class Guidance:
    """What guidance.toml says; see the remarks there."""

    version: int
    wanted: Wanting
    suspicious: Suspecting
    split: Splitting


def guidance() -> Guidance:
    """Read the numbers that come with the package."""
    data = tomllib.loads((files(__package__) / "guidance.toml").read_text(encoding="utf-8"))
    return Guidance(
        data["version"], Wanting(**data["wanted"]), Suspecting(**data["suspicious"]), Splitting(**data["split"])
    )
