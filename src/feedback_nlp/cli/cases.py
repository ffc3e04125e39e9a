"""The complaint officer's commands on cases: list, show, move, assign, export, import; explain."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.cli.shell import (
    Branch,
    By,
    Config,
    Excel,
    Json,
    Note,
    Today,
    actor,
    answer,
    err,
    out,
    print_json,
    workplace,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Cases: list, show, move, assign, work in Excel.")

Case = Annotated[str, typer.Argument(metavar="CASE", help="the case's id; its first digits will do")]
At = Annotated[
    datetime | None,
    typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"], help="when it happened (default: now)"),
]


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="state, id or Chinese name; may be repeated")] = None,
    level: Annotated[int | None, typer.Option(min=0, max=3, help="escalation at least this")] = None,
    branch: Branch = None,
    department: Annotated[str | None, typer.Option(help="department it is routed to")] = None,
    owner: Annotated[str | None, typer.Option(help="owner role it is routed to")] = None,
    assignee: Annotated[str | None, typer.Option(help="whom it is assigned to; '' for nobody")] = None,
    group: Annotated[str | None, typer.Option(help="cases of one group complaint")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="only those past their limit")] = False,
    unrouted: Annotated[bool, typer.Option("--unrouted", help="only those no routing rule fits")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="those answered already, not those owed one")] = False,
    every: Annotated[bool, typer.Option("--all", help="answered or not")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="how many (default: 50; with --excel: all)")] = None,
    json: Json = False,
    excel: Excel = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """List cases: levels 2 and 3 always first, then by score."""
    from feedback_nlp.jobs.desk import LISTED, Wanted, list_cases, wanted_states
    from feedback_nlp.jobs.worklist import write_cases
    from feedback_nlp.report.desk_terminal import cases_table
    from feedback_nlp.report.workbook import EXCEL_ROWS

    with workplace(config, today) as work:
        states = wanted_states(work, state or [])
        wanted = Wanted(
            answered=None if every or states else answered,
            states=states,
            level=level,
            branch=branch,
            department=department,
            owner=owner,
            assignee=assignee,
            group=group,
            overdue_on=work.today if overdue else None,
            unrouted=unrouted,
        )
        found = list_cases(work, wanted, limit=limit or (EXCEL_ROWS - 1 if excel else LISTED))
        if excel:
            write_cases(work, excel, found.cases)
        page = partial(cases_table, found.cases, total=found.total, width=out.width, today=work.today)
        answer(found, json=json, excel=excel, page=page)


@app.command()
def show(case: Case, json: Json = False, config: Config = None, today: Today = None) -> None:
    """Show everything about one case: letters, labels and their evidence, signs, limits, history, next steps."""
    from feedback_nlp.jobs.casefile import show_case
    from feedback_nlp.report.desk_terminal import case_page

    with workplace(config, today) as work:
        found = show_case(work, case)
        print_json(found) if json else out.print(case_page(found))


@app.command()
def move(
    case: Case,
    action: Annotated[
        str, typer.Argument(help="受理 accept, 调查 investigate, 反馈 respond, 闭环 close … see states.toml")
    ],
    by: By = None,
    note: Note = "",
    informed: Annotated[str, typer.Option(help="day on which the customer was told: 2026-09-30")] = "",
    improvement: Annotated[str, typer.Option(help="improvement item that takes up the result")] = "",
    no_improvement: Annotated[str, typer.Option(help="why nothing needs improving")] = "",
    assignee: Annotated[str, typer.Option(help="who takes it over")] = "",
    reason: Annotated[str, typer.Option(help="why the clocks stand still, see states.toml")] = "",
    rule: Annotated[str, typer.Option(help="limit it is extended to, see sla.toml")] = "",
    approver: Annotated[str, typer.Option(help="who approved the extension")] = "",
    done: Annotated[str, typer.Option(help="what else is done with this step, an event of sla.toml")] = "",
    at: At = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Take one step with a case; what the rules do not allow is refused, with what they do."""
    from feedback_nlp.jobs.desk import move_case

    details = {
        "informed_on": informed,
        "improvement": improvement,
        "no_improvement": no_improvement,
        "assignee": assignee,
        "reason": reason,
        "rule": rule,
        "approver": approver,
        "done": done,
    }
    with workplace(config, today) as work:
        event = move_case(work, case, action, by=actor(by), note=note, details=details, at=at)
        if json:
            print_json(event)
        else:
            states = work.policy.states
            says = f"案件 {event.case_id[:8]} {states.action_name(event.action)}：现为“{states.name(event.to_state)}”"
            out.print(says, highlight=False, markup=False)


@app.command()
def assign(
    case: Case,
    assignee: Annotated[str, typer.Argument(metavar="WHO", help="name or number of whoever takes it over")],
    by: By = None,
    note: Note = "",
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Hand a case to somebody."""
    from feedback_nlp.jobs.desk import assign_case

    with workplace(config, today) as work:
        event = assign_case(work, case, assignee, by=actor(by), note=note)
        if json:
            print_json(event)
        else:
            out.print(f"案件 {event.case_id[:8]} 已指派给 {assignee}", highlight=False, markup=False)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="workbook to write, .xlsx")],
    branch: Branch = None,
    assignee: Annotated[str | None, typer.Option(help="only cases assigned to this person; '' for nobody's")] = None,
    limit: Annotated[int, typer.Option(min=1, help="cases on a sheet")] = 1000,
    config: Config = None,
    today: Today = None,
) -> None:
    """Write the work list: cases, limits, reviews, and room to fill in the next steps."""
    from feedback_nlp.jobs.desk import Wanted
    from feedback_nlp.jobs.worklist import export_worklist

    with workplace(config, today) as work:
        found = export_worklist(work, file, wanted=Wanted(branch=branch, assignee=assignee), limit=limit)
    cases = f"处理 {len(found.cases)} 件，待闭环 {len(found.waiting)} 件，升级 {len(found.urgent)} 件"
    out.print(f"Excel  {file}\n{cases}，期限 {len(found.clocks)} 条", highlight=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="work list that was filled in")],
    by: By = None,
    json: Json = False,
    config: Config = None,
    today: Today = None,
) -> None:
    """Take the steps filled into a work list; importing twice takes nothing twice."""
    from feedback_nlp.jobs.steps import import_steps

    with workplace(config, today) as work:
        result = import_steps(work, file, by=actor(by))
    if json:
        print_json(result)
    else:
        told = f"登记 {len(result.taken)} 步，以前登记过 {result.repeated} 行，没有填写 {result.untouched} 行"
        out.print(f"{told}，冲突 {len(result.conflicts)} 行，不合规定 {len(result.problems)} 行", highlight=False)
    for title, rows in (("冲突", result.conflicts), ("没有登记", result.problems)):
        for row in rows:
            err.print(f"{title}：{row.sheet}第 {row.row} 行：{row.reason}", markup=False)
    if result.conflicts or result.problems:
        raise typer.Exit(2)


def explain(case: Case, json: Json = False, config: Config = None, today: Today = None) -> None:
    """Say in plain Chinese why a case has its score: every part, sign and limit, with the words behind it."""
    from feedback_nlp.jobs.explain import explain_case
    from feedback_nlp.report.desk_terminal import explanation_page

    with workplace(config, today) as work:
        found = explain_case(work, case)
        print_json(found) if json else out.print(explanation_page(found.sections))
