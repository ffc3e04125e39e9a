"""Limits. Working days from the State Council's notices on the holidays of 2025 and 2026; days counted by hand."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.calendar import add_working_days, next_working_day, working_days
from feedback_nlp.cases.clocks import Clock, Opening, clocks, due, extensions, near, overdue, owed, share, waits
from feedback_nlp.cases.history import Event
from feedback_nlp.policy.sla import SlaPolicy, SlaRule

POLICY = policy.load().sla
NOW = datetime(2026, 12, 31)
BASE = POLICY.rule[0]


def rule(limit: int, unit: str, **other: object) -> SlaRule:
    told: dict[str, object] = {"source_kinds": ("letter",), "event": "answer", **other}
    return SlaRule(
        id="r", name="示例", regime="bank", limit=limit, unit=unit, source="", verified=True, on=True, **told
    )  # type: ignore[arg-type]


def only(*rules: SlaRule) -> SlaPolicy:
    return replace(POLICY, version="t", rule=rules)


def letter(received: datetime | date, **other: object) -> Opening:
    at = received if isinstance(received, datetime) else datetime.combine(received, time.min)
    return Opening(at, "letter", **other)  # type: ignore[arg-type]


def event(
    action: str, at: datetime, *, to: str = "", was: str = "investigating", actor: str = "周明", **details: str
) -> Event:
    """One event of a history that `numbered` puts in order."""
    return Event("c", 1, at, at, actor, action, was, to or was, "", details)


def numbered(*events: Event) -> list[Event]:
    return [replace(item, seq=number) for number, item in enumerate(events, 1)]


def one(
    opening: Opening,
    *,
    history: list[Event] | None = None,
    by: SlaPolicy = POLICY,
    kinds: tuple[str, ...] = (),
    now: datetime = NOW,
) -> dict[str, Clock]:
    return {clock.rule: clock for clock in clocks([opening], history or [], kinds=kinds, policy=by, now=now)}


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59)


# —— days


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 9, 16), (2026, 10, 1)),  # over the end of a month
        (date(2024, 2, 15), (2024, 3, 1)),  # 29 February 2024
        (date(2023, 2, 15), (2023, 3, 2)),  # no such day in 2023
        (date(2026, 12, 20), (2027, 1, 4)),  # over the end of a year
        (datetime(2026, 9, 16, 23, 59), (2026, 10, 1)),  # the hour does not matter
    ],
)
def test_fifteen_days_run_from_the_day_after_receipt_to_the_end_of_the_last(
    received: date, last: tuple[int, int, int]
) -> None:
    clock = one(letter(received))["cb-simple"]
    assert (clock.due_at, clock.stopped_at, clock.provisional) == (end_of(*last), None, False)


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2025, 9, 27), 1, date(2025, 9, 28)),  # a Sunday that was worked
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # 1–8 October off; the 9th, the 10th, and Saturday the 11th worked
        (date(2025, 1, 26), 2, date(2025, 2, 5)),  # Spring Festival, 28 January to 4 February
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that was worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # Spring Festival, 15 to 23 February
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # National Day, 1 to 7 October
    ],
)
def test_working_days_follow_the_published_calendar(start: date, number: int, end: date) -> None:
    assert add_working_days(start, number) == (end, False)
    assert working_days(start, end) == number
    clock = one(letter(start), by=only(rule(number, "working_days")))["r"]
    assert (clock.due_at, clock.provisional) == (datetime.combine(end, time(23, 59, 59)), False)


def test_beyond_the_published_years_weekdays_stand_in_and_say_so() -> None:
    friday = date(2050, 1, 7)
    clock = one(letter(friday), by=only(rule(5, "working_days")))["r"]
    assert (clock.due_at, clock.provisional) == (end_of(2050, 1, 14), True)
    assert not one(letter(friday), by=only(rule(5, "days")))["r"].provisional


@pytest.mark.parametrize(
    ("received", "roll", "last"),
    [
        (date(2026, 9, 16), False, (2026, 10, 1)),
        (date(2026, 9, 16), True, (2026, 10, 8)),  # 1 to 7 October are off
        (date(2026, 1, 30), True, (2026, 2, 14)),  # a Saturday, but worked
        (date(2026, 5, 1), True, (2026, 5, 18)),  # Saturday 16 May
    ],
)
def test_a_last_day_that_is_a_day_off_may_move_on(received: date, roll: bool, last: tuple[int, int, int]) -> None:
    assert one(letter(received), by=only(rule(15, "days", roll=roll)))["r"].due_at == end_of(*last)


@given(st.dates(date(2010, 1, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_counting_on_is_counting_in_one_go(start: date, number: int) -> None:
    middle, _ = add_working_days(start, number // 2)
    end, _ = add_working_days(start, number)
    assert add_working_days(middle, number - number // 2)[0] == end
    assert working_days(start, end) == number
    assert next_working_day(start)[0] >= start


# —— hours


@pytest.mark.parametrize(
    ("received", "limit", "unit", "last"),
    [
        (datetime(2026, 9, 30, 23, 30), 2, "hours", datetime(2026, 10, 1, 1, 30)),  # over midnight, in a holiday
        (datetime(2024, 2, 27, 10), 72, "hours", datetime(2024, 3, 1, 10)),  # over 29 February
        (datetime(2026, 9, 1), 48, "hours", datetime(2026, 9, 3)),  # a day alone: from its beginning
        (datetime(2026, 9, 1, 10), 30, "seconds", datetime(2026, 9, 1, 10, 0, 30)),
    ],
)
def test_hours_run_from_the_moment_of_receipt(received: datetime, limit: int, unit: str, last: datetime) -> None:
    assert one(letter(received), by=only(rule(limit, unit)))["r"].due_at == last


# —— which rules


def test_the_limit_of_the_ledger_stands_for_the_ordinary_one_and_not_for_the_banks_own() -> None:
    with_bank = replace(POLICY, version="t", rule=(*POLICY.rule, rule(48, "hours")))
    clock = one(letter(datetime(2026, 9, 1, 9), due_at=datetime(2026, 10, 31)), by=with_bank)
    assert set(clock) == {"delivered", "r"}
    assert clock["delivered"].due_at == end_of(2026, 10, 31)
    assert due(clock.values(), policy=POLICY) == clock["r"]


@pytest.mark.parametrize(
    ("limit", "rules", "first"),
    [
        (date(2026, 9, 1), {"delivered"}, (2026, 9, 1)),
        (date(2026, 10, 31), {"delivered"}, (2026, 10, 31)),  # 60 days
        (date(2026, 11, 1), {"delivered", "cb-simple"}, (2026, 9, 16)),  # 61
        (date(2036, 9, 16), {"delivered", "cb-simple"}, (2026, 9, 16)),
        (date(2026, 8, 31), {"delivered", "cb-simple"}, (2026, 8, 31)),
    ],
)
def test_a_limit_of_the_ledger_that_cannot_be_leaves_the_ordinary_one_running(
    limit: date, rules: set[str], first: tuple[int, int, int]
) -> None:
    found = one(letter(datetime(2026, 9, 1, 9), due_at=datetime.combine(limit, time.min)))
    earliest = due(found.values(), policy=POLICY)
    assert earliest is not None
    assert (set(found), earliest.due_at) == (rules, end_of(*first))


@pytest.mark.parametrize("kind", ["survey", "app_review", "social", "other"])
def test_nobody_waits_for_an_answer_to_a_review(kind: str) -> None:
    review = Opening(datetime(2026, 9, 16), kind)
    assert clocks([review], [], kinds=(), policy=POLICY, now=NOW) == ()
    assert not waits(review, kinds=(), policy=POLICY)
    assert waits(letter(date(2026, 9, 16)), kinds=(), policy=POLICY)


@pytest.mark.parametrize(
    ("channel", "beside"),
    [
        (None, set()),
        ("网点柜面", set()),
        ("12378转办", {"cb-transfer"}),
        ("金融监管局转送", {"cb-transfer"}),
        ("人行12363", {"cb-transfer", "pb-answer"}),
    ],
)
def test_what_a_regulator_passes_on_gets_its_rows_beside_the_ordinary_one(
    channel: str | None, beside: set[str]
) -> None:
    found = one(letter(date(2026, 9, 16), complaint_channel=channel))
    assert set(found) == {"cb-simple", *beside}
    first = due(found.values(), policy=POLICY)
    assert first is not None
    assert first.due_at == end_of(2026, 10, 1)


def test_a_leak_is_to_be_reported_within_72_hours() -> None:
    found = one(letter(datetime(2026, 9, 16, 8)), kinds=("info_leak:done", "legal:threat"))
    assert found["pb-leak"].due_at == datetime(2026, 9, 19, 8)
    assert "pb-leak" not in one(letter(datetime(2026, 9, 16, 8)), kinds=("info_leak:negated",))


def test_rules_hold_for_what_is_received_while_they_are_in_force() -> None:
    old = rule(15, "days", valid_to=date(2026, 12, 31))
    new = replace(rule(10, "days", valid_from=date(2027, 1, 1)), id="new")
    assert set(one(letter(datetime(2026, 12, 31, 23)), by=only(old, new))) == {"r"}
    assert set(one(letter(date(2027, 1, 1)), by=only(old, new))) == {"new"}


def test_a_rule_that_is_off_does_not_exist() -> None:
    assert one(letter(date(2026, 9, 16)), by=only(replace(rule(1, "days"), on=False))) == {}


def test_the_contradicting_targets_wait_until_a_bank_switches_one_on() -> None:
    off = {item.id: item for item in POLICY.rule if not item.on}
    assert {"seed-reply-3s", "seed-reply-30s", "seed-adjust", "seed-complaint"} <= set(off)
    on = only(replace(off["seed-complaint"], on=True))
    assert one(letter(datetime(2026, 9, 1, 8)), by=on)["seed-complaint"].due_at == datetime(2026, 9, 3, 8)


# —— what stops a clock


def test_the_day_the_customer_was_told_stops_the_answer() -> None:
    told = event("respond", datetime(2026, 9, 20, 9), to="responded", informed_on="2026-09-12")
    assert one(letter(date(2026, 9, 1)), history=numbered(told))["cb-simple"].stopped_at == end_of(2026, 9, 12)
    same = event("respond", datetime(2026, 9, 12, 9), to="responded", informed_on="2026-09-12")
    assert one(letter(date(2026, 9, 1)), history=numbered(same))["cb-simple"].stopped_at == datetime(2026, 9, 12, 9)


def test_a_day_that_nobody_can_read_counts_as_the_day_of_its_step() -> None:
    told = numbered(
        event("accept", datetime(2026, 9, 2, 9), was="received", to="accepted", informed_on="9月2日"),
        event("pause", datetime(2026, 9, 5, 10), reason="appraisal", informed_on="九月五日"),
        event("respond", datetime(2026, 9, 8, 9), to="responded", informed_on="9月8日"),
    )
    clock = one(letter(date(2026, 9, 1)), history=told)["cb-simple"]
    assert (clock.stopped_at, clock.paused_days) == (datetime(2026, 9, 8, 9), 3)


def test_an_answer_does_not_answer_what_came_after_it() -> None:
    told = numbered(event("respond", datetime(2026, 9, 10, 9), to="responded", informed_on="2026-09-08"))
    late = letter(date(2026, 9, 9))
    found = clocks([letter(date(2026, 9, 1)), late], told, kinds=(), policy=POLICY, now=NOW)
    assert [(clock.started_at, clock.stopped_at) for clock in found] == [(datetime(2026, 9, 9), None)]


def test_the_ledgers_answer_holds_for_its_own_row() -> None:
    ledger = numbered(event("respond", datetime(2026, 9, 10), to="responded", actor="ledger", informed_on="2026-09-10"))
    answered, waiting = letter(date(2026, 9, 1), answered_at=datetime(2026, 9, 10)), letter(date(2026, 9, 2))
    found = clocks([answered, waiting], ledger, kinds=(), policy=POLICY, now=NOW)
    assert [(clock.started_at, clock.stopped_at) for clock in found] == [(datetime(2026, 9, 2), None)]


def test_closing_the_loop_later_does_not_answer_later_letters() -> None:
    events = numbered(
        event("respond", datetime(2026, 9, 5), to="responded", informed_on="2026-09-05"),
        event("close", datetime(2026, 9, 10), was="responded", to="closed"),
    )
    assert one(letter(date(2026, 9, 7)), history=events)["cb-simple"].stopped_at is None
    assert one(letter(date(2026, 9, 1)), history=events)["cb-simple"].stopped_at == datetime(2026, 9, 5)


def test_accepting_a_case_once_is_enough() -> None:
    by = only(rule(7, "working_days", event="accept"))
    accepted = numbered(event("accept", datetime(2026, 9, 3, 9), was="received", to="accepted"))
    before, after = letter(datetime(2026, 9, 1, 8)), letter(datetime(2026, 9, 5, 8))
    assert one(before, by=by, history=accepted)["r"].stopped_at == datetime(2026, 9, 3, 9)
    assert one(after, by=by, history=accepted)["r"].stopped_at == datetime(2026, 9, 5, 8)


def test_a_step_may_say_what_it_has_done() -> None:
    reported = numbered(event("note", datetime(2026, 9, 17, 8), done="report"))
    found = one(letter(datetime(2026, 9, 16, 8)), kinds=("info_leak:done",), history=reported)
    assert found["pb-leak"].stopped_at == datetime(2026, 9, 17, 8)
    assert found["cb-simple"].stopped_at is None
    assert owed(found.values()) == ("answer",)


def test_a_clock_may_start_with_a_step() -> None:
    by = only(rule(30, "days", event="close", start="responded"))
    told = event("respond", datetime(2026, 9, 10, 9), to="responded", informed_on="2026-09-10")
    closed = event("close", datetime(2026, 9, 20, 9), was="responded", to="closed")
    assert one(letter(date(2026, 9, 1)), by=by) == {}
    clock = one(letter(date(2026, 9, 1)), by=by, history=numbered(told))["r"]
    assert (clock.started_at, clock.due_at, clock.stopped_at) == (told.at, end_of(2026, 10, 10), None)
    assert one(letter(date(2026, 9, 1)), by=by, history=numbered(told, closed))["r"].stopped_at == closed.at


# —— reopening


TOLD = event("respond", datetime(2026, 9, 10, 9), to="responded", informed_on="2026-09-10")


def test_clocks_start_anew_where_a_person_reopens() -> None:
    again = event("reopen", datetime(2026, 9, 20, 9), was="responded", to="investigating")
    found = one(letter(date(2026, 9, 1), due_at=datetime(2026, 9, 16)), history=numbered(TOLD, again))
    assert found["delivered"].stopped_at == TOLD.at
    assert (found["cb-simple"].started_at, found["cb-simple"].due_at) == (again.at, end_of(2026, 10, 5))
    answer = event("respond", datetime(2026, 10, 1, 9), to="responded", actor="ledger", informed_on="2026-10-01")
    ended = one(letter(date(2026, 9, 1)), history=numbered(TOLD, again, answer))
    assert ended["cb-simple"].stopped_at == answer.at  # both in time: with six days to spare, and with four
    assert ended["cb-simple"].started_at == again.at


def test_an_answer_after_the_reopening_stops_the_clock_though_its_day_was_written_too_early() -> None:
    again = event("reopen", datetime(2026, 9, 20, 9), was="responded", to="investigating")
    early = event("respond", datetime(2026, 9, 22, 9), to="responded", informed_on="2026-09-19")
    found = one(letter(date(2026, 9, 1)), history=numbered(TOLD, again, early))
    assert due(found.values(), policy=POLICY) is None


def test_an_answer_of_the_same_moment_is_not_one_to_the_reopening() -> None:
    again = event("reopen", TOLD.at, was="responded", to="investigating")
    clock = one(letter(date(2026, 9, 1)), history=numbered(TOLD, again))["cb-simple"]
    assert (clock.started_at, clock.stopped_at) == (TOLD.at, None)


def test_clocks_run_on_where_the_ledger_takes_its_answer_back() -> None:
    back = event(
        "reopen", datetime(2026, 9, 20), was="responded", to="investigating", actor="ledger", clock="continues"
    )
    clock = one(letter(date(2026, 9, 1)), history=numbered(TOLD, back))["cb-simple"]
    assert (clock.started_at, clock.due_at, clock.stopped_at) == (datetime(2026, 9, 1), end_of(2026, 9, 16), None)


def test_another_letter_brings_its_own_clock() -> None:
    another = event("reopen", datetime(2026, 9, 20), was="responded", to="investigating", actor="ledger", clock="own")
    found = clocks(
        [letter(date(2026, 9, 1)), letter(date(2026, 9, 20))], numbered(TOLD, another), kinds=(), policy=POLICY, now=NOW
    )
    assert [(clock.started_at, clock.stopped_at) for clock in found] == [(datetime(2026, 9, 20), None)]


# —— pauses


def pause(begin: datetime, end: datetime | None, *, told: date | None = None) -> list[Event]:
    stop = [event("resume", end)] if end else []
    return [event("pause", begin, reason="appraisal", informed_on=f"{told or begin.date()}"), *stop]


def test_a_pause_lengthens_by_its_days() -> None:
    history = numbered(*pause(datetime(2026, 9, 5, 10), datetime(2026, 9, 12, 9)))
    clock = one(letter(date(2026, 9, 1)), history=history)["cb-simple"]
    assert (clock.due_at, clock.paused_days, clock.paused) == (end_of(2026, 9, 23), 7, False)


def test_time_the_customer_did_not_know_of_is_not_taken_out() -> None:
    history = numbered(*pause(datetime(2026, 9, 5, 10), datetime(2026, 9, 12, 9), told=date(2026, 9, 10)))
    assert one(letter(date(2026, 9, 1)), history=history)["cb-simple"].due_at == end_of(2026, 9, 18)


def test_a_pause_that_lasts_moves_the_limit_with_every_day() -> None:
    history = numbered(*pause(datetime(2026, 9, 5, 10), None))
    for day in (8, 9):
        clock = one(letter(date(2026, 9, 1)), history=history, now=datetime(2026, 9, day, 12))["cb-simple"]
        assert (clock.due_at, clock.paused) == (end_of(2026, 9, 11 + day), True)
        assert share(clock, datetime(2026, 9, day, 12)) == pytest.approx(4.5 / 15.99999, abs=1e-3)


def test_a_pause_in_working_days_lengthens_by_those_alone() -> None:
    history = numbered(*pause(datetime(2026, 9, 30, 10), datetime(2026, 10, 9, 9)))  # 8 and 9 October are worked
    clock = one(letter(date(2026, 9, 28)), history=history, by=only(rule(5, "working_days")))["r"]
    assert (clock.due_at, clock.paused_days) == (end_of(2026, 10, 13), 9)  # 29, 30, then 10 (worked), 12 and 13


def test_a_limit_that_is_over_is_not_lengthened() -> None:
    history = numbered(*pause(datetime(2026, 9, 17), datetime(2026, 9, 25)))
    clock = one(letter(date(2026, 9, 1)), history=history)["cb-simple"]
    assert (clock.due_at, clock.paused_days) == (end_of(2026, 9, 16), 0)


def test_an_answer_ends_the_pause() -> None:
    events = numbered(
        *pause(datetime(2026, 9, 5), None),
        event("respond", datetime(2026, 9, 8, 9), to="responded", informed_on="2026-09-08"),
    )
    clock = one(letter(date(2026, 9, 1)), history=events)["cb-simple"]
    assert (clock.due_at, clock.paused_days, clock.paused) == (end_of(2026, 9, 19), 3, False)


def test_a_report_does_not_wait_for_an_appraisal() -> None:
    history = numbered(*pause(datetime(2026, 9, 16, 9), datetime(2026, 9, 18, 9)))
    found = one(letter(datetime(2026, 9, 16, 8)), kinds=("info_leak:done",), history=history)
    assert found["pb-leak"].due_at == datetime(2026, 9, 19, 8)
    assert found["cb-simple"].due_at == end_of(2026, 10, 3)


MOMENT = st.datetimes(datetime(2026, 8, 20), datetime(2026, 11, 1))
RULE = st.sampled_from([rule(15, "days"), rule(15, "days", roll=True), rule(7, "working_days"), rule(72, "hours")])


@given(MOMENT, st.integers(0, 72), st.integers(14, 40), RULE)
def test_a_pause_holds_from_its_very_moment_on(received: datetime, hours: int, days: int, by: SlaRule) -> None:
    begin = received + timedelta(hours=hours)
    history = numbered(*pause(begin, None))
    at_once, later = (
        one(letter(received), history=history, by=only(by), now=now)["r"] for now in (begin, begin + timedelta(days))
    )
    plain = one(letter(received), by=only(by))["r"]
    assert (at_once.paused, at_once.paused_days, at_once.due_at) == (True, 0, plain.due_at)
    assert (later.paused, later.due_at > at_once.due_at) == (True, True)


def test_a_pause_that_begins_too_late_or_for_something_else_holds_nothing() -> None:
    late = numbered(*pause(datetime(2026, 9, 17), None))
    assert not one(letter(date(2026, 9, 1)), history=late, now=datetime(2026, 9, 17))["cb-simple"].paused
    begin = datetime(2026, 9, 2, 9)
    found = one(letter(date(2026, 9, 1)), kinds=("info_leak:done",), history=numbered(*pause(begin, None)), now=begin)
    assert (found["cb-simple"].paused, found["pb-leak"].paused) == (True, False)


@given(MOMENT, st.lists(MOMENT, min_size=1, max_size=6), RULE)
def test_pausing_never_shortens(received: datetime, moments: list[datetime], by: SlaRule) -> None:
    ordered = sorted(moments)
    events: list[Event] = []
    for begin, end in zip(ordered[::2], [*ordered[1::2], None], strict=False):
        events += pause(begin, end)
        paused, plain = (one(letter(received), history=told, by=only(by))["r"] for told in (numbered(*events), []))
        assert paused.due_at >= plain.due_at
        assert paused.due_at - plain.due_at <= NOW - ordered[0] + timedelta(days=14)
        assert (paused.paused_days == 0) <= (paused.due_at - plain.due_at < timedelta(days=9))


@given(MOMENT, MOMENT, st.integers(0, 20), st.integers(0, 20), RULE)
def test_a_longer_pause_never_shortens(received: datetime, begin: datetime, days: int, more: int, by: SlaRule) -> None:
    ends = (begin + timedelta(days=days), begin + timedelta(days=days + more))
    shorter, longer = (one(letter(received), history=numbered(*pause(begin, end)), by=only(by))["r"] for end in ends)
    assert shorter.due_at <= longer.due_at


# —— extensions


def extend(at: datetime, name: str) -> Event:
    return event("extend", at, rule=name)


def test_a_limit_is_extended_to_thirty_and_to_sixty_days() -> None:
    first, second = extend(datetime(2026, 9, 10), "cb-complex"), extend(datetime(2026, 9, 30), "cb-special")
    plain = one(letter(date(2026, 9, 1)))["cb-simple"]
    once = one(letter(date(2026, 9, 1)), history=numbered(first))["cb-simple"]
    twice = one(letter(date(2026, 9, 1)), history=numbered(first, second))["cb-simple"]
    assert (plain.due_at, plain.extended) == (end_of(2026, 9, 16), False)
    assert (once.due_at, once.extended) == (end_of(2026, 10, 1), True)
    assert (twice.due_at, twice.extended) == (end_of(2026, 10, 31), True)
    assert one(letter(date(2026, 9, 1)), history=numbered(second))["cb-simple"] == plain  # not without the first


def test_what_may_still_be_extended_is_offered_one_after_the_other() -> None:
    first, second = extend(datetime(2026, 9, 10), "cb-complex"), extend(datetime(2026, 9, 30), "cb-special")

    def offered(*events: Event) -> list[tuple[str, datetime, str]]:
        history = numbered(*events)
        found = one(letter(date(2026, 9, 1)), history=history).values()
        return [(item.rule, item.until, item.approval_by) for item in extensions(found, history, policy=POLICY)]

    assert offered() == [("cb-complex", end_of(2026, 9, 16), "")]
    assert offered(first) == [("cb-special", end_of(2026, 10, 1), "上级机构或者总公司高级管理人员")]
    assert offered(first, second) == []
    assert offered(TOLD) == []


def test_a_limit_of_the_ledger_is_extended_in_the_ledger() -> None:
    found = one(letter(date(2026, 9, 1), due_at=datetime(2026, 9, 16)))
    assert extensions(found.values(), [], policy=POLICY) == ()


@given(st.lists(st.tuples(st.integers(1, 15), st.sampled_from(["cb-complex", "cb-special", "pb-extend"])), max_size=6))
def test_extending_again_changes_nothing(days: list[tuple[int, str]]) -> None:
    events = [extend(datetime(2026, 9, day), name) for day, name in sorted(days)]
    found = one(letter(date(2026, 9, 1)), history=numbered(*events))["cb-simple"]
    names = {name for _, name in days}
    expected = 60 if {"cb-complex", "cb-special"} <= names else 30 if "cb-complex" in names else 15
    assert found.due_at == datetime(2026, 9, 1, 23, 59, 59) + timedelta(days=expected)


# —— several letters of one case


@given(st.permutations([(1, None), (3, 9), (5, None), (7, 8)]))
def test_the_order_of_letters_does_not_matter(days: list[tuple[int, int | None]]) -> None:
    told = [
        letter(
            date(2026, 9, day), answered_at=end and datetime(2026, 9, end), complaint_channel="12363" if end else None
        )
        for day, end in days
    ]
    found = clocks(told, [], kinds=(), policy=POLICY, now=NOW)
    assert [(clock.rule, clock.started_at.day, clock.stopped_at is None) for clock in found] == [
        ("cb-transfer", 3, False),
        ("cb-simple", 1, True),
        ("pb-answer", 3, False),
    ]


def test_where_all_is_answered_the_answer_that_was_most_late_decides() -> None:
    on_time = letter(date(2026, 9, 20), answered_at=datetime(2026, 9, 30))
    late = letter(date(2026, 9, 1), answered_at=datetime(2026, 9, 18))
    for told in ([on_time, late], [late, on_time]):
        (clock,) = clocks(told, [], kinds=(), policy=POLICY, now=NOW)
        assert clock.stopped_at == datetime(2026, 9, 18)


def test_the_ledgers_limit_of_one_letter_leaves_the_others_theirs() -> None:
    told = [letter(date(2026, 9, 1), due_at=datetime(2026, 10, 31)), letter(date(2026, 9, 10))]
    found = clocks(told, [], kinds=(), policy=POLICY, now=NOW)
    assert [(clock.rule, clock.due_at) for clock in found] == [
        ("cb-simple", end_of(2026, 9, 25)),
        ("delivered", end_of(2026, 10, 31)),
    ]


# —— how far


def test_a_clock_is_near_over_and_late_as_its_time_passes() -> None:
    clock = one(letter(date(2026, 9, 1)))["cb-simple"]  # 16 days to the second before midnight
    assert share(clock, datetime(2026, 8, 1)) == 0
    assert share(clock, datetime(2026, 9, 9)) == pytest.approx(0.5, abs=1e-5)
    assert not near(clock, datetime(2026, 9, 13), share_from=0.8)
    assert near(clock, datetime(2026, 9, 14), share_from=0.8)
    assert not overdue(clock, end_of(2026, 9, 16))
    assert overdue(clock, datetime(2026, 9, 17))
    assert not near(clock, datetime(2026, 9, 17), share_from=0.8)
    assert not overdue(replace(clock, stopped_at=datetime(2026, 9, 20)), datetime(2026, 9, 30))


@given(MOMENT, MOMENT, st.integers(0, 3000), st.integers(0, 30), RULE)
def test_more_time_never_lowers_the_share(
    received: datetime, now: datetime, minutes: int, paused: int, by: SlaRule
) -> None:
    clock = replace(one(letter(received), by=only(by))["r"], paused_days=paused)
    assert 0 <= share(clock, now) <= share(clock, now + timedelta(minutes=minutes))
    assert overdue(clock, now) <= (share(clock, now) >= 1)


def test_a_limit_that_was_over_before_it_began_is_used_up() -> None:
    clock = one(letter(date(2026, 9, 10), due_at=datetime(2026, 9, 1)))["delivered"]
    assert (clock.due_at, share(clock, NOW)) == (end_of(2026, 9, 1), 1)
