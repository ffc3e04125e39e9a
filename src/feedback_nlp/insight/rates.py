"""Complaints against what could have complained: the regulator's two rates."""

from __future__ import annotations

import pandas as pd

from feedback_nlp.insight import counts
from feedback_nlp.insight.intervals import poisson
from feedback_nlp.insight.periods import Period

OUTLETS = 1_000
CUSTOMERS = 10_000_000
"""The units of 平均每千营业网点投诉量 and 平均每千万个人客户投诉量, fixed by the regulator's bulletin."""


def rate(cases: float, exposure: float | None, *, unit: int) -> float | None:
    """Give cases per `unit` of exposure, or None where the exposure is unknown or nothing.

    >>> round(rate(812, 2_260, unit=OUTLETS), 1), round(rate(812, 153_000_000, unit=CUSTOMERS), 1)
    (359.3, 53.1)
    """
    if exposure is None or pd.isna(exposure) or exposure <= 0:
        return None
    return cases / exposure * unit


def by_org(events: pd.DataFrame, exposure: pd.DataFrame, *, period: Period, before: Period) -> pd.DataFrame:
    """Count cases of every branch and relate them to its outlets and customers, highest rate first.

    Indexed by org: the columns of ``counts.by`` and outlets, clients, exposure_quarter, per_outlets, low, high
    (exact 95 % interval of per_outlets), per_clients. A branch without exposure keeps its counts and has no rates.
    Rates are of the period as it stands, not scaled up to a whole quarter.
    """
    frame = counts.by(events[events["org"].notna()], "org", period=period, before=before, unit="cases")
    frame = frame.join(_latest(exposure, period.name))
    cases = frame["cases"].tolist()
    bounds = [poisson(int(count)) for count in cases]
    for name, values, column, unit in (
        ("per_outlets", cases, "outlets", OUTLETS),
        ("low", [low for low, _ in bounds], "outlets", OUTLETS),
        ("high", [high for _, high in bounds], "outlets", OUTLETS),
        ("per_clients", cases, "clients", CUSTOMERS),
    ):
        pairs = zip(values, frame[column], strict=True)
        frame[name] = pd.Series([rate(value, of, unit=unit) for value, of in pairs], index=frame.index, dtype=float)
    return frame.sort_values("per_outlets", ascending=False, kind="stable", na_position="last")


def _latest(exposure: pd.DataFrame, quarter: str) -> pd.DataFrame:
    """Give each branch's exposure in the quarter, or else in the last one before: figures come in after its end."""
    known = exposure[exposure["quarter"].astype(str) <= quarter].sort_values("quarter")
    last = known.drop_duplicates("org", keep="last").set_index("org")
    named = last.rename(columns={"customers": "clients", "quarter": "exposure_quarter"})
    return named[["outlets", "clients", "exposure_quarter"]]
