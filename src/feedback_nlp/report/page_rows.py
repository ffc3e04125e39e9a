"""What the page shows of one case and of one improvement item."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from feedback_nlp.report.figures import Summary
from feedback_nlp.report.rules import UNNAMED, band, clock, day, known, label, rules, theme, word
from feedback_nlp.report.tables import ranked, told

CASE_DIGITS = 8
"""Of 20: enough to find a case in the workbook."""


def cases(priorities: pd.DataFrame, summary: Summary) -> list[dict[str, Any]]:
    """Give the first open cases of the work list."""
    open_cases = ranked(priorities[priorities["closed_on"].isna()]).head(rules().page_priorities)
    return [_case(row, summary) for row in open_cases.to_dict("records")]


def _case(row: dict[Any, Any], summary: Summary) -> dict[str, Any]:
    taxonomy, names, today = summary.stamp.taxonomy, summary.stamp.names, summary.stamp.today
    due = day(row["due_on"])
    return {
        "score": float(row["score"]) if known(row["score"]) else None,
        "band": band(float(row["score"])) if known(row["score"]) else "normal",
        "level": int(row["level"]),
        "level_name": names.level(int(row["level"])) if row["level"] else "",
        "kinds": [names.hit(hit) for hit in _text(row["kinds"]).split("|") if hit],
        "state": names.of("state", row["state"]),
        "department": _text(row["department"]),
        "owner": _text(row["owner"]),
        "group": known(row["group_id"]),
        "id": str(row["case_id"])[:CASE_DIGITS],
        "theme": theme(taxonomy, row["theme"]),
        "due": due,
        "clock": clock(due, today),
        "left": _left(due, today),
        "provisional": due is not None and known(row["provisional"]) and bool(row["provisional"]),
        "events": int(row["events"]),
        "orgs": _text(row["orgs"]) or UNNAMED,
        "sentiment": label(taxonomy, "sentiment", _text(row["sentiment"])),
        "reasons": told(row),
        "floor": _text(row["floor"]),
        "evidence": _text(row["evidence"]),
        "excerpt": _marked(_text(row["excerpt"]), _text(row["evidence"])),
        "review": known(row["review"]) and bool(row["review"]),
    }


def _marked(excerpt: str, evidence: str) -> tuple[str, str, str]:
    """Part the excerpt where the evidence stands in it: before, evidence, after.

    >>> _marked("更新之后天天闪退，没法用", "天天闪退")
    ('更新之后', '天天闪退', '，没法用')
    """
    before, found, after = excerpt.partition(evidence) if evidence else (excerpt, "", "")
    return before, found, after


def running_items(items: pd.DataFrame, summary: Summary) -> list[dict[str, Any]]:
    """Give the improvement items that are not closed, by the limit of their analysis."""
    ordered = items.assign(analysis_due_on=pd.to_datetime(items["analysis_due_on"]))
    running = ordered[ordered["status"] != "closed"].sort_values(["analysis_due_on", "id"])
    return [_item(row, summary) for row in running.head(rules().page_items).to_dict("records")]


def _item(row: dict[Any, Any], summary: Summary) -> dict[str, Any]:
    due = day(row["analysis_due_on"])
    planning = row["status"] == "plan"
    return {
        "title": _text(row["title"]),
        "theme": theme(summary.stamp.taxonomy, row["theme"]),
        "owner": _text(row["owner"]),
        "status": word("item_status", row["status"]),
        "opened": day(row["opened_on"]),
        "due": due,
        "clock": clock(due, summary.stamp.today) if planning else "none",
        "left": _left(due, summary.stamp.today) if planning else "",
        "cases": int(row["cases"]),
        "reason": _text(row["reason"]),
    }


def _left(due: date | None, today: date) -> str:
    """Say how long is left.

    >>> _left(date(2026, 11, 20), date(2026, 11, 24)), _left(date(2026, 11, 24), date(2026, 11, 24))
    ('逾期 4 天', '今天到期')
    """
    if due is None:
        return ""
    left = (due - today).days
    return f"逾期 {-left} 天" if left < 0 else f"还剩 {left} 天" if left else "今天到期"


def _text(value: Any) -> str:
    return str(value) if known(value) else ""
