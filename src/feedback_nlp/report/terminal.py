"""Today's priorities as a table for the terminal, readable from 100 columns on."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from feedback_nlp.report.figures import Stamp
from feedback_nlp.report.page_rows import CASE_DIGITS
from feedback_nlp.report.rules import UNNAMED, UNROUTED, band, clock, day, days_left, known, theme
from feedback_nlp.report.tables import ranked, told

_BRACKETS = re.compile("（.*?）")
MOST_REASONS, MOST_SIGNS = 2, 32
"""What fits three lines of a narrow column."""
_BAND = {"urgent": "bold red", "high": "bold yellow", "normal": "bold"}
_LEVEL = {3: "bold red", 2: "bold yellow"}
_CLOCK = {"overdue": "bold red", "soon": "bold yellow", "later": "", "none": "dim"}


def priorities_table(
    priorities: pd.DataFrame,
    *,
    stamp: Stamp,
    top: int = 15,
    total: int | None = None,
    narrow: bool = False,
) -> Table:
    """Lay out open cases in the order of the work list; the caller prints it.

    ``total`` is the number of open cases where the frame holds only the first; ``narrow`` leaves the excerpts out.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True, title_justify="left", show_lines=False)
    columns = list(_COLUMNS.items())[: -1 if narrow else None]
    for title, options in columns:
        table.add_column(title, overflow="fold", **options)  # Chinese has no spaces to break at
    open_cases = ranked(priorities[priorities["closed_on"].isna()])
    for rank, row in enumerate(open_cases.head(top).to_dict("records"), start=1):
        cells = [Text(str(rank)), *_cells(row, stamp=stamp)]
        table.add_row(*cells[: len(columns)])
    table.title = (
        f"今日优先案件（{total or len(open_cases):,} 件未结中的前 {table.row_count} 件）"
        if table.row_count
        else "暂无未结案件"
    )
    return table


_COLUMNS: dict[str, dict[str, Any]] = {
    "": {"justify": "right", "width": 2},
    "级": {"justify": "right", "width": 2},
    "分": {"justify": "right", "width": 5},
    "案件": {"width": CASE_DIGITS},
    "主题": {"width": 12},
    "期限": {"width": 9},
    "件数": {"justify": "right", "width": 4},
    "机构与部门": {"width": 14},
    "理由": {"ratio": 8},
    "摘录": {"ratio": 9},
}


def _cells(row: dict[Hashable, Any], *, stamp: Stamp) -> list[Text]:
    due, level = day(row["due_on"]), int(row["level"])
    found = _told(told(row), str(row["floor"]) if known(row["floor"]) else "")[:MOST_REASONS]
    state = stamp.names.of("state", row["state"])
    return [
        Text(f"{level}" if level else "", style=_LEVEL.get(level, "")),
        _score(row["score"]),
        _lines((str(row["case_id"])[:CASE_DIGITS], "dim"), (state, "")),
        _plain(_BRACKETS.sub("", theme(stamp.taxonomy, row["theme"])).replace(" · ", "\n")),
        _lines((_left(due, stamp), _CLOCK[clock(due, stamp.today)]), ("暂定" if _guessed(row) else "", "dim")),
        _lines((f"{int(row['events'])}", ""), ("群诉" if known(row["group_id"]) else "", "bold red")),
        _place(row),
        _plain("\n".join(found)),
        _plain(_short(str(row["excerpt"]) if known(row["excerpt"]) else "")),
    ]


def _score(value: Any) -> Text:
    if not known(value):
        return Text("–", style="dim")
    return Text(f"{float(value):.1f}", style=_BAND[band(float(value))])


def _guessed(row: dict[Hashable, Any]) -> bool:
    return bool(known(row["due_on"]) and known(row["provisional"]) and row["provisional"])


def _place(row: dict[Hashable, Any]) -> Text:
    org = row["orgs"] if known(row["orgs"]) and row["orgs"] else UNNAMED
    routed = known(row["department"]) and row["department"]
    return _lines((org, ""), (f"→{row['department']}", "dim") if routed else (f"→{UNROUTED}", "bold yellow"))


def _lines(*told: tuple[str, str]) -> Text:
    """Put texts, each in its style, one below the other; empty ones take no line."""
    return Text("\n").join(Text(_printable(text), style=style) for text, style in told if text)


def _told(found: list[str], floor: str) -> list[str]:
    """Put the floor first; the part it comes from would only say the same again."""
    cause = floor.rpartition("，")[0]
    other = [reason for reason in found if not (cause and reason.startswith(cause))]
    return [_BRACKETS.sub("", reason) for reason in ([floor, *other] if floor else found)]


def _left(due: Any, stamp: Stamp) -> str:
    left = days_left(due, stamp.today)
    if left is None:
        return "–"
    return f"逾期{-left}天" if left < 0 else f"剩{left}天" if left else "今天"


def _short(text: str) -> str:
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def _plain(text: str) -> Text:
    return Text(_printable(text))


def _printable(text: str) -> str:
    """Take a text literally: [手机号] is no markup, and an escape sequence must not reach the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
