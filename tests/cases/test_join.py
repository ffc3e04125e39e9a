"""Events into cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.duplicates import bands
from feedback_nlp.cases.events import CaseEvent, counts, people_of
from feedback_nlp.cases.join import Membership, case_id, join
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.records import Identifier, MaskedText

POLICY = policy.load().cases
DAY = date(2026, 9, 1)
NARROW = replace(POLICY, people=replace(POLICY.people, crowd=3))  # so that a drawn stream has crowds
FEE = "credit_card/pricing.fee"
CRASH = "digital_channel/system.crash"
LETTERS = [
    "本人因突发重大变故致收入锐减暂时无力全额偿还在贵行的个人消费贷款要求立即停止一切形式的催收并减免全部利息由总行书面答复",
    "在贵行贷款期间因当地疫情隔离客观上无法按时还款贵行在报送不良信息前未依法履行事先告知义务程序违法请书面告知处理结果",
    "垃圾银行还我钱",
]


def event(name: str, day: int = 0, theme: str = FEE, people: Sequence[str] = (), text: str = "") -> CaseEvent:
    letter = MaskedText(text)
    return CaseEvent(name, DAY + timedelta(day), theme, frozenset(people), bands(letter, policy=POLICY), letter)


def cases(new: Sequence[CaseEvent], known: Sequence[CaseEvent] = (), policy: CasesPolicy = POLICY) -> dict[str, str]:
    return {each.feedback_id: each.case_id for each in join(new, known, policy=policy)}


def placed(events: Sequence[CaseEvent], found: dict[str, str]) -> list[CaseEvent]:
    return [replace(each, case_id=found[each.feedback_id]) for each in events if each.feedback_id in found]


def test_one_customer_with_one_demand_is_one_case_across_channels() -> None:
    memberships = join(
        [event("hotline", 0, people=["手机号:a"]), event("ledger", 20, people=["手机号:a", "客户号:1"])],
        [],
        policy=POLICY,
    )
    assert memberships == [
        Membership("hotline", case_id("hotline"), "首次反映"),
        Membership("ledger", case_id("hotline"), "同一客户30天内同一诉求"),
    ]


def test_a_reason_told_differently_the_second_time_is_the_same_demand_unless_the_policy_asks_for_the_theme() -> None:
    events = [event("a", people=["客户号:1"]), event("b", 1, "credit_card/disclosure.fees", people=["客户号:1"])]
    by_business, by_theme = (
        replace(POLICY, repeat=replace(POLICY.repeat, same=same)) for same in ("business", "theme")
    )
    assert len(set(cases(events, policy=by_business).values())) == 1
    assert len(set(cases(events, policy=by_theme).values())) == 2


def test_another_demand_of_the_same_customer_is_another_case() -> None:
    found = cases([event("a", people=["客户号:1"]), event("b", 1, CRASH, people=["客户号:1"])])
    assert found["a"] != found["b"]


def test_a_repeat_counts_for_30_days_after_the_last_one() -> None:
    days = [("a", 0), ("b", 30), ("c", 60), ("d", 91)]
    found = cases([event(name, day, people=["客户号:1"]) for name, day in days])
    assert found["a"] == found["b"] == found["c"] != found["d"]


def test_the_same_letter_of_different_people_is_one_case() -> None:
    first, second = event("a", people=["客户号:1"], text=LETTERS[0]), event("b", 40, CRASH, ["客户号:2"], LETTERS[0])
    why = {each.feedback_id: each.why for each in join([first, second], [], policy=POLICY)}
    assert why["b"] == "与a内容基本相同"


def test_the_same_short_text_of_different_people_is_not() -> None:
    found = cases([event("a", text=LETTERS[2]), event("b", text=LETTERS[2])])
    assert found["a"] != found["b"]


def test_a_shared_phone_does_not_join_two_identity_cards() -> None:
    found = cases([event("a", people=["手机号:x", "身份证:1"]), event("b", people=["手机号:x", "身份证:2"])])
    assert found["a"] != found["b"]


def test_a_number_that_everybody_leaves_names_nobody() -> None:
    crowd = POLICY.people.crowd
    found = cases([event(f"{n:03d}", n % 5, people=["手机号:switchboard"]) for n in range(4 * crowd)])
    sizes = [list(found.values()).count(case) for case in set(found.values())]
    assert max(sizes) == crowd


def test_an_event_linked_to_two_cases_joins_the_earlier_and_merges_nothing() -> None:
    letter, repeat = event("letter", 0, text=LETTERS[0]), event("repeat", 1, people=["客户号:1"])
    both = event("both", 2, people=["客户号:1"], text=LETTERS[0])
    found = cases([letter, repeat, both])
    assert found["both"] == found["letter"] != found["repeat"]


def test_yesterdays_case_grows_today() -> None:
    yesterday = [event("a", people=["客户号:1"])]
    known = placed(yesterday, cases(yesterday))
    assert cases([event("b", 1, people=["客户号:1"])], known) == {"b": case_id("a")}


def test_a_latecomer_joins_what_is_there() -> None:
    known = placed([event("b", 5, people=["客户号:1"])], {"b": case_id("b")})
    assert cases([event("a", 0, people=["客户号:1"])], known) == {"a": case_id("b")}


streams = st.lists(
    st.tuples(
        st.integers(0, 130),
        st.sampled_from([FEE, CRASH]),
        st.sets(st.sampled_from(["客户号:1", "客户号:2", "手机号:a", "手机号:b", "身份证:x"]), max_size=2),
        st.sampled_from([*LETTERS, "", LETTERS[0] + "，请尽快", LETTERS[0][:30] + LETTERS[1][:30]]),
    ),
    max_size=40,
).map(lambda rows: [event(f"{n:02d}", *row) for n, row in enumerate(rows)])


def candidates(new: Sequence[CaseEvent], known: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Fetch as a store does: what shares a key with one of the new events and lies within the longest window."""
    reach = timedelta(max(POLICY.repeat.days, POLICY.duplicate.days))
    return [
        old
        for old in known
        if any(
            abs(old.received_on - each.received_on) <= reach
            and (old.people & each.people or set(old.bands) & set(each.bands))
            for each in new
        )
    ]


