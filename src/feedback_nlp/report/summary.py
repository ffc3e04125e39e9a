"""Build the overview, once for the page and the workbook."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from feedback_nlp.insight import counts, rates
from feedback_nlp.insight.counts import Unit
from feedback_nlp.insight.intervals import higher_rate, wilson
from feedback_nlp.insight.periods import Period, quarter, quarter_to_date, within
from feedback_nlp.report.figures import (
    Branch,
    Intake,
    Line,
    Rating,
    Share,
    Stamp,
    Summary,
    Total,
    Week,
    Workload,
)
from feedback_nlp.report.rules import UNNAMED, band, clock, day, known, label, rules, word
from feedback_nlp.taxonomy import Taxonomy

__all__ = ["Stamp", "Summary", "build"]

WEEK = timedelta(days=7)


def build(
    events: pd.DataFrame,
    *,
    priorities: pd.DataFrame,
    items: pd.DataFrame,
    batches: pd.DataFrame,
    exposure: pd.DataFrame,
    stamp: Stamp,
) -> Summary:
    """Compute the overview of the quarter so far; every frame may be empty."""
    period, before = quarter_to_date(stamp.today)
    complaints = events[events["kind"] == "complaint"]

    def lines(frame: pd.DataFrame, column: str, unit: Unit = "cases") -> tuple[Line, ...]:
        table = counts.by(frame, column, period=period, before=before, unit=unit)
        return _lines(table, column, unit=unit, days=(period.days, before.days), taxonomy=stamp.taxonomy)

    branches = rates.by_org(complaints, exposure, period=period, before=before)
    now, then = within(events, period), within(events, before)
    unhappy = [name for name, value in stamp.taxonomy.sentiment_values.items() if value < 0]
    return Summary(
        stamp=stamp,
        period=period,
        before=before,
        feedback=_total(now, then),
        complaints=_total(within(complaints, period), within(complaints, before)),
        negative=_share(*(frame["sentiment"].isin(unhappy) for frame in (now, then))),
        review=_share(*(frame["review"].astype(bool) for frame in (now, then))),
        workload=_workload(priorities, items, stamp.today),
        weeks=_weeks(complaints, stamp.today),
        kinds=lines(events, "kind", "events"),
        sentiments=lines(events, "sentiment", "events"),
        business=lines(complaints, "business"),
        leaves=lines(complaints, "leaf"),
        channels=lines(_arrived(complaints), "arrived"),
        touchpoints=lines(complaints, "touchpoint"),
        branches=tuple(_branch(str(org), row) for org, row in branches.iterrows()),
        branch_average=_average(branches),
        ratings=_ratings(now, then),
        intake=tuple(_intake(row) for _, row in batches.iterrows()),
    )


def _arrived(complaints: pd.DataFrame) -> pd.DataFrame:
    """Name how each complaint arrived: the channel as the bank notes it, else the kind of source."""
    channel = complaints["complaint_channel"].astype("object")
    kind = complaints["source_kind"].astype("object").map(lambda key: word("source_kind", key))
    return complaints.assign(arrived=channel.where(channel.notna(), kind))


def _total(now: pd.DataFrame, then: pd.DataFrame) -> Total:
    current, previous = counts.total(now), counts.total(then)
    return Total(**current, previous_events=previous["events"], previous_cases=previous["cases"])


def _share(now: pd.Series[bool], then: pd.Series[bool]) -> Share:
    hits, n = int(now.sum()), len(now)
    low, high = wilson(hits, n)
    return Share(hits, n, low, high, previous_hits=int(then.sum()), previous_n=len(then))


def _lines(
    table: pd.DataFrame, column: str, *, unit: Unit, days: tuple[int, int], taxonomy: Taxonomy
) -> tuple[Line, ...]:
    facet = "leaves" if column == "leaf" else column
    return tuple(
        Line(
            label=str(key),
            name=label(taxonomy, facet, str(key)) if facet in taxonomy.names else str(key) or UNNAMED,
            n=int(row[unit]),
            events=int(row["events"]),
            cases=int(row["cases"]),
            customers=int(row["customers"]),
            share=float(row["share"]),
            previous=int(row["previous"]),
            rising=_rising(int(row[unit]), int(row["previous"]), days),
        )
        for key, row in table.iterrows()
    )


def _rising(now: int, before: int, days: tuple[int, int]) -> bool:
    if now < rules().small_n:
        return False
    return higher_rate(now, days[0], other=before, other_exposure=days[1]) < rules().rise_p


def _workload(priorities: pd.DataFrame, items: pd.DataFrame, today: date) -> Workload:
    open_cases = priorities[priorities["closed_on"].isna()]
    clocks = [clock(day(due), today) for due in open_cases["due_on"]]
    running = items[items["status"] != "closed"]
    waiting = running[running["status"] == "plan"]  # once measures are being carried out, the analysis is done
    return Workload(
        cases=len(open_cases),
        urgent=sum(band(float(score)) == "urgent" for score in open_cases["score"]),
        overdue=clocks.count("overdue"),
        due_soon=clocks.count("soon"),
        review=int(open_cases["review"].astype(bool).sum()),
        items=len(running),
        items_overdue=sum(clock(day(due), today) == "overdue" for due in waiting["analysis_due_on"]),
    )


def _weeks(complaints: pd.DataFrame, today: date) -> tuple[Week, ...]:
    """Count whole weeks from the first day of each quarter, and the running one.

    Weeks of the quarter, not of the calendar: every point then holds each weekday once, and the two lines lie over
    each other. The one or two days left over at a quarter's end make no week.
    """
    now = quarter(today)
    before = quarter(now.start - timedelta(days=1))
    weeks = []
    for number in range(1, now.days // 7 + 1):
        start, then = now.start + (number - 1) * WEEK, before.start + (number - 1) * WEEK
        days = max(0, min(7, (today - start).days + 1))
        weeks.append(
            Week(
                number=number,
                start=start,
                current=_cases(complaints, start, days) if days else None,
                days=days,
                previous=_cases(complaints, then, 7) if then + WEEK <= before.end + timedelta(days=1) else None,
            )
        )
    return tuple(weeks)


def _cases(complaints: pd.DataFrame, start: date, days: int) -> int:
    return counts.total(within(complaints, Period(start, start + timedelta(days=days - 1), "")))["cases"]


def _branch(org: str, row: pd.Series[Any]) -> Branch:
    return Branch(
        org=org,
        cases=int(row["cases"]),
        previous=int(row["previous"]),
        outlets=_whole(row["outlets"]),
        clients=_whole(row["clients"]),
        per_outlets=_number(row["per_outlets"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        per_clients=_number(row["per_clients"]),
    )


def _average(branches: pd.DataFrame) -> float | None:
    rated = branches[branches["per_outlets"].notna()]
    return rates.rate(int(rated["cases"].sum()), float(rated["outlets"].sum()), unit=rates.OUTLETS)


def _ratings(now: pd.DataFrame, then: pd.DataFrame) -> tuple[Rating, ...]:
    current, previous = _rated(now), _rated(then)
    return tuple(
        Rating(
            source=str(source),
            n=int(row["count"]),
            mean=_number(row["mean"]),
            previous_n=int(previous["count"].get(source, 0)),
            previous=_number(previous["mean"].get(source)),
        )
        for source, row in current.iterrows()
    )


def _rated(events: pd.DataFrame) -> pd.DataFrame:
    rated = events[events["rating"].notna()]
    return rated["rating"].astype(float).groupby(rated["source"].astype(str)).agg(["count", "mean"])


def _intake(row: pd.Series[Any]) -> Intake:
    return Intake(
        batch=str(row["batch"]),
        source=str(row["source"]),
        file=str(row["file"]),
        encoding=str(row["encoding"]) if known(row["encoding"]) else "",
        rows=int(row["rows"]),
        new=int(row["new"]),
        updated=int(row["updated"]),
        duplicate=int(row["duplicate"]),
        rejected=int(row["rejected"]),
        finished_on=day(row["finished_on"]),
    )


def _number(value: Any) -> float | None:
    return float(value) if known(value) else None


def _whole(value: Any) -> int | None:
    return int(value) if known(value) else None
