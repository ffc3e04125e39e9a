"""Build the overview, once for the page and the workbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from feedback_nlp.insight import counts, rates
from feedback_nlp.insight.counts import Unit
from feedback_nlp.insight.intervals import higher_rate, wilson
from feedback_nlp.insight.periods import Period, quarter_to_date, within
from feedback_nlp.report import sections, today
from feedback_nlp.report.figures import Line, Share, Stamp, Summary, Total, Workload
from feedback_nlp.report.rules import UNNAMED, band, clock, day, label, rules, word
from feedback_nlp.report.today import Standing
from feedback_nlp.taxonomy import Taxonomy

__all__ = ["Stamp", "Standing", "Summary", "build"]


def build(
    events: pd.DataFrame,
    *,
    standing: Standing,
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
        unsure=_share(*(frame["review"].astype(bool) for frame in (now, then))),
        workload=_workload(standing.cases, items, stamp.today),
        today=today.build(standing, stamp=stamp),
        weeks=sections.weeks(complaints, stamp.today),
        kinds=lines(events, "kind", "events"),
        sentiments=lines(events, "sentiment", "events"),
        business=lines(complaints, "business"),
        leaves=lines(complaints, "leaf"),
        channels=lines(_arrived(complaints), "arrived"),
        touchpoints=lines(complaints, "touchpoint"),
        needs=_derived(events, "need", periods=(period, before), stamp=stamp),
        risks=_derived(events, "risk", periods=(period, before), stamp=stamp),
        branches=tuple(sections.branch(str(org), row) for org, row in branches.iterrows()),
        branch_average=sections.average(branches),
        ratings=sections.ratings(now, then),
        intake=tuple(sections.intake(row) for _, row in batches.iterrows()),
    )


def _arrived(complaints: pd.DataFrame) -> pd.DataFrame:
    """Name how each complaint arrived: the channel as the bank notes it, else the kind of source."""
    channel = complaints["complaint_channel"].astype("object")
    kind = complaints["source_kind"].astype("object").map(lambda key: word("source_kind", key))
    return complaints.assign(arrived=channel.where(channel.notna(), kind))


def _total(now: pd.DataFrame, then: pd.DataFrame) -> Total:
    current, previous = counts.total(now), counts.total(then)
    return Total(**current, **{f"previous_{unit}": count for unit, count in previous.items()})


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


def _derived(events: pd.DataFrame, column: str, *, periods: tuple[Period, Period], stamp: Stamp) -> tuple[Line, ...]:
    """Count labels of which a feedback may carry several or none; shares are of all feedback."""
    period, before = periods
    labelled = events[["day", "case_id", "customer", column]].astype({column: "object"})
    labelled = labelled[labelled[column].notna() & (labelled[column] != "")]
    each = labelled.assign(**{column: labelled[column].str.split("|")}).explode(column)
    whole = len(within(events, period)) or 1
    table = counts.by(each, column, period=period, before=before).assign(share=lambda found: found["events"] / whole)
    lines = _lines(table, column, unit="events", days=(period.days, before.days), taxonomy=stamp.taxonomy)
    return tuple(replace(line, name=stamp.names.of(column, line.label)) for line in lines)


def _rising(now: int, before: int, days: tuple[int, int]) -> bool:
    if now < rules().small_n:
        return False
    return higher_rate(now, days[0], other=before, other_exposure=days[1]) < rules().rise_p


def _workload(cases: pd.DataFrame, items: pd.DataFrame, today: date) -> Workload:
    open_cases = cases[cases["closed_on"].isna()]
    clocks = [clock(day(due), today) for due in open_cases["due_on"]]
    running = items[items["status"] != "closed"]
    waiting = running[running["status"] == "plan"]  # once measures are being carried out, the analysis is done
    return Workload(
        cases=len(open_cases),
        urgent=sum(band(float(score)) == "urgent" for score in open_cases["score"].dropna()),
        overdue=clocks.count("overdue"),
        due_soon=clocks.count("soon"),
        items=len(running),
        items_overdue=sum(clock(day(due), today) == "overdue" for due in waiting["analysis_due_on"]),
    )
