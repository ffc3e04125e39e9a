"""The parts of the overview that are counted by themselves: weeks, branches, ratings, deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from feedback_nlp.insight import counts, rates
from feedback_nlp.insight.periods import Period, quarter, within
from feedback_nlp.report.figures import Branch, Intake, Rating, Week
from feedback_nlp.report.rules import day, known

WEEK = timedelta(days=7)


def weeks(complaints: pd.DataFrame, today: date) -> tuple[Week, ...]:
    """Count whole weeks from the first day of each quarter, and the running one.

    Weeks of the quarter, not of the calendar: every point then holds each weekday once, and the two lines lie over
    each other. The one or two days left over at a quarter's end make no week.
    """
    now = quarter(today)
    before = quarter(now.start - timedelta(days=1))
    found = []
    for number in range(1, now.days // 7 + 1):
        start, then = now.start + (number - 1) * WEEK, before.start + (number - 1) * WEEK
        days = max(0, min(7, (today - start).days + 1))
        found.append(
            Week(
                number=number,
                start=start,
                current=_cases(complaints, start, days) if days else None,
                days=days,
                previous=_cases(complaints, then, 7) if then + WEEK <= before.end + timedelta(days=1) else None,
            )
        )
    return tuple(found)


def _cases(complaints: pd.DataFrame, start: date, days: int) -> int:
    return counts.total(within(complaints, Period(start, start + timedelta(days=days - 1), "")))["cases"]


def branch(org: str, row: pd.Series[Any]) -> Branch:
    """Give the rate of one branch."""
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


def average(branches: pd.DataFrame) -> float | None:
    """Give the rate of all branches whose outlets are known, together."""
    rated = branches[branches["per_outlets"].notna()]
    return rates.rate(int(rated["cases"].sum()), float(rated["outlets"].sum()), unit=rates.OUTLETS)


def ratings(now: pd.DataFrame, then: pd.DataFrame) -> tuple[Rating, ...]:
    """Give every source's mean rating, on its own scale."""
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


def intake(row: pd.Series[Any]) -> Intake:
    """Tell what became of one delivery."""
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
