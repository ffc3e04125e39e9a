"""The HTML summary: one file, no network, no script, readable on paper and on a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from feedback_nlp.report import charts
from feedback_nlp.report.figures import Line, Summary
from feedback_nlp.report.headlines import headlines, span
from feedback_nlp.report.page_rows import cases, running_items
from feedback_nlp.report.rules import NOTHING, UNROUTED, change, percent, rules, state_name
from feedback_nlp.report.today_blocks import CLOSED, GROUPS, STATES, grains, loop

WIDE, NARROW = (1120.0, 270.0), (340.0, 220.0)


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
            **_today(summary),
            branches=list(zip(branches, whiskers, strict=True)),
            average=average,
            cases=cases(priorities, summary),
            items=running_items(items, summary),
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
        "needs": summary.needs,
        "risks": summary.risks,
    }


def _today(summary: Summary) -> dict[str, Any]:
    """Give what the block 今日必办 shows beside the figures themselves."""
    today = summary.today
    most = max((state.all for state in today.states), default=0) or 1
    return {
        "today": today,
        "names": summary.stamp.names,
        "grains": grains(summary),
        "states": [
            (
                state_name(state.id, state.name),
                state,
                round(100 * state.all / most, 2),
                round(100 * state.recent / most, 2),
            )
            for state in today.states
        ],
        "loops": (("本季开立", loop(today.loop_recent)), ("全部", loop(today.loop_all))),
        "notes": {"states": STATES, "closed": CLOSED, "groups": GROUPS},
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


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("feedback_nlp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(NOTHING=NOTHING, UNROUTED=UNROUTED, change=change, percent=percent)
    found.filters.update(n=lambda number: "–" if number is None else f"{number:,}", one=_one_decimal)
    return found


def _one_decimal(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}"
