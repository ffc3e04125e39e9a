"""The way of a case, step by step."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.states import CaseNow, Event, Extension, Step, state_of, state_since, steps, take
from feedback_nlp.errors import OfficerError

POLICY = policy.load().states
NOW = datetime(2026, 9, 30, 17)
CASE = CaseNow("1a2b3c4d5e6f7a8b9c0d", date(2026, 9, 1), improvements=frozenset({"item-1"}))
DANGER = replace(CASE, kinds=("self_harm:threat",), level=3)
COMPLEX = Extension("cb-complex", "情况复杂，延长到30日", "", datetime(2026, 9, 16, 23, 59, 59))
SPECIAL = Extension("cb-special", "再延长30日", "总行高级管理人员", datetime(2026, 10, 1, 23, 59, 59))


def history(*asked: tuple[str, int, dict[str, str]], case: CaseNow = CASE, actor: str = "周明") -> list[Event]:
    """Take steps on days of September, each with a note."""
    events: list[Event] = []
    for action, day, details in asked:
        step = Step(action, actor, datetime(2026, 9, day, 9), "说明", details)
        events.append(take(step, events, case=case, policy=POLICY, now=NOW))
    return events


def refuse(step: Step, before: list[Event], case: CaseNow = CASE) -> str:
    with pytest.raises(OfficerError) as error:
        take(step, before, case=case, policy=POLICY, now=NOW)
    return str(error.value)


def step(action: str, *, day: int = 20, actor: str = "周明", note: str = "说明", **details: str) -> Step:
    return Step(action, actor, datetime(2026, 9, day, 9), note, details)


ACCEPT, INVESTIGATE = ("accept", 1, {}), ("investigate", 2, {})
RESPOND = ("respond", 10, {"informed_on": "2026-09-10"})


def test_a_complaint_goes_from_receipt_to_the_closed_loop() -> None:
    events = history(ACCEPT, INVESTIGATE, RESPOND, ("close", 12, {"improvement": "item-1"}))
    assert [event.to_state for event in events] == ["accepted", "investigating", "responded", "closed"]
    assert [event.from_state for event in events] == ["received", "accepted", "investigating", "responded"]
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert (state_of(events), state_since(events)) == ("closed", datetime(2026, 9, 12, 9))
    assert {event.recorded_at for event in events} == {NOW}


def test_a_case_that_nobody_touched_is_received() -> None:
    assert (state_of([]), state_since([])) == ("received", None)


def test_an_illegal_step_is_refused_with_the_legal_ones_named() -> None:
    said = refuse(step("reject"), history(ACCEPT, INVESTIGATE))
    assert said.startswith("案件 1a2b3c4d 现为“调查”，不能“不予受理”；可以：反馈、闭环、撤诉、转办、指派、")
    assert refuse(step("归档"), []).startswith("案件 1a2b3c4d 现为“已接收”，没有“归档”这一步；可以：受理、撤诉、")


def test_a_step_may_be_named_in_chinese() -> None:
    assert take(step("受理"), [], case=CASE, policy=POLICY, now=NOW).action == "accept"


@pytest.mark.parametrize("action", ["reject", "withdraw", "transfer"])
def test_what_ends_a_case_without_an_answer_needs_a_note(action: str) -> None:
    assert "请写明说明" in refuse(step(action, note=" "), [])
    assert take(step(action), [], case=CASE, policy=POLICY, now=NOW).note == "说明"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("", "请填告知客户的日期"),
        ("9月10日", "读不懂，请写成 2026-09-30"),
        ("2026-10-01", "2026-10-01 还没有到"),
        ("2026-08-31", "早于收到之日（2026-09-01）"),
    ],
)
def test_an_answer_says_when_the_customer_was_told(told: str, problem: str) -> None:
    assert problem in refuse(step("respond", informed_on=told), history(ACCEPT))


@pytest.mark.parametrize("action", [item.id for item in POLICY.action if "received" in item.from_states])
@pytest.mark.parametrize("told", ["9月10日", "2026-10-01", "2026-08-31"])
def test_a_day_that_cannot_be_is_refused_with_whatever_step_it_comes(action: str, told: str) -> None:
    actor = "system" if action == "void" else "周明"
    assert "告知客户的日期" in refuse(step(action, actor=actor, informed_on=told), [])


def test_a_customer_is_told_anew_after_a_reopening() -> None:
    again = history(ACCEPT, RESPOND, ("reopen", 12, {}))
    said = refuse(step("respond", informed_on="2026-09-11"), again)
    assert "告知客户的日期 2026-09-11 早于重新办理之日（2026-09-12）" in said
    told = take(step("respond", informed_on="2026-09-12"), again, case=CASE, policy=POLICY, now=NOW)
    assert told.to_state == "responded"


def test_a_loop_is_closed_only_when_the_customer_knows() -> None:
    asked = step("close", no_improvement="个案，无须改进")
    assert "请填告知客户的日期" in refuse(asked, history(ACCEPT, INVESTIGATE))
    told = step("close", no_improvement="个案，无须改进", informed_on="2026-09-19")
    assert take(told, history(ACCEPT, INVESTIGATE), case=CASE, policy=POLICY, now=NOW).to_state == "closed"
    assert take(asked, history(ACCEPT, RESPOND), case=CASE, policy=POLICY, now=NOW).to_state == "closed"


def test_an_answer_before_a_reopening_does_not_close_the_loop_after_it() -> None:
    again = history(ACCEPT, RESPOND, ("reopen", 12, {}))
    assert "请填告知客户的日期" in refuse(step("close", no_improvement="个案"), again)


def test_a_loop_is_closed_only_with_an_improvement_or_a_reason_for_none() -> None:
    before = history(ACCEPT, RESPOND)
    assert "改进事项（improvement），或不改进的理由（no_improvement）" in refuse(
        step("close", no_improvement=" "), before
    )
    assert "没有编号为“item-2”的改进事项" in refuse(step("close", improvement="item-2"), before)


@pytest.mark.parametrize("ending", [RESPOND, ("withdraw", 10, {}), ("transfer", 10, {}), ("reject", 10, {})])
def test_every_end_but_the_systems_can_be_reopened(ending: tuple[str, int, dict[str, str]]) -> None:
    before = history(ACCEPT, ending) if ending[0] != "reject" else history(ending)
    assert "请写明说明" in refuse(step("reopen", note=""), before)
    assert take(step("reopen"), before, case=CASE, policy=POLICY, now=NOW).to_state == "investigating"


def test_time_runs_forward() -> None:
    before = history(ACCEPT, INVESTIGATE)
    assert "还没有到" in refuse(replace(step("note"), at=NOW + timedelta(seconds=1)), before)
    assert "早于上一步（2026-09-02 09:00）" in refuse(step("note", day=1), before)
    early = replace(step("note"), at=datetime(2026, 8, 31, 23))
    assert "早于收到之日（2026-09-01）" in refuse(early, [])


def test_nobody_is_nobody() -> None:
    assert "没有经办人" in refuse(step("accept", actor=" "), [])


# —— a person's life


@pytest.mark.parametrize("action", ["close", "withdraw", "transfer", "reject"])
def test_a_case_of_self_harm_ends_only_after_a_person_has_reached_the_customer(action: str) -> None:
    before = history(*([] if action == "reject" else [ACCEPT]), case=DANGER)
    asked = step(action, informed_on="2026-09-20", no_improvement="已妥善处置")
    assert "须由人联系客户后方可结案，请先由人登记“联系客户”" in refuse(asked, before, DANGER)
    reached = take(step("contact", day=19), before, case=DANGER, policy=POLICY, now=NOW)
    done = take(asked, [*before, reached], case=DANGER, policy=POLICY, now=NOW)
    assert policy.load().states.answered(done.to_state)


@pytest.mark.parametrize("actor", ["ledger", "system"])
@pytest.mark.parametrize("action", ["respond", "close", "withdraw", "transfer", "reject"])
def test_no_machine_ends_a_case_of_self_harm_even_after_a_contact(actor: str, action: str) -> None:
    before = history(*([] if action == "reject" else [ACCEPT]), ("contact", 3, {}), case=DANGER)
    asked = step(action, actor=actor, informed_on="2026-09-20", no_improvement="已妥善处置")
    assert "须由人联系客户" in refuse(asked, before, DANGER)


@pytest.mark.parametrize("actor", ["ledger", "system"])
def test_no_machine_reaches_a_customer(actor: str) -> None:
    assert "只能由人登记" in refuse(step("contact", actor=actor), [], DANGER)


def test_a_contact_before_the_newest_threat_is_none() -> None:
    case = replace(DANGER, alarm_at=datetime(2026, 9, 15))
    before = history(ACCEPT, ("contact", 14, {}), case=case)
    assert "须由人联系客户" in refuse(step("close", informed_on="2026-09-20", no_improvement="无"), before, case)
    reached = history(ACCEPT, ("contact", 15, {}), case=case)
    asked = step("close", informed_on="2026-09-20", no_improvement="无")
    assert take(asked, reached, case=case, policy=POLICY, now=NOW).to_state == "closed"


@pytest.mark.parametrize("kind", ["self_harm", "violence"])
@pytest.mark.parametrize("modality", ["threat", "done", "asked", "fact"])
def test_a_question_about_ones_own_death_reaches_a_person_too(kind: str, modality: str) -> None:
    case = replace(CASE, kinds=(f"{kind}:{modality}",))
    assert "须由人联系客户" in refuse(step("transfer"), [], case)


@pytest.mark.parametrize(
    ("name", "item"), [("modalities", "asked"), ("modalities", "fact"), ("contact_first", "transfer")]
)
def test_a_bank_cannot_cut_a_hole_into_the_guard(name: str, item: str) -> None:
    kept = tuple(other for other in getattr(POLICY.safety, name) if other != item)
    with pytest.raises(ValueError, match=f"{name} must keep {item}"):
        replace(POLICY.safety, **{name: kept})


@pytest.mark.parametrize("kinds", [("self_harm:negated", "legal:threat"), ("violence:quoted",), ("vulnerable:fact",)])
def test_other_words_guard_nothing(kinds: tuple[str, ...]) -> None:
    case = replace(CASE, kinds=kinds)
    assert take(step("reject"), [], case=case, policy=POLICY, now=NOW).to_state == "rejected"


# —— clocks


def test_a_pause_names_its_reason_and_when_the_customer_was_told() -> None:
    before = history(ACCEPT)
    assert "appraisal 外部鉴定" in refuse(step("pause", reason="忙", informed_on="2026-09-20"), before)
    assert "请填告知客户的日期" in refuse(step("pause", reason="appraisal"), before)
    paused = take(
        step("pause", reason="appraisal", informed_on="2026-09-20"), before, case=CASE, policy=POLICY, now=NOW
    )
    assert paused.from_state == paused.to_state == "accepted"
    assert "已经暂停" in refuse(step("pause", reason="appraisal", informed_on="2026-09-20"), [*before, paused])
    resumed = take(step("resume", day=22), [*before, paused], case=CASE, policy=POLICY, now=NOW)
    assert "没有暂停" in refuse(step("resume", day=23), [*before, paused, resumed])
    assert "没有暂停" in refuse(step("resume"), before)


def test_an_extension_needs_a_rule_that_fits_and_its_approver() -> None:
    case = replace(CASE, extensions=(COMPLEX, SPECIAL))
    before = history(ACCEPT)
    assert "cb-complex 情况复杂" in refuse(step("extend", day=10), before, case)
    assert "台账带来的办结期限请在台账里改" in refuse(step("extend", day=10, rule="cb-complex"), before)
    assert "须经总行高级管理人员审批" in refuse(step("extend", day=10, rule="cb-special"), before, case)
    approved = step("extend", day=10, rule="cb-special", approver="行长")
    assert take(approved, before, case=case, policy=POLICY, now=NOW).to_state == "accepted"


def test_a_limit_that_is_over_is_not_extended() -> None:
    case = replace(CASE, extensions=(COMPLEX,))
    assert "已于 2026-09-16 届满" in refuse(step("extend", day=17, rule="cb-complex"), history(ACCEPT), case)
    assert take(step("extend", day=16, rule="cb-complex"), history(ACCEPT), case=case, policy=POLICY, now=NOW)


def test_nothing_is_extended_twice() -> None:
    case = replace(CASE, extensions=(COMPLEX,))
    once = history(ACCEPT, ("extend", 10, {"rule": "cb-complex"}), case=case)
    assert "已经按“cb-complex”延长过一次" in refuse(step("extend", day=11, rule="cb-complex"), once, case)


def test_a_reopened_case_may_be_extended_anew() -> None:
    case = replace(CASE, extensions=(replace(COMPLEX, until=datetime(2026, 9, 30)),))
    again = history(ACCEPT, ("extend", 9, {"rule": "cb-complex"}), RESPOND, ("reopen", 12, {}), case=case)
    assert take(step("extend", rule="cb-complex"), again, case=case, policy=POLICY, now=NOW).action == "extend"


def test_what_is_done_must_be_owed() -> None:
    case = replace(CASE, owed=("answer", "report"))
    assert "没有等待“reports”的期限，在等的有：answer、report" in refuse(step("note", done="reports"), [], case)
    assert take(step("note", done="report"), [], case=case, policy=POLICY, now=NOW).details == {"done": "report"}


# —— the system


def test_only_the_system_voids_and_restores_to_where_a_case_was() -> None:
    before = history(ACCEPT, RESPOND)
    assert "只能由系统登记" in refuse(step("void"), before)
    gone = take(step("void", actor="system"), before, case=CASE, policy=POLICY, now=NOW)
    assert (gone.to_state, steps(gone.to_state, policy=POLICY)) == ("void", ())
    assert refuse(step("note"), [*before, gone]).endswith("可以：无")
    back = take(step("restore", actor="system", day=21), [*before, gone], case=CASE, policy=POLICY, now=NOW)
    assert (back.from_state, back.to_state) == ("void", "responded")


# —— whatever happens


DETAILS = {"informed_on": "2026-09-10", "no_improvement": "个案", "assignee": "王芳", "reason": "appraisal"}
WALK = st.lists(st.tuples(st.sampled_from([item.id for item in POLICY.action]), st.integers(0, 29)), max_size=12)


@given(WALK)
def test_no_walk_leaves_the_table_or_turns_back_in_time(walk: list[tuple[str, int]]) -> None:
    legal = {item.id: item for item in POLICY.action}
    events: list[Event] = []
    for action, day in walk:
        try:
            at = datetime(2026, 9, 1) + timedelta(days=day)
            events.append(take(Step(action, "周明", at, "说明", DETAILS), events, case=CASE, policy=POLICY, now=NOW))
        except OfficerError as error:
            assert str(error).startswith("案件 1a2b3c4d")
    state = "received"
    for number, event in enumerate(events, 1):
        assert (event.seq, event.from_state) == (number, state)
        assert state in legal[event.action].from_states
        state = event.to_state
    assert [event.at for event in events] == sorted(event.at for event in events)


@given(WALK, st.sampled_from(["周明", "ledger", "system"]))
def test_no_walk_ends_a_case_of_self_harm_without_a_contact(walk: list[tuple[str, int]], actor: str) -> None:
    events: list[Event] = []
    for action, day in walk:
        if action in ("contact", "void"):
            continue
        try:
            at = datetime(2026, 9, 1) + timedelta(days=day)
            events.append(take(Step(action, actor, at, "说明", DETAILS), events, case=DANGER, policy=POLICY, now=NOW))
        except OfficerError:
            pass
    ends = {"closed", "withdrawn", "transferred", "rejected", *(() if actor == "周明" else ("responded",))}
    assert not ends.intersection(event.to_state for event in events)
