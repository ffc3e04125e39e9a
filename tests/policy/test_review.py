"""What ``review.toml`` may say."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from feedback_nlp.errors import OperatorError
from feedback_nlp.policy.review import ReviewPolicy
from feedback_nlp.policy.strict import build


@pytest.fixture
def shipped() -> dict[str, Any]:
    return tomllib.loads(files("feedback_nlp.policy").joinpath("review.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("order", ["escalation", "audit"], "order needs exactly"),
        ("order", ["escalation", "changed", "disagreement", "low_confidence", "audit", "audit"], "twice"),
        ("audit_share", 1.5, "audit_share lies between 0 and 1"),
        ("doubt_below", -0.1, "doubt_below lies between 0 and 1"),
        ("escalation_level", 0, "escalation_level lies between 1 and 3"),
        ("facet", {"kind": "类型"}, "facet needs exactly"),
        ("says", {"audit": "抽查"}, "says needs exactly"),
        ("disagreement", [{"id": "all", "says": "都看"}], "'all' names no condition"),
        ("disagreement", [{"id": "x", "says": "等级{level}", "kinds": ["praise"]}], "may speak of"),
        ("disagreement", [{"id": "x", "says": "看", "modalities": ["shouted"]}], "'shouted' is none of"),
        ("disagreement", [{"id": "x", "says": "看", "least_level": 4}], "least_level lies between 0 and 3"),
        ("registered", {"columns": ["类别"], "unless": [], "says": "{product}"}, "may speak of"),
    ],
)
def test_a_review_policy_that_makes_no_sense_is_refused(
    shipped: dict[str, Any], key: str, value: Any, says: str
) -> None:
    with pytest.raises(OperatorError, match=says):
        build(ReviewPolicy, {**shipped, key: value}, where="review.toml")


def test_a_sentence_that_cannot_be_filled_is_refused_when_it_is_loaded(shipped: dict[str, Any]) -> None:
    shipped["says"]["low_confidence"] = "把握{probability}"
    with pytest.raises(OperatorError, match=r"says\.low_confidence.*probability"):
        build(ReviewPolicy, shipped, where="review.toml")


def test_the_shipped_policy_is_accepted(shipped: dict[str, Any]) -> None:
    assert build(ReviewPolicy, shipped, where="review.toml").order[0] == "escalation"
