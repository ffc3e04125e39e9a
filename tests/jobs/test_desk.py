"""The officer's desk on SQLite and PostgreSQL: lists in the right order, steps that the rules allow, nobody overrun."""

import threading
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.jobs import casebook as book

from feedback_nlp.cases.states import Step
from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.casefile import show_case
from feedback_nlp.jobs.desk import Moved, Wanted, assign_case, list_cases, move_case, take_steps, wanted_states
from feedback_nlp.jobs.explain import explain_case
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t

NOON = datetime(2026, 9, 30, 12)


def the_case(work: Workplace, case: book.Case) -> dict[str, Any]:
    (found,) = [row for row in book.rows(work.engine, t.complaint_case) if row["id"] == case.id]
    return found


def moved(work: Workplace, case: book.Case, *actions: str) -> None:
    details = {"respond": {"informed_on": "2026-09-30"}, "close": {"no_improvement": "个案"}}
    for action in actions:
        move_case(work, case.id, action, by="张三", details=details.get(action, {}), now=NOON)


def test_danger_stands_first_whatever_the_scores(work: Workplace) -> None:
    cases = (
        book.Case(1, score=99.0),
        book.regulator(2, score=20.0),
        book.Case(3, score=None),
        book.threat(4, score=50.0),
    )
    book.write(work.engine, *cases)
    found = list_cases(work)
    assert [line.case_id[:2] for line in found.cases] == ["04", "02", "01", "03"]
    assert [line.level_name for line in found.cases] == ["3级 特急", "2级 紧急", "一般", "一般"]
    assert list_cases(work, limit=1).cases[0].case_id == cases[3].id
    assert list_cases(work, limit=1).total == 4


def test_a_line_says_what_a_person_needs_to_begin(work: Workplace) -> None:
    book.write(work.engine, book.threat(1, score=91.0, floor="升级等级 3，不低于 90 分"))
    (line,) = list_cases(work).cases
    assert (line.state_name, line.due_on, line.days_left) == ("已接收", date(2026, 10, 5), 5)
    assert line.theme_name == "债务催收 · 频繁催收"
    assert line.reasons == ("升级等级 3，不低于 90 分", "有升级苗头 +25.0", "手续费年费 +10.0")
    assert line.cues == ("活不下去", "跳楼")
    assert line.source_ids == ("GD20260001",)
    assert set(line.steps) == {"accept", "assign", "extend", "contact", "note"}  # nobody has reached the customer yet


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), {1, 2, 3, 4}),
        (Wanted(level=2), {2}),
        (Wanted(branch="城西"), {3}),
        (Wanted(branch="%"), set()),
        (Wanted(department="信用卡中心"), {1, 2, 3}),
        (Wanted(unrouted=True), {4}),
        (Wanted(overdue_on=date(2026, 9, 30)), {3}),
        (Wanted(assignee="李四"), {2}),
        (Wanted(assignee=""), {1, 3, 4}),
        (Wanted(states=("accepted",), answered=None), set()),
        (Wanted(answered=True), set()),
    ],
)
def test_every_condition_leaves_what_fits(work: Workplace, wanted: Wanted, found: set[int]) -> None:
    book.write(
        work.engine,
        book.Case(1),
        book.regulator(2, assignee="李四"),
        book.Case(3, org="城西支行", received_at=datetime(2026, 9, 10, 8)),
        book.Case(4, department=None),
    )
    assert {int(line.case_id[:2]) for line in list_cases(work, wanted).cases} == found


def test_states_are_asked_for_by_id_or_by_name(work: Workplace) -> None:
    assert wanted_states(work, ["accepted", "闭环"]) == ("accepted", "closed")
    with pytest.raises(OfficerError, match="没有“完结”这种状态；可选：已接收、受理"):
        wanted_states(work, ["完结"])


def test_the_first_digits_of_an_id_find_a_case_where_they_find_only_one(work: Workplace) -> None:
    book.write(work.engine, book.Case(11), book.Case(12))
    assert show_case(work, "11").case.case_id == book.Case(11).id
    for wrong, says in {"1": "不止一个", "99": "没有编号以“99”开头的案件", " ": "没有编号", "1_": "没有编号"}.items():
        with pytest.raises(OfficerError, match=says):
            show_case(work, wrong)


