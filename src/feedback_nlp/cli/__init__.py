"""The command line: each command is one call into ``jobs``.

Exit codes: 0 done; 1 `doctor` found something missing; 2 something was refused or could not be read, with one sentence
that says what to do; of what is done row by row, everything else has been done.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from feedback_nlp import __version__
from feedback_nlp.cli import (
    alerts,
    cases,
    clocks,
    daily,
    finetune,
    labels,
    models,
    pretrain,
    probe,
    retrain,
    review,
    setup,
)
from feedback_nlp.cli.shell import err, out
from feedback_nlp.errors import FeedbackError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Turn what customers of a bank say into what the bank repairs first."""
    if version:
        out.print(__version__)
        raise typer.Exit


for command in (
    setup.init,
    daily.run,
    daily.urgent,
    cases.explain,
    models.predict,
    models.train,
    finetune.finetune,
    probe.intermediate,
    probe.probe,
    models.evaluate,
    models.promote,
    models.rollback,
    pretrain.pretrain,
    retrain.retrain,
    daily.reclassify,
    daily.report,
    setup.status,
    setup.doctor,
):
    app.command()(command)
for name, group in {
    "cases": cases.app,
    "clocks": clocks.app,
    "review": review.app,
    "labels": labels.app,
    "alerts": alerts.app,
}.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line; what a person can put right is printed as one sentence, without a traceback."""
    try:
        app()
    except FeedbackError as error:
        err.print(f"error: {error}", style="red", markup=False)
        sys.exit(2)
    except OSError as error:
        err.print(
            f"error: {error.filename}: {error.strerror}; check the path and its rights", style="red", markup=False
        )
        sys.exit(2)
    except DBAPIError as error:
        from feedback_nlp.store.open import first_line

        err.print(
            f"error: the store failed: {first_line(error)}; put it right and run again", style="red", markup=False
        )
        sys.exit(2)
    except KeyboardInterrupt:
        err.print("stopped; run the same command again to go on")
        sys.exit(130)