@settings(deadline=None)
@given(streams, st.lists(st.integers(0, 40), max_size=5))
def test_batches_in_order_give_the_cases_of_one_batch(events: list[CaseEvent], cuts: list[int]) -> None:
    ordered = sorted(events, key=lambda each: (each.received_on, each.feedback_id))
    found: dict[str, str] = {}
    for start, stop in pairwise(sorted({0, len(ordered), *(min(cut, len(ordered)) for cut in cuts)})):
        batch = ordered[start:stop]
        found |= cases(batch, candidates(batch, placed(ordered, found)), NARROW)
    assert found == cases(events, policy=NARROW)


@settings(deadline=None)
@given(streams, st.randoms(use_true_random=False))
def test_the_order_within_a_batch_does_not_matter(events: list[CaseEvent], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert join(shuffled, [], policy=POLICY) == join(events, [], policy=POLICY)


@settings(deadline=None)
@given(streams)
def test_a_second_run_changes_nothing(events: list[CaseEvent]) -> None:
    found = cases(events)
    assert found.keys() == {each.feedback_id for each in events}
    assert join(events, placed(events, found), policy=POLICY) == []


def test_what_counts_in_cases() -> None:
    def counted(kind: str, source: str, leaf: str = "service.waiting") -> bool:
        return counts(kind, leaf=leaf, source_kind=source, policy=POLICY)

    assert counted("complaint", "app_review")
    assert counted("inquiry", "hotline")
    assert not counted("inquiry", "app_review")
    assert not counted("praise", "hotline")
    assert counted("praise", "ledger")  # a person has registered it as a complaint
    assert counted("other", "hotline", "funds.theft")
    assert counted("other", "survey", "info.leak")
    assert not counted("praise", "survey", "funds.theft")  # thanks for a stopped fraud


def test_a_theft_is_no_repeat_of_the_same_customers_complaint_about_a_fee() -> None:
    events = [event("fee", people=["客户号:1"]), event("theft", 5, "credit_card/funds.theft", people=["客户号:1"])]
    assert len(set(cases(events).values())) == 2


def test_where_the_business_says_too_little_the_reason_must_be_the_same_too() -> None:
    events = [
        event("a", theme="other/service.attitude", people=["客户号:1"]),
        event("b", 1, "other/rules.account", ["客户号:1"]),
    ]
    assert len(set(cases(events).values())) == 2


def test_a_phone_in_the_text_names_nobody_but_an_identity_card_does() -> None:
    found = people_of(
        [
            Identifier("手机号", "column", column=True),
            Identifier("手机号", "text"),
            Identifier("身份证", "text"),
            Identifier("邮箱", "column", column=True),
        ],
        policy=POLICY,
    )
    assert found == {"手机号:column", "身份证:text"}
