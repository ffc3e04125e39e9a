"""Reading the policy files."""

from pathlib import Path

import pytest

from feedback_nlp import policy, taxonomy
from feedback_nlp.errors import OperatorError


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_policy_of_the_package_speaks_only_of_labels_of_its_taxonomy() -> None:
    policy.check_labels(policy.load(), labels=taxonomy.load().names)


def test_a_rule_about_an_unknown_label_is_refused_by_name(folder: Path) -> None:
    change(folder, "triage.toml", '"funds.theft" = 1.0', '"funds.thief" = 1.0')
    with pytest.raises(OperatorError, match=r"triage\.toml.*funds\.thief"):
        policy.check_labels(policy.load(folder), labels=taxonomy.load().names)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('leaf = ["info.leak"]', 'leaf = ["info.leek"]', r"derived\.toml.*risk-leak.*info\.leek"),
        ('reason = ["returns"]', 'reason = ["return"]', r"derived\.toml.*need-growth-unknown.*'return'"),
        ('sentiment = ["very_negative"]', 'sentiment = ["angry"]', r"derived\.toml.*risk-quality-general.*angry"),
        ('demand = ["apologise"]', 'demand = ["apologize"]', r"derived\.toml.*need-emotional-apology.*apologize"),
        ('"info_leak:done"', '"info_leak:did"', r"derived\.toml.*risk-leak-told.*info_leak:did"),
        ('kinds = ["complaint", ', 'kinds = ["complaints", ', r"derived\.toml need kinds.*complaints"),
    ],
)
def test_a_derived_label_of_an_unknown_label_is_refused_by_rule(folder: Path, old: str, new: str, message: str) -> None:
    change(folder, "derived.toml", old, new)
    with pytest.raises(OperatorError, match=message):
        policy.check_labels(policy.load(folder), labels=taxonomy.load().names)


def test_a_rule_that_gives_an_unknown_label_is_refused_when_read(folder: Path) -> None:
    change(folder, "derived.toml", 'need = ["basic"]', 'need = ["basics"]')
    with pytest.raises(OperatorError, match=r"derived\.toml.*need-basic.*'basics' is no label of need"):
        policy.load(folder)


def test_a_copied_folder_is_the_same_policy_as_the_package(folder: Path) -> None:
    assert policy.load(folder) == policy.load()


def test_a_changed_file_shows_in_its_version_even_if_its_number_stays(folder: Path) -> None:
    change(folder, "sla.toml", "limit = 15", "limit = 10")
    before, after = policy.load().versions, policy.load(folder).versions
    assert before["sla"] != after["sla"]
    assert after["sla"].startswith("sla-2+")
    assert {name for name in before if before[name] != after[name]} == {"sla"}


def test_versions_fit_the_column_that_stores_them() -> None:
    assert all(len(version) <= 40 for version in policy.load().versions.values())


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("sla.toml", "limit = 15", "limits = 15", r"sla\.toml.*unknown key 'limits'; known are id, name, regime"),
        ("cases.toml", "days = 30", "", r"cases\.toml: repeat: key 'days' is missing"),
        ("cases.toml", "crowd = 20", "crowd = true", r"crowd: expected int, found 'True'"),
        ("cases.toml", "alike = 0.7", "alike = 70", r"alike lies between 0 and 1"),
        ("triage.toml", "severity = 0.25", "severity = 0.26", r"triage\.toml.*must add up to 1, found 1\.01"),
        ("triage.toml", "[2, 0.4], [3, 0.7]", "[2, 0.7], [3, 0.4]", r"repetition: bands must rise"),
        ("triage.toml", "[2, 0.4]", "[2, 0.4, 1]", r"expected 2 values"),
        ("escalation.toml", "'轻生'", "'轻生('", r"'轻生\(' is no regular expression"),
        ("escalation.toml", "threat = 3, done = 3", "threat = 4, done = 3", "a level lies between 0 and 3"),
        ("sla.toml", 'unit = "days"', 'unit = "weeks"', r"working_days"),
        ("routing.toml", "[[rule]]", "[[rule]", r"routing\.toml: not readable as TOML"),
        ("routing.toml", "[[rule]]", "[rules]", r"routing\.toml"),
    ],
)
def test_a_mistake_is_refused_with_its_place(folder: Path, name: str, old: str, new: str, message: str) -> None:
    change(folder, name, old, new)
    with pytest.raises(OperatorError, match=message):
        policy.load(folder)


def test_weights_may_be_off_by_rounding_only(folder: Path) -> None:
    change(folder, "triage.toml", "severity = 0.25", "severity = 0.2500000001")
    policy.load(folder)


def test_a_missing_file_says_how_to_get_it(folder: Path) -> None:
    (folder / "triage.toml").unlink()
    with pytest.raises(OperatorError, match=r"triage\.toml: missing; `feedback-nlp init --missing`"):
        policy.load(folder)
