"""Models: predict with one, train one, measure one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import By, Config, Quiet, Release, Today, actor, bar, err, out, say, settings_for
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
    data: Annotated[
        list[Path] | None, typer.Argument(metavar="[DATA]...", help="labelled JSONL files (default: data/labelled)")
    ] = None,
    split: Annotated[str, typer.Option(help="part of data/labelled: dev or test; test only measures")] = "dev",
    output: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="write a page, figures (JSON) and tables (CSV) there")
    ] = None,
    against: Annotated[str | None, typer.Option(metavar="RELEASE", help="another release, side by side")] = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="SnowNLP, too, however long it takes")] = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Measure a release per facet and class, beside what is simple and beside another release."""
    from feedback_nlp.jobs.evaluating import Asked
    from feedback_nlp.jobs.evaluating import evaluate as evaluate_release
    from feedback_nlp.train import baselines as simple
    from feedback_nlp.train import compare
    from feedback_nlp.train.evaluate import as_table
    from feedback_nlp.train.yardstick import yardstick

    asked = Asked(tuple(data or ()), split, output, against, baselines)
    day = (today or datetime.now()).date()
    found = evaluate_release(load_settings(config), release, asked=asked, today=day, say=say)
    tables = [as_table(found.evaluation), simple.as_table(found.evaluation.release, found.headline, found.baselines)]
    if found.comparison:
        tables.append(compare.as_table(found.comparison, least=yardstick().gate))
    out.print("\n\n".join(tables), highlight=False, markup=False, soft_wrap=True)


def promote(
    name: Annotated[str, typer.Argument(help="release that shall become the default")],
    data: Annotated[
        list[Path] | None, typer.Option(help="labelled JSONL file to compare on as well, may be repeated")
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="although it is worse somewhere; needs a reason")
    ] = False,
    reason: Annotated[str, typer.Option(help="why, for the history")] = "",
    by: By = None,
    config: Config = None,
) -> None:
    """Make a release the default, unless it is worse than the present one."""
    from feedback_nlp.jobs.promoting import Wish
    from feedback_nlp.jobs.promoting import promote as promote_release
    from feedback_nlp.train import compare
    from feedback_nlp.train.yardstick import yardstick

    wish = Wish(name, tuple(data or ()), override, reason)
    found = promote_release(load_settings(config), wish, by=actor(by), say=say)
    if found.comparison:
        table = compare.as_table(found.comparison, least=yardstick().gate)
        out.print(table, highlight=False, markup=False, soft_wrap=True)
    out.print(f"default: {found.name} (before: {found.before})", highlight=False)


def rollback(
    reason: Annotated[str, typer.Option(help="why, for the history")] = "",
    by: By = None,
    config: Config = None,
) -> None:
    """Make the release before this one the default again."""
    from feedback_nlp.jobs.promoting import rollback as roll_back

    found = roll_back(load_settings(config), by=actor(by), reason=reason, say=say)
    out.print(f"default: {found.name} (before: {found.before})", highlight=False)
