from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.cases.clocks import Clock, share
from feedback_nlp.policy import load
from feedback_nlp.report.names import names_of
from feedback_nlp.report.today import Standing, build, elapsed
from feedback_nlp.report.today_blocks import grains

NOW = datetime(2026, 11, 24, 15, 30)  # that of the stamp


@pytest.fixture
def count(frames: SimpleNamespace) -> Any:
    def make(data: dict[str, Any], **changed: Any) -> dict[str, int]:
        standing: Standing = frames.standing({**data, **changed})
        return {figure.name: figure.n for figure in build(standing, stamp=frames.stamp()).figures}

    return make


def test_open_cases_are_counted_by_level(count: Any, full: dict[str, Any]) -> None:
    cases = full["priorities"].head(7).assign(level=[3, 2, 2, 1, 1, 1, 0])
    told = count(full, priorities=cases)
    assert [told[name] for name in ("未结案件", "3级 特急", "2级 紧急", "1级 关注")] == [7, 1, 2, 3]


def test_limits_are_counted_from_the_day_itself(count: Any, full: dict[str, Any]) -> None:
    left = [-30, -1, 0, 2, 3, 7, 8]
    days = [date(2026, 11, 24) + timedelta(days=number) for number in left]
    told = count(full, priorities=full["priorities"].head(8).assign(due_on=[*days, None]))
    assert [told[name] for name in ("逾期案件", "2 天内到期", "7 天内到期")] == [2, 2, 4]


def test_a_case_with_two_clocks_that_run_out_counts_once_and_a_paused_or_late_one_never(
    count: Any, full: dict[str, Any]
) -> None:
    told = [
        ("a", 10, 2, False), ("a", 20, 1, False),  # both over 80 %
        ("b", 10, 10, False),  # half
        ("c", 10, 2, True),  # paused
        ("d", 10, -1, False),  # late
        ("e", 8, 2, False),  # 80 % sharp
    ]  # fmt: skip
    clocks = (
        full["clocks"]
        .head(len(told))
        .assign(
            case_id=[one[0] for one in told],
            started_at=[NOW - timedelta(days=one[1]) for one in told],
            due_at=[NOW + timedelta(days=one[2]) for one in told],
            paused=[one[3] for one in told],
            paused_days=0,
        )
    )
    told_now = count(full, clocks=clocks)
    assert (told_now["用时过 80%"], told_now["逾期时限"]) == (2, 1)


@given(used=st.integers(0, 400), left=st.integers(1, 400), paused=st.integers(0, 60))
def test_a_pause_never_makes_more_of_a_clock_used(used: int, left: int, paused: int) -> None:
    start = NOW - timedelta(hours=used)
    clock = {"started_at": [start], "due_at": [NOW + timedelta(hours=left)], "paused_days": [0]}
    plain = elapsed(pd.DataFrame(clock), NOW).iloc[0]
    assert plain == pytest.approx(used / (used + left))
    as_cases_has_it = Clock("law", "answer", start, clock["due_at"][0], None, 0, False, False, False)
    assert plain == pytest.approx(share(as_cases_has_it, NOW))
    later = clock | {"due_at": [NOW + timedelta(hours=left, days=paused)], "paused_days": [paused]}
    assert elapsed(pd.DataFrame(later), NOW).iloc[0] <= plain + 1e-9


def test_cases_without_a_rule_alerts_groups_and_reviews_are_counted(
    count: Any, full: dict[str, Any], frames: SimpleNamespace
) -> None:
    cases = full["priorities"].head(3).assign(process=["投诉处理", None, None])
    told = count(full, priorities=cases)
    assert [told[name] for name in ("没有归口", "群体诉求", "待处理预警", "待复核")] == [2, 2, 3, 5]
    today = build(frames.standing(full), stamp=frames.stamp())
    assert [alert.late for alert in today.alerts] == [True, True, False]  # the third: somebody has taken it
    assert [group.days for group in today.groups] == [11, 8]
    assert dict(today.reviews) == {"把握不足": 3, "升级苗头": 1, "随机抽查": 1, "模型与规则不一致": 1}
    assert today.review_tasks == 5


def test_the_closed_loop_rate_leaves_out_who_was_never_answered(full: dict[str, Any], frames: SimpleNamespace) -> None:
    today = build(frames.standing(full), stamp=frames.stamp())
    assert (today.loop_all.closed, today.loop_all.answered) == (240, 300)
    assert (today.loop_recent.closed, today.loop_recent.answered) == (42, 63)
    order = [state.id for state in today.states]
    assert order == ["received", "accepted", "investigating", "responded", "closed", "withdrawn", "transferred"]


def test_a_state_the_policy_has_dropped_is_still_counted(full: dict[str, Any], frames: SimpleNamespace) -> None:
    states = pd.DataFrame({"state": ["old", "closed"], "all": [2, 1], "recent": [1, 0]})
    today = build(frames.standing({**full, "states": states}), stamp=frames.stamp())
    assert [(state.name, state.all) for state in today.states] == [("闭环", 1), ("old", 2)]


def test_four_counts_never_mix_their_units(summarise: Any, full: dict[str, Any]) -> None:
    summary, cases = summarise(full), full["priorities"]
    rows = full["rows"][full["rows"]["day"] >= "2026-10-01"]
    told = rows[rows["kind"] == "complaint"]
    people = told["customer"].nunique() + told["customer"].isna().sum()
    found = {name: (now, waiting) for name, now, _, waiting, _ in grains(summary)}
    assert found == {
        "反馈件数": (len(rows), cases["events"].sum()),
        "投诉件数": (len(told), cases["complaints"].sum()),
        "诉求（案件）数": (told["case_id"].nunique(), len(cases)),
        "客户数": (people, cases["customers"].sum()),
    }


def test_every_figure_has_a_definition(summarise: Any, full: dict[str, Any]) -> None:
    assert all(len(figure.note) > 5 for figure in summarise(full).today.figures)
    assert all(len(note) > 5 for *_, note in grains(summarise(full)))


def test_every_id_of_the_shipped_policies_has_a_chinese_name() -> None:
    policy = load()
    names = names_of(policy)
    ids = {
        "escalation": [kind.id for kind in policy.escalation.kind],
        "modality": ["threat", "done", "quoted", "asked", "negated", "fact"],
        "level": ["1", "2", "3"],
        "state": [state.id for state in policy.states.state],
        "action": [action.id for action in policy.states.action],
        "event": list(policy.sla.event),
        "alert": [rule.id for rule in policy.alerts.rule],
    }
    for group, keys in ids.items():
        assert all(not names.of(group, key).isascii() for key in keys), group
    assert all(names.limit(rule.id).source for rule in policy.sla.rule) and names.limit("delivered").verified is None


def test_a_limit_no_rule_knows_any_more_is_told_by_its_id(frames: SimpleNamespace) -> None:
    assert frames.stamp().names.limit("gone").name == "gone"
