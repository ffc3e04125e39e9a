"""Every 15 minutes: what is new, and what of it must reach a person at once.

    python pipelines/urgent.py INBOX [--config feedback.toml] [--today 2026-09-30]

The steps are those of ``feedback-nlp urgent``; the flow adds schedule, retries, history and artifacts. Tasks receive
paths and days, give back counts, and never see a text.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from running import arguments, step, warn_of, workplace  # first: prefect reads its settings on import

# isort: split
from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.states import Completed, Failed, State
from rich.console import Console

from feedback_nlp.errors import FeedbackError
from feedback_nlp.jobs.alerts import Raised, raise_alerts
from feedback_nlp.jobs.outlets import Delivered, deliver
from feedback_nlp.jobs.urgent import Looked, Urgent, look_at_new, show_urgent
from feedback_nlp.report.window import console


@step
def look(inbox: Path | None, *, config: Path | None, today: date | None) -> Looked:
    """Take in, classify and settle what is new; raw text never crosses a task boundary.

    Disks and databases that fail are in the answer: the next run, not a retry, tries again, and nobody waits for it.
    """
    return look_at_new(workplace(config, today), [inbox] if inbox else [])


@step
def warn(*, config: Path | None, today: date | None) -> Raised:
    """Raise alerts from what is stored."""
    work = workplace(config, today)
    return raise_alerts(work, now=work.now)


@step
def send(*, config: Path | None, today: date | None) -> Delivered:
    """Send what no outlet has sent yet."""
    work = workplace(config, today)
    return deliver(work, now=work.now)


@flow(name="urgent", persist_result=False)
def urgent(inbox: Path | None = None, config: Path | None = None, today: date | None = None) -> State[Any]:
    """Everything new, as far as it must reach a person at once."""
    where: dict[str, Any] = {"config": config, "today": today}
    try:
        workplace(config, today)
        done = Urgent(look(inbox, **where), warn(**where), send(**where))
    except FeedbackError as error:  # Prefect would log a traceback; this says what to do
        return Failed(message=str(error))
    _publish(done)
    if done.problems:
        return Failed(message="; ".join(_problems(done)), data=done)
    return Completed(message=done.looked.busy, data=done)


def _problems(done: Urgent) -> list[str]:
    """Say what went wrong as Prefect may keep it: in counts, as names of files may hold a person's."""
    failed = sum(item.error is not None for item in done.looked.taken_in)
    problems = [f"{failed} of {len(done.looked.taken_in)} deliveries could not be read"] if failed else []
    problems += ["what is new could not be worked on; the output says why"] if done.looked.error else []
    return [*problems, *done.delivered.errors]


def _publish(done: Urgent) -> None:
    """Show counts in Prefect's pages: never texts, which Prefect would keep."""
    counts = {f"level {level}": number for level, number in done.raised.open.items()}
    create_table_artifact([{"raised": done.raised.new} | counts], key="alerts", description="open alerts by level")
    rows = [{"outlet": sent.outlet, "sent": sent.alerts, "failed": bool(sent.error)} for sent in done.delivered.outlets]
    create_table_artifact(rows, key="outlets", description="what the outlets took in this run")


def main() -> int:
    """Run the flow here and now, and print what it did."""
    options = arguments(__doc__)
    out, errors = console(), Console(stderr=True, highlight=False)
    state = urgent(options.inbox, options.config, options.today, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, Urgent):
        warn_of(options, errors=errors)
        show_urgent(result, console=out, errors=errors)
    elif state.message:
        errors.print(f"error: {state.message}", style="red", markup=False, soft_wrap=True)
    return 0 if state.is_completed() else 2


if __name__ == "__main__":
    sys.exit(main())
