"""Limits: what has to happen, until when, for whom, and where that stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

UNITS = ("seconds", "hours", "days", "working_days")
REGIMES = ("law", "regulator", "bank")
RECEIVED = "received"
"""The start of a clock that runs from receipt; any other start is an action or a state of ``states.toml``."""
DELIVERED = "delivered"
"""The rule of a limit that came with the ledger."""


@dataclass(frozen=True, slots=True)
class SlaEvent:
    """What a clock waits for."""

    name: str  # in Chinese
    stop: tuple[str, ...]  # actions, and states that are entered; a step that names it under ``done`` stops it too
    once: bool = False  # what has been done for the case once is done for letters that join it later
    pauses: bool = False  # a pause lengthens it
    due: bool = False  # its limit is the 办结期限 of a case


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One limit. In days the day of the start does not count; in hours and seconds the moment does."""

    id: str
    name: str  # in Chinese
    regime: str  # law, regulator, bank
    event: str  # id of what has to happen
    limit: int  # of an extension: in all, from the start of the clock it prolongs
    unit: str  # seconds, hours, days, working_days
    source: str  # where the rule stands, in Chinese
    verified: bool  # the limit was seen in public material, not remembered
    on: bool
    start: str = RECEIVED
    roll: bool = False  # a last day that is a day off moves to the next working day
    source_kinds: tuple[str, ...] = ()  # feeds it applies to
    complaint_channels: tuple[str, ...] = ()  # regular expressions; empty: however the complaint came
    kinds: tuple[str, ...] = ()  # of escalation, "kind" or "kind:modality"; empty: whatever it says
    yields: bool = False  # does not apply where the ledger brings a limit of its own
    extends: str = ""  # id of the rule whose clock it moves
    approval_by: str = ""  # in Chinese
    must_tell: str = ""  # in Chinese
    valid_from: date | None = None  # both by the day of receipt, and both included
    valid_to: date | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can count, and a rule that would silently never apply."""
        if self.unit not in UNITS or self.limit < 1:
            raise ValueError(f"limit '{self.limit} {self.unit}': the unit is one of {', '.join(UNITS)}, limit above 0")
        if self.regime not in REGIMES:
            raise ValueError(f"regime of '{self.id}' is one of {', '.join(REGIMES)}, found '{self.regime}'")
        if bool(self.source_kinds) == bool(self.extends):
            raise ValueError(f"'{self.id}' needs source_kinds, or extends where it prolongs another rule; not both")
        for expression in self.complaint_channels:
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"'{expression}' is no regular expression ({error})") from error

    def __hash__(self) -> int:
        """Hash the id alone: rules are keys of caches that a million cases ask."""
        return hash(self.id)

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force for what is received on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The limit that a ledger brings along."""

    name: str  # in Chinese
    event: str
    believable_days: int  # one later than so many days after receipt, or before receipt, leaves the law's limit running

    def __post_init__(self) -> None:
        """Refuse a bound that would believe nothing."""
        if self.believable_days < 1:
            raise ValueError(f"believable_days lies above 0, found {self.believable_days}")


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """``sla.toml``."""

    version: str
    near_share: float  # from which share of its time on a clock is nearly over
    delivered: Delivered
    event: Mapping[str, SlaEvent]
    rule: tuple[SlaRule, ...]

    def __post_init__(self) -> None:
        """Refuse double ids, and rules about events or rules that are not there."""
        ids = [rule.id for rule in self.rule]
        if len(set(ids)) < len(ids) or DELIVERED in ids:
            raise ValueError(f"every [[rule]] needs an id of its own, and '{DELIVERED}' is taken")
        prolonged = [rule.extends for rule in self.rule if rule.extends]
        _refuse_unknown("event", (self.delivered.event, *(rule.event for rule in self.rule)), self.event)
        _refuse_unknown("rule", prolonged, ids)
        if len(set(prolonged)) < len(prolonged):
            raise ValueError("a rule may be prolonged by one other only; that one may be prolonged in turn")
        if not 0 < self.near_share <= 1:
            raise ValueError(f"near_share lies between 0 and 1, found {self.near_share}")

    def __hash__(self) -> int:
        """Hash the version alone, as the rules do."""
        return hash(self.version)

    def name_of(self, rule: str) -> str:
        """Give a rule's Chinese name; an id that is gone stays as it is."""
        if rule == DELIVERED:
            return self.delivered.name
        return next((item.name for item in self.rule if item.id == rule), rule)


def _refuse_unknown(what: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    listed = list(known)
    for item in wanted:
        if item not in listed:
            raise ValueError(f"{what} '{item}' is missing; there are {', '.join(listed)}")
