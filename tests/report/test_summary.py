from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from feedback_nlp.insight.intervals import wilson
from feedback_nlp.report.headlines import headlines

START, END = "2026-10-01", "2026-11-24"


def current(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["day"].between(START, END)]


def _people(rows: pd.DataFrame) -> int:
    return len(set(rows["customer"].dropna())) + int(rows["customer"].isna().sum())


def test_every_total_equals_a_count_by_hand(summarise: Any, full: dict[str, Any]) -> None:
    summary, rows = summarise(full), full["rows"]
    now, then = current(rows), rows[rows["day"].between("2026-07-01", "2026-08-24")]
    told = now[now["kind"] == "complaint"]
    assert summary.feedback.events == len(now) and summary.feedback.previous_events == len(then)
    assert summary.complaints.events == len(told)
    assert summary.complaints.cases == len(set(told["case_id"]))
    assert summary.complaints.previous_customers == _people(then[then["kind"] == "complaint"])
    assert (
        summary.complaints.customers
        == _people(told)
        == len(set(told["customer"].dropna())) + told["customer"].isna().sum()
    )
    unhappy = sum(mood in ("negative", "very_negative") for mood in now["sentiment"])
    assert (summary.negative.hits, summary.negative.n) == (unhappy, len(now))
    assert (summary.negative.low, summary.negative.high) == wilson(unhappy, len(now))
    assert summary.unsure.hits == sum(now["review"])


def test_every_facet_counts_the_complaints_cases(summarise: Any, full: dict[str, Any]) -> None:
    summary = summarise(full)
    told = current(full["rows"]).query("kind == 'complaint'")
    facets = {"business": summary.business, "leaves": summary.leaves, "touchpoint": summary.touchpoints}
    for column, lines in facets.items():
        expected = told.groupby(column)["case_id"].nunique().to_dict()
        assert {line.label: line.n for line in lines if line.n} == expected
        assert [line.n for line in lines] == sorted((line.n for line in lines), reverse=True)
    assert summary.business[0].name == "电子渠道（综合）"


def test_whole_weeks_and_the_running_one_add_up_to_the_quarter(summarise: Any, full: dict[str, Any]) -> None:
    summary, rows = summarise(full), full["rows"]
    assert [week.days for week in summary.weeks] == [7] * 7 + [6] + [0] * 5
    told = rows[(rows["kind"] == "complaint") & rows["day"].between("2026-10-15", "2026-10-21")]
    assert summary.weeks[2].current == told["case_id"].nunique()
    assert summary.weeks[2].start == date(2026, 10, 15)
    assert summary.weeks[8].current is None and summary.weeks[8].previous is not None


def test_the_quarter_before_has_only_whole_weeks(summarise: Any, full: dict[str, Any], frames: SimpleNamespace) -> None:
    weeks = summarise(full, stamp=frames.stamp(date(2027, 4, 10))).weeks  # Q1 of 2027 has 90 days: twelve whole weeks
    assert [week.previous is None for week in weeks] == [False] * 12 + [True]


def test_an_outbreak_is_marked_and_a_small_rise_is_not(summarise: Any, full: dict[str, Any]) -> None:
    crash = {"kind": "complaint", "leaf": "system.crash", "business": "digital_channel"}
    quiet = full["events"].iloc[:1].assign(day=pd.Timestamp("2026-08-01"), **crash)
    burst = pd.concat([quiet.assign(day=pd.Timestamp(f"2026-11-{at:02}"), case_id=str(at)) for at in range(1, 21)])
    few = pd.concat([quiet.assign(day=pd.Timestamp("2026-11-01"), case_id=str(at)) for at in range(9)])
    assert [line.rising for line in summarise(full, events=burst).leaves] == [True]
    assert [line.rising for line in summarise(full, events=few).leaves] == [False]


def test_the_workload_follows_limits_scores_and_closing(summarise: Any, full: dict[str, Any]) -> None:
    told = [
        (90.0, date(2026, 11, 23), None),
        (80.0, date(2026, 11, 24), None),
        (79.9, date(2026, 11, 26), None),
        (10.0, date(2026, 11, 27), None),
        (10.0, None, None),
        (99.0, date(2026, 11, 1), date(2026, 11, 2)),
    ]
    names = ["score", "due_on", "closed_on"]
    cases = full["priorities"].head(len(told)).assign(**dict(zip(names, zip(*told, strict=True), strict=True)))
    work = summarise(full, priorities=cases).workload
    assert (work.cases, work.urgent, work.overdue, work.due_soon) == (5, 2, 1, 2)
    assert (work.items, work.items_overdue) == (4, 1)  # of the late ones one is closed and one is past its analysis


def test_intake_says_where_rows_got_lost(summarise: Any, full: dict[str, Any]) -> None:
    summary = summarise(full, batches=full["batches"].assign(rows=[1310, 403, 498, 160]))
    assert [one.balanced for one in summary.intake] == [True, False, True, True]


def test_a_complaint_without_channel_is_named_after_its_source(summarise: Any, full: dict[str, Any]) -> None:
    named = {line.name for line in summarise(full).channels}
    assert {"热线", "应用评价", "在线客服"} <= named and "未注明" not in named


def test_derived_labels_count_every_label_of_a_feedback_and_no_empty_one(summarise: Any, full: dict[str, Any]) -> None:
    summary, now = summarise(full), current(full["rows"])
    for column, lines in (("need", summary.needs), ("risk", summary.risks)):
        expected = Counter(label for told in now[column] for label in told.split("|") if label)
        assert {line.label: line.events for line in lines if line.n} == dict(expected)
        assert all(line.share == line.events / len(now) for line in lines)
    assert {line.name for line in summary.risks} == {"信息泄露", "服务中断", "合规", "服务质量下降"}


def test_nothing_at_all_gives_zeros_and_no_tables(summarise: Any, nothing: dict[str, Any]) -> None:
    summary = summarise(nothing)
    assert summary.feedback.events == summary.workload.cases == 0
    assert summary.business == summary.branches == summary.intake == summary.ratings == ()
    assert summary.branch_average is None
    assert headlines(summary) == ["没有未结案件，也没有在办的改进事项。", "本季至今没有收到反馈。"]


def test_sources_without_ratings_are_not_rated(summarise: Any, full: dict[str, Any]) -> None:
    assert summarise(full, events=full["events"].assign(rating=float("nan"))).ratings == ()
    rated = {one.source: one for one in summarise(full).ratings}
    now = current(full["rows"])
    assert rated["问卷"].mean == pytest.approx(now[now["source"] == "问卷"]["rating"].mean())


def test_the_sentences_name_what_grew_and_who_stands_out(summarise: Any, full: dict[str, Any]) -> None:
    summary = summarise(full)
    told = "\n".join(headlines(summary))
    assert "崩溃卡顿" in told and f"合 {summary.complaints.cases} 件案件" in told
    calm = replace(summary, leaves=(), branch_average=None)
    assert "没有哪一类投诉原因的增加超出偶然波动。" in headlines(calm)
