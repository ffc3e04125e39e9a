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
from feedback_nlp.cases.events import CaseEvent, category_of, counts, is_complaint, people_of
from feedback_nlp.cases.join import FIRST, Place, case_id, crowds, place
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


def mine(name: str, day: int = 0, theme: str = FEE, text: str = "", **registered: str) -> CaseEvent:
    """Make an event of one and the same customer."""
    return replace(event(name, day, theme, ["客户号:1"], text), **registered)  # type: ignore[arg-type]


def cases(new: Sequence[CaseEvent], known: Sequence[CaseEvent] = (), policy: CasesPolicy = POLICY) -> dict[str, str]:
    return {each.feedback_id: each.case_id for each in place(new, known, policy=policy)}


def whys(new: Sequence[CaseEvent], policy: CasesPolicy = POLICY) -> dict[str, str]:
    return {each.feedback_id: each.why for each in place(new, [], policy=policy)}


def placed(events: Sequence[CaseEvent], found: Sequence[Place]) -> list[CaseEvent]:
    """Give the events that have their place, as a store has them."""
    places = {each.feedback_id: each for each in found}
    return [
        replace(each, case_id=places[each.feedback_id].case_id, bands=places[each.feedback_id].bands)
        for each in events
        if each.feedback_id in places
    ]


