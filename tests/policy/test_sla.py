"""The limits and the steps that come with the package, and mistakes in them."""

from datetime import date
from pathlib import Path

import pytest

from feedback_nlp import policy, taxonomy
from feedback_nlp.errors import OperatorError

SLA, STATES = policy.load().sla, policy.load().states


@pytest.mark.parametrize(
    ("rule", "limit", "unit", "verified", "on", "since"),
    [
        ("cb-simple", 15, "days", True, True, date(2020, 3, 1)),
        ("cb-complex", 30, "days", True, True, date(2020, 3, 1)),
        ("cb-special", 60, "days", True, True, date(2020, 3, 1)),
        ("cb-review", 30, "days", False, False, date(2020, 3, 1)),
        ("cb-transfer", 7, "working_days", False, True, date(2020, 3, 1)),
        ("pb-answer", 15, "days", True, True, date(2020, 11, 1)),
        ("pb-extend", 60, "days", True, True, date(2020, 11, 1)),
        ("pb-leak", 72, "hours", True, True, date(2020, 11, 1)),
        ("bank-handover", 2, "hours", True, False, None),
        ("bank-callback", 72, "hours", True, False, None),
        ("seed-reply-3s", 3, "seconds", False, False, None),
        ("seed-reply-30s", 30, "seconds", False, False, None),
        ("seed-adjust", 24, "hours", False, False, None),
        ("seed-complaint", 48, "hours", False, False, None),
    ],
)
def test_every_limit_is_as_the_sources_have_it(
    rule: str, limit: int, unit: str, verified: bool, on: bool, since: date | None
) -> None:
    (found,) = [item for item in SLA.rule if item.id == rule]
    assert (found.limit, found.unit, found.verified, found.on, found.valid_from) == (limit, unit, verified, on, since)
    assert SLA.name_of(rule) == found.name


def test_what_only_a_bank_has_set_itself_waits_to_be_switched_on() -> None:
    assert not [rule.id for rule in SLA.rule if rule.regime == "bank" and rule.on]


def test_extensions_are_chained_and_the_long_ones_need_approval() -> None:
    chain = {rule.id: (rule.extends, bool(rule.approval_by)) for rule in SLA.rule if rule.extends}
    assert chain == {
        "cb-complex": ("cb-simple", False),
        "cb-special": ("cb-complex", True),
        "pb-extend": ("pb-answer", True),
    }
    assert all(rule.must_tell for rule in SLA.rule if rule.extends)


def test_the_answer_ends_where_nobody_owes_one() -> None:
    answered = {state.id for state in STATES.state if state.answered and state.id != "void"}
    assert set(SLA.event["answer"].stop) == answered


def test_every_step_and_detail_has_a_chinese_name() -> None:
    assert STATES.name("investigating") == "调查"
    assert STATES.action_name("close") == "闭环"
    names = [*(item.name for item in (*STATES.state, *STATES.action)), *STATES.actor.values(), *STATES.detail.values()]
    assert all(not name.isascii() for name in names)
    assert (STATES.name("gone"), STATES.action_name("gone"), SLA.name_of("gone")) == ("gone", "gone", "gone")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("sla", 'id = "cb-complex"', 'id = "cb-simple"', r"needs an id of its own"),
        ("sla", 'id = "cb-complex"', 'id = "delivered"', r"'delivered' is taken"),
        (
            "sla",
            'event = "accept"\nlimit',
            'event = "accepted"\nlimit',
            r"event 'accepted' is missing; there are answer",
        ),
        ("sla", 'extends = "cb-complex"', 'extends = "cb-complicated"', r"rule 'cb-complicated' is missing"),
        ("sla", 'extends = "cb-complex"', 'extends = "cb-simple"', r"prolonged by one other only"),
        ("sla", 'extends = "cb-simple"\n', "", r"'cb-complex' needs source_kinds, or extends"),
        ("sla", "limit = 15", "limit = 0", r"limit above 0"),
        ("sla", "['人行|人民银行|12363']", "['人行(']", r"'人行\(' is no regular expression"),
        ("sla", 'regime = "law"', 'regime = "habit"', r"regime of 'cb-simple' is one of law"),
        ("sla", "near_share = 0.8", "near_share = 80", r"near_share lies between 0 and 1"),
        ("sla", "valid_from = 2020-03-01", 'valid_from = "2020"', r"valid_from: expected date"),
        ("states", 'from_states = ["void"]', 'from_states = ["voided"]', r"state 'voided' is missing"),
        ("states", 'id = "contact"', 'id = "call"', r"action 'contact' is missing"),
        ("states", 'requires = ["informed", "result"]', 'requires = ["informd"]', r"action 'close'.*informd"),
        ("states", '"已受理", "受理"', '"已受理", "已办结"', r"\[ledger\]: '已办结' stands there twice"),
        ("states", 'kinds = ["self_harm", "violence"]', 'kinds = ["violence"]', r"kinds must keep self_harm"),
        ("states", 'contact_first = ["close", ', "contact_first = [", r"contact_first must keep close"),
    ],
)
def test_a_mistake_is_refused_when_read(folder: Path, name: str, old: str, new: str, message: str) -> None:
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OperatorError, match=message):
        policy.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('stop = ["responded", "closed"', 'stop = ["answered", "closed"', r"\[event\.answer\] stop: 'answered'"),
        ('start = "reopen"', 'start = "reopened"', r"'cb-review' start: 'reopened'"),
        ('"info_leak:fact"', '"info_leek:fact"', r"kinds: 'info_leek'"),
        ('"info_leak:fact"', '"info_leak:facts"', r"kinds: 'facts'"),
    ],
)
def test_a_limit_that_nothing_could_start_or_stop_is_refused(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "sla.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OperatorError, match=message):
        policy.check_labels(policy.load(folder), labels=taxonomy.load().names)
