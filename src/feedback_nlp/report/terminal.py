"""Today's priorities as a table for the terminal, readable from 100 columns on."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from feedback_nlp.report.page import CASE_DIGITS
from feedback_nlp.report.rules import UNNAMED, band, clock, day, known, theme
from feedback_nlp.report.tables import ranked, reasons
from feedback_nlp.taxonomy import Taxonomy

_BRACKETS = re.compile("（.*?）")
MOST_REASONS, MOST_SIGNS = 2, 32
"""What fits three lines of a narrow column."""
_BAND = {"urgent": "bold red", "high": "bold yellow", "normal": "bold"}
_CLOCK = {"overdue": "bold red", "soon": "bold yellow", "later": "", "none": "dim"}


def priorities_table(
    priorities: pd.DataFrame,
    *,
    today: date,
    taxonomy: Taxonomy,
    top: int = 15,
    total: int | None = None,
    narrow: bool = False,
) -> Table:
    """Lay out open cases, the most urgent first; the caller prints it.

    ``total`` is the number of open cases where the frame holds only the first; ``narrow`` leaves the excerpts out.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True, title_justify="left", show_lines=False)
    columns = list(_COLUMNS.items())[: -1 if narrow else None]
    for title, options in columns:
        table.add_column(title, overflow="fold", **options)  # Chinese has no spaces to break at
    open_cases = ranked(priorities[priorities["closed_on"].isna()])
    for rank, row in enumerate(open_cases.head(top).to_dict("records"), start=1):
        cells = [Text(str(rank)), *_cells(row, today=today, taxonomy=taxonomy)]
        table.add_row(*cells[: len(columns)])
    table.title = (
        f"今日优先案件（{total or len(open_cases):,} 件未结中的前 {table.row_count} 件）"
        if table.row_count
        else "暂无未结案件"
    )
    return table


_COLUMNS: dict[str, dict[str, Any]] = {
    "": {"justify": "right", "width": 2},
    "分": {"justify": "right", "width": 5},
    "案件": {"width": CASE_DIGITS},
    "主题": {"ratio": 5, "min_width": 12},
    "期限": {"width": 9},
    "次数": {"justify": "right", "width": 4},
    "机构": {"ratio": 4, "min_width": 10},
    "理由": {"ratio": 8},
    "摘录": {"ratio": 9},
}


def _cells(row: dict[Hashable, Any], *, today: date, taxonomy: Taxonomy) -> list[Text]:
    due, score = day(row["due_on"]), float(row["score"])
    found = _told(reasons(row["parts"]), str(row["floor"]) if known(row["floor"]) else "")[:MOST_REASONS]
    return [
        Text(f"{score:.1f}", style=_BAND[band(score)]),
        Text(str(row["case_id"])[:CASE_DIGITS], style="dim"),
        _plain(_BRACKETS.sub("", theme(taxonomy, row["theme"])).replace(" · ", "\n")),
        Text(_left(due, today), style=_CLOCK[clock(due, today)]),
        Text(f"{int(row['events'])}"),
        _plain(row["orgs"] if known(row["orgs"]) and row["orgs"] else UNNAMED),
        _plain("\n".join(found)),
        _plain(_short(str(row["excerpt"]) if known(row["excerpt"]) else "")),
    ]


def _told(found: list[str], floor: str) -> list[str]:
    """Put the floor first; the part it comes from would only say the same again."""
    cause = floor.rpartition("，")[0]
    other = [reason for reason in found if not (cause and reason.startswith(cause))]
    return [_BRACKETS.sub("", reason) for reason in ([floor, *other] if floor else found)]


def _left(due: date | None, today: date) -> str:
    if due is None:
        return "–"
    left = (due - today).days
    return f"逾期{-left}天" if left < 0 else f"剩{left}天" if left else "今天"


def _short(text: str) -> str:
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def _plain(text: str) -> Text:
    """Take a text literally: [手机号] is no markup, and an escape sequence must not reach the terminal."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text))
