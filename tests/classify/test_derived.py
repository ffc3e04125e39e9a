"""Labels that follow from other labels by rule."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy, taxonomy
from feedback_nlp.classify.derived import Derived, derive, sentences
from feedback_nlp.policy.derived import ASKED, GIVEN, DerivedFacet, DerivedPolicy, DerivedRule, Facets

POLICY = policy.load().derived
TAXONOMY = taxonomy.load()
LEAVES = TAXONOMY.labels("leaves")
HITS = [hit for rule in POLICY.rule for hit in rule.escalation]
PLAIN = {
    "kind": ("complaint",),
    "business": ("debit_card",),
    "touchpoint": ("unknown",),
    "sentiment": ("negative",),
    "leaves": ("pricing.fee",),
    "demand": (),
}


def told(*hits: str, **changed: str) -> Derived:
    return derive(PLAIN | {facet: tuple(value.split()) for facet, value in changed.items()}, hits, policy=POLICY)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    single = {facet: (draw(st.sampled_from(TAXONOMY.labels(facet))),) for facet in taxonomy.SINGLE}
    leaves = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3, unique=True))
    demand = draw(st.lists(st.sampled_from(TAXONOMY.labels("demand")), max_size=3, unique=True))
    return single | {"leaves": tuple(leaves), "demand": tuple(demand)}


some_hits = st.lists(st.sampled_from(HITS), unique=True, max_size=3)


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_leaf_has_a_need_a_process_and_a_direction_in_every_business(leaf: str) -> None:
    for kind, business in product(("complaint", "suggestion", "inquiry"), TAXONOMY.labels("business")):
        found = told(kind=kind, business=business, leaves=leaf)
        assert found.need and found.process and found.direction, (kind, business)
        assert sentences(found, policy=POLICY)


def test_only_what_says_nothing_has_no_stage() -> None:
    assert {leaf for leaf in LEAVES if not told(leaves=leaf).stage} == {"other.general", "other.none"}


@given(rows(), some_hits)
def test_praise_is_never_a_risk_and_asks_for_no_improvement(row: dict[str, tuple[str, ...]], hits: list[str]) -> None:
    found = derive(row | {"kind": ("praise",)}, hits, policy=POLICY)
    assert found.risk == found.direction == ()
    assert found.need and found.process


@given(rows(), some_hits)
def test_every_label_names_a_rule_that_gives_it_and_fits(row: dict[str, tuple[str, ...]], hits: list[str]) -> None:
    found = derive(row, hits, policy=POLICY)
    assert set(found.rules) == {f"{facet}:{label}" for facet in GIVEN for label in getattr(found, facet)}
    by_id = {rule.id: rule for rule in POLICY.rule}
    here = {
        **row,
        "leaf": row["leaves"],
        "reason": tuple(map(taxonomy.parent, row["leaves"])),
        "escalation": tuple(hits),
    }
    for name, rule_id in found.rules.items():
        facet, label = name.split(":")
        assert label in getattr(by_id[rule_id], facet)
        for asked in ASKED:
            wanted = getattr(by_id[rule_id], asked)
            assert not wanted or set(wanted) & set(here[asked])


@given(rows(), some_hits)
def test_stage_and_process_are_at_most_one_and_look_at_the_first_leaf_alone(
    row: dict[str, tuple[str, ...]], hits: list[str]
) -> None:
    found = derive(row, hits, policy=POLICY)
    assert len(found.stage) <= 1 == len(found.process)
    alone = derive(row | {"leaves": row["leaves"][:1]}, hits, policy=POLICY)
    assert (found.stage, found.process) == (alone.stage, alone.process)


@given(rows(), st.sampled_from(HITS))
def test_one_more_signal_never_takes_a_risk_away(row: dict[str, tuple[str, ...]], hit: str) -> None:
    assert set(derive(row, policy=POLICY).risk) <= set(derive(row, [hit], policy=POLICY).risk)


def test_a_matter_of_savings_told_rudely_is_a_basic_and_an_emotional_need() -> None:
    assert told(business="rmb_savings", leaves="service.attitude").need == ("basic", "emotional")
    assert told(business="own_wealth", leaves="returns.loss").need == ("growth",)
    assert told(business="other", leaves="returns.loss").need == ("growth",)
    assert told(business="other", leaves="service.attitude").need == ("emotional",)


def test_risks_come_from_complaints_and_from_what_has_happened() -> None:
    assert told(leaves="info.leak").risk == ("leak", "compliance")
    assert told(leaves="system.crash service.waiting").risk == ("outage", "quality")
    assert told(leaves="pricing.fee").risk == ()
    assert told(kind="inquiry", leaves="info.leak").risk == ()
    assert told("info_leak:done", kind="inquiry", leaves="info.leak").risk == ("leak", "compliance")
    assert told("info_leak:asked", kind="inquiry", leaves="info.leak").risk == ()


def test_the_journey_goes_from_a_question_to_an_improvement() -> None:
    assert told(kind="inquiry", leaves="rules.usage").stage == ("discover",)
    assert told(leaves="marketing.misleading").stage == ("recommend",)
    assert told(business="own_wealth", leaves="disclosure.terms").stage == ("match",)
    assert told(business="loan", leaves="disclosure.terms").stage == ("recommend",)
    assert told(leaves="system.transaction").stage == ("deliver",)
    assert told("regulator:done", leaves="system.transaction").stage == ("complain",)
    assert told(kind="suggestion", leaves="system.function").stage == ("improve",)


def test_a_direction_is_a_label_and_a_sentence() -> None:
    found = told(leaves="service.shirking system.crash")
    assert found.direction == ("process", "standard", "system")
    assert sentences(found, policy=POLICY) == (
        "实行首问负责，规定转办时限，由一个人跟到底。",
        "找出崩溃和卡顿最多的页面与机型，修好后再发布，发布前做压力测试。",
    )


def test_a_bank_that_changes_a_rule_gets_its_own_answer() -> None:
    rule = DerivedRule(id="own", leaf=("pricing.fee",), touchpoint=("unknown",), risk=("quality",))
    assert derive(PLAIN, policy=replace(POLICY, version="own", rule=(rule,))).rules == {"risk:quality": "own"}
    assert derive(PLAIN, policy=replace(POLICY, version="own", rule=())).rules == {}  # even under the same version


def test_rules_that_cannot_be_right_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one condition"):
        DerivedRule(id="x", risk=("quality",))
    with pytest.raises(ValueError, match="at least one label"):
        DerivedRule(id="x", leaf=("pricing.fee",))
    with pytest.raises(ValueError, match="direction and says"):
        DerivedRule(id="x", leaf=("pricing.fee",), direction=("product",))
    facet = DerivedFacet("名", True, ("complaint",), {"a": "甲"})
    facets = Facets(*[facet] * 5)
    rule = DerivedRule(id="x", leaf=("pricing.fee",), need=("b",))
    with pytest.raises(ValueError, match="'b' is no label of need"):
        DerivedPolicy("v", facets, (rule,))
    with pytest.raises(ValueError, match="'x' stands twice"):
        DerivedPolicy("v", facets, (replace(rule, need=("a",)),) * 2)
