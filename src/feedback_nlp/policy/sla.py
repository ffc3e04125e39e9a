"""Limits for an answer."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = ("days", "working_days")


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One limit. The day of receipt does not count."""

    id: str
    event: str  # what has to happen: answer
    limit: int
    unit: str  # days, working_days
    source_kinds: tuple[str, ...]  # feeds whose feedback it applies to
    source: str  # where the rule stands, in Chinese
    verified: bool  # the limit was seen in public material, not remembered

    def __post_init__(self) -> None:
        """Refuse a unit nobody can count in."""
        if self.unit not in UNITS or self.limit < 0:
            raise ValueError(
                f"limit '{self.limit} {self.unit}': the unit is one of {', '.join(UNITS)}, limit not below 0"
            )


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """``sla.toml``."""

    version: str
    rule: tuple[SlaRule, ...]
