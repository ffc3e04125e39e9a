"""Who repairs what, and when a theme is worth repairing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One row: themes that fit every condition given go to this process, department and owner role."""

    process: str
    department: str
    owner: str
    business: str | None = None
    reason: str | None = None
    leaf: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """``routing.toml``: the first rule that fits decides."""

    version: str
    rule: tuple[RoutingRule, ...]


@dataclass(frozen=True, slots=True)
class ImprovePolicy:
    """``improve.toml``."""

    version: str
    min_cases: int  # in the quarter so far
    min_share: float  # of all cases of the quarter, 0 to 1
    min_rise: float  # against the period before, 1.0 is twice as many
    analysis_months: int
    early_days: int  # of a quarter, in which its count is too young to replace the last one
    small_n: int  # below so many cases a change is told in cases, not in per cent
    skip_leaves: tuple[str, ...]
