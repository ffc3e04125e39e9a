"""Why a person should look."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import taxonomy
from feedback_nlp.classify.answers import ANSWERED, ESCALATION, find, read, same, vocabulary
from feedback_nlp.classify.escalation import Hit
from feedback_nlp.classify.review import Overruled, Reading, drawn, rank, reasons
from feedback_nlp.errors import OfficerError
from feedback_nlp.policy import load

POLICY = load()
REVIEW = replace(POLICY.review, audit_share=0.0)
WORDS = vocabulary(taxonomy.load(), escalation=POLICY.escalation, review=REVIEW)
SURE = Reading(
    feedback_id="a" * 20, version=1, kind="complaint", business="credit_card", leaves=("pricing.fee",),
    sentiment="negative", confidence=0.9, review=False,
    scores={"kind:complaint": 0.9, "business:credit_card": 0.8, "leaves:pricing.fee": 0.7}, release="linear-a",
)  # fmt: skip
hits = st.builds(
    Hit,
    kind=st.sampled_from([row.id for row in POLICY.escalation.kind]),
    cue=st.just("x"),
    start=st.just(0),
    end=st.just(1),
    modality=st.sampled_from(["threat", "done", "quoted", "fact"]),
    level=st.integers(0, 3),
)
readings = st.builds(
    replace,
    st.just(SURE),
    kind=st.sampled_from(["complaint", "praise", "other"]),
    sentiment=st.sampled_from(["negative", "positive"]),
    leaves=st.sampled_from([("pricing.fee",), ("funds.theft",), ("info.leak", "service.attitude")]),
    confidence=st.floats(0, 1),
    review=st.booleans(),
    hits=st.lists(hits, max_size=3),
)


def why(reading: Reading, **options: object) -> list[tuple[str, str]]:
    return [tuple(item) for item in reasons(reading, policy=REVIEW, words=WORDS, **options)]  # type: ignore[arg-type]


def hit(kind: str, modality: str, level: int) -> Hit:
    return Hit(kind, "x", 0, 1, modality, level)


def test_a_sure_and_consistent_reading_needs_nobody() -> None:
    assert why(SURE) == []


def test_low_confidence_names_the_facet_that_is_doubted_most() -> None:
    [(reason, says)] = why(replace(SURE, review=True, confidence=0.42))
    assert reason == "low_confidence"
    assert says == "模型把握不足（42%），最拿不准的是原因“手续费年费”（70%）"


@pytest.mark.parametrize(
    ("confidence", "kind", "below", "asked"),
    [
        (0.49, 0.9, 0.5, True),
        (0.5, 0.9, 0.5, False),
        (0.8, 0.49, 0.5, True),
        (1.0, 1.0, 1.0, True),
        (0.1, 0.1, 0, False),
    ],
)
def test_of_what_the_model_marks_only_what_is_doubted_enough_waits(
    confidence: float, kind: float, below: float, asked: bool
) -> None:
    marked = replace(SURE, review=True, confidence=confidence, scores={**SURE.scores, "kind:complaint": kind})
    policy = replace(REVIEW, doubt_below=below)
    assert bool(reasons(marked, policy=policy, words=WORDS)) is asked
    assert reasons(replace(marked, review=False), policy=policy, words=WORDS) == ()


def test_escalation_from_level_two_is_asked_however_sure_the_model_is() -> None:
    [(reason, says)] = why(replace(SURE, confidence=1.0, hits=[hit("regulator", "threat", 2)]))
    assert reason == "escalation"
    assert says == "有2级升级苗头：监管投诉（扬言）"
    assert why(replace(SURE, hits=[hit("churn_intent", "threat", 1)])) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"hits": [hit("funds", "done", 1)]}, "规则看到“资金安全（已发生）”，模型给出的原因却是手续费年费"),
        ({"hits": [hit("info_leak", "fact", 1)]}, "规则看到“信息泄露（情况）”，模型给出的原因却是手续费年费"),
        ({"kind": "praise", "sentiment": "negative"}, "模型的标签互相矛盾：类型是表扬，情绪却是不满"),
        (
            {"sentiment": "positive", "kind": "suggestion", "hits": [hit("churn_intent", "threat", 1)]},
            "规则看到“流失意向（扬言）”，模型却认为情绪是满意",
        ),
        ({"registered": {"投诉业务类别": "贷款"}}, "台账登记的业务是贷款，模型给出的是信用卡"),
    ],
)
def test_where_model_and_rules_disagree_the_sentence_names_both(changes: dict[str, object], says: str) -> None:
    assert why(replace(SURE, **changes)) == [("disagreement", says)]  # type: ignore[arg-type]


def test_where_the_model_gives_a_reason_of_the_kind_there_is_no_disagreement() -> None:
    assert why(replace(SURE, leaves=("pricing.fee", "funds.unknown_debit"), hits=[hit("funds", "done", 1)])) == []


def test_a_registered_category_of_the_same_name_or_of_no_business_says_nothing() -> None:
    assert why(replace(SURE, registered={"投诉业务类别": "信用卡"})) == []
    assert why(replace(SURE, registered={"投诉业务类别": "综合类", "经办": "贷款"})) == []
    assert why(replace(SURE, business="digital_channel", registered={"投诉业务类别": "贷款"})) == []


def test_a_decision_that_no_longer_holds_says_whose_it_was() -> None:
    [(reason, says)] = why(SURE, overruled=Overruled("周文", date(2026, 9, 3)))
    assert reason == "changed"
    assert "周文于2026-09-03" in says


@given(readings, readings)
def test_the_queue_goes_by_the_order_of_reasons_then_by_level_then_the_least_sure(one: Reading, two: Reading) -> None:
    found = [(item, reasons(item, policy=REVIEW, words=WORDS)) for item in (one, two)]
    if not all(why for _, why in found):
        return
    (first, first_why), (second, _) = found
    places = [REVIEW.order.index(why[0].reason) for _, why in found]
    ranks = [rank(why, item, policy=REVIEW) for item, why in found]
    if places[0] != places[1]:
        assert (places[0] < places[1]) == (ranks[0] > ranks[1])
    elif first_why[0].reason != "escalation" and abs(first.confidence - second.confidence) > 1e-4:
        assert (first.confidence < second.confidence) == (ranks[0] > ranks[1])
    elif first_why[0].reason == "escalation":
        levels = [max(hit.level for hit in item.hits) for item, _ in found]
        assert levels[0] <= levels[1] or ranks[0] >= ranks[1]


def test_the_audit_draws_about_one_in_a_hundred_and_the_same_ones_always() -> None:
    ids = [f"{number:020x}" for number in range(100_000)]
    sample = {id for id in ids if drawn(id, share=0.01)}
    assert 850 <= len(sample) <= 1150  # within five standard deviations (31.5) of 1,000
    assert sample == {id for id in reversed(ids) if drawn(id, share=0.01)}
    assert sample < {id for id in ids if drawn(id, share=0.02)}


def test_the_audit_draw_is_a_plain_hash_that_another_program_can_repeat() -> None:
    # printf 'audit:00000000000000000000' | sha256sum gives aadf20f4…; 0xaadf / 65,536 = 0.66747
    assert not drawn("0" * 20, share=0.6674)
    assert drawn("0" * 20, share=0.6675)


def test_labels_are_found_by_id_and_by_name() -> None:
    assert find("business", "信用卡", words=WORDS) == find("business", "credit_card", words=WORDS) == "credit_card"
    assert {
        find(ESCALATION, written, words=WORDS) for written in ("监管投诉（扬言）", "监管投诉·扬言", "regulator:threat")
    } == {"regulator:threat"}


@given(st.data())
def test_every_label_that_is_shown_is_read_back(data: st.DataObject) -> None:
    facet = data.draw(st.sampled_from(ANSWERED))
    label = data.draw(st.sampled_from(sorted(WORDS.names[facet])))
    assert read({facet: WORDS.name(facet, label)}, words=WORDS) == {facet: (label,)}


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"business": "火星业务"}, "业务“火星业务”不在可选项中"),
        ({"colour": "red"}, "没有“colour”这一项"),
        ({"kind": ""}, "类型必须正好一个，收到0个"),
        ({"leaves": []}, "原因最少1个、最多3个，收到0个"),
        ({"demand": ["refund", "fix", "handle", "cancel"]}, "诉求最少0个、最多3个，收到4个"),
        ({"leaves": ["other.none", "pricing.fee"]}, "“无实质内容”只能单独使用"),
        ({"escalation": ["legal:shouted"]}, "升级“legal:shouted”不在可选项中"),
    ],
)
def test_an_answer_that_the_rules_do_not_allow_is_refused_with_what_is_wrong(
    given_: dict[str, str | list[str]], says: str
) -> None:
    with pytest.raises(OfficerError, match=says):
        read(given_, words=WORDS)


def test_several_labels_may_stand_in_one_cell_and_none_may_be_said() -> None:
    assert read({"leaves": "手续费年费、service.attitude"}, words=WORDS) == {
        "leaves": ("pricing.fee", "service.attitude")
    }
    assert read({"escalation": "无", "demand": ""}, words=WORDS) == {"escalation": (), "demand": ()}


def test_agreement_asks_for_the_same_first_reason_and_no_other_order() -> None:
    assert same("demand", ("refund", "fix"), ("fix", "refund"))
    assert not same("leaves", ("pricing.fee", "info.leak"), ("info.leak", "pricing.fee"))
    assert not same("demand", ("refund",), ())
