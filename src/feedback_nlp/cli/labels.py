"""Labels that people give: out to them and back, what to read next, what to doubt, how far two readers agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedback_nlp.cli.shell import By, Config, Json, Today, actor, err, out, print_json, say, workplace
from feedback_nlp.settings import load as load_settings

if TYPE_CHECKING:
    from feedback_nlp.jobs.labelmerge import Merged
    from feedback_nlp.jobs.review_sheet import ImportResult
    from feedback_nlp.train.wanted import Wanted

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Labels: from people to models.")

Labels = Annotated[Path, typer.Argument(metavar="FILE", help="file of labels, .jsonl or .xlsx")]
Target = Annotated[Path, typer.Argument(metavar="OUTPUT", help="file to write, .xlsx (to fill in) or .jsonl")]
People = Annotated[bool, typer.Option("--with-people", help="write down who decided; left out otherwise")]
Data = Annotated[list[Path] | None, typer.Option("--data", help="labelled JSONL file, may be repeated")]
Seed = Annotated[int, typer.Option(help="another lot, another split")]


@app.command("export")
def export(file: Labels, people: People = False, config: Config = None, today: Today = None) -> None:
    """Write what people decided, with masked texts: JSON lines for train, Excel to look at and put right."""
    from feedback_nlp.jobs.labels import export_labels

    with workplace(config, today) as work:
        count = export_labels(work, file, people=people)
    out.print(f"{file}：{count} 条", highlight=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Labels,
    to: Annotated[
        Path | None, typer.Option("--to", help="merge into this training file instead of the store, .jsonl")
    ] = None,
    people: People = False,
    by: By = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Take labels back, into the store as decisions or with --to into a training file; twice is once."""
    from feedback_nlp.jobs.labelling import words_for
    from feedback_nlp.jobs.labelmerge import merge_labels
    from feedback_nlp.jobs.labels import import_labels

    result: Merged | ImportResult
    if to is not None:
        result = merge_labels(file, to, words=words_for(load_settings(config)), people=people)
    else:
        with workplace(config, today) as work:
            result = import_labels(work, file, now=work.now, author=actor(by))
    _report(result, json=json)


@app.command()
def wanted(
    output: Target,
    limit: Annotated[int, typer.Option(min=1, help="how many")] = 200,
    source: Annotated[
        Path | None, typer.Option("--from", help="texts that `predict` wrote as .jsonl (default: the store)")
    ] = None,
    data: Data = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Write what to label next: doubtful, in thin labels, each unlike the others; with the reason for each.

    Labelled already are --data (default: data/labelled/train.jsonl, where it is) and what people decided in the store.
    """
    from feedback_nlp.jobs.labelling import words_for, write_wanted, write_wanted_of
    from feedback_nlp.taxonomy import load as load_taxonomy

    known = _known(data)
    if source is not None:
        settings = load_settings(config)
        taxonomy, words = load_taxonomy(settings.taxonomy), words_for(settings)
        found = write_wanted_of(source, output, data=known, limit=limit, taxonomy=taxonomy, words=words)
    else:
        with workplace(config, today) as work:
            found = write_wanted(work, output, data=known, limit=limit)
    _tell_wanted(found, output, json=json)


@app.command()
def suspicious(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="labelled JSONL files")],
    output: Annotated[Path, typer.Option("--out", help="file to write, .xlsx (to fill in) or .jsonl")] = Path(
        "suspicious.xlsx"
    ),
    limit: Annotated[int | None, typer.Option(min=1, help="how many texts at most")] = None,
    every: Annotated[bool, typer.Option("--all", help="list small doubts, too")] = False,
    config: Config = None,
) -> None:
    """Write the texts whose labels are likely wrong (confident learning), the most suspicious first.

    Listed is what passes the odds in guidance.toml; --all lists every doubt.
    """
    from feedback_nlp.jobs.labelling import words_for, write_suspicious
    from feedback_nlp.taxonomy import load as load_taxonomy

    settings = load_settings(config)
    taxonomy, words = load_taxonomy(settings.taxonomy), words_for(settings)
    found = write_suspicious(files, output, taxonomy=taxonomy, words=words, limit=limit, every=every, say=say)
    per_facet = [doubt.facet for suspect in found.suspects for doubt in suspect.doubts]
    told = "，".join(f"{name}{per_facet.count(facet)}" for facet, name in words.facets.items() if facet in per_facet)
    out.print(f"{output}：列出 {len(found.suspects)} 条可疑（{told or '无'}）", highlight=False, soft_wrap=True)
    if found.left_out:
        why = "可疑程度较低" if limit is None else "可疑程度较低，或超出 --limit"
        out.print(f"另有 {found.left_out} 条没有列出：{why}；--all 全部列出", highlight=False, soft_wrap=True)


@app.command()
def agreement(
    first: Annotated[Path, typer.Argument(metavar="A", help="labelled JSONL file of one reader")],
    second: Annotated[Path, typer.Argument(metavar="B", help="the same rows, read by another")],
    disputes: Annotated[int, typer.Option(min=0, help="most frequent disputes to list")] = 20,
    json: Json = False,
    config: Config = None,
) -> None:
    """Measure how far two readers of the same texts agree: Cohen's kappa and micro-F1 per facet."""
    from feedback_nlp.jobs.labelling import read_files
    from feedback_nlp.taxonomy import load as load_taxonomy
    from feedback_nlp.train.agreement import agreement as measure
    from feedback_nlp.train.agreement import as_table

    taxonomy = load_taxonomy(load_settings(config).taxonomy)
    found = measure(*(read_files([path], taxonomy=taxonomy) for path in (first, second)), taxonomy=taxonomy)
    if json:
        print_json(found)
    else:
        out.print(as_table(found, disputes=disputes), highlight=False, markup=False, soft_wrap=True)


@app.command()
def split(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="labelled JSONL file")],
    dev: Annotated[float | None, typer.Option(help="share of the texts that measure (default: 0.15)")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="folder to write to (default: beside FILE)")] = None,
    seed: Seed = 0,
    config: Config = None,
) -> None:
    """Part a file into FILE-train and FILE-dev; near texts and groups stay together, first leaves about even."""
    from feedback_nlp.jobs.labelling import split_file
    from feedback_nlp.taxonomy import load as load_taxonomy
    from feedback_nlp.train.guidance import guidance

    taxonomy = load_taxonomy(load_settings(config).taxonomy)
    share = guidance().split.dev if dev is None else dev
    parts = split_file(file, folder or file.parent, share=share, seed=seed, taxonomy=taxonomy)
    for path, rows in parts.items():
        out.print(f"{path}: {rows} rows", highlight=False, soft_wrap=True)