def test_a_case_goes_from_receipt_to_the_closed_loop(work: Workplace) -> None:
    case, item = book.Case(1), book.improvement(work.engine)
    book.write(work.engine, case)
    move_case(work, "01", "受理", by="张三", now=datetime(2026, 9, 22, 9))
    move_case(work, "01", "investigate", by="张三", now=datetime(2026, 9, 23, 9))
    assert the_case(work, case)["closed_on"] is None
    move_case(work, "01", "反馈", by="张三", details={"informed_on": "2026-09-25"}, now=datetime(2026, 9, 25, 16))
    answered = the_case(work, case)
    assert (answered["state"], answered["closed_on"], answered["due_on"]) == ("responded", date(2026, 9, 25), None)
    (clock,) = [row for row in book.rows(work.engine, t.sla_clock) if row["event"] == "answer"]
    assert clock["stopped_at"].date() == date(2026, 9, 25)
    event = move_case(work, "01", "close", by="王五", details={"improvement": "77"}, now=datetime(2026, 9, 28, 10))
    assert (event.details["improvement"], event.from_state, event.to_state) == (item, "responded", "closed")
    assert the_case(work, case)["state"] == "closed"
    told = [(row["seq"], row["actor"], row["action"]) for row in book.rows(work.engine, t.case_event)]
    assert told == [(1, "张三", "accept"), (2, "张三", "investigate"), (3, "张三", "respond"), (4, "王五", "close")]


@pytest.mark.parametrize(
    ("action", "details", "says"),
    [
        ("闭环", {}, "现为“已接收”，不能“闭环”；可以：受理"),
        ("完结", {}, "没有“完结”这一步；可以：受理"),
        ("转办", {}, "请写明说明"),
        ("assign", {}, "承办人"),
        ("extend", {"rule": "cb-special"}, "请写明说明"),
    ],
)
def test_what_the_rules_do_not_allow_is_refused_and_changes_nothing(
    work: Workplace, action: str, details: dict[str, str], says: str
) -> None:
    book.write(work.engine, book.Case(1))
    before = [book.rows(work.engine, table) for table in (t.complaint_case, t.sla_clock, t.case_event)]
    with pytest.raises(OfficerError, match=says):
        move_case(work, "01", action, by="张三", details=details)
    assert [book.rows(work.engine, table) for table in (t.complaint_case, t.sla_clock, t.case_event)] == before


@pytest.mark.parametrize("item", ["99", "77"])
def test_a_case_is_closed_only_against_an_improvement_that_exists_and_is_the_only_one(
    work: Workplace, item: str
) -> None:
    book.write(work.engine, book.Case(1))
    book.improvement(work.engine, "77a" + "e" * 17)
    book.improvement(work.engine, "77b" + "e" * 17)
    moved(work, book.Case(1), "accept", "respond")
    with pytest.raises(OfficerError, match="改进事项"):
        move_case(work, "01", "close", by="张三", details={"improvement": item}, now=NOON)


def test_a_case_of_self_harm_ends_only_after_a_person_has_reached_the_customer(work: Workplace) -> None:
    case = book.threat(1)
    book.write(work.engine, case)
    moved(work, case, "accept", "respond")
    with pytest.raises(OfficerError, match="联系客户"):
        moved(work, case, "close")
    move_case(work, "01", "contact", by="张三", note="已联系上，情绪平稳", now=NOON)
    moved(work, case, "close")
    assert the_case(work, case)["state"] == "closed"


def test_what_officers_write_is_masked_before_it_is_stored(work: Workplace) -> None:
    book.write(work.engine, book.Case(1))
    move_case(work, "01", "note", by="张三", note="已致电 13800138000 说明", now=NOON)
    moved(work, book.Case(1), "accept")
    details = {"informed_on": "2026-09-30", "no_improvement": "客户手机13800138000已停机，个案"}
    move_case(work, "01", "close", by="张三", details=details, now=NOON)
    written = repr(book.rows(work.engine, t.case_event))
    assert "13800138000" not in written
    assert written.count("[手机号]") == 2


def test_an_extension_moves_the_limit_once(work: Workplace) -> None:
    book.write(work.engine, book.Case(1))
    move_case(work, "01", "延长期限", by="张三", note="需调取录音", details={"rule": "情况复杂，延长到30日"}, now=NOON)
    assert the_case(work, book.Case(1))["due_on"] == date(2026, 10, 20)  # 20 September + 30 days
    (line,) = list_cases(work).cases
    assert line.marks == ("已延期",)
    with pytest.raises(OfficerError, match="已经按"):
        move_case(work, "01", "extend", by="张三", note="再延", details={"rule": "cb-complex"}, now=NOON)


def test_a_case_changes_hands(work: Workplace) -> None:
    book.write(work.engine, book.Case(1))
    assign_case(work, "01", "李四", by="张三", now=NOON)
    assert the_case(work, book.Case(1))["assignee"] == "李四"
    assert [line.assignee for line in list_cases(work, Wanted(assignee="李四")).cases] == ["李四"]


