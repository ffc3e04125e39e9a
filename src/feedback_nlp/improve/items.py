"""Open an improvement item where a theme weighs enough, once, and keep its count while it is open."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from feedback_nlp.cases.routing import route
from feedback_nlp.policy.routing import ImprovePolicy, RoutingPolicy
from feedback_nlp.records import ImprovementItem, Theme
from feedback_nlp.taxonomy import Taxonomy

CLOSED = "closed"


def propose(
    themes: Sequence[Theme],
    existing: Sequence[ImprovementItem],
    *,
    routing: RoutingPolicy,
    policy: ImprovePolicy,
    taxonomy: Taxonomy,
    today: date,
) -> list[ImprovementItem]:
    """Give the open items with today's counts, then the new ones, largest first.

    ``themes`` are all themes of the quarter so far: one that is missing has no case. In a quarter's first 30 days an
    open item keeps its last count until the new one is higher: a fall would only mean that the quarter is young. A
    theme with an open item gets no second one; a closed item is history and is not given back.
    """
    counted = {theme.id: theme.cases for theme in themes}
    total = sum(theme.cases for theme in themes)
    still_open = [item for item in existing if item.status != CLOSED]
    early = _day_of_quarter(today) <= policy.early_days
    updated = [replace(item, cases=max(counted.get(item.theme, 0), item.cases if early else 0)) for item in still_open]
    taken = {item.theme for item in still_open}
    used = {item.id for item in existing}
    ripe = [theme for theme in themes if theme.id not in taken and _ripe(theme, total, policy)]
    new = (
        _item(theme, total, routing=routing, policy=policy, taxonomy=taxonomy, today=today)
        for theme in sorted(ripe, key=lambda theme: (-theme.cases, theme.id))
    )
    return updated + [item for item in new if item.id not in used]


def months_later(day: date, months: int) -> date:
    """Count calendar months forward; a day the month does not have becomes its last.

    >>> months_later(date(2026, 11, 30), 3), months_later(date(2027, 11, 30), 3)
    (datetime.date(2027, 2, 28), datetime.date(2028, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day_of_quarter(day: date) -> int:
    return (day - day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)).days + 1


def _ripe(theme: Theme, total: int, policy: ImprovePolicy) -> bool:
    if theme.cases < max(1, policy.min_cases) or theme.id.split("/", 1)[1] in policy.skip_leaves:
        return False
    return theme.cases >= policy.min_share * total or theme.cases >= theme.previous * (1 + policy.min_rise)


def _item(
    theme: Theme, total: int, *, routing: RoutingPolicy, policy: ImprovePolicy, taxonomy: Taxonomy, today: date
) -> ImprovementItem:
    business, leaf = theme.id.split("/", 1)
    return ImprovementItem(
        id=hashlib.sha256(f"{theme.id}|{today}".encode()).hexdigest()[:20],
        theme=theme.id,
        title=f"改进：{taxonomy.name('business', business)}·{taxonomy.name('leaves', leaf)}",
        owner=route(theme.id, routing=routing).owner,
        opened_on=today,
        analysis_due_on=months_later(today, policy.analysis_months),
        status="plan",
        cases=theme.cases,
        reason=f"本季度 {theme.cases} 件，占全部案件 {theme.cases / total:.1%}，"
        f"涉及 {theme.customers} 名客户；{_trend(theme, policy)}",
    )


def _trend(theme: Theme, policy: ImprovePolicy) -> str:
    if not theme.previous:
        return "上季度同期没有"
    change = (theme.cases - theme.previous) / theme.previous
    word = "上升" if change > 0 else "下降"
    if change and theme.previous < policy.small_n:
        compared = f"{word} {abs(theme.cases - theme.previous)} 件"
    else:
        compared = f"{word} {abs(change):.0%}" if change else "持平"
    return f"上季度同期 {theme.previous} 件，{compared}"