@app.command()
def leaks(
    first: Annotated[Path, typer.Argument(metavar="TRAIN", help="labelled JSONL file")],
    second: Annotated[Path, typer.Argument(metavar="DEV", help="labelled JSONL file that must be apart from it")],
    json: Json = False,
    config: Config = None,
) -> None:
    """Check that no text of one file stands, or nearly stands, in another; exit 2 where one does."""
    from feedback_nlp.jobs.labelling import read_files
    from feedback_nlp.taxonomy import load as load_taxonomy
    from feedback_nlp.train.splits import leaks as find

    taxonomy = load_taxonomy(load_settings(config).taxonomy)
    found = find(*(read_files([path], taxonomy=taxonomy) for path in (first, second)))
    if json:
        print_json(found)
    else:
        for leak in found:
            out.print(f"{leak.why}: {leak.one} and {leak.other}", highlight=False, markup=False, soft_wrap=True)
        out.print(f"{len(found)} leaks between {first} and {second}", highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(2)


def _known(data: list[Path] | None) -> list[Path]:
    """Give the labelled files; without any named, the corpus' training part, where there is one."""
    from feedback_nlp.jobs.training import LABELLED

    corpus = LABELLED / "train.jsonl"
    return data or ([corpus] if corpus.is_file() else [])


def _tell_wanted(found: Wanted, output: Path, *, json: bool) -> None:
    if json:
        print_json([{"id": item.candidate.id, "why": item.why} for item in found.choices])
        return
    out.print(f"{output}：{len(found.choices)} 条待标注", highlight=False, soft_wrap=True)
    out.print(
        f"候选 {found.seen} 条，去掉过短、重复和已标注的剩 {found.eligible} 条；从最有用的 {found.compared} 条中挑选",
        highlight=False,
        soft_wrap=True,
    )


def _report(result: Merged | ImportResult, *, json: bool) -> None:
    from feedback_nlp.jobs.labelmerge import Merged

    if json:
        print_json(result)
    elif isinstance(result, Merged):
        told = f"新增 {result.added} 条，更正 {result.corrected} 条，已有 {result.repeated} 条"
        out.print(f"{told}，未改动 {result.untouched} 条，拒收 {len(result.problems)} 条", highlight=False)
    else:
        told = f"确认 {result.confirmed} 条，更正 {result.corrected} 条，跳过 {result.skipped} 条"
        known = f"未改动 {result.untouched} 条，以前导入过 {result.repeated} 条"
        out.print(f"{told}，{known}，冲突 {len(result.conflicts)} 条", highlight=False)
    conflicts = () if isinstance(result, Merged) else result.conflicts
    for row in conflicts:
        err.print(f"冲突：第 {row.row} 行：{row.reason}", markup=False)
    for problem in result.problems:
        err.print(f"没有导入：第 {problem.row} 行，{problem.column or '-'}：{problem.reason}", markup=False)
    for near in result.near if isinstance(result, Merged) else ():
        err.print(f"注意：{near.id} 与 {near.like} 内容几乎相同", markup=False)
    if conflicts or result.problems:
        raise typer.Exit(2)
