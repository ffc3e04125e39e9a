"""What an imported ledger does to the history of a case."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.clocks import Clock, clocks, due
from feedback_nlp.cases.ledger import follow
from feedback_nlp.cases.openings import answered_on, openings, unanswered
from feedback_nlp.cases.states import CaseNow, Event, Step, state_of, take
from feedback_nlp.errors import OfficerError

POLICY = policy.load()
NOW = datetime(2026, 9, 30, 6)
CASE = CaseNow("1a2b3c4d", date(2026, 9, 1))
DANGER = replace(CASE, kinds=("violence:threat",))


@dataclass(frozen=True)
class Row:
    """One member of a case, as it stands in the store."""

    counted_on: date
    status: str | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    source_kind: str = "ledger"
    complaint_channel: str | None = None
    received_at: datetime | None = None


def on(day: int) -> datetime:
    return datetime(2026, 9, day)


def row(
    day: int, status: str | None = None, closed: int | None = None, *, source: str = "ledger", limit: int = 0
) -> Row:
    received = date(2026, 9, day)
    due_at = datetime.combine(received + timedelta(limit), time.min) if limit else None
    return Row(received, status, on(closed) if closed else None, due_at, source)


class Desk:
    """One case between a ledger that is imported again and again, and the people who work on it."""

    def __init__(self, *rows: Row, case: CaseNow = CASE) -> None:
        self.case, self.history, self.now = case, list[Event](), NOW
        self.deliver(*rows)

    def deliver(self, *rows: Row) -> None:
        self.rows = rows
        event = self._follow()
        if event:
            self.history.append(event)
        again = self._follow()  # a second call has nothing to add, but for a date that cannot be
        assert again is None or again.note.endswith("不合理，未采信")

    def work(self, action: str, day: int, **details: str) -> None:
        step = Step(action, "周明", datetime(2026, 9, day, 9), "说明", details)
        case = replace(self.case, opened_on=min(item.counted_on for item in self.rows))
        self.history.append(take(step, self.history, case=case, policy=POLICY.states, now=NOW))

    def _follow(self) -> Event | None:
        return follow(self.told, self.history, case=self.case, policy=POLICY.states, now=self.now)

    @property
    def told(self) -> tuple[object, ...]:
        return openings(self.rows, kinds=self.case.kinds, policy=POLICY, now=self.now)

    @property
    def state(self) -> str:
        return state_of(self.history)

    @property
    def closed_on(self) -> date | None:
        return answered_on(self.told, self.history, policy=POLICY.states)

    @property
    def due(self) -> Clock | None:
        running = clocks(self.told, self.history, kinds=self.case.kinds, policy=POLICY.sla, now=self.now)
        return due(running, policy=POLICY.sla)

    @property
    def log(self) -> list[tuple[str, str]]:
        return [(event.action, event.to_state) for event in self.history]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("已受理", "accepted"),
        ("处理中", "investigating"),
        ("调查中", "investigating"),
        ("待回复", "investigating"),
        ("已办结", "responded"),
        ("已答复", "responded"),
        ("已撤诉", "withdrawn"),
        ("已转办", "transferred"),
        ("不予受理", "rejected"),
        ("已登记入册", "received"),  # a word nobody has explained
        (None, "received"),
    ],
)
def test_a_status_brings_the_case_where_the_ledger_has_it(status: str | None, state: str) -> None:
    desk = Desk(row(1, status))
    assert desk.state == state
    assert all(event.actor == "ledger" for event in desk.history)


def test_an_answer_is_dated_by_the_ledger_and_closes_no_loop() -> None:
    desk = Desk(row(1, "已办结", 12))
    (event,) = desk.history
    assert (event.action, event.from_state, event.to_state) == ("respond", "received", "responded")
    assert (event.at, event.details["informed_on"], event.note) == (
        datetime(2026, 9, 12, 23, 59, 59),
        "2026-09-12",
        "台账显示“已办结”",
    )
    assert (desk.closed_on, desk.due) == (date(2026, 9, 12), None)


def test_a_closing_date_is_an_answer_whatever_the_status_says() -> None:
    assert Desk(row(1, "处理中", 12)).closed_on == date(2026, 9, 12)
    assert Desk(row(1, None, 12)).state == "responded"
    assert Desk(row(1, "已撤诉", 12)).state == "withdrawn"


@pytest.mark.parametrize("closed", [datetime(2026, 12, 31), datetime(2026, 10, 1), datetime(2026, 8, 31)])
def test_a_closing_date_that_cannot_be_ends_nothing_and_is_written_down_once(closed: datetime) -> None:
    said = replace(row(1, "处理中"), closed_at=closed)
    desk = Desk(said)
    assert desk.log == [("investigate", "investigating")]
    for _ in range(2):
        desk.deliver(said)
        assert desk.log == [("investigate", "investigating"), ("note", "investigating")]
    assert desk.history[-1].note == f"台账的办结日期 {closed.date()} 不合理，未采信"
    assert (desk.closed_on, desk.due and desk.due.due_at.date()) == (None, date(2026, 9, 16))
    desk.deliver(row(1, "已办结", 12))
    assert desk.closed_on == date(2026, 9, 12)


@pytest.mark.parametrize(("received", "closed"), [(1, 1), (1, 30), (30, 30)])
def test_a_closing_date_from_receipt_to_today_is_believed(received: int, closed: int) -> None:
    assert Desk(row(received, None, closed)).closed_on == date(2026, 9, closed)


def test_the_word_for_answered_counts_from_receipt_where_its_date_cannot_be() -> None:
    desk = Desk(replace(row(3, "已办结"), closed_at=datetime(2026, 12, 31)))
    assert (desk.state, desk.closed_on) == ("responded", date(2026, 9, 3))


def test_a_status_without_a_day_counts_from_receipt() -> None:
    assert Desk(row(3, "已答复", source="hotline")).closed_on == date(2026, 9, 3)


def test_a_ledger_that_goes_on_is_followed_step_by_step() -> None:
    desk = Desk(row(1, "已受理"))
    desk.deliver(row(1, "处理中"))
    desk.deliver(row(1, "处理中"))
    desk.deliver(row(1, "已办结", 12))
    desk.deliver(row(1, "已办结", 12))
    assert desk.log == [("accept", "accepted"), ("investigate", "investigating"), ("respond", "responded")]


def test_a_corrected_closing_date_is_written_down_and_counts() -> None:
    desk = Desk(row(1, "已办结", 12))
    desk.deliver(row(1, "已办结", 14))
    assert desk.log[1:] == [("note", "responded")]
    assert desk.history[-1].note == "台账显示“已办结 2026-09-14”"
    assert desk.closed_on == date(2026, 9, 14)


def test_a_ledger_may_correct_its_own_ending() -> None:
    desk = Desk(row(1, "已办结", 12))
    desk.deliver(row(1, "已撤诉", 12))
    assert desk.log == [("respond", "responded"), ("withdraw", "withdrawn")]


# —— people


def test_what_people_have_moved_further_is_not_pulled_back() -> None:
    desk = Desk(row(1, "已受理"))
    desk.work("investigate", 3)
    desk.work("respond", 10, informed_on="2026-09-10")
    desk.deliver(row(1, "已受理"))
    assert desk.state == "responded"
    desk.deliver(row(1, "处理中"))
    assert desk.log[3:] == [("note", "responded")]
    desk.work("close", 11, no_improvement="个案")
    desk.deliver(row(1, "已办结", 12))
    assert desk.log[4:] == [("close", "closed"), ("note", "closed")]
    assert desk.closed_on == date(2026, 9, 10)


def test_a_ledger_that_takes_its_answer_back_reopens_even_a_closed_loop() -> None:
    desk = Desk(row(1, "已办结", 12, limit=15))
    desk.work("close", 15, no_improvement="个案")
    desk.deliver(row(1, "处理中", limit=15))
    assert desk.log == [("respond", "responded"), ("close", "closed"), ("reopen", "investigating")]
    assert desk.history[-1].note == "台账由“已办结 2026-09-12”改为“处理中”，此前的答复不再算数"
    assert desk.closed_on is None
    assert desk.due is not None
    assert desk.due.due_at.date() == date(2026, 9, 16)  # as if it had never been answered
    desk.deliver(row(1, "已办结", 25, limit=15))
    assert (desk.state, desk.closed_on) == ("responded", date(2026, 9, 25))


def test_a_case_that_a_person_reopened_waits_for_a_newer_answer() -> None:
    desk = Desk(row(1, "已办结", 12))
    desk.work("reopen", 20)
    desk.deliver(row(1, "已办结", 12))
    desk.deliver(row(1, "办结", 12))
    assert desk.state == "investigating"
    assert desk.due is not None
    assert desk.due.due_at.date() == date(2026, 10, 5)
    desk.deliver(row(1, "办结", 25))
    assert (desk.state, desk.closed_on, desk.due) == ("responded", date(2026, 9, 25), None)


# —— several letters


def test_a_case_is_answered_when_every_letter_with_a_clock_is() -> None:
    desk = Desk(row(1, "已办结", 5), row(3, source="hotline"))
    assert (desk.state, desk.closed_on) == ("received", None)
    assert desk.due is not None
    assert desk.due.due_at.date() == date(2026, 9, 18)
    desk.deliver(row(1, "已办结", 5), row(3, "已答复", source="hotline"))
    assert (desk.state, desk.closed_on) == ("responded", date(2026, 9, 5))


def test_a_letter_after_the_answer_reopens_with_a_clock_of_its_own() -> None:
    desk = Desk(row(1, source="letter"))
    desk.work("accept", 2)
    desk.work("respond", 5, informed_on="2026-09-05")
    desk.deliver(row(1, source="letter"), row(9, source="hotline"))
    assert desk.log[2:] == [("reopen", "investigating")]
    assert (desk.history[-1].at, desk.history[-1].note) == (on(9), "又收到反馈，尚未答复")
    assert desk.due is not None
    assert desk.due.due_at.date() == date(2026, 9, 24)
    desk.work("respond", 12, informed_on="2026-09-12")
    assert (desk.closed_on, desk.due) == (date(2026, 9, 12), None)


def test_a_review_before_the_answer_waits_for_nothing_and_one_after_it_opens_the_case_again() -> None:
    desk = Desk(row(1, "已办结", 12), row(10, source="app_review"))
    assert desk.closed_on == date(2026, 9, 12)
    desk.deliver(row(1, "已办结", 12), row(13, source="app_review"))
    assert (desk.state, desk.closed_on, desk.due) == ("investigating", None, None)
    desk.deliver(row(1, "已办结", 12))  # it was no complaint after all
    assert (desk.state, desk.closed_on) == ("responded", date(2026, 9, 12))


# —— a person's life


def test_a_ledger_never_ends_a_case_of_violence() -> None:
    desk = Desk(row(1, "已办结", 12), case=DANGER)
    desk.deliver(row(1, "已办结", 12))
    assert desk.log == [("note", "received")]
    assert desk.history[0].note == "台账显示“已办结 2026-09-12”；涉及人身安全，须由人联系客户后方可结案"
    assert desk.closed_on is None
    assert desk.due is not None
    assert desk.due.due_at.date() == date(2026, 9, 16)
    desk.work("accept", 20)
    desk.work("contact", 20)
    desk.deliver(row(1, "已办结", 12))
    assert desk.state == "accepted"
    desk.work("respond", 21, informed_on="2026-09-20")
    assert desk.closed_on == date(2026, 9, 20)


def test_a_threat_seen_later_opens_what_the_ledger_had_ended() -> None:
    desk = Desk(row(1, "已办结", 12))
    desk.case = DANGER
    desk.deliver(row(1, "已办结", 12))
    assert desk.log[1:] == [("reopen", "investigating")]
    assert "须由人联系客户" in desk.history[-1].note
    assert desk.closed_on is None


def test_a_threat_that_was_none_lets_the_ledger_speak_again() -> None:
    desk = Desk(row(1, "已办结", 12), case=DANGER)
    desk.case = CASE
    desk.deliver(row(1, "已办结", 12))
    assert (desk.state, desk.closed_on) == ("responded", date(2026, 9, 12))


def test_a_case_that_was_void_goes_on_where_it_was() -> None:
    desk = Desk(row(1, "已办结", 12))
    for action in ("void", "restore"):
        step = Step(action, "system", on(20))
        desk.history.append(take(step, desk.history, case=CASE, policy=POLICY.states, now=NOW))
        desk.deliver(row(1, "已办结", 12))
    assert desk.log[1:] == [("void", "void"), ("restore", "responded")]
    assert (desk.closed_on, desk.due) == (date(2026, 9, 12), None)
    assert [follow((), told, case=CASE, policy=POLICY.states, now=NOW) for told in ([], desk.history)] == [None, None]


def test_an_answer_stored_with_a_day_before_the_reopening_ends_the_case_on_the_day_it_was_reopened() -> None:
    desk = Desk(row(1, source="letter"))
    desk.work("accept", 2)
    desk.work("respond", 8, informed_on="2026-09-08")
    desk.work("reopen", 10)
    with pytest.raises(OfficerError, match="早于重新办理之日（2026-09-10）"):
        desk.work("respond", 11, informed_on="2026-09-09")
    desk.work("respond", 11, informed_on="2026-09-11")
    early = replace(desk.history[-1], details={"informed_on": "2026-09-09"})  # as an older release let it pass
    assert (desk.closed_on, desk.due) == (date(2026, 9, 11), None)
    desk.history[-1] = early
    assert (desk.closed_on, desk.due) == (date(2026, 9, 10), None)


# —— whatever is delivered

WORDS = st.sampled_from([None, "已受理", "处理中", "已办结", "已撤诉", "已转工单", "闻所未闻"])
ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 20),
        WORDS,
        st.one_of(st.none(), st.integers(20, 29)),
        source=st.sampled_from(["ledger", "hotline", "survey"]),
        limit=st.sampled_from([0, 0, 15, 30]),
    ),
    min_size=1,
    max_size=4,
)


def by_hand(rows: list[Row]) -> tuple[date | None, date | None]:
    """Give the limit and the end of a case that nobody has touched, as the first release counted them."""
    closings, running, waiting = list[date](), list[date](), list[tuple[date, bool]]()
    for item in rows:
        done = item.status in ("已办结", "已撤诉", "已转工单")
        closed = item.closed_at.date() if item.closed_at else item.counted_on if done else None
        clocked = bool(item.due_at) or item.source_kind != "survey"
        limit = item.due_at.date() if item.due_at else item.counted_on + timedelta(15)
        if closed:
            closings.append(closed)
        else:
            running += [limit] if clocked else []
            waiting.append((item.counted_on, clocked))
    still_open = not closings or any(clocked or day > max(closings) for day, clocked in waiting)
    return min(running, default=None), None if still_open else max(closings)


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_after_any_deliveries_a_case_is_due_and_closed_as_its_last_one_says(deliveries: list[list[Row]]) -> None:
    desk = Desk(*deliveries[0])
    for rows in deliveries[1:]:
        desk.deliver(*rows)
    first = desk.due
    assert (first and first.due_at.date(), desk.closed_on) == by_hand(deliveries[-1])
    assert POLICY.states.answered(desk.state) == (desk.closed_on is not None)
    assert [event.at for event in desk.history] == sorted(event.at for event in desk.history)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], rng: object) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Desk(*rows).history == Desk(*shuffled).history


STEPS = st.tuples(
    st.sampled_from(["accept", "investigate", "respond", "close", "reopen", "withdraw", "contact"]), st.integers(1, 30)
)


TURNS = st.tuples(st.sampled_from(["accept", "respond", "close", "reopen", "withdraw"]), st.integers(0, 3))


@given(st.lists(TURNS, max_size=10), st.lists(st.integers(0, 6), min_size=10, max_size=10), st.booleans())
def test_no_case_is_answered_and_due_at_once(turns: list[tuple[str, int]], told: list[int], kept: bool) -> None:
    desk, day = Desk(row(1, source="letter"), row(3, source="hotline")), 3
    for (action, days), back in zip(turns, told, strict=False):
        day = min(day + days, 30)
        informed = f"2026-09-{max(1, day - back):02}"
        with suppress(OfficerError):
            desk.work(action, day, informed_on=informed if kept else f"2026-09-{day:02}", no_improvement="个案")
            if not kept:  # as an older release let it pass
                desk.history[-1] = replace(desk.history[-1], details={"informed_on": informed})
        assert desk.closed_on is None or desk.due is None
        assert desk.closed_on is None or POLICY.states.answered(desk.state)


@given(st.lists(st.one_of(ROWS, STEPS), max_size=8), st.sampled_from([CASE, DANGER]))
def test_whoever_acts_in_whatever_order_a_case_is_answered_when_nothing_waits(
    acts: list[list[Row] | tuple[str, int]], case: CaseNow
) -> None:
    desk = Desk(row(1, "已受理"), case=case)
    for act in acts:
        if isinstance(act, list):
            desk.deliver(*act)
            continue
        with suppress(OfficerError):
            desk.work(act[0], act[1], informed_on=f"2026-09-{act[1]:02}", no_improvement="个案")
    desk.deliver(*desk.rows)
    waiting = unanswered(desk.told, desk.history, policy=POLICY.states)
    if POLICY.states.answered(desk.state):
        assert not waiting
        assert desk.due is None
        assert desk.closed_on is not None
    else:
        assert desk.closed_on is None
    if case is DANGER:
        ends = [event for event in desk.history if event.to_state in ("responded", "closed", "withdrawn", "rejected")]
        assert all(event.actor == "周明" or event.action == "note" for event in ends)
