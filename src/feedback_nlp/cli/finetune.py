"""Fine-tuning: an encoder beside the linear model."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Today, out, say
from feedback_nlp.cli.stopped import resumable
from feedback_nlp.settings import load as load_settings


def finetune(
    base: Annotated[
        str,
        typer.Option(metavar="ENCODER", help="folder below models, local folder, or hub name (default: the shipped)"),
    ] = "",
    data: Annotated[
        list[Path] | None,
        typer.Option(help="labelled JSONL file to learn from, may be repeated (default: data/labelled)"),
    ] = None,
    dev: Annotated[
        list[Path] | None,
        typer.Option(help="labelled JSONL file that measures, may be repeated (default: data/labelled)"),
    ] = None,
    name: Annotated[str, typer.Option(help="name of the release, a new folder below models")] = "deep-own",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="times each text is read (default: as in the recipe)")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the unfinished run of that name")] = False,
    machine: Annotated[str, typer.Option(help="the machine, in words for the card (default: cores and system)")] = "",
    config: Config = None,
    today: Today = None,
) -> None:
    """Fine-tune an encoder on labelled texts, mix it with the linear model, and measure both and each."""
    from feedback_nlp.jobs.training import finetune as finetune_release
    from feedback_nlp.jobs.training import ordered
    from feedback_nlp.train.evaluate import as_table

    created = (today or datetime.now()).date()
    order = ordered(name, data=data or [], dev=dev or [], today=created, base=base)
    with resumable():
        found = finetune_release(load_settings(config), order, epochs=epochs, resume=resume, machine=machine, say=say)
    for evaluation in found:
        out.print(as_table(evaluation), highlight=False, markup=False)
