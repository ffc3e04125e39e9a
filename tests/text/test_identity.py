import hashlib
import hmac
import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.records import Feedback, Identifier, MaskedText
from feedback_nlp.text.identity import (
    base_id,
    canonical,
    content_hash,
    key_id,
    keyed_hash,
    occurrence_id,
    record_id,
)

KEY = b"a key of this test"
FEEDBACK = Feedback(
    id="x", source="ledger", source_kind="ledger", source_id="GD1", text=MaskedText("手续费太高"), content=""
)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=2, max_size=2, unique=True))
def test_different_records_have_different_ids(pairs: list[tuple[str, str]]) -> None:
    assert record_id(*pairs[0]) != record_id(*pairs[1])


def test_fields_cannot_run_together() -> None:
    assert record_id("ab", "c") != record_id("a", "bc")
    assert record_id("a\x1fb", "c") != record_id("a", "b\x1fc")


def test_ids_are_stable_across_releases() -> None:
    """Stored ids must not change: the expected value is built here from the documented recipe."""
    recipe = hashlib.sha256(json.dumps(["record", "ledger", "GD1"]).encode()).hexdigest()[:20]
    assert record_id("ledger", "GD1") == recipe
    assert len(base_id("s", "t", None)) == len(occurrence_id("b", 1)) == 20


def test_equal_texts_on_equal_days_share_a_base_and_occurrences_tell_them_apart() -> None:
    base = base_id("survey", "垃圾", datetime(2026, 1, 1))
    assert base == base_id("survey", "垃圾", datetime(2026, 1, 1)) != base_id("survey", "垃圾", datetime(2026, 1, 2))
    assert len({occurrence_id(base, n) for n in range(1, 301)}) == 300


@pytest.mark.parametrize(
    ("type", "spellings"),
    [
        ("手机号", ["13812345678", "138-1234-5678", "138 1234 5678", "+86 138 1234 5678", "0086-13812345678"]),
        (
            "手机号",
            [
                "13812345678",
                "13812345678.0",
                "1.3812345678E+10",
                "１３８１２３４５６７８",
                " 13812345678\n",
                "8613812345678",
            ],
        ),
        ("电话", ["010-66668888", "(010)66668888", "01066668888", "+86 10 6666 8888", "010 6666 8888"]),
        (
            "身份证",
            ["11010119900307123X", "11010119900307123x", "110101 19900307 123X", "１１０１０１１９９００３０７１２３X"],
        ),
        ("银行卡", ["6222021234567890", "6222 0212 3456 7890", "6222021234567890.00", "6222-0212-3456-7890"]),
        ("邮箱", ["wang.li@example.com", "Wang.Li@EXAMPLE.com", " wang.li＠example.com"]),
        ("姓名", ["王小明", " 王小明 ", "王 小明", "王\u3000小明"]),
        ("客户号", ["C0012345", "c0012345", "C-0012345"]),
    ],
)
def test_spellings_of_one_identifier_have_one_hash(type: str, spellings: list[str]) -> None:
    assert len({keyed_hash(type, written, key=KEY).hmac for written in spellings}) == 1


def test_leading_zeros_of_customer_numbers_count() -> None:
    assert canonical("客户号", "0012345") != canonical("客户号", "12345")


def test_dots_in_addresses_of_mail_count() -> None:
    assert canonical("邮箱", "a.b@c.cn") != canonical("邮箱", "ab@c.cn")


def test_a_telephone_is_typed_by_its_number_not_its_column() -> None:
    assert keyed_hash("电话", "13812345678", key=KEY).type == "手机号"
    assert keyed_hash("手机号", "010-66668888", key=KEY).type == "电话"


def test_the_hash_is_hmac_sha256_of_type_and_canonical_value() -> None:
    message = json.dumps(["identifier", "身份证", "11010119900307123X"]).encode()
    expected = hmac.new(KEY, message, hashlib.sha256).hexdigest()[:32]
    assert keyed_hash("身份证", "11010119900307123x", key=KEY, column=True) == Identifier("身份证", expected, True)


def test_type_and_key_separate_hashes() -> None:
    same = [keyed_hash("身份证", "123456", key=KEY), keyed_hash("账号", "123456", key=KEY)]
    assert same[0].hmac != same[1].hmac != keyed_hash("账号", "123456", key=b"other").hmac


def test_key_ids_tell_keys_apart_and_reveal_nothing() -> None:
    assert key_id(KEY) != key_id(b"other")
    assert len(key_id(KEY)) == 8
    assert key_id(KEY) not in (KEY.hex(), hashlib.sha256(KEY).hexdigest()[:8])


@pytest.mark.parametrize(
    "change",
    [
        {"text": "手续费很高"},
        {"status": "已办结"},
        {"closed_at": datetime(2026, 1, 2)},
        {"rating": 1.0},
        {"reply": "已退"},
        {"extra": {"备注": "急"}},
        {"identifiers": (Identifier("手机号", "0" * 32),)},
    ],
)
def test_any_delivered_change_changes_the_content(change: dict[str, object]) -> None:
    assert content_hash(replace(FEEDBACK, **change)) != content_hash(FEEDBACK)  # type: ignore[arg-type]


def test_content_ignores_order_and_what_we_made_ourselves() -> None:
    one = replace(
        FEEDBACK, extra={"a": MaskedText("1"), "b": MaskedText("2")}, flags=("html",), id="other", content="c"
    )
    two = replace(FEEDBACK, extra={"b": MaskedText("2"), "a": MaskedText("1")})
    assert content_hash(one) == content_hash(two)
