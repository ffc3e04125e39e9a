"""What has to reach a person, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

CONDITIONS = ("escalated", "clock_over", "clock_near", "clock_spent", "burst", "unrouted")
LIVES = ("self_harm", "violence")
"""Kinds of escalation about somebody's life: their alerts are never off and never close by themselves."""
GRAVEST = 3


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One reason to tell somebody; what a condition does not use stays at its default."""

    id: str
    name: str  # in Chinese
    level: int  # 1 watch, 2 urgent, 3 a person at once
    when: str  # one of CONDITIONS
    do: str  # what whoever reads it has to do, in Chinese
    kinds: tuple[str, ...] = ()  # escalated: kinds it is about; empty: cases that no rule with kinds is about
    at_least: int = 0  # escalated: from this level of escalation on
    days: int = 0  # clock_near: before the limit; burst: since its last case; escalated and by_person: see the TOML
    by_person: bool = False  # only a person closes it
    on: bool = True

    def __post_init__(self) -> None:
        """Refuse unknown conditions, levels nobody answers, and a rule about lives that closes by itself."""
        if self.when not in CONDITIONS:
            raise ValueError(f"rule '{self.id}': when '{self.when}' is none of {', '.join(CONDITIONS)}")
        if not 1 <= self.level <= 3 or not 0 <= self.at_least <= 3 or self.days < 0:
            raise ValueError(f"rule '{self.id}': level 1 to 3, at_least 0 to 3, days not below 0")
        if self.by_person and self.when != "escalated":
            raise ValueError(f"rule '{self.id}': by_person goes with when = 'escalated' only")
        if self.by_person and self.days < 1:
            raise ValueError(f"rule '{self.id}': by_person needs days of 1 or more, or answered cases never raise it")


@dataclass(frozen=True, slots=True)
class AlertsPolicy:
    """``alerts.toml``."""

    version: str
    send_from: int  # alerts of this level and above are sent; the others are only listed
    digest: int  # alerts in one mail, request or file at most
    level_names: tuple[str, str, str]  # of levels 1, 2, 3, in Chinese
    rule: tuple[AlertRule, ...]

    def __post_init__(self) -> None:
        """Refuse rules of one name, an empty digest, and a policy that leaves a threat to a life unannounced."""
        ids = [rule.id for rule in self.rule]
        if len(set(ids)) != len(ids):
            raise ValueError(f"rule '{next(name for name in ids if ids.count(name) > 1)}' stands there twice")
        if self.digest < 1 or not 1 <= self.send_from <= 3:
            raise ValueError("digest is at least 1 and send_from a level from 1 to 3")
        for kind in LIVES:
            about = [rule for rule in self.rule if rule.on and kind in rule.kinds]
            if not about or about[0].level < GRAVEST or not all(rule.by_person for rule in about):
                raise ValueError(
                    f"'{kind}' needs rules that are on and by_person, the first of them of level {GRAVEST}"
                )

    def rules(self, *conditions: str) -> Iterable[AlertRule]:
        """List the rules that are on and have one of some conditions, in the order of the file."""
        return (rule for rule in self.rule if rule.on and rule.when in conditions)
