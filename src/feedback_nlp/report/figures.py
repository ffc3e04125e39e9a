"""The figures of the overview, as they stand on the page and on the workbook's first sheet.

Complaints are counted in cases wherever they are compared (the same demand made twice counts once); sentiment, kind
and rating describe single pieces of feedback.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from feedback_nlp.insight.periods import Period
from feedback_nlp.report.duties import Today
from feedback_nlp.report.names import Names
from feedback_nlp.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Stamp:
    """On which day and by which versions the figures were made, and what the installation calls things."""

    now: datetime
    release: str
    policy: str
    taxonomy: Taxonomy
    names: Names = field(default_factory=Names)

    @property
    def today(self) -> date:
        """Give the day of the report."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Total:
    """One thing counted in all three units, in the period and in the one before."""

    events: int
    cases: int
    customers: int
    previous_events: int
    previous_cases: int
    previous_customers: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with Wilson's 95 % interval, 0 to 1, and the same in the period before."""

    hits: int
    n: int
    low: float
    high: float
    previous_hits: int
    previous_n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One label of a facet; `n`, `share` (0 to 1) and `previous` are in the unit the facet is counted in."""

    label: str
    name: str
    n: int
    events: int
    cases: int
    customers: int
    share: float
    previous: int
    rising: bool  # more than chance explains


@dataclass(frozen=True, slots=True)
class Week:
    """Complaint cases in seven days counted from the first day of the quarter; None for days still to come."""

    number: int
    start: date
    current: int | None
    days: int  # days of the current quarter counted so far: under 7, the week is still running
    previous: int | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Complaint cases of one branch; rates are None where its exposure is unknown."""

    org: str
    cases: int
    previous: int
    outlets: int | None
    clients: int | None
    per_outlets: float | None  # per 1,000 outlets
    low: float | None  # exact 95 % interval of per_outlets
    high: float | None
    per_clients: float | None  # per 10,000,000 customers


@dataclass(frozen=True, slots=True)
class Rating:
    """Mean of the ratings one source gives, on its own scale; None where there are none."""

    source: str
    n: int
    mean: float | None
    previous_n: int
    previous: float | None


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the rows of one delivery."""

    batch: str
    source: str
    file: str
    encoding: str
    rows: int
    new: int
    updated: int
    duplicate: int
    rejected: int
    finished_on: date | None  # None: not read to its end

    @property
    def balanced(self) -> bool:
        """Tell whether rows in = new + updated + duplicate + rejected."""
        return self.rows == self.new + self.updated + self.duplicate + self.rejected


@dataclass(frozen=True, slots=True)
class Workload:
    """Open cases and improvement items as they stand today."""

    cases: int
    urgent: int
    overdue: int
    due_soon: int
    items: int
    items_overdue: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole overview."""

    stamp: Stamp
    period: Period
    before: Period
    feedback: Total
    complaints: Total
    negative: Share
    unsure: Share  # texts that the model is not sure of; those that wait for a person are today.review_tasks
    workload: Workload
    today: Today
    weeks: tuple[Week, ...]
    kinds: tuple[Line, ...]
    sentiments: tuple[Line, ...]
    business: tuple[Line, ...]
    leaves: tuple[Line, ...]
    channels: tuple[Line, ...]
    touchpoints: tuple[Line, ...]
    needs: tuple[Line, ...]
    risks: tuple[Line, ...]
    branches: tuple[Branch, ...]
    branch_average: float | None  # per 1,000 outlets, of the branches whose outlets are known
    ratings: tuple[Rating, ...]
    intake: tuple[Intake, ...]
