"""Everything about one case: what an officer reads before deciding, and what `--json` hands to another program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from feedback_nlp.report.lines import CaseLine, ClockLine


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label of a letter, with what speaks for it."""

    facet: str
    facet_name: str
    label: str
    name: str
    score: float | None  # calibrated, 0 to 1
    clause: str  # the words that speak most for it; "" where none was kept
    rule: str  # of a derived label: the rule that gave it; "" for a model's


@dataclass(frozen=True, slots=True)
class HitLine:
    """One sign of escalation in a letter."""

    feedback_id: str
    kind: str
    modality: str
    name: str  # kind and modality in Chinese
    level: int
    cue: str  # as written
    clause: str  # the words around it; "" where a person said so, not the letter


@dataclass(frozen=True, slots=True)
class FoundLine:
    """An amount or a day that a letter names."""

    feedback_id: str
    value: str  # 1,200元, 2026-09-30
    words: str  # what it was read from
    clause: str  # the words around it


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One piece of feedback of the case."""

    feedback_id: str
    source: str
    source_id: str | None
    received_on: date
    channel: str | None
    org: str | None
    status: str | None  # as the source has it
    why: str  # why it belongs to the case
    text: str  # masked, as the next two
    request: str | None
    reply: str | None
    release: str  # who gave the labels: a model, or a person
    confidence: float  # calibrated, 0 to 1
    labels: tuple[LabelLine, ...]
    derived: tuple[LabelLine, ...]
    review: tuple[str, ...]  # why a person should look at the labels; empty: nobody asks


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of the score."""

    name: str
    title: str  # in Chinese
    value: float  # 0 to 1
    weight: float
    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """One step of its history."""

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_name: str
    action: str
    action_name: str
    from_name: str
    to_name: str
    note: str
    details: Mapping[str, str]  # Chinese name of the detail → value


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert about the case."""

    id: str
    level: int
    message: str
    state: str
    opened_at: datetime
    answer_by: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The group complaint that the case belongs to."""

    id: str
    org: str
    first_on: date
    last_on: date
    cases: int
    customers: int
    expected: float  # customers in such a window, from the days before


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with all that is known of it."""

    case: CaseLine
    members: tuple[MemberLine, ...]  # the gravest first
    hits: tuple[HitLine, ...]
    amounts: tuple[FoundLine, ...]
    dates: tuple[FoundLine, ...]
    parts: tuple[PartLine, ...]
    floor: str | None
    policy: str  # version of the triage policy; "" where nobody has scored it
    scored_on: date | None
    clocks: tuple[ClockLine, ...]  # those that have stopped too
    events: tuple[EventLine, ...]
    alerts: tuple[AlertLine, ...]
    group: GroupLine | None
