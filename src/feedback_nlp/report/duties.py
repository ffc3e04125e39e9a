"""The figures of the block 今日必办, as they stand on the page and on the workbook's first sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the block 今日必办."""

    name: str
    n: int
    unit: str
    note: str  # its definition
    alarm: bool = False  # red where it is not 0


@dataclass(frozen=True, slots=True)
class Group:
    """One group complaint with cases that are still open."""

    org: str
    cause: str
    first_on: date
    last_on: date
    cases: int
    open: int
    customers: int
    expected: float

    @property
    def days(self) -> int:
        """Count the days from the first to the last letter."""
        return (self.last_on - self.first_on).days + 1


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert that nobody has resolved."""

    level: int
    rule: str
    message: str
    case_id: str
    answer_by: datetime | None
    late: bool
    taken_by: str  # who has acknowledged it; empty: nobody


@dataclass(frozen=True, slots=True)
class State:
    """Cases in one state: of those opened this quarter, and of all."""

    id: str
    name: str
    recent: int
    all: int


@dataclass(frozen=True, slots=True)
class Loop:
    """Closed cases among those answered: closed / (closed + responded)."""

    closed: int
    answered: int  # closed + responded


@dataclass(frozen=True, slots=True)
class Open:
    """Open cases at every grain."""

    events: int
    complaints: int
    cases: int
    customers: int  # added up over the cases


@dataclass(frozen=True, slots=True)
class Today:
    """The whole block."""

    figures: tuple[Figure, ...]
    grave: int  # open cases of a level that cannot wait
    groups: tuple[Group, ...]
    alerts: tuple[Alert, ...]
    reviews: tuple[tuple[str, int], ...]  # reason, tasks
    review_tasks: int  # fewer than the sum of the reasons: a task may have several
    states: tuple[State, ...]
    loop_recent: Loop
    loop_all: Loop
    open: Open
