"""The quick path, every few minutes: what is new, far enough to know whether a person must hear of it at once.

No scores, no reports: those are the daily run's. What another run is still working on is left to it, but what is
stored already is raised and sent all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import DBAPIError

from feedback_nlp.errors import FeedbackError, OperatorError
from feedback_nlp.jobs.alerts import Raised, raise_alerts
from feedback_nlp.jobs.casework import settle
from feedback_nlp.jobs.classify import classify_new
from feedback_nlp.jobs.daily import Inputs, find_inputs
from feedback_nlp.jobs.outlets import Delivered, deliver
from feedback_nlp.jobs.takein import TakenIn, try_file, try_query
from feedback_nlp.jobs.workplace import Workplace, load_predictor, recorded_run
from feedback_nlp.store.load import unclassified
from feedback_nlp.store.open import reading


@dataclass(frozen=True, slots=True)
class Looked:
    """What was done with what is new."""

    taken_in: tuple[TakenIn, ...] = ()
    classified: int = 0
    settled: int = 0
    busy: str | None = None  # another run holds the store: nothing was taken in
    error: str | None = None  # what an operator has to put right before the rest can be done

    @property
    def problems(self) -> tuple[str, ...]:
        """Give what could not be done, each with what to do."""
        return tuple(filter(None, (self.error, *(item.error for item in self.taken_in))))


@dataclass(frozen=True, slots=True)
class Urgent:
    """What an urgent run did."""

    looked: Looked
    raised: Raised
    delivered: Delivered

    @property
    def problems(self) -> tuple[str, ...]:
        """Give what could not be done, each with what to do."""
        return self.looked.problems + self.delivered.errors


def run_urgent(work: Workplace, paths: Iterable[Path], *, now: datetime) -> Urgent:
    """Take in, classify and settle what is new, then raise and send alerts, whatever went wrong before."""
    looked = look_at_new(work, paths)
    raised = raise_alerts(work, now=now)
    return Urgent(looked, raised, deliver(work, now=now))


def look_at_new(work: Workplace, paths: Iterable[Path]) -> Looked:
    """Take in, classify and settle what is new; what a person has to put right is in the answer, not raised.

    Nor is a disk or a database that fails: what is stored already must reach a person whatever this step meets.
    """
    looked = Looked()
    try:
        with ExitStack() as run:
            try:
                inputs = find_inputs(work, paths)
                run.enter_context(recorded_run(work, "urgent"))
            except OperatorError as busy:
                return Looked(busy=str(busy))
            for step in _look(work, inputs):
                looked = step
    except FeedbackError as error:
        return replace(looked, error=str(error))
    except DBAPIError as error:  # its own words quote the statement with its values
        return replace(looked, error=f"the database failed ({type(error.orig).__name__}); the next run goes on here")
    except OSError as error:  # its own words quote the file, whose name may hold a person's
        reason = error.strerror or type(error).__name__
        return replace(looked, error=f"a file could not be read or written ({reason}); the next run goes on here")
    return looked


def _look(work: Workplace, inputs: Inputs) -> Iterator[Looked]:
    """Give what is done after every step: where a later one fails, the earlier ones are not forgotten."""
    looked = Looked()
    for item in chain(map(partial(try_file, work), inputs.files), map(partial(try_query, work), inputs.queries)):
        looked = replace(looked, taken_in=(*looked.taken_in, item))
        yield looked
    if _is_new(work):  # the release takes seconds to load
        looked = replace(looked, classified=classify_new(work, load_predictor(work.settings)))
        yield looked
    yield replace(looked, settled=settle(work))


def _is_new(work: Workplace) -> bool:
    with reading(work.engine) as connection:
        return bool(unclassified(connection, "", 1))


def show_warned(raised: Raised, delivered: Delivered, *, console: Console) -> None:
    """Print how many alerts there are and where they went."""
    levels = ", ".join(f"level {level}: {count}" for level, count in raised.open.items()) or "none"
    told = f"{raised.new:,} raised, {raised.resolved:,} resolved; open: {levels}"
    console.print(f"{'alerts':<10} {told}", highlight=False, soft_wrap=True)
    for sent in delivered.outlets:
        console.print(f"{'sent':<10} {sent.outlet}: {sent.alerts:,}", highlight=False)


def show_urgent(urgent: Urgent, *, console: Console, errors: Console) -> None:
    """Print in a few lines what an urgent run did; no word of a customer."""
    looked, raised = urgent.looked, urgent.raised
    rows = sum(item.counts.new + item.counts.updated for item in looked.taken_in if not item.known)
    console.print(f"{'new':<10} {rows:,} rows, {looked.classified:,} classified", highlight=False)
    show_warned(raised, urgent.delivered, console=console)
    if looked.busy:
        errors.print(f"note: {looked.busy}", style="yellow", markup=False, soft_wrap=True)
    for problem in urgent.problems:
        errors.print(f"error: {problem}", style="red", markup=False, soft_wrap=True)
