"""How urgent a case is."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy, taxonomy
from feedback_nlp.classify.escalation import Hit
from feedback_nlp.priority.facts import CaseFacts, TextFacts, merge
from feedback_nlp.priority.triage import score
from feedback_nlp.records import Triage

POLICY = policy.load().triage
CUES = policy.load().escalation
LABELS = taxonomy.load()
TODAY = date(2026, 11, 20)
CALM = CaseFacts(
    case_id="c",
    theme="credit_card/pricing.fee",
    opened_on=date(2026, 11, 10),
    due_on=None,
    closed=False,
    events=1,
    customers=1,
    sentiment=0,
)


def triage(facts: CaseFacts, **changed: Any) -> Triage:
    return score(replace(facts, **changed), policy=POLICY, taxonomy=LABELS, today=TODAY)


def reason(found: Triage, part: str) -> str:
    return next(each.reason for each in found.parts if each.name == part)


def level(number: int) -> TextFacts:
    return TextFacts(level=number, hits=(Hit("legal", "起诉", 0, 2, "threat", number),))


def test_a_case_worked_out_by_hand() -> None:
    """Severity pricing .4·25 = 10; escalation level 2 .7·25 = 17.5; 10 of 15 days 15·2/3 = 10; third time .7·10 = 7;

    one cue of vulnerability .7·8 = 5.6; two customers .3·7 = 2.1; 12,000 yuan .5·5 = 2.5; unhappy .5·5 = 2.5.
    """
    found = triage(
        CALM,
        due_on=date(2026, 11, 25),
        events=3,
        customers=2,
        sentiment=-1,
        texts=TextFacts(1_200_000, ("残疾",), 2, (Hit("legal", "起诉", 4, 6, "threat", 2),)),
    )
    assert found.score == 57.2
    assert found.floor is None
    assert [(part.name, part.reason) for part in found.parts] == [
        ("severity", "问题：手续费年费"),
        ("escalation", "升级苗头 2 级：“起诉”"),
        ("time_pressure", "距办结期限还有 5 天（2026-11-25）"),
        ("repetition", "同一诉求已反映 3 次"),
        ("vulnerability", "特殊群体：残疾"),
        ("people", "涉及 2 名客户"),
        ("amount", "涉及金额 12,000 元"),
        ("emotion", "客户不满"),
        ("customer_value", ""),
    ]
    assert found.policy == POLICY.version


@pytest.mark.parametrize(
    ("changed", "least", "floor"),
    [
        ({"texts": level(3)}, 90, "升级苗头达到 3 级，不低于 90 分"),
        ({"due_on": TODAY + timedelta(2)}, 85, "距办结期限还有 2 天（2026-11-22），不低于 85 分"),
        ({"due_on": TODAY}, 85, "今天是办结期限最后一天（2026-11-20），不低于 85 分"),
        ({"due_on": TODAY - timedelta(3)}, 85, "已超过办结期限 3 天（2026-11-17），不低于 85 分"),
        ({"theme": "debit_card/funds.theft"}, 80, "盗刷与诈骗，不低于 80 分"),
        (
            {"theme": "debit_card/funds.theft", "texts": level(3), "due_on": TODAY},
            90,
            "升级苗头达到 3 级，不低于 90 分",
        ),
    ],
)
def test_some_cases_never_score_less(changed: dict[str, Any], least: float, floor: str) -> None:
    found = triage(CALM, **changed)
    assert (found.score, found.floor) == (least, floor)


def test_three_days_before_its_limit_a_case_has_no_floor_yet() -> None:
    assert triage(CALM, due_on=TODAY + timedelta(3)).floor is None


def test_a_closed_case_has_no_time_pressure() -> None:
    assert triage(CALM, closed=True, due_on=TODAY) == triage(CALM)


def test_the_wealth_of_a_customer_changes_nothing() -> None:
    assert triage(CALM, customer_value=1.0).score == triage(CALM).score


themes = st.sampled_from([f"loan/{leaf}" for leaf in LABELS.labels("leaves")])
texts = st.builds(
    TextFacts,
    amount_fen=st.none() | st.integers(0, 10**10),
    vulnerable=st.lists(st.sampled_from(["老人", "残疾", "孕妇"]), unique=True).map(tuple),
    level=st.integers(0, 3),
)
facts = st.builds(
    CaseFacts,
    case_id=st.just("c"),
    theme=themes,
    opened_on=st.dates(date(2026, 10, 1), TODAY),
    due_on=st.none() | st.dates(date(2026, 10, 1), date(2026, 12, 31)),
    closed=st.booleans(),
    events=st.integers(1, 30),
    customers=st.integers(1, 30),
    sentiment=st.integers(-2, 2),
    texts=texts,
    customer_value=st.floats(0, 1),
)


@given(facts)
def test_a_score_is_its_parts_or_its_floor(case: CaseFacts) -> None:
    found = triage(case)
    assert all(0 <= part.value <= 1 for part in found.parts)
    points = 100 * sum(part.value * part.weight for part in found.parts)
    assert found.score == pytest.approx(points, abs=0.051) or (found.floor and found.score > points - 0.051)
    assert 0 <= found.score <= 100


@given(facts, facts)
def test_more_of_anything_never_lowers_a_score(case: CaseFacts, other: CaseFacts) -> None:
    before = triage(case).score
    dues = [each for each in (case.due_on, other.due_on) if each]
    more: list[dict[str, Any]] = [
        {"events": max(case.events, other.events)},
        {"customers": max(case.customers, other.customers)},
        {"sentiment": min(case.sentiment, other.sentiment)},
        {"texts": merge([case.texts, other.texts])},
        {"customer_value": max(case.customer_value, other.customer_value)},
        {"due_on": min(dues, default=None)},
        {"opened_on": min(case.opened_on, other.opened_on)} if case.due_on is None or case.due_on > TODAY else {},
    ]
    for change in more:
        assert triage(case, **change).score >= before, change


@given(facts)
def test_time_only_presses_harder(case: CaseFacts) -> None:
    tomorrow = score(case, policy=POLICY, taxonomy=LABELS, today=TODAY + timedelta(1))
    assert tomorrow.score >= triage(case).score


@given(st.lists(texts))
def test_merging_in_steps_is_merging_at_once(several: list[TextFacts]) -> None:
    half = len(several) // 2
    assert merge([merge(several[:half]), merge(several[half:])]) == merge(several)
