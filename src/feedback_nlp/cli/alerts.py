"""What must reach a person at once: list alerts, close them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from feedback_nlp.cli.shell import By, Config, Excel, Json, Note, Today, actor, answer, out, workplace

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Alerts: list them, close them.")


@app.command("list")
def list_(
    level: Annotated[int, typer.Option(min=1, max=3, help="at least this")] = 1,
    every: Annotated[bool, typer.Option("--all", help="also those acknowledged or resolved")] = False,
    json: Json = False,
    excel: Excel = None,
    config: Config = None,
    today: Today = None,
) -> None:
    """List alerts, the gravest and most pressing first."""
    from feedback_nlp.jobs.alerts import list_alerts
    from feedback_nlp.jobs.worklist import write_alerts
    from feedback_nlp.report.desk_terminal import alerts_table

    states = ("open", "acknowledged", "resolved") if every else ("open",)
    with workplace(config, today) as work:
        frame = list_alerts(work, states=states, least_level=level)
        names = dict(enumerate(work.policy.alerts.level_names, start=1))
        if excel:
            write_alerts(work, excel, frame)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    answer(rows, json=json, excel=excel, page=partial(alerts_table, frame, level_names=names))


@app.command()
def ack(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="the alert's id; its first digits will do")],
    by: By = None,
    note: Note = "",
    config: Config = None,
    today: Today = None,
) -> None:
    """Close an alert in a person's name; where somebody's life is at stake, with a note of what came of it."""
    from feedback_nlp.jobs.alerts import acknowledge

    with workplace(config, today) as work:
        alert_id = acknowledge(work, alert, by=actor(by), note=note, now=work.now)
    out.print(f"预警 {alert_id[:8]} 已关闭", highlight=False)
