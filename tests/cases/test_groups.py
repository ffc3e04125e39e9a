"""Many customers with one cause."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from feedback_nlp import policy
from feedback_nlp.cases.groups import Group, GroupCase, Span, bursts, poisson_tail, reach, wave

POLICY = policy.load().cases.group
FIRST = date(2026, 1, 1)  # that the store knows
DAY = date(2026, 9, 15)
KEY = ("东城支行", "loan")


def case(name: str, day: date, who: str = "", reason: str = "contract", customers: int = 1) -> GroupCase:
    return GroupCase(name, day, reason, customers, frozenset({f"客户号:{who or name}"}))


def families(many: int, first: date = DAY, days: int = 3) -> list[GroupCase]:
    return [case(f"f{n:02d}", first + timedelta(n % days)) for n in range(many)]


def usual(every: int, first: date = FIRST, last: date = DAY) -> list[GroupCase]:
    """Give a case every so many days."""
    days = range(0, (last - first).days, every)
    return [case(f"u{n:03d}", first + timedelta(n), reason="pricing") for n in days]


def found(
    cases: Sequence[GroupCase], known: Sequence[Span] = (), *, since: date = FIRST, first: date = FIRST
) -> list[Group]:
    return bursts(cases, known, key=KEY, days=(first, since), policy=POLICY)


def test_the_chance_is_the_published_one() -> None:
    assert poisson_tail(20, 10) == pytest.approx(0.00345434, abs=5e-9)


@given(st.integers(0, 400), st.floats(0.001, 300))
def test_the_chance_is_that_of_the_poisson_distribution(count: int, mean: float) -> None:
    assert poisson_tail(count, mean) == pytest.approx(poisson.sf(count - 1, mean), rel=1e-8, abs=1e-300)


def test_twelve_families_at_one_branch_within_three_days_are_a_group() -> None:
    [group] = found([*usual(10), *families(12)])
    assert (group.first_on, group.last_on) == (DAY, DAY + timedelta(2))
    assert (group.org, group.cause) == ("东城支行", "loan/contract")
    assert (len(group.case_ids), group.customers) == (12, 12)
    assert group.expected == pytest.approx((9 + 1) / 90 * 3, abs=5e-5)  # 9 cases in the 90 days before, and one
    assert group.p == pytest.approx(poisson.sf(11, (9 + 1) / 90 * 3))


def test_as_many_are_no_group_where_as_many_come_all_the_time() -> None:
    often = [case(f"d{n}.{k}", FIRST + timedelta(n), reason="pricing") for n in range(257) for k in range(4)]
    assert found([*often, *families(12)]) == []


def test_one_customer_with_many_matters_is_no_group() -> None:
    assert found([*usual(10), *(replace(each, people=frozenset({"客户号:1"})) for each in families(12))]) == []


def test_four_customers_are_no_group_however_unusual() -> None:
    assert found(families(4)) == []


def test_a_store_that_knows_three_weeks_knows_nothing_usual() -> None:
    assert found(families(12), first=DAY - timedelta(POLICY.least_baseline_days - 1)) == []
    assert len(found(families(12), first=DAY - timedelta(POLICY.least_baseline_days))) == 1


def test_one_more_case_days_later_is_nothing_unusual_and_stays_outside() -> None:
    [group] = found([*usual(10), *families(12), case("later", DAY + timedelta(6))])
    assert "later" not in group.case_ids


def test_a_group_grows_under_its_name_and_stays_when_the_window_has_moved_on() -> None:
    before = [*usual(10), *families(8, days=2)]
    [first] = found(before)
    more = [case(f"g{n}", DAY + timedelta(2 + n % 2)) for n in range(6)]
    known = [Span(first.first_on, first.last_on)]
    [grown] = found([*before, *more], known, since=DAY + timedelta(2))
    assert (grown.id, len(grown.case_ids)) == (first.id, 14)
    assert found([*before, *more], [Span(grown.first_on, grown.last_on)], since=DAY + timedelta(30)) == []


def test_what_goes_on_and_on_becomes_usual() -> None:
    busy = [case(f"b{n:03d}.{k}", DAY + timedelta(n), reason="system") for n in range(240) for k in range(3)]
    groups = found([*usual(10), *busy])
    assert groups[0].first_on == DAY
    assert all((group.last_on - group.first_on).days < POLICY.longest_days for group in groups)
    assert max(group.last_on for group in groups) < DAY + timedelta(POLICY.baseline_days)


def test_a_wave_of_letters_counts_in_no_other_group_but_is_one_itself() -> None:
    letter = case("letter", DAY, customers=14)
    assert found([*usual(10), letter]) == []
    group = wave(letter, org="", business="debt_collection", last_on=DAY + timedelta(11))
    assert (group.cause, group.customers, group.case_ids) == ("debt_collection/contract", 14, ("letter",))


def test_a_case_of_two_signers_counts_two() -> None:
    pairs = [case(f"p{n}", DAY, customers=2) for n in range(3)]
    assert [group.customers for group in found([*usual(10), *pairs])] == [6]


def test_chance_alone_makes_hardly_a_group_in_a_hundred_years() -> None:
    """A hundred branches with one case in ten days each, drawn for a year: the policy's p holds."""
    draw = Random(0)
    groups = 0
    for branch in range(100):
        days = [FIRST + timedelta(draw.randrange(365)) for _ in range(36)]
        groups += len(found([case(f"{branch}.{n}", day) for n, day in enumerate(days)]))
    assert groups <= 1


streams = st.lists(
    st.tuples(st.integers(0, 150), st.integers(0, 30), st.sampled_from(["contract", "pricing"])), max_size=70
).map(lambda rows: [case(f"{n:03d}", FIRST + timedelta(day), str(who), why) for n, (day, who, why) in enumerate(rows)])


@settings(deadline=None)
@given(
    streams,
    st.lists(st.integers(40, 130), max_size=2),
    st.lists(st.integers(1, 149), max_size=5),
)
def test_day_by_day_in_one_go_or_in_many_the_groups_are_the_same(
    quiet: list[GroupCase], outbreaks: list[int], cuts: list[int]
) -> None:
    loud = [
        case(f"{start}.{n}", FIRST + timedelta(start + n // 4), f"{start}.{n}")
        for start in outbreaks
        for n in range(24)
    ]
    cases = quiet + loud
    groups: dict[str, Group] = {}
    for start, stop in pairwise(sorted({0, 200, *cuts})):
        since, until = FIRST + timedelta(start), FIRST + timedelta(stop)
        known = [Span(each.first_on, each.last_on) for each in groups.values()]
        within = [each for each in cases if since - timedelta(reach(POLICY)) <= each.opened_on < until]
        groups |= {each.id: each for each in found(within, known, since=since)}
    assert groups == {each.id: each for each in found(cases)}
