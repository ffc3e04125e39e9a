"""Encoders: measure one, train one on public labelled sets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Today, out, say
from feedback_nlp.cli.stopped import resumable
from feedback_nlp.settings import load as load_settings

Encoder = Annotated[
    str, typer.Argument(metavar="ENCODER", help="name below models, folder, or name on the Hugging Face hub")
]


def probe(
    encoder: Encoder,
    labelled: Annotated[Path | None, typer.Option(help="folder of real_train.jsonl and real_dev.jsonl")] = None,
    public: Annotated[Path | None, typer.Option(help="folder of the public sets")] = None,
    only: Annotated[list[str] | None, typer.Option(help="name of one probe, may be repeated (default: all)")] = None,
    rows: Annotated[int | None, typer.Option(help="texts to learn from, a probe (default: as in probes.toml)")] = None,
    passes: Annotated[int | None, typer.Option(help="times each is learned from (default: as in probes.toml)")] = None,
    output: Annotated[Path | None, typer.Option("--out", help="JSON file for the figures")] = None,
    record: Annotated[bool, typer.Option("--record", help="write the figures into the encoder's manifest")] = False,
    config: Config = None,
) -> None:
    """Measure an encoder, frozen and briefly tuned, beside a linear model and a random twin."""
    from feedback_nlp.jobs.probing import keep
    from feedback_nlp.jobs.probing import probe as run
    from feedback_nlp.train.extra import extra

    with extra():
        from feedback_nlp.train.encoder.probe import as_table

    settings = load_settings(config)
    changes = {name: value for name, value in (("rows", rows), ("passes", passes)) if value is not None}
    found = run(settings, encoder, labelled=labelled, public=public, only=only or (), changes=changes, say=say)
    keep(settings, encoder, found, out=output, record=record)
    out.print(as_table(found), highlight=False, markup=False, soft_wrap=True)


def intermediate(
    encoder: Encoder,
    public: Annotated[Path, typer.Option(help="folder of the public sets")],
    name: Annotated[str, typer.Option("--out", metavar="NAME", help="of the new encoder: encoder-…, below models")],
    apart: Annotated[
        list[Path] | None,
        typer.Option(help="labelled file no text near which is learned from, besides data/labelled; may be repeated"),
    ] = None,
    task: Annotated[list[str] | None, typer.Option(help="name of one task, may be repeated (default: all)")] = None,
    minutes: Annotated[float, typer.Option(help="of training; reading and measuring take some more")] = 12.0,
    tokens: Annotated[int | None, typer.Option(help="stop after so many tokens, if the minutes allow them")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on where an interrupted run stands")] = False,
    note: Annotated[
        list[str] | None, typer.Option(help="something to say about the run, for manifest and card; may be repeated")
    ] = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """Train an encoder further on public labelled sets, all at once."""
    from feedback_nlp.jobs.probing import Wish
    from feedback_nlp.jobs.probing import intermediate as train

    wish = Wish(
        base=encoder,
        name=name,
        public=public,
        created=(today or datetime.now()).date(),
        apart=tuple(apart or ()),
        only=tuple(task or ()),
        minutes=minutes,
        tokens=tokens,
        resume=resume,
        notes=tuple(note or ()),
    )
    with resumable():
        made = train(load_settings(config), wish, say=say)
    out.print(f"{made}", highlight=False, markup=False, soft_wrap=True)
