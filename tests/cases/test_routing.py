"""Who handles what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy, taxonomy
from feedback_nlp.cases.routing import NOBODY, Route, route
from feedback_nlp.policy.routing import RoutingPolicy, RoutingRule

ROUTING = policy.load().routing
LABELS = taxonomy.load()
THEMES = [f"{business}/{leaf}" for business in LABELS.labels("business") for leaf in LABELS.labels("leaves")]


def rules(*rule: RoutingRule) -> RoutingPolicy:
    return RoutingPolicy("v", rule)


def rule(owner: str, **conditions: object) -> RoutingRule:
    return RoutingRule(process="流程", department="部门", owner=owner, **conditions)  # type: ignore[arg-type]


def test_the_first_rule_that_fits_decides() -> None:
    theft = route("credit_card/funds.theft", org="东港支行", routing=ROUTING)
    assert theft == Route("资金安全处置", "风险管理部", "反欺诈负责人")
    assert route("credit_card/info.credit_record", routing=ROUTING).process == "征信异议处理"
    first, second = rule("甲", business="loan"), rule("乙", reason="pricing")
    assert route("loan/pricing.fee", routing=rules(first, second)).owner == "甲"
    assert route("loan/pricing.fee", routing=rules(second, first)).owner == "乙"


def test_every_condition_given_must_hold() -> None:
    both = rules(rule("甲", business="loan", leaf="pricing.fee", org=("东港*", "*西关*")))
    assert route("loan/pricing.fee", org="新城西关支行", routing=both).owner == "甲"
    assert route("loan/pricing.fee", org="新城东港支行", routing=both) == NOBODY
    assert route("loan/pricing.penalty", org="东港支行", routing=both) == NOBODY
    assert route("payment/pricing.fee", org="东港支行", routing=both) == NOBODY


@pytest.mark.parametrize("leaf", [leaf for leaf in LABELS.labels("leaves") if leaf.startswith("service.")])
def test_service_goes_to_the_branch_complained_about(leaf: str) -> None:
    assert route(f"payment/{leaf}", org="东港支行", routing=ROUTING) == Route("服务管理", "东港支行", "网点负责人")
    assert route(f"payment/{leaf}", org="总行信用卡中心", routing=ROUTING).owner == "服务质量负责人"
    for unknown in (None, "", "  ", "不详"):
        assert route(f"payment/{leaf}", org=unknown, routing=ROUTING).department == "客户服务部"


def test_a_rule_that_names_the_branch_does_not_fit_where_none_is_known() -> None:
    own = RoutingRule(process="服务管理", department="{org}", owner="{org}负责人")
    assert route("loan/pricing.fee", org="东港支行", routing=rules(own)) == Route(
        "服务管理", "东港支行", "东港支行负责人"
    )
    assert route("loan/pricing.fee", routing=rules(own)) == NOBODY
    assert route("loan/pricing.fee", routing=rules(own, rule("乙"))).owner == "乙"


def test_what_no_rule_fits_is_unrouted_in_every_column() -> None:
    assert route("other/other.general", org="东港支行", routing=ROUTING) == NOBODY
    assert route("loan/pricing.fee", routing=rules()) == Route("未分派", "未分派", "未分派")


@pytest.mark.parametrize("org", [None, "东港支行", "总行信用卡中心", "不详"])
def test_every_business_but_the_unknown_one_has_an_owner(org: str | None) -> None:
    nobody = {theme for theme in THEMES if route(theme, org=org, routing=ROUTING) == NOBODY}
    assert {theme.split("/")[0] for theme in nobody} == {"other"}


@given(st.sampled_from(THEMES), st.none() | st.text(max_size=12))
def test_no_placeholder_is_left_and_nothing_is_lost(theme: str, org: str | None) -> None:
    found = route(theme, org=org, routing=ROUTING)
    assert all((found.process, found.department, found.owner))
    assert "{org}" in (org or "") or "{org}" not in found.department + found.owner


@pytest.mark.parametrize(
    "wrong",
    [
        {"process": "流程", "department": "{branch}", "owner": "甲"},
        {"process": "{org}", "department": "部门", "owner": "甲"},
        {"process": "流程", "department": " ", "owner": "甲"},
        {"process": "流程", "department": "部门", "owner": "甲", "org": ("",)},
    ],
)
def test_a_rule_that_would_route_to_nowhere_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\{org\}"):
        RoutingRule(**wrong)  # type: ignore[arg-type]
