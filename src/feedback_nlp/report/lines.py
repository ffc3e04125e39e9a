"""One line of a complaint officer's lists: ids for machines and their Chinese names for people, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

SHORT = 8
"""Digits of an id that people read and write."""
PROVISIONAL, UNVERIFIED, PAUSED, EXTENDED = "暂定", "未核实", "暂停中", "已延期"
"""What may be said about a limit, see worklist.toml."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as a list shows it."""

    case_id: str
    seq: int  # of its last event when the list was made; 0 without any
    level: int
    level_name: str
    score: float | None  # 0 to 100; None: nobody has scored it today
    state: str
    state_name: str
    opened_on: date
    due_on: date | None
    days_left: int | None  # below 0: overdue
    marks: tuple[str, ...]  # what makes the limit doubtful or stand still: 暂定, 未核实, 暂停中
    closed_on: date | None
    theme: str
    theme_name: str
    org: str | None
    reasons: tuple[str, ...]  # of the score, weightiest first, the floor in front
    excerpt: str  # masked
    events: int
    complaints: int
    customers: int
    source_ids: tuple[str, ...]
    process: str | None
    department: str | None
    owner: str | None
    assignee: str | None
    group_id: str | None
    kinds: tuple[str, ...]  # "kind:modality"
    kind_names: tuple[str, ...]
    cues: tuple[str, ...]  # the words that gave them, as written
    answer_by: datetime | None  # of the open alert
    steps: Mapping[str, str]  # legal actions: id → Chinese name


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One limit of one case."""

    case_id: str
    rule: str
    rule_name: str
    source: str  # where the rule stands
    verified: bool | None  # None: a day that came with the ledger
    event: str
    event_name: str  # what has to happen
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None  # None: still running
    days_left: int  # below 0: overdue
    share: float  # of its time elapsed, 0 to 1 and beyond
    overdue: bool
    marks: tuple[str, ...]  # 暂定, 未核实, 暂停中, 已延期
    level: int
    level_name: str
    state_name: str
    theme_name: str
    org: str | None
    department: str | None
    owner: str | None
    assignee: str | None


@dataclass(frozen=True, slots=True)
class BranchLine:
    """The limits of one branch; a clock counts once, under the gravest heading that fits."""

    org: str  # 未注明 where the cases name none
    overdue: int
    pressing: int  # more than the stated share of the time is over
    soon: int  # due within the stated days
    cases: int  # different cases among them
