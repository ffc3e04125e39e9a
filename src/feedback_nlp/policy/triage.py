"""Weights, bands and floors of the triage score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from itertools import pairwise

TOLERANCE = 1e-9

Bands = tuple[tuple[float, float], ...]
"""Steps (at least, value): the value of the last step reached, 0 before the first."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part counts; together 1."""

    severity: float
    escalation: float
    time_pressure: float
    repetition: float
    vulnerability: float
    people: float
    amount: float
    emotion: float
    customer_value: float

    def __post_init__(self) -> None:
        """Refuse weights that are negative or do not add up to 1."""
        total = sum(astuple(self))
        if min(astuple(self)) < 0 or abs(total - 1) > TOLERANCE:
            raise ValueError(f"weights must not be negative and must add up to 1, found {total:.6g}")


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad a reason is, 0 to 1: the leaf's own value, else its reason's, else the default."""

    default: float
    reason: Mapping[str, float]
    leaf: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse values outside 0 to 1."""
        for name, value in (("default", self.default), *self.reason.items(), *self.leaf.items()):
            if not 0 <= value <= 1:
                raise ValueError(f"severity of '{name}' must lie between 0 and 1, found {value}")


@dataclass(frozen=True, slots=True)
class Steps:
    """Bands of the parts that come from a count."""

    escalation: Bands  # level 0–3
    repetition: Bands  # events of the case
    vulnerability: Bands  # different cues
    people: Bands  # customers
    amount_yuan: Bands
    emotion: Bands  # how far below neutral the worst sentiment is, 0–2

    def __post_init__(self) -> None:
        """Refuse bands that fall: more would make a case less urgent."""
        for name in ("escalation", "repetition", "vulnerability", "people", "amount_yuan", "emotion"):
            bands: Bands = getattr(self, name)
            rising = all(low[0] < high[0] and low[1] <= high[1] for low, high in pairwise(bands))
            if not rising or not all(0 <= value <= 1 for _, value in bands):
                raise ValueError(f"{name}: bands must rise, with values between 0 and 1")


@dataclass(frozen=True, slots=True)
class Floors:
    """Least scores, 0 to 100, whatever the parts add up to."""

    escalation_level: int
    escalation: float
    due_days: int
    due: float
    safety_leaves: tuple[str, ...]
    safety: float

    def __post_init__(self) -> None:
        """Refuse scores outside 0 to 100."""
        for name in ("escalation", "due", "safety"):
            if not 0 <= getattr(self, name) <= 100:
                raise ValueError(f"floor '{name}' must lie between 0 and 100, found {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class TriagePolicy:
    """``triage.toml``."""

    version: str
    weights: Weights
    severity: Severity
    steps: Steps
    floors: Floors
