"""Who repairs what, and when a theme is worth repairing."""

from __future__ import annotations

import re
from dataclasses import dataclass

BRANCH = "{org}"
"""Stands in a department or an owner for the branch complained about."""
_BRACES = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One row: matters that fit every condition given go to this process, department and owner role."""

    process: str
    department: str
    owner: str
    business: str | None = None
    reason: str | None = None
    leaf: str | None = None
    org: tuple[str, ...] = ()  # patterns with * and ? for the branch, any of them

    def __post_init__(self) -> None:
        """Refuse a rule that routes to nobody and a place-holder that nothing would fill."""
        for value in (self.process, self.department, self.owner):
            if not value.strip() or _BRACES.search(value.replace(BRANCH, "")):
                raise ValueError(f"process, department and owner are names and may hold {BRANCH}, found '{value}'")
        if BRANCH in self.process or not all(pattern.strip() for pattern in self.org):
            raise ValueError(f"a process holds no {BRANCH}, and a pattern of org is not empty")

    @property
    def needs_branch(self) -> bool:
        """Say whether the rule fits only where the branch is known."""
        return bool(self.org) or BRANCH in self.department or BRANCH in self.owner


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
