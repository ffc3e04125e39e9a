"""The report's own numbers and words, from report.toml, and how a manager reads ids and figures."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import pandas as pd

from feedback_nlp.taxonomy import Taxonomy

NOTHING = "暂无"
UNNAMED = "未注明"
UNROUTED = "没有归口"
Band = Literal["urgent", "high", "normal"]
Clock = Literal["overdue", "soon", "later", "none"]


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of what is shown and how; see report.toml."""

    small_n: int
    due_soon_days: int
    due_week_days: int
    urgent_level: int
    urgent_score: float
    high_score: float
    rise_p: float
    page_priorities: int
    page_items: int
    page_branches: int
    page_batches: int
    page_leaves: int
    page_groups: int
    page_alerts: int
    top_labels: int
    listed_cases: int
    listed_clocks: int


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Read the limits that come with the package."""
    return Rules(**_data()["rules"])


def word(group: str, key: object) -> str:
    """Translate an id that is no label of the taxonomy; an unknown one stays as it is.

    >>> word("item_status", "plan"), word("flag", "new_flag")
    ('计划', 'new_flag')
    """
    table: Mapping[str, str] = _data()["words"].get(group, {})
    return table.get(str(key), str(key))


def state_name(key: str, name: str) -> str:
    """Add to the name of a state what a manager needs to know about it.

    >>> state_name("responded", "反馈"), state_name("closed", "闭环")
    ('反馈（待闭环）', '闭环')
    """
    note = word("state_note", key)
    return name if note == key else f"{name}（{note}）"


def label(taxonomy: Taxonomy, facet: str, key: str) -> str:
    """Translate a label; a missing one is 未注明."""
    return taxonomy.name(facet, key) if key else UNNAMED


def theme(taxonomy: Taxonomy, key: object) -> str:
    """Translate a theme: a business with a leaf, or with a whole reason.

    >>> from feedback_nlp.taxonomy import load
    >>> theme(load(), "loan/service")
    '贷款 · 服务态度及服务质量'
    >>> from feedback_nlp.taxonomy import load
    >>> theme(load(), "credit_card/pricing.fee")
    '信用卡 · 手续费年费'
    """
    if not known(key):
        return UNNAMED
    business, _, leaf = str(key).partition("/")
    why = taxonomy.reasons.get(leaf) or label(taxonomy, "leaves", leaf)
    return f"{label(taxonomy, 'business', business)} · {why}"


def known(value: object) -> bool:
    """Tell whether a cell of a frame holds anything."""
    return not (value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)))


def day(value: object) -> date | None:
    """Give a cell's day, whatever the frame holds it as."""
    if not known(value):
        return None
    if isinstance(value, datetime):  # pandas' Timestamp is one
        return value.date()
    return value if isinstance(value, date) else pd.Timestamp(str(value)).date()


def band(score: float) -> Band:
    """Sort a triage score into the bands of colour."""
    limits = rules()
    return "urgent" if score >= limits.urgent_score else "high" if score >= limits.high_score else "normal"


def clock(due: date | None, today: date) -> Clock:
    """Tell how a limit that is still running stands."""
    left = days_left(due, today)
    if left is None:
        return "none"
    return "overdue" if left < 0 else "soon" if left <= rules().due_soon_days else "later"


def days_left(due: object, today: date) -> int | None:
    """Count the days to a limit, below 0 once it has passed.

    >>> days_left(date(2026, 11, 20), date(2026, 11, 24))
    -4
    """
    limit = day(due)
    return None if limit is None else (limit - today).days


def percent(share: float | None, n: int) -> str:
    """Write a share, or nothing where too few were counted to speak of one.

    >>> percent(0.4167, 120), percent(0.5, 4)
    ('41.7%', '–')
    """
    return "–" if share is None or n < rules().small_n else f"{share:.1%}"


def change(now: int, before: int) -> str:
    """Write a relative change; where the base is small, the plain difference.

    >>> change(30, 20), change(5, 2), change(10, 10), change(0, 0)
    ('+50%', '+3', '0%', '–')
    """
    if before < rules().small_n:
        return f"{now - before:+d}" if now or before else "–"
    text = f"{now / before - 1:+.0%}"
    return "0%" if text in ("+0%", "-0%") else text


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("report.toml").read_text(encoding="utf-8"))
