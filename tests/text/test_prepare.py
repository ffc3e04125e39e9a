import time
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback_nlp.records import RawFeedback
from feedback_nlp.text.fingerprint import probes
from feedback_nlp.text.identity import base_id, keyed_hash, occurrence_id, record_id
from feedback_nlp.text.prepare import prepare, prepare_feedback

KEY = b"a key of this test"
RAW = RawFeedback(source="ledger", source_kind="ledger", file="a.xlsx", row=4, text="手续费太高，电话13812345678")
PIECES = st.sampled_from(
    [
        *("<br>", "<b", ">", "&amp;", "&nbsp;", "nbsp;", "＆ｎｂｓｐ；", "&#x1F621;", "??", "\ud83d", "\ufeff"),
        *("業(yè)", "(yè)", "業", "無", "帳", "户", "著急", "客服", "涓€", "鎴戣", " ", "\u3000", "\n"),
        *("😡", "👍🏿", "\u200d", "\ufe0f", "1️⃣", "！！！！", "[怒]", "[手机号]", "[", "]"),
        *("138", "1234", "5678", "１３８", "姓名：", "王小明", "卡号", "6222021234567890128", "密码是", "123456"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
@example("<<b>b>")
@example("&amp;lt;br&amp;gt;")
@example("&ｎｂｓｐ;")
def test_preparing_twice_is_preparing_once(text: str) -> None:
    once = prepare(text).text
    assert prepare(once).text == once


@pytest.mark.parametrize("probe", probes())
def test_probes_are_prepared_once_and_for_all(probe: str) -> None:
    once = prepare(probe).text
    assert prepare(once).text == once


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("", ("empty",)),
        (" \u200b\n", ("empty",)),
        ("无", ("uninformative",)),
        ("1", ("uninformative",)),
        ("。。。？？？", ("uninformative",)),
        ("[手机号]", ("uninformative",)),
        ("N/A", ("uninformative",)),
        ("同上", ("boilerplate",)),
        ("客户来电反映：", ("boilerplate",)),
        ("系统默认好评！", ("boilerplate",)),
        ("投诉内容：无", ("boilerplate",)),
        ("無", ("traditional", "uninformative")),
        ("業(yè)務太慢", ("pinyin", "traditional")),
        ("<br>", ("html", "empty")),
    ],
)
def test_flags_say_what_a_text_is_not_good_for(text: str, flags: tuple[str, ...]) -> None:
    assert prepare(text).flags == flags


@pytest.mark.parametrize(
    "text",
    ["垃圾", "好", "👍", "😡😡😡", "无语", "谢谢", "没人管", "同上次一样慢", "客户来电反映年费过高", "其他银行都行"],
)
def test_short_texts_that_say_something_carry_no_flag(text: str) -> None:
    assert prepare(text).flags == ()


@pytest.mark.parametrize("text", ["\ud800", "\udfff电话\ud800", "\x00", "👨‍👩‍👧‍👦", "🏿"])
def test_odd_characters_do_not_raise(text: str) -> None:
    assert prepare(text).text.encode("utf-8") is not None


@pytest.mark.parametrize("unit", ["我要投诉手机银行打不开😡。", "<b", "業(yè)", "&amp;", "！", "[a", "&#", "鎴"])
def test_a_hundred_thousand_characters_take_less_than_a_second(unit: str) -> None:
    prepare("業(yè)😡")
    text = (unit * 100_000)[:100_000]
    started = time.perf_counter()
    prepare(text)
    assert time.perf_counter() - started < 1


def test_no_delivered_identifier_is_left_in_any_text() -> None:
    number = "13812345678"
    raw = replace(
        RAW,
        request=f"回电{number}",
        reply=f"已联系{number}",
        org=f"支行{number}",
        product=f"卡{number}",
        status=f"转{number}",
        complaint_channel=f"热线{number}",
        service_channel=f"柜面{number}",
        extra={"备注": f"另有{number}", "长备注": f"客户补充说明如下：{number}" + "，请尽快回电" * 9},
        identifiers=(("手机号", number),),
        source_id=number,
    )
    assert number not in repr(prepare_feedback(raw, key=KEY))
    assert prepare_feedback(raw, key=KEY).extra["备注"] == "另有[手机号]"


def test_the_header_of_a_column_is_a_cue_for_its_value() -> None:
    feedback = prepare_feedback(replace(RAW, extra={"投诉人姓名": "王小明", "是否有责": "否"}), key=KEY)
    assert dict(feedback.extra) == {"投诉人姓名": "[姓名]", "是否有责": "否"}


def test_a_number_in_a_column_and_in_the_text_is_one_identifier() -> None:
    raw = replace(RAW, identifiers=(("手机号", "138-1234-5678"), ("电话", "13812345678.0"), ("客户号", "C001")))
    assert prepare_feedback(raw, key=KEY).identifiers == (
        keyed_hash("手机号", "13812345678", key=KEY, column=True),
        keyed_hash("客户号", "C001", key=KEY, column=True),
    )


def test_a_cell_may_hold_several_contacts() -> None:
    raw = replace(RAW, text="手续费太高", identifiers=(("手机号", "13812345678 / 13987654321"),))
    hashes = {known.hmac for known in prepare_feedback(raw, key=KEY).identifiers}
    assert hashes == {keyed_hash("手机号", number, key=KEY).hmac for number in ("13812345678", "13987654321")}


@pytest.mark.parametrize(
    "nobody", ["", "无", "-", "不详", "匿名", "0", "00000000000", "138****5678", "N/A", "null", "张*"]
)
def test_a_cell_that_names_nobody_gives_no_identifier(nobody: str) -> None:
    raw = replace(RAW, text="手续费太高", identifiers=(("手机号", nobody), ("姓名", nobody)))
    assert prepare_feedback(raw, key=KEY).identifiers == ()


def test_secrets_are_not_kept_even_as_hashes() -> None:
    raw = replace(RAW, text="密码是482913，验证码 889900")
    assert prepare_feedback(raw, key=KEY).identifiers == ()


def test_rows_are_named_by_their_senders_id() -> None:
    feedback = prepare_feedback(replace(RAW, source_id="GD20260001"), key=KEY)
    assert feedback.source_id == "GD20260001"
    assert feedback.id == record_id("ledger", "GD20260001")


@pytest.mark.parametrize(
    "number",
    ["13812345678", "13812345678-1", "T13812345678", "王建国13812345678", "E12345678", "李娜20260901", "a.li@b.cn"],
)
def test_an_id_that_is_or_holds_a_personal_identifier_is_kept_as_its_hash_only(number: str) -> None:
    feedback = prepare_feedback(replace(RAW, source_id=number), key=KEY)
    assert feedback.source_id == keyed_hash("编号", number, key=KEY).hmac
    assert feedback.id == record_id("ledger", feedback.source_id)


@pytest.mark.parametrize(
    "id_", ["工单20260901001", "投诉2026-0001", "第12号", "R0000001", "GD20260001", "FB/2026/0001"]
)
def test_an_id_of_digits_and_words_of_order_stays_as_it_is(id_: str) -> None:
    assert prepare_feedback(replace(RAW, source_id=id_), key=KEY).source_id == id_


def test_rows_without_an_id_are_named_by_what_was_said_when_and_by_whom() -> None:
    moment = datetime(2026, 1, 2, 9)
    feedback = prepare_feedback(replace(RAW, received_at=moment), key=KEY)
    marks = [item.hmac for item in feedback.identifiers if item.column]
    assert feedback.source_id is None
    assert feedback.id == occurrence_id(base_id("ledger", "手续费太高，电话[手机号]", moment, marks=marks), 1)
    others = [
        replace(RAW, received_at=datetime(2026, 1, 2, 10)),
        replace(RAW, received_at=moment, identifiers=(("手机号", "13987654321"),)),
        replace(RAW, received_at=moment, rating=1.0),
    ]
    assert feedback.id not in {prepare_feedback(other, key=KEY).id for other in others}
    assert feedback.id == prepare_feedback(replace(RAW, received_at=moment, status="已办结"), key=KEY).id


def test_content_is_that_of_the_record_not_of_its_place_in_a_file() -> None:
    first, moved = RAW, replace(RAW, file="b.xlsx", row=99)
    assert prepare_feedback(first, key=KEY) == prepare_feedback(moved, key=KEY)
    assert (
        prepare_feedback(first, key=KEY).content != prepare_feedback(replace(first, status="已办结"), key=KEY).content
    )
    other = replace(first, text=RAW.text.replace("5678", "5679"))
    assert prepare_feedback(first, key=KEY).content != prepare_feedback(other, key=KEY).content


def test_prepared_texts_do_not_show_what_was_found() -> None:
    assert "13812345678" not in repr(prepare(RAW.text))
