"""Models: predict with one, train one, measure one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import Config, Quiet, Release, Today, bar, err, out, say, settings_for
from feedback_nlp.settings import load as load_settings


def predict(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="csv, xlsx, xls, jsonl or parquet")],
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="csv, xlsx, jsonl or parquet")],
    text_column: Annotated[str | None, typer.Option(help="header of the text (default: found by itself)")] = None,
    id_column: Annotated[str | None, typer.Option(help="header of the id (default: found by itself)")] = None,
    release: Release = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Classify the texts of one file into another; nothing is stored."""
    from feedback_nlp.jobs.predict import predict_file
    from feedback_nlp.jobs.workplace import load_predictor
    from feedback_nlp.policy import load as load_policy

    settings = settings_for(config, release)
    escalation = load_policy(settings.policy).escalation
    columns = {name: header for name, header in {"text": text_column, "source_id": id_column}.items() if header}
    with bar(quiet) as progress:
        predictor = load_predictor(settings)
        result = predict_file(
            source, target, predictor=predictor, columns=columns, policy=escalation, progress=progress
        )
    for item in result.rejects[:10]:
        err.print(f"row {item.row}, column {item.column or '-'}: {item.reason}", markup=False)
    out.print(
        f"{result.rows} rows: {result.predicted} classified ({result.review} for a person to look at), "
        f"{len(result.rejects)} rejected → {target}",
        highlight=False,
        soft_wrap=True,
    )


def train(
    model: Annotated[str, typer.Option(help="kind of model; this version trains 'linear'")] = "linear",
    name: Annotated[str, typer.Option(help="name of the release, a new folder below models")] = "linear-own",
    data: Annotated[list[Path] | None, typer.Option(help="labelled JSONL file, may be repeated")] = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """Train a release from labelled texts (default: data/labelled) and measure it."""
    from feedback_nlp.errors import OperatorError
    from feedback_nlp.jobs.training import MODELS
    from feedback_nlp.jobs.training import train as train_release
    from feedback_nlp.train.evaluate import as_table

    if model not in MODELS:
        raise OperatorError(f"--model {model}: this version trains {', '.join(MODELS)}")
    created = (today or datetime.now()).date()
    found = train_release(load_settings(config), name=name, data=data or [], today=created, say=say)
    for evaluation in found:
        out.print(as_table(evaluation), highlight=False, markup=False)


def evaluate(
    release: Annotated[str, typer.Argument(help="name of a release")] = "default",
    data: Annotated[Path | None, typer.Argument(help="labelled JSONL file (default: data/labelled/dev.jsonl)")] = None,
    split: Annotated[str, typer.Option(help="part of data/labelled: dev or test; test only measures")] = "dev",
    output: Annotated[
        Path | None, typer.Option("--out", help="folder for metrics, classes and confusion tables")
    ] = None,
    config: Config = None,
) -> None:
    """Measure a release per facet and class, beside the majority guess."""
    from feedback_nlp.jobs.training import evaluate as evaluate_release
    from feedback_nlp.train.evaluate import as_table

    evaluation = evaluate_release(load_settings(config), release, data=data, split=split, out=output)
    out.print(as_table(evaluation), highlight=False, markup=False)
