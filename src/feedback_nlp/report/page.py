"""The HTML summary: one file, no network, no script, readable on paper and on a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from feedback_nlp.report import charts
from feedback_nlp.report.figures import Line, Summary
from feedback_nlp.report.headlines import headlines, span
from feedback_nlp.report.rules import (
    NOTHING,
    UNNAMED,
    band,
    change,
    clock,
    day,
    known,
    label,
    percent,
    rules,
    theme,
    word,
)
from feedback_nlp.report.tables import ranked, reasons

WIDE, NARROW = (1120.0, 270.0), (340.0, 220.0)
CASE_DIGITS = 8
"""Of 20: enough to find a case in the workbook."""


def render_page(summary: Summary, priorities: pd.DataFrame, items: pd.DataFrame) -> str:
    """Render the whole page; the same input gives the same text."""
    limits = rules()
    branches = summary.branches[: limits.page_branches]
    whiskers, average = charts.whiskers(branches, summary.branch_average)
    return (
        _environment()
        .get_template("page.html")
        .render(
            summary=summary,
            rules=limits,
            headlines=headlines(summary),
            span=span(summary),
            wide=charts.lines(summary.weeks, width=WIDE[0], height=WIDE[1]),
            narrow=charts.lines(summary.weeks, width=NARROW[0], height=NARROW[1]),
            facets={name: _bars(lines) for name, lines in _facets(summary).items()},
            moods=_moods(summary),
            branches=list(zip(branches, whiskers, strict=True)),
            average=average,
            cases=_cases(priorities, summary),
            items=_items(items, summary),
        )
    )


def _facets(summary: Summary) -> dict[str, Sequence[Line]]:
    limits = rules()
    return {
        "business": summary.business[: limits.top_labels],
        "leaves": summary.leaves[: limits.page_leaves],
        "channels": summary.channels[: limits.top_labels],
        "touchpoints": summary.touchpoints[: limits.top_labels],
        "kinds": summary.kinds,
    }


def _bars(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Pair each label with the lengths of its bars; shares only where enough were counted."""
    whole = sum(line.n for line in lines)
    lengths = charts.bars([(line.n, line.previous) for line in lines])
    return [
        {"line": line, "now": now, "before": before, "share": percent(line.share, whole)}
        for line, (now, before) in zip(lines, lengths, strict=True)
    ]


def _moods(summary: Summary) -> list[dict[str, Any]]:
    """Order the sentiments from worst to best, for this quarter and the one before."""
    values = summary.stamp.taxonomy.sentiment_values
    lines = sorted(summary.sentiments, key=lambda line: values.get(line.label, 0))
    now, then = [line.n for line in lines], [line.previous for line in lines]
    return [
        {"line": line, "now": one, "then": other, "share": percent(line.share, sum(now))}
        for line, one, other in zip(lines, charts.shares(now), charts.shares(then), strict=True)
    ]


def _cases(priorities: pd.DataFrame, summary: Summary) -> list[dict[str, Any]]:
    open_cases = ranked(priorities[priorities["closed_on"].isna()]).head(rules().page_priorities)
    return [_case(row, summary) for row in open_cases.to_dict("records")]


def _case(row: dict[Any, Any], summary: Summary) -> dict[str, Any]:
    taxonomy, today = summary.stamp.taxonomy, summary.stamp.today
    due = day(row["due_on"])
    return {
        "score": float(row["score"]),
        "band": band(float(row["score"])),
        "id": str(row["case_id"])[:CASE_DIGITS],
        "theme": theme(taxonomy, row["theme"]),
        "due": due,
        "clock": clock(due, today),
        "left": _left(due, today),
        "events": int(row["events"]),
        "orgs": _text(row["orgs"]) or UNNAMED,
        "sentiment": label(taxonomy, "sentiment", _text(row["sentiment"])),
        "reasons": reasons(row["parts"]),
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


def _items(items: pd.DataFrame, summary: Summary) -> list[dict[str, Any]]:
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


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("feedback_nlp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(NOTHING=NOTHING, change=change, percent=percent)
    found.filters.update(n=lambda number: "–" if number is None else f"{number:,}", one=_one_decimal)
    return found


def _one_decimal(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}"
