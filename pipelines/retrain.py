"""From what people decided to a candidate release beside the default; a person promotes it.

    python pipelines/retrain.py [--config feedback.toml] [--today 2026-09-30]

The steps are those of ``feedback-nlp retrain``; the flow adds schedule, retries, history and artifacts. Tasks receive
names, days and counts, give back figures, and never a text.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from running import arguments, step, warn_of, workplace  # first: prefect reads its settings on import

# isort: split
from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed, State
from rich.console import Console

from feedback_nlp.errors import FeedbackError
from feedback_nlp.jobs import retraining
from feedback_nlp.jobs.retraining import Candidate, Plan, show_retrained
from feedback_nlp.report.window import console
from feedback_nlp.train.gate import refusal
from feedback_nlp.train.markdown import differences, figures
from feedback_nlp.train.yardstick import yardstick


@step
def collect(*, config: Path | None, today: date | None) -> Plan:
    """Count what people decided since the default was made; where it is enough, write it into files."""
    return retraining.collect(workplace(config, today))


@step
def learn(plan: Plan, *, config: Path | None, today: date | None) -> None:
    """Train or fine-tune the candidate."""
    retraining.learn(workplace(config, today), plan, say=get_run_logger().info)


@step
def measure(plan: Plan, *, config: Path | None, today: date | None) -> Candidate:
    """Measure the candidate beside the default."""
    return retraining.measure(workplace(config, today), plan, say=get_run_logger().info)


@flow(name="retrain", persist_result=False)
def retrain(config: Path | None = None, today: date | None = None) -> State[Any]:
    """From what people decided to a candidate release; its promotion waits for a person."""
    where: dict[str, Any] = {"config": config, "today": today}
    try:
        workplace(config, today)  # what an operator has to put right is said before any task starts
        plan = collect(**where)
        if not plan.enough:
            _publish("candidate", f"Too few new labels, nothing was trained: {plan.told}.")
            return Completed(message=f"too few new labels: {plan.told}", data=plan)
        learn(plan, **where)
        found = measure(plan, **where)
    except FeedbackError as error:  # Prefect would log a traceback; this says what to do
        return Failed(message=str(error))
    _publish("candidate", _candidate(found, config))
    _publish("comparison", differences(found.comparison, least=yardstick().gate))
    return Completed(message=f"{plan.name} waits for a person", data=found)


def _candidate(found: Candidate, config: Path | None) -> str:
    """Say what was made of how much, how good it is, and what a person does next."""
    plan = found.plan
    verdict = refusal(found.comparison, found.worse) if found.worse else "Nothing speaks against it."
    return "\n\n".join(
        [
            f"## {plan.name}",
            f"{plan.told}. {plan.decisions:,} decisions hold in all. Measured on {found.evaluation.rows:,} texts.",
            figures(found.evaluation),
            f"### Beside {plan.default}",
            verdict,
            f"Read the evaluation in `{found.page}`. To make it the default:\n\n```\n{found.command(config)}\n```",
        ]
    )


def _publish(key: str, markdown: str) -> None:
    """Show figures in Prefect's pages: never texts, which Prefect would keep."""
    create_markdown_artifact(markdown, key=key)


def main() -> int:
    """Run the flow here and now, and print what it came to."""
    options = arguments(__doc__, inbox=False)
    out, errors = console(), Console(stderr=True, highlight=False)
    state = retrain(options.config, options.today, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, Plan | Candidate):
        warn_of(options, errors=errors)
        show_retrained(result, options.config, console=out)
    elif state.message:
        errors.print(f"error: {state.message}", style="red", markup=False, soft_wrap=True)
    return 0 if state.is_completed() else 2


if __name__ == "__main__":
    sys.exit(main())
