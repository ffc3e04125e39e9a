"""What must reach a person is raised once, says what to do, and goes away only as it should."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.jobs.stored import NOW, TODAY, store_case, store_clock, store_grave, store_letter

from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.alerts import acknowledge, list_alerts, raise_alerts
from feedback_nlp.jobs.textfacts import BY_PERSON
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.alerts import add_alerts, say_again
from feedback_nlp.store.save import upsert

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def alerts(work: Workplace) -> dict[str, Any]:
    """Give the stored alerts by rule; of the last letters of a message nothing is asked."""
    with work.engine.connect() as connection:
        return {row.rule: row for row in connection.execute(sa.select(t.alert).order_by(t.alert.c.opened_at))}


def states(work: Workplace) -> dict[str, str]:
    return {rule: row.state for rule, row in alerts(work).items()}


def change(work: Workplace, case_id: str, **columns: Any) -> None:
    with work.engine.begin() as connection:
        connection.execute(t.complaint_case.update().where(t.complaint_case.c.id == case_id).values(**columns))


def test_a_threat_to_ones_own_life_is_raised_at_once_with_everything_a_person_needs(work: Workplace) -> None:
    case_id = store_grave(work)
    raised = raise_alerts(work, now=NOW)
    assert (raised.new, raised.resolved, raised.open) == (1, 0, {3: 1})
    (alert,) = alerts(work).values()
    assert (alert.rule, alert.level, alert.case_id, alert.state) == ("self-harm", 3, case_id, "open")
    assert (alert.opened_at, alert.answer_by) == (NOW, NOW + HOUR)
    for words in ("特急", "自伤自杀", "不想活了", "城东支行", case_id[:8], "2026年9月30日10:00", "12356", "110"):
        assert words in alert.message
    assert "来信全文" not in alert.message


def test_a_second_run_an_hour_later_changes_nothing(work: Workplace) -> None:
    store_clock(work, store_grave(work), NOW - HOUR)
    raise_alerts(work, now=NOW)
    before = alerts(work)
    again = raise_alerts(work, now=NOW + HOUR)
    assert (again.new, again.resolved) == (0, 0)
    assert alerts(work) == before != {}


@pytest.mark.parametrize(
    ("kinds", "level", "hits", "rules"),
    [
        ("violence:threat", 3, [("violence", "threat", "拿刀", 3)], {"violence": 3}),
        ("group:done", 3, [("group", "done", "拉横幅", 3)], {"group": 3}),
        ("regulator:fact", 3, [("regulator", "fact", "12378转办", 3)], {"regulator-forwarded": 3}),
        ("petition:threat", 3, [("petition", "threat", "去北京", 3)], {"critical": 3}),
        ("legal:threat", 2, [("legal", "threat", "起诉", 2)], {"urgent": 2}),
        ("churn_intent:threat", 1, [("churn_intent", "threat", "销户", 1)], {}),
        ("legal:quoted", 0, [("legal", "quoted", "起诉", 0)], {}),
        # a graver kind speaks for the whole case; a collector's words do not
        (
            "group:threat|legal:threat",
            3,
            [("group", "threat", "联名", 3), ("legal", "threat", "起诉", 2)],
            {"group": 3},
        ),
        (
            "violence:quoted|legal:threat",
            2,
            [("violence", "quoted", "砸", 1), ("legal", "threat", "起诉", 2)],
            {"urgent": 2},
        ),
        # two things to do: two alerts
        (
            "self_harm:threat|violence:threat",
            3,
            [("self_harm", "threat", "跳楼", 3), ("violence", "threat", "砸", 3)],
            {"self-harm": 3, "violence": 3},
        ),
        # the same letter says it twice: one alert
        (
            "self_harm:threat|self_harm:negated",
            3,
            [("self_harm", "negated", "跳楼", 2), ("self_harm", "threat", "不想活了", 3)],
            {"self-harm": 3},
        ),
        ("self_harm:negated", 2, [("self_harm", "negated", "跳楼", 2)], {"life-watch": 2}),
        ("self_harm:threat", 3, [("self_harm", "threat", BY_PERSON, 3)], {"self-harm": 3}),
    ],
)
def test_the_level_of_a_case_decides_which_alert_it_gets(
    work: Workplace, kinds: str, level: int, hits: list[Any], rules: dict[str, int]
) -> None:
    store_letter(work, store_case(work, "aa", kinds=kinds, level=level), "letter", *hits)
    raise_alerts(work, now=NOW)
    assert {rule: row.level for rule, row in alerts(work).items()} == rules


def test_what_only_a_reviewer_saw_is_named_without_a_cue(work: Workplace) -> None:
    store_grave(work, cue=BY_PERSON)
    raise_alerts(work, now=NOW)
    assert "：人工认定有自伤自杀，" in alerts(work)["self-harm"].message


def test_an_alert_resolves_by_itself_when_the_case_is_answered_and_comes_back_when_it_is_reopened(
    work: Workplace,
) -> None:
    case_id = store_case(work, "aa", kinds="legal:threat", level=2)
    store_letter(work, case_id, "letter", ("legal", "threat", "起诉", 2))
    raise_alerts(work, now=NOW)
    change(work, case_id, closed_on=TODAY)
    assert raise_alerts(work, now=NOW + HOUR).resolved == 1
    assert states(work) == {"urgent": "resolved"}
    change(work, case_id, closed_on=None)
    assert raise_alerts(work, now=NOW + 2 * HOUR).new == 1
    assert alerts(work)["urgent"].opened_at == NOW + 2 * HOUR


@pytest.mark.parametrize("kind", ["self_harm", "violence"])
def test_what_concerns_a_life_stays_open_until_a_person_closes_it_with_a_note(work: Workplace, kind: str) -> None:
    case_id = store_grave(work, kind=kind)
    raise_alerts(work, now=NOW)
    (alert,) = alerts(work).values()
    change(work, case_id, closed_on=TODAY)
    raise_alerts(work, now=NOW + 365 * DAY)
    change(work, case_id, kinds="", level=0)
    assert raise_alerts(work, now=NOW + 366 * DAY).resolved == 0
    with pytest.raises(OfficerError, match="人身安全"):
        acknowledge(work, alert.id, by="0417", note=" ", now=NOW)
    with pytest.raises(OfficerError, match="由谁"):
        acknowledge(work, alert.id, by=" ", note="已联系", now=NOW)
    assert set(states(work).values()) == {"open"}
    assert acknowledge(work, alert.id[:8], by="0417", note="已联系，家人在旁", now=NOW + HOUR) == alert.id
    closed = alerts(work)[alert.rule]
    assert (closed.state, closed.acknowledged_by, closed.note) == ("acknowledged", "0417", "已联系，家人在旁")
    assert raise_alerts(work, now=NOW + 367 * DAY).open == {}


def test_a_policy_that_drops_or_renames_a_rule_closes_nothing_about_a_life(
    open_work: Callable[..., Workplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = open_work()
    store_grave(work)
    raise_alerts(work, now=NOW)
    with work.engine.begin() as connection:
        connection.execute(t.alert.update().values(rule="an-old-name"))
        connection.execute(t.complaint_case.update().values(kinds="", level=0))
    assert raise_alerts(work, now=NOW + DAY).resolved == 0
    assert states(work) == {"an-old-name": "open"}


def test_another_threat_after_the_first_was_closed_is_news(work: Workplace) -> None:
    case_id = store_grave(work)
    raise_alerts(work, now=NOW)
    acknowledge(work, alerts(work)["self-harm"].id, by="0417", note="已联系", now=NOW)
    assert raise_alerts(work, now=NOW + HOUR).new == 0
    store_letter(work, case_id, "letter-2", ("self_harm", "threat", "活不下去", 3))
    assert raise_alerts(work, now=NOW + 2 * HOUR).new == 1
    found = list_alerts(work, states=("open", "acknowledged"))
    assert sorted(found["state"]) == ["acknowledged", "open"]
    assert "活不下去" in found.loc[found["state"] == "open", "message"].item()


def test_another_threat_while_the_first_stands_open_has_an_alert_of_its_own_that_must_be_closed_too(
    work: Workplace,
) -> None:
    case_id = store_grave(work)
    raise_alerts(work, now=NOW)
    (first,) = alerts(work).values()
    store_letter(work, case_id, "letter-0", ("self_harm", "threat", "活不下去", 3))
    assert raise_alerts(work, now=NOW + HOUR).open == {3: 2}
    acknowledge(work, first.id, by="0417", note="已联系", now=NOW + 2 * HOUR)
    assert raise_alerts(work, now=NOW + 3 * HOUR).new == 0
    (left,) = list_alerts(work).itertuples()
    assert "活不下去" in left.message and "不想活了" not in left.message
    assert left.opened_at == NOW + HOUR


def test_a_threat_delivered_weeks_late_counts_from_the_day_we_learned_of_it(work: Workplace) -> None:
    case_id = store_case(work, "aa", kinds="self_harm:threat", level=3, due_on=None, opened_on=TODAY - 51 * DAY)
    store_letter(work, case_id, "late", ("self_harm", "threat", "跳楼", 3), on=TODAY - 51 * DAY)
    raise_alerts(work, now=NOW + 30 * DAY)
    assert states(work) == {"self-harm": "open"}


def test_a_threat_that_reaches_a_case_closed_long_ago_is_raised(work: Workplace) -> None:
    closed = TODAY - 60 * DAY
    case_id = store_case(work, "aa", kinds="self_harm:threat", level=3, closed_on=closed, due_on=None)
    store_letter(work, case_id, "letter", ("self_harm", "threat", "跳楼", 3), on=TODAY - DAY)
    raise_alerts(work, now=NOW)
    assert states(work) == {"self-harm": "open"}


def test_an_acknowledgement_of_a_moment_ago_is_not_overwritten_by_a_run(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    row = alerts(work)["self-harm"]._asdict()
    acknowledge(work, row["id"], by="0417", note="已联系", now=NOW)
    with work.engine.begin() as connection:  # what a run does that read the alert before
        add_alerts(connection, [row])
        say_again(connection, [row])
    after = alerts(work)["self-harm"]
    assert (after.state, after.acknowledged_by, after.note) == ("acknowledged", "0417", "已联系")


def test_what_a_rule_that_is_gone_has_raised_resolves_unless_it_may_be_about_a_life(work: Workplace) -> None:
    store_grave(work)
    store_clock(work, store_case(work, "bb"), NOW - HOUR)
    watched = store_case(work, "cc", kinds="self_harm:negated", level=2)
    store_letter(work, watched, "letter-cc", ("self_harm", "negated", "跳楼", 2))
    raise_alerts(work, now=NOW)
    gone = ("self-harm", "clock-over", "life-watch")
    left = tuple(rule for rule in work.policy.alerts.rule if rule.id not in gone)
    kept = replace(next(rule for rule in work.policy.alerts.rule if rule.id == "self-harm"), id="suicide")
    alerts_policy = replace(work.policy.alerts, rule=(kept, *left))
    changed = replace(work, policy=replace(work.policy, alerts=alerts_policy))
    raise_alerts(changed, now=NOW + HOUR)
    found = states(changed)
    assert [found[rule] for rule in gone] == ["open", "resolved", "open"]
    for rule in ("self-harm", "life-watch"):
        with pytest.raises(OfficerError, match="人身安全"):
            acknowledge(changed, alerts(changed)[rule].id, by="0417", note="", now=NOW)


def test_a_threat_in_an_answered_case_still_reaches_a_person_but_old_history_does_not(work: Workplace) -> None:
    for name, day in (("new", TODAY), ("old", TODAY - 31 * DAY)):
        case_id = store_case(work, name, kinds="self_harm:threat", level=3, closed_on=day, due_on=None)
        store_letter(work, case_id, f"letter-{name}", ("self_harm", "threat", "跳楼", 3), on=day)
    raise_alerts(work, now=NOW)
    (alert,) = alerts(work).values()
    assert alert.case_id == "new".ljust(20, "0")


@pytest.mark.parametrize(
    ("due_at", "rule"),
    [
        (datetime(2026, 9, 30, 8, 59), "clock-over"),
        (datetime(2026, 10, 2, 8, 59), "clock-near"),
        (datetime(2026, 10, 3, 8, 0), "clock-spent"),  # 15 days and 9 hours of 18 days and 8 hours: 84 %
        (datetime(2026, 10, 20), None),
    ],
)
def test_a_clock_has_one_alert_that_changes_as_time_runs_out(work: Workplace, due_at: datetime, rule: str) -> None:
    store_clock(work, store_case(work, "aa"), due_at)
    raise_alerts(work, now=NOW)
    assert set(states(work)) == ({rule} if rule else set())


def test_a_clock_goes_from_spent_to_near_to_over_and_is_over_when_it_stops(work: Workplace) -> None:
    case_id, due_at = store_case(work, "aa"), datetime(2026, 10, 3, 8, 0)
    for now in (NOW, NOW + 2 * DAY, NOW + 3 * DAY):
        store_clock(work, case_id, due_at)
        raise_alerts(work, now=now)
    assert states(work) == {"clock-spent": "resolved", "clock-near": "resolved", "clock-over": "open"}
    assert "投诉处理决定15日" in alerts(work)["clock-over"].message
    store_clock(work, case_id, due_at, stopped_at=NOW + 3 * DAY)
    assert raise_alerts(work, now=NOW + 4 * DAY).open == {}


def test_a_clock_that_stands_still_and_a_limit_of_hours_are_not_called_near(work: Workplace) -> None:
    store_clock(work, store_case(work, "aa"), NOW + DAY, paused=True)
    store_clock(work, store_case(work, "bb"), NOW + DAY, started_at=NOW - HOUR)
    raise_alerts(work, now=NOW)
    assert states(work) == {}


def test_an_extended_limit_that_runs_out_again_is_a_new_alert(work: Workplace) -> None:
    case_id = store_case(work, "aa")
    for day in (1, 20):
        store_clock(work, case_id, NOW + day * DAY - 2 * DAY)
        raise_alerts(work, now=NOW + day * DAY)
    found = list_alerts(work, states=("open", "resolved"))
    assert sorted(found["state"]) == ["open", "resolved"]


def test_a_burst_names_branch_cause_and_numbers_and_passes_with_time(work: Workplace) -> None:
    group = {
        "id": "9" * 20, "org": "城西支行", "cause": "credit_card/pricing", "first_on": date(2026, 9, 20),
        "last_on": date(2026, 9, 29), "cases": 14, "customers": 12, "expected": 1.5, "p": 1e-6, "policy": "test",
    }  # fmt: skip
    with work.engine.begin() as connection:
        upsert(connection, t.case_group, [group])
    raise_alerts(work, now=NOW)
    alert = alerts(work)["burst"]
    assert (alert.case_id, alert.subject) == (None, "9" * 20)
    for words in ("城西支行", "信用卡", "12位客户", "14件", "99999999"):
        assert words in alert.message
    assert raise_alerts(work, now=NOW + 30 * DAY).resolved == 1


def test_a_case_that_belongs_to_nobody_is_listed_until_it_is_routed(work: Workplace) -> None:
    case_id = store_case(work, "aa", process=None, org=None)
    raise_alerts(work, now=NOW)
    assert "机构未注明" in alerts(work)["unrouted"].message
    change(work, case_id, process="fees")
    assert raise_alerts(work, now=NOW).open == {}


def test_an_acknowledged_alert_is_settled_when_its_cause_is_gone(work: Workplace) -> None:
    case_id = store_case(work, "aa")
    store_clock(work, case_id, NOW - HOUR)
    raise_alerts(work, now=NOW)
    acknowledge(work, alerts(work)["clock-over"].id, by="0417", note="", now=NOW + 15 * timedelta(minutes=1))
    raise_alerts(work, now=NOW + HOUR)
    assert states(work) == {"clock-over": "acknowledged"}
    found = list_alerts(work, states=("acknowledged",))
    assert found["minutes"].tolist() == [15.0]
    store_clock(work, case_id, NOW - HOUR, stopped_at=NOW)
    raise_alerts(work, now=NOW + 2 * HOUR)
    assert states(work) == {"clock-over": "resolved"}
    with pytest.raises(OfficerError, match="解除"):
        acknowledge(work, alerts(work)["clock-over"].id, by="0417", note="", now=NOW)


def test_who_comes_second_is_told_who_was_first_and_an_unknown_number_is_refused(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    alert_id = alerts(work)["self-harm"].id
    acknowledge(work, alert_id, by="0417", note="已联系", now=NOW)
    with pytest.raises(OfficerError, match="0417"):
        acknowledge(work, alert_id, by="0418", note="已联系", now=NOW)
    for unknown in ("", "%", "zz"):
        with pytest.raises(OfficerError, match="没有这条预警"):
            acknowledge(work, unknown, by="0418", note="已联系", now=NOW)


def test_personal_data_in_a_note_is_masked(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    acknowledge(work, alerts(work)["self-harm"].id, by="0417", note="已拨打13800138000联系", now=NOW)
    assert alerts(work)["self-harm"].note == "已拨打[手机号]联系"


def test_the_list_begins_with_the_gravest_and_can_leave_out_the_rest(work: Workplace) -> None:
    assert list_alerts(work).empty
    store_case(work, "cc", process=None)
    store_clock(work, store_case(work, "bb"), NOW - HOUR)
    store_grave(work)
    raise_alerts(work, now=NOW)
    found = list_alerts(work)
    assert found["rule"].tolist() == ["self-harm", "clock-over", "unrouted"]
    assert found["org"].tolist() == ["城东支行"] * 3
    assert list_alerts(work, least_level=2)["rule"].tolist() == ["self-harm", "clock-over"]
