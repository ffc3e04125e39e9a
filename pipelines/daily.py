"""Everything new in the inbox, down to today's priorities.

    python pipelines/daily.py INBOX [--config feedback.toml] [--today 2026-09-30]

The steps are those of ``feedback-nlp run``; the flow adds schedule, retries, history and artifacts. Tasks receive paths
and days, give back counts, and never see a text.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from running import arguments, step, warn_of, workplace  # first: prefect reads its settings on import

# isort: split
from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.states import Completed, Failed, State
from rich.console import Console

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.errors import FeedbackError
from feedback_nlp.jobs.alerts import Raised
from feedback_nlp.jobs.classify import Chunk, classify_chunk
from feedback_nlp.jobs.daily import Inputs, find_inputs, join_cases, warn
from feedback_nlp.jobs.improve import open_improvements
from feedback_nlp.jobs.outlets import Delivered
from feedback_nlp.jobs.report import Written, show_day, show_intake, write_reports
from feedback_nlp.jobs.scoring import score_cases
from feedback_nlp.jobs.takein import TakenIn, try_exposure, try_file, try_query
from feedback_nlp.jobs.tally import open_cases_by_level
from feedback_nlp.jobs.urgent import show_warned
from feedback_nlp.jobs.workplace import Workplace, load_predictor, recorded_run
from feedback_nlp.report.window import console


@step
def take_in(path: Path, *, config: Path | None, today: date | None) -> TakenIn:
    """Read, prepare and store one file; raw text never crosses a task boundary."""
    return try_file(workplace(config, today), path)


@step
def take_in_database(feed: str, *, config: Path | None, today: date | None) -> TakenIn:
    """Read what a source's query gives since the last time."""
    return try_query(workplace(config, today), feed)


@step
def take_in_exposures(path: Path, *, config: Path | None, today: date | None) -> TakenIn:
    """Store how many outlets and customers stand behind a branch."""
    return try_exposure(workplace(config, today), path)


@lru_cache(maxsize=1)
def predictor(config: Path | None, today: date | None) -> Predictor:
    """Load the release once in each worker process."""
    return load_predictor(workplace(config, today).settings)


@step
def classify(after: str, *, config: Path | None, today: date | None) -> Chunk:
    """Classify the next batch of texts that no release has read yet."""
    return classify_chunk(workplace(config, today), predictor(config, today), after=after)


@step
def casework(*, config: Path | None, today: date | None) -> int:
    """Join new feedback to cases, find group complaints, queue what a person should look at; give how many events."""
    return join_cases(workplace(config, today))


@step
def alert(*, config: Path | None, today: date | None) -> tuple[Raised, Delivered]:
    """Tell people what cannot wait."""
    return warn(workplace(config, today))


@step
def triage(*, config: Path | None, today: date | None) -> int:
    """Score the open cases for today; give how many."""
    return score_cases(workplace(config, today))


@step
def improve(*, config: Path | None, today: date | None) -> int:
    """Open improvement items for the themes that ask for one."""
    return open_improvements(workplace(config, today))


@step
def report(*, config: Path | None, today: date | None) -> Written:
    """Write the Excel workbook and the HTML summary."""
    return write_reports(workplace(config, today))


@flow(name="daily", persist_result=False)
def daily(inbox: Path | None = None, config: Path | None = None, today: date | None = None) -> State[Any]:
    """Everything new in the inbox and in the databases, down to today's priorities."""
    where: dict[str, Any] = {"config": config, "today": today}
    try:
        work, inputs = prepare_run(inbox, config, today)
        with recorded_run(work, "daily"):
            exposures = [take_in_exposures(path, **where) for path in inputs.exposures]
            taken_in = [item for item in exposures if item.error]
            taken_in += [take_in(path, **where) for path in inputs.files]
            taken_in += [take_in_database(feed, **where) for feed in inputs.queries]
            counts = {"classified": _classify_all(where), "settled": casework(**where)}
            raised, delivered = alert(**where)
            counts |= {"alerts": raised.new, "scored": triage(**where), "improvements": improve(**where)}
            written = report(**where)
    except FeedbackError as error:  # Prefect would log a traceback; this says what to do
        return Failed(message=str(error))
    _publish(work, taken_in, counts)
    failed = sum(item.error is not None for item in taken_in)
    problems = [f"{failed} of {len(taken_in)} deliveries could not be read"] if failed else []
    problems += delivered.errors
    if problems:
        return Failed(message="; ".join(problems), data=(taken_in, raised, delivered, written))
    return Completed(data=(taken_in, raised, delivered, written))


def _classify_all(where: dict[str, Any]) -> int:
    total, chunk = 0, classify("", **where)
    while chunk.texts:
        total, chunk = total + chunk.texts, classify(chunk.last, **where)
    return total


def prepare_run(inbox: Path | None, config: Path | None, today: date | None) -> tuple[Workplace, Inputs]:
    """Open everything first: what an operator has to put right is said before any task starts."""
    work = workplace(config, today)
    predictor(config, today)
    return work, find_inputs(work, [inbox] if inbox else [])


def _publish(work: Workplace, taken_in: list[TakenIn], counts: dict[str, int]) -> None:
    """Show counts in Prefect's pages: never texts, which Prefect would keep."""
    rows = [{"file": item.file, **asdict(item.counts), "read": not item.error} for item in taken_in]
    create_table_artifact(rows, key="intake", description="rows = new + updated + duplicate + rejected")
    create_table_artifact([counts], key="daily", description="what the run did")
    create_table_artifact(
        open_cases_by_level(work), key="cases", description="cases that somebody owes an answer, by level and limit"
    )


def main() -> int:
    """Run the flow here and now, and print today's priorities."""
    options = arguments(__doc__)
    out, errors = console(), Console(stderr=True, highlight=False)
    state = daily(options.inbox, options.config, options.today, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, tuple):
        taken_in, raised, delivered, written = result
        warn_of(options, errors=errors)
        show_intake(taken_in, console=out, errors=errors)
        show_day(workplace(options.config, options.today), written, console=out)
        show_warned(raised, delivered, console=out)
        for problem in delivered.errors:
            errors.print(f"error: {problem}", style="red", markup=False, soft_wrap=True)
    elif state.message:
        errors.print(f"error: {state.message}", style="red", markup=False, soft_wrap=True)
    return 0 if state.is_completed() else 2


if __name__ == "__main__":
    sys.exit(main())
