"""What follows from labels by rule: need, risk, stage, process, direction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

GIVEN = ("need", "risk", "stage", "process", "direction")
"""The facets that rules give, in the order of the table ``derived_label``."""
ASKED = ("kind", "business", "reason", "leaf", "touchpoint", "sentiment", "demand", "escalation")
"""What a rule may ask for."""


@dataclass(frozen=True, slots=True)
class DerivedFacet:
    """One facet, its labels, and which feedback has it."""

    name: str  # in Chinese
    several: bool  # true: every rule that fits, over all leaves; false: the first that fits, on the first leaf alone
    kinds: tuple[str, ...]
    labels: Mapping[str, str]  # id → Chinese name


@dataclass(frozen=True, slots=True)
class DerivedRule:
    """One row: feedback that fits every condition given, each by any of its values, gets these labels."""

    id: str
    kind: tuple[str, ...] = ()
    business: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    leaf: tuple[str, ...] = ()
    touchpoint: tuple[str, ...] = ()
    sentiment: tuple[str, ...] = ()
    demand: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()  # kind:modality
    need: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    says: str = ""  # the direction as a sentence in Chinese

    def __post_init__(self) -> None:
        """Refuse a rule without conditions or labels, and a direction that nobody could read aloud."""
        if not any(getattr(self, facet) for facet in ASKED) or not any(getattr(self, facet) for facet in GIVEN):
            raise ValueError(f"rule '{self.id}' needs at least one condition and at least one label")
        if bool(self.direction) != bool(self.says):
            raise ValueError(f"rule '{self.id}': direction and says go together")


@dataclass(frozen=True, slots=True)
class Facets:
    """The derived facets."""

    need: DerivedFacet
    risk: DerivedFacet
    stage: DerivedFacet
    process: DerivedFacet
    direction: DerivedFacet


@dataclass(frozen=True, slots=True)
class DerivedPolicy:
    """``derived.toml``."""

    version: str
    facet: Facets
    rule: tuple[DerivedRule, ...]

    def __post_init__(self) -> None:
        """Refuse rules that share an id, and rules that give a label their facet does not have."""
        twice = [name for name, times in Counter(rule.id for rule in self.rule).items() if times > 1]
        if twice:
            raise ValueError(f"rule '{twice[0]}' stands twice; give each rule an id of its own")
        for rule in self.rule:
            for name in GIVEN:
                for label in getattr(rule, name):
                    if label not in self.named(name).labels:
                        raise ValueError(f"rule '{rule.id}': '{label}' is no label of {name}")

    def named(self, facet: str) -> DerivedFacet:
        """Give one of the facets by its name."""
        found: DerivedFacet = getattr(self.facet, facet)
        return found

    def __hash__(self) -> int:
        """Hash by version, which carries the hash of the file: a policy is part of the key of a cache."""
        return hash(self.version)