def test_whoever_decides_about_what_has_changed_since_is_told_who_changed_it(work: Workplace) -> None:
    case = book.Case(1)
    book.write(work.engine, case)
    take_steps(work, case.id, [Step("accept", "张三", NOON)], now=NOON, seen=0)
    with pytest.raises(Moved, match="已被张三移动（2026-09-30 12:00 受理，现为“受理”），请重新查看"):
        take_steps(work, case.id, [Step("reject", "李四", NOON, "不属我行")], now=NOON, seen=0)
    assert len(book.rows(work.engine, t.case_event)) == 1


def test_of_two_who_take_the_same_step_at_once_one_is_refused(work: Workplace) -> None:
    book.write(work.engine, book.Case(1))
    together, refused = threading.Barrier(2), []

    def accept(name: str) -> None:
        together.wait()
        try:
            move_case(work, "01", "accept", by=name, now=NOON)
        except OfficerError as error:
            refused.append(str(error))

    people = [threading.Thread(target=accept, args=(name,)) for name in ("张三", "李四")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(refused) == 1
    assert [row["seq"] for row in book.rows(work.engine, t.case_event)] == [1]


def test_an_event_that_somebody_has_slipped_in_between_is_a_conflict_too(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = book.Case(1)
    book.write(work.engine, case)
    event = {"case_id": case.id, "seq": 1, "at": NOON, "recorded_at": NOON, "actor": "李四", "action": "accept"}
    row = event | {"from_state": "received", "to_state": "accepted", "note": "", "details": "{}"}
    with work.engine.begin() as connection:
        connection.execute(t.case_event.insert(), row)
    monkeypatch.setattr("feedback_nlp.store.desk.events", lambda connection, ids: [])  # as if it were not there yet
    with pytest.raises(Moved, match="请重新查看"):
        move_case(work, "01", "accept", by="张三", now=NOON)


def test_a_case_tells_everything_that_is_known_of_it(work: Workplace) -> None:
    book.write(work.engine, book.threat(1, request="停止催收。"))
    moved(work, book.threat(1), "accept")
    found = show_case(work, "01")
    (member,) = found.members
    assert (member.why, member.request, member.release) == ("首次反映", "停止催收。", "linear-v1")
    assert {label.facet_name: label.name for label in member.labels}["原因"] == "频繁催收"
    assert next(label for label in member.labels if label.facet == "leaves").clause == "天天被催，我活不下去了，"
    assert [(label.facet_name, label.rule) for label in member.derived] == [("需求类别", "all")]
    assert {hit.name for hit in found.hits} == {"自伤自杀·扬言"}
    assert found.hits[0].clause == "天天被催，我活不下去了，你们再打电话我就跳楼"
    assert [(event.actor_name, event.action_name, event.from_name, event.to_name) for event in found.events] == [
        ("张三", "受理", "已接收", "受理")
    ]
    assert [(clock.rule_name, clock.verified, clock.due_at.date()) for clock in found.clocks] == [
        ("投诉处理决定15日", True, date(2026, 10, 5))
    ]


def test_a_score_is_read_aloud_part_by_part(work: Workplace) -> None:
    book.write(work.engine, book.Case(1, score=85.0, floor="距办结期限还有 5 天，不低于 85 分"))
    told = {section.title: "".join(section.sentences) for section in explain_case(work, "01").sections}
    assert "问题性质：0.40 × 权重 0.25 = 10.0 分，手续费年费。" in told["分数怎么来的"]
    assert "合计 10.0 分。保底：距办结期限还有 5 天，不低于 85 分，所以按 85.0 分计。" in told["分数怎么来的"]
    assert "客户价值：0.00 × 权重 0 = 0.0 分，不计入分数。" in told["分数怎么来的"]
    assert told["来信里读到的金额和日期"] == "金额 300元，读自“三百元”：“信用卡年费三百元没有通知就扣了，要求退还”。"
    assert "来信没有升级苗头" in told["升级苗头"]
    assert "2026-10-05 23:59 到期" in told["期限"]


def test_a_case_without_score_says_so(work: Workplace) -> None:
    book.write(work.engine, book.Case(1, score=None, source_kind="app_review"))
    told = {section.title: section.sentences for section in explain_case(work, "01").sections}
    assert told["分数怎么来的"] == ("今天没有评分：已答复的案件不评分，新开的案件在下一次每日运行时评分。",)
    assert told["期限"] == ("没有期限。",)


def test_history_outlives_every_attempt_to_change_it(work: Workplace) -> None:
    book.write(work.engine, book.Case(1))
    moved(work, book.Case(1), "accept")
    for statement in (t.case_event.update().values(actor="别人"), t.case_event.delete()):
        with pytest.raises(sa.exc.DBAPIError), work.engine.begin() as connection:
            connection.execute(statement)
