"""Pretrain an encoder, and ship one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Today, out, say
from feedback_nlp.cli.stopped import resumable
from feedback_nlp.settings import load as load_settings


def pretrain(
    source: Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML, as models/pretrain.example.toml")],
    resume: Annotated[bool, typer.Option("--resume", help="go on where the last checkpoint stands")] = False,
    work: Annotated[
        Path | None, typer.Option("--out", help="folder of texts, ids and checkpoints (default: checkpoints/NAME)")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--ship", metavar="NAME", help="train nothing: make models/NAME of the checkpoint")
    ] = None,
    machine: Annotated[str, typer.Option(help="with --ship: the machine, in words")] = "not described",
    hours: Annotated[float | None, typer.Option(help="with --ship: hours spent (default: as counted)")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="with --ship: another checkpoint")] = None,
    note: Annotated[
        list[str] | None,
        typer.Option(help="with --ship: something to say about the run, for manifest and card; may be repeated"),
    ] = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """Pretrain an encoder from plain texts, for hours in the background if need be."""
    from feedback_nlp.jobs.pretraining import Shipping, ship
    from feedback_nlp.jobs.pretraining import pretrain as pretrain_encoder

    if name is None:
        with resumable():
            made = pretrain_encoder(source, work=work, resume=resume, say=say)
    else:
        shipping = Shipping(name, machine, hours, checkpoint, tuple(note or ()))
        day = (today or datetime.now()).date()
        made = ship(load_settings(config), source, shipping=shipping, work=work, today=day)
    out.print(made, highlight=False, soft_wrap=True, markup=False)
