"""Doubtful labels in front of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import By, Config, Json, Note, Today, actor, err, out, print_json, workplace

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Review: decide about doubtful labels.")


@app.command("next")
def next_(
    limit: Annotated[int, typer.Option(min=1, help="how many")] = 1,
    reason: Annotated[str | None, typer.Option(help="only tasks of one reason, see review.toml")] = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Show the most pressing texts that wait for a person, and why."""
    from feedback_nlp.jobs.review import next_tasks
    from feedback_nlp.report.desk_terminal import task_page

    with workplace(config, today) as work:
        tasks = next_tasks(work, limit, reason=reason)
        if json:
            print_json(tasks)
            return
        for task in tasks:
            out.print(task_page(task, facets=work.policy.review.facet))
        if tasks:
            out.print("确认：feedback-nlp review decide 反馈号；更正：再加 --set 原因=标签", highlight=False)
        else:
            out.print("没有待复核的反馈", highlight=False)


@app.command()
def decide(
    feedback: Annotated[str, typer.Argument(metavar="FEEDBACK", help="the whole id, as `review next` shows it")],
    corrections: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FACET=LABELS", help="what is right instead; several labels joined by |"),
    ] = None,
    by: By = None,
    note: Note = "",
    seen: Annotated[int | None, typer.Option(min=0, help="number of decisions you knew of")] = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Confirm the labels of a text, or put right what --set names; all others are thereby confirmed."""
    from feedback_nlp.errors import OfficerError
    from feedback_nlp.jobs.review import corrected
    from feedback_nlp.jobs.review import decide as decide_labels

    with workplace(config, today) as work:
        facets = {name: facet for facet, name in work.policy.review.facet.items()}
        pairs = [item.partition("=") for item in corrections or []]
        wrong = next((name for name, sign, _ in pairs if not sign), None)
        if wrong is not None:
            raise OfficerError(f"--set {wrong}：请写成 项目=标签，例如 --set 原因=pricing.fee")
        given = {facets.get(name.strip(), name.strip()): value for name, _, value in pairs}
        done = decide_labels(work, feedback, author=actor(by), labels=given, note=note, now=work.now, seen=seen)
        if json:
            print_json(done)
        else:
            changed = "、".join(work.policy.review.facet.get(facet, facet) for facet in corrected(done))
            out.print(f"反馈 {done.feedback_id}：{f'更正 {changed}' if changed else '确认'}", highlight=False)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="workbook to write, .xlsx")],
    limit: Annotated[int, typer.Option(min=1, help="tasks on the sheet")] = 500,
    config: Config = None,
    today: Today = None,
) -> None:
    """Write the most pressing tasks into a sheet with drop-downs, to be filled in."""
    from feedback_nlp.jobs.review_sheet import export_sheet

    with workplace(config, today) as work:
        count = export_sheet(work, file, limit=limit)
    out.print(f"Excel  {file}：{count} 条待复核", highlight=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="sheet 复核 that was filled in")],
    by: By = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Store the decisions of a sheet; importing twice stores nothing twice."""
    from feedback_nlp.jobs.review_sheet import import_sheet

    with workplace(config, today) as work:
        result = import_sheet(work, file, now=work.now, author=actor(by))
    if json:
        print_json(result)
    else:
        told = f"确认 {result.confirmed} 条，更正 {result.corrected} 条，跳过 {result.skipped} 条"
        known = f"没有填写 {result.untouched} 条，以前导入过 {result.repeated} 条"
        out.print(f"{told}，{known}，冲突 {len(result.conflicts)} 条", highlight=False)
    for row in result.conflicts:
        err.print(f"冲突：第 {row.row} 行：{row.reason}", markup=False)
    for problem in result.problems:
        err.print(f"没有导入：第 {problem.row} 行，{problem.column or '-'}：{problem.reason}", markup=False)
    if result.conflicts or result.problems:
        raise typer.Exit(2)


@app.command()
def agreement(json: Json = False, config: Config = None, today: Today = None) -> None:
    """Measure how often reviewers agree with the model, by month and facet."""
    from feedback_nlp.jobs.agreement import agreement as measure
    from feedback_nlp.report.desk_terminal import frame_table

    with workplace(config, today) as work:
        found = measure(work)
    if json:
        print_json({"figures": found.frame.to_dict("records"), "caution": found.caution})
        return
    if found.frame.empty:
        out.print("还没有复核结论", highlight=False)
    else:
        out.print(frame_table(found.frame, title="复核与模型的一致率"))
    out.print(found.caution, highlight=False)
