"""Retraining: from what people decided to a candidate release."""

from __future__ import annotations

from feedback_nlp.cli.shell import Config, Today, out, say, workplace


def retrain(config: Config = None, today: Today = None) -> None:
    """Make a candidate release from what people decided, and measure it beside the default; a person promotes it."""
    from feedback_nlp.jobs.retraining import retrain as make_candidate
    from feedback_nlp.jobs.retraining import show_retrained

    with workplace(config, today) as work:
        show_retrained(make_candidate(work, say=say), config, console=out)