def test_one_customer_with_one_demand_is_one_case_across_channels() -> None:
    places = place(
        [event("hotline", 0, people=["手机号:a"]), event("ledger", 20, people=["手机号:a", "客户号:1"])],
        [],
        policy=POLICY,
    )
    assert places == [
        Place("hotline", case_id("hotline"), FIRST, ()),
        Place("ledger", case_id("hotline"), "同一客户30天内再次反映，业务和原因相同", ()),
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
    assert whys([first, second])["b"] == "与a内容基本相同"


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
    known = placed(yesterday, place(yesterday, [], policy=POLICY))
    assert cases([event("b", 1, people=["客户号:1"])], known) == {"b": case_id("a")}


def test_a_latecomer_joins_what_is_there() -> None:
    known = [replace(event("b", 5, people=["客户号:1"]), case_id=case_id("b"))]
    assert cases([event("a", 0, people=["客户号:1"])], known) == {"a": case_id("b")}


def test_what_the_banks_own_people_registered_joins_what_the_model_reads_differently() -> None:
    first = mine("a", category="支付结算", product="转账汇款")
    call = mine("b", 5, CRASH, category="支付结算")
    survey = mine("c", 9, "other/service.followup", product="转账汇款")
    assert list(whys([first, call, survey]).values()) == [
        FIRST,
        "同一客户30天内再次反映，登记类别相同（支付结算）",
        "同一客户30天内再次反映，登记产品相同（转账汇款）",
    ]


def test_one_product_in_two_registered_businesses_is_two_matters() -> None:
    events = [
        mine("a", theme="loan/pricing.interest", category="贷款", product="贷款"),
        mine("b", 1, "debt_collection/collection.threat", category="债务催收", product="贷款"),
    ]
    assert len(set(cases(events).values())) == 2


def test_a_registered_business_that_says_too_little_joins_nothing() -> None:
    assert set(whys([mine("a", category="其他"), mine("b", 1, CRASH, category="其他")]).values()) == {FIRST}


def test_a_registered_business_does_not_count_where_the_policy_asks_for_the_theme() -> None:
    by_theme = replace(POLICY, repeat=replace(POLICY.repeat, same="theme"))
    events = [mine("a", category="贷款"), mine("b", 1, "credit_card/disclosure.fees", category="贷款")]
    assert set(whys(events, by_theme).values()) == {FIRST}


CALL = "客户来电反映名下白金卡本月扣收年费五百三十元，称去年客服答复首年免次年达标也免，要求退回年费"
LETTER = "名下白金卡本月扣收年费五百三十元，称去年客服答复首年免次年达标也免。经查客服当时答复有误，请书面答复"


def test_a_text_that_repeats_half_of_the_first_is_the_same_demand_whatever_it_is_read_as() -> None:
    found = whys([mine("a", text=CALL), mine("b", 3, "other/info.leak", LETTER)])
    assert found["b"] == "同一客户30天内再次反映，内容相近"


def test_the_words_of_a_call_note_that_every_note_has_join_nothing() -> None:
    events = [
        mine("a", text="客户来电咨询信用卡年费如何减免，请相关部门尽快核实并回复客户"),
        mine("b", 3, CRASH, "客户来电反映手机银行无法登录多次闪退，请相关部门尽快核实并回复客户"),
    ]
    assert set(whys(events).values()) == {FIRST}


def test_who_says_that_he_comes_back_joins_his_latest_matter() -> None:
    events = [
        mine("a", 0),
        mine("b", 5, "loan/pricing.interest"),
        mine("c", 9, "other/service.followup", "客户再次来电，称上次登记后没有下文"),
    ]
    assert whys(events)["c"] == "同一客户30天内催办此前反映的事"
    assert cases(events)["c"] == case_id("b")


def test_who_says_that_he_comes_back_with_a_theft_has_a_matter_of_its_own() -> None:
    events = [mine("a"), mine("b", 5, "debit_card/funds.theft", "客户再次来电，称卡里的钱被盗刷")]
    assert whys(events)["b"] == FIRST


def test_nobody_comes_back_before_he_came_first() -> None:
    events = [mine("a", 5, "loan/pricing.interest"), mine("b", 0, "other/service.followup", "第二次来电催办")]
    assert set(whys(events).values()) == {FIRST}


def test_a_wave_of_one_letter_is_filed_once_in_half_a_window_and_stays_one_case() -> None:
    half = POLICY.duplicate.days // 2
    wave = [event(f"{day:03d}", day, CRASH, [f"客户号:{day}"], LETTERS[0]) for day in range(0, 4 * half, 5)]
    places = place(wave, [], policy=POLICY)
    assert {each.case_id for each in places} == {case_id("000")}
    assert [each.feedback_id for each in places if each.bands] == ["000", "050", "100", "150"]


def test_of_a_switchboard_nothing_but_its_number_is_needed() -> None:
    crowd = [event(f"{n:03d}", n % 5, people=["手机号:switchboard"]) for n in range(30)]
    known = placed(crowd, place(crowd, [], policy=POLICY))
    new = [event("new", 4, people=["手机号:switchboard"]), event("other", 4, people=["手机号:a"])]
    assert crowds(new, known, policy=POLICY) == {"手机号:switchboard"}
    bare = [replace(each, theme="", text=MaskedText(""), bands=()) for each in known]
    assert place(new, bare, policy=POLICY) == place(new, known, policy=POLICY)


def test_a_crowd_that_is_none_for_a_single_caller_is_looked_at() -> None:
    crowd = [event(f"{n:03d}", 0, people=["手机号:x"]) for n in range(30)]
    known = placed(crowd, place(crowd, [], policy=POLICY))
    assert crowds([event("late", POLICY.repeat.days + 1, people=["手机号:x"])], known, policy=POLICY) == set()


streams = st.lists(
    st.tuples(
        st.integers(0, 130),
        st.sampled_from([FEE, CRASH, "other/service.followup", "credit_card/funds.theft"]),
        st.sets(st.sampled_from(["客户号:1", "客户号:2", "手机号:a", "手机号:b", "身份证:x"]), max_size=2),
        st.sampled_from(
            [*LETTERS, "", LETTERS[0] + "，请尽快", LETTERS[0][:30] + LETTERS[1][:30], "再次来电催办", CALL, LETTER]
        ),
        st.sampled_from([None, "贷款", "其他"]),
        st.sampled_from([None, "转账汇款"]),
    ),
    max_size=40,
).map(
    lambda rows: [replace(event(f"{n:02d}", *row[:4]), category=row[4], product=row[5]) for n, row in enumerate(rows)]
)


def candidates(new: Sequence[CaseEvent], known: Sequence[CaseEvent], policy: CasesPolicy) -> list[CaseEvent]:
    """Fetch as a store does: what shares a key with one of the new events, of a crowd no more than needed."""
    reach = timedelta(max(policy.repeat.days, policy.duplicate.days))
    found = [
        old
        for old in known
        if any(
            abs(old.received_on - each.received_on) <= reach
            and (old.people & each.people or set(old.bands) & set(each.bands))
            for each in new
        )
    ]
    wanted = {band for each in new for band in each.bands}
    nobody = crowds(new, found, policy=policy)
    return [
        replace(old, bands=tuple(band for band in old.bands if band in wanted))
        if not old.people <= nobody or wanted.intersection(old.bands)
        else replace(old, theme="", text=MaskedText(""), bands=(), category=None, product=None)
        for old in found
    ]


@settings(deadline=None)
@given(streams, st.lists(st.integers(0, 40), max_size=5))
def test_any_split_of_a_stream_into_batches_gives_the_cases_of_one_batch(
    events: list[CaseEvent], cuts: list[int]
) -> None:
    ordered = sorted(events, key=lambda each: (each.received_on, each.feedback_id))
    found: list[Place] = []
    for start, stop in pairwise(sorted({0, len(ordered), *(min(cut, len(ordered)) for cut in cuts)})):
        batch = ordered[start:stop]
        found += place(batch, candidates(batch, placed(ordered, found), NARROW), policy=NARROW)
    assert found == place(events, [], policy=NARROW)


@settings(deadline=None)
@given(streams, st.randoms(use_true_random=False))
def test_the_order_in_which_the_deliveries_of_a_day_arrive_does_not_matter(
    events: list[CaseEvent], random: Random
) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert place(shuffled, [], policy=POLICY) == place(events, [], policy=POLICY)


@settings(deadline=None)
@given(streams)
def test_a_second_run_changes_nothing(events: list[CaseEvent]) -> None:
    found = place(events, [], policy=POLICY)
    assert {each.feedback_id for each in found} == {each.feedback_id for each in events}
    assert place(events, placed(events, found), policy=POLICY) == []


@given(st.lists(st.tuples(st.integers(0, 90), st.text(max_size=POLICY.duplicate.shortest_chars - 1)), max_size=20))
def test_short_texts_of_different_people_stay_apart_however_equal(remarks: list[tuple[int, str]]) -> None:
    events = [event(f"{n:02d}", day, people=[f"客户号:{n}"], text=text) for n, (day, text) in enumerate(remarks)]
    assert len(set(cases(events).values())) == len(events)


def test_what_counts_in_cases() -> None:
    def counted(kind: str, source: str, leaf: str = "service.waiting", level: int = 0) -> bool:
        return counts(kind, leaf=leaf, level=level, source_kind=source, policy=POLICY)

    assert counted("complaint", "app_review")
    assert counted("inquiry", "hotline")
    assert not counted("inquiry", "app_review")
    assert not counted("praise", "hotline")
    assert counted("praise", "ledger")  # a person has registered it as a complaint
    assert counted("other", "hotline", "funds.theft")
    assert counted("other", "survey", "info.leak")
    assert not counted("praise", "survey", "funds.theft")  # thanks for a stopped fraud
    assert counted("other", "survey", level=2)  # whatever a model makes of a threat, a person sees it


def test_a_theft_is_no_repeat_of_the_same_customers_complaint_about_a_fee() -> None:
    events = [event("fee", people=["客户号:1"]), event("theft", 5, "credit_card/funds.theft", people=["客户号:1"])]
    assert len(set(cases(events).values())) == 2


def test_where_the_business_says_too_little_the_reason_must_be_the_same_too() -> None:
    events = [
        event("a", theme="other/service.attitude", people=["客户号:1"]),
        event("b", 1, "other/rules.account", ["客户号:1"]),
    ]
    assert len(set(cases(events).values())) == 2


def test_a_complaint_is_what_the_model_or_the_register_calls_one() -> None:
    assert is_complaint("complaint", source_kind="survey", policy=POLICY)
    assert is_complaint("inquiry", source_kind="ledger", policy=POLICY)
    assert not is_complaint("inquiry", source_kind="hotline", policy=POLICY)


def test_the_registered_business_is_the_first_column_that_is_filled() -> None:
    assert category_of({"投诉业务类别": " ", "业务类别": "贷款"}, policy=POLICY) == "贷款"
    assert category_of({"条线类别": "零售"}, policy=POLICY) is None


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
