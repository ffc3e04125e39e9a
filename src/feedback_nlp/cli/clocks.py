"""Limits: which are over, nearly over, due within days."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group

from feedback_nlp.cli.shell import Branch, Config, Excel, Json, Today, answer, out, workplace

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Limits: what is overdue, pressing, or due soon.")


@app.callback()
def group() -> None:
    """Limits: what is overdue, pressing, or due soon."""


@app.command()
def due(
    days: Annotated[int, typer.Option(min=0, help="also those that end within so many days")] = 7,
    branch: Branch = None,
    share: Annotated[
        float | None, typer.Option(min=0, max=1, help="also those that have used this share of their time")
    ] = None,
    json: Json = False,
    excel: Excel = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """List limits that are over, have used most of their time, or end within days; and count them by branch."""
    from feedback_nlp.jobs.clocklist import clocks_due
    from feedback_nlp.jobs.worklist import write_clocks
    from feedback_nlp.report.desk_terminal import branches_table, clocks_table

    with workplace(config, today) as work:
        found = clocks_due(work, days=days, branch=branch, share=share)
        if excel:
            write_clocks(work, excel, found)
    late = [item.case_id for item in found.clocks if item.overdue]
    told = f"逾期时限 {len(late):,} 条（{len(set(late)):,} 件案件）"
    title = f"期限 {len(found.clocks):,} 条：{told}、已用 {found.share:.0%} 以上、{days} 天内到期"
    answer(
        found,
        json=json,
        excel=excel,
        page=lambda: Group(
            clocks_table(found.clocks, title=title, width=out.width),
            branches_table(found.branches, days=days, share=found.share),
        ),
    )
