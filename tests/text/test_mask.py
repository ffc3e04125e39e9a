"""Masking: what is found, what survives, and what holds for every text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from time import process_time

import pytest
from emoji import EMOJI_DATA, config
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.text import identifiers as generated

from feedback_nlp.text.mask import PLACEHOLDERS, mask
from feedback_nlp.text.normalize import normalize, repair, to_simplified

PIECES = st.sampled_from(
    [
        *(
            "我叫",
            "姓名：",
            "客户",
            "户名",
            "王建国",
            "欧阳娜娜",
            "张女士",
            "阿依古丽·买买提",
            "同志",
            "（",
            "）",
            "，",
            "。",
            "\n",
            " ",
            "·",
        ),
        *(
            "住",
            "地址：",
            "北京市朝阳区建国路",
            "88号",
            "2单元",
            "301",
            "石桥村",
            "四组",
            "中山路支行",
            "省",
            "市",
            "区",
            "号",
        ),
        *(
            "电话",
            "13812345678",
            "138 1234 5678",
            "一三八",
            "幺二三四五六七八",
            "１３８",
            "0571-86620417",
            "95588",
            "+86",
        ),
        *(
            "身份证",
            "11010519491231002X",
            "卡号",
            "4111111111111111",
            "尾号1234",
            "账号",
            "保单号",
            "密码是",
            "验证码",
            "CVV",
            "背面三位",
        ),
        *(
            "QQ",
            "微信",
            "wxid_abc123",
            "a1@b.com",
            "https://a.cn/x",
            "京A12345",
            "护照",
            "E12345678",
            "工单号",
            "-",
            ".",
            "/",
            "@",
            "1",
            "X",
        ),
        *PLACEHOLDERS.values(),
        *("[微笑]", "[", "]", "\ue000", "\ue001", "工号", "2024-05-06", "元"),
    ]
)
MIXED = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=14).map("".join)
NO_DIGIT = st.text(max_size=12).filter(lambda text: not text or not (text[0].isdigit() or text[-1].isdigit()))
PHONE = st.builds("1{}{:09d}".format, st.sampled_from("3456789"), st.integers(0, 10**9 - 1))


@given(before=NO_DIGIT, phone=PHONE, after=NO_DIGIT)
@settings(max_examples=300)
def test_no_phone_number_survives_whatever_stands_around_it(before: str, phone: str, after: str) -> None:
    assert phone not in mask(f"{before}{phone}{after}").text


@given(before=MIXED, phone=PHONE, after=MIXED)
@settings(max_examples=300)
def test_no_phone_number_survives_among_cues_and_other_identifiers(before: str, phone: str, after: str) -> None:
    assume(not before[-1:].isdigit() and not after[:1].isdigit())
    assert phone not in mask(f"{before}{phone}{after}").text


@given(MIXED)
@settings(max_examples=500)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
    assert mask(once).found == ()


@given(MIXED)
@settings(max_examples=300)
def test_what_was_found_lies_in_order_without_overlap_and_gives_the_text_back(text: str) -> None:
    masked, place, pieces = mask(text), 0, []
    for item in masked.found:
        assert place <= item.start < item.end <= len(text)
        pieces += [text[place : item.start], PLACEHOLDERS[item.type]]
        place = item.end
    assert "".join([*pieces, text[place:]]) == masked.text


@given(st.text(alphabet="的了在我有这你们服务很慢排队贷款利息还钱太高，。！？ \n", max_size=80))
def test_text_without_personal_data_comes_back_unchanged(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize("kind", generated.KINDS)
def test_generated_identifiers_are_found_in_every_spelling(kind: str) -> None:
    missed = []
    for sample in generated.samples(kind, 400, seed=7):
        start = sample.text.index(sample.identifier)
        covered = {place for item in mask(sample.text).found for place in range(item.start, item.end)}
        if not set(range(start, start + len(sample.identifier))) <= covered:
            missed.append(sample.text)
    assert len(missed) <= 4, missed[:5]


@pytest.mark.parametrize("kind", ["身份证（18位）", "手机号", "固定电话", "银行卡", "车牌", "邮箱", "QQ"])
def test_all_spellings_of_an_identifier_give_one_value(kind: str) -> None:
    samples = list(generated.samples(kind, 200, seed=8))
    wrong = [
        sample for sample in samples if sample.canonical.upper() not in {item.value for item in mask(sample.text).found}
    ]
    assert len(wrong) <= 2, wrong[:3]


@pytest.mark.parametrize("kind", generated.LOOK_ALIKES)
def test_numbers_that_only_look_like_identifiers_survive(kind: str) -> None:
    changed = [
        (text, mask(text).text)
        for name, text in generated.look_alikes(15, seed=9)
        if name == kind and mask(text).text != text
    ]
    assert changed == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("客户段红梅来电反映", "客户[姓名]来电反映"),
        ("本人申屠晚秋，逾期十三天", "本人[姓名]，逾期十三天"),
        ("我叫古丽娜·买买提，在巴扎上开馕店", "我叫[姓名]，在巴扎上开馕店"),
        ("3号柜台周敬尧同志耐心细致", "3号柜台[姓名]同志耐心细致"),
        ("请收我的意见。\n濮阳建军", "请收我的意见。\n[姓名]"),
        ("My name is Li Ming and my card is blocked", "My name is [姓名] and my card is blocked"),
        ("柜员李娜和王芳、赵磊都在", "柜员[姓名]和[姓名]、[姓名]都在"),
        ("家住南石桥村东头第三家", "家住[地址]"),
        ("寄到：云湖市东关街道杏林里12栋304，谢谢", "寄到：[地址]，谢谢"),
        ("地址：槐荫里甲7号2单元301。", "地址：[地址]。"),
        ("统一社会信用代码91350100M000100Y43", "统一社会信用代码[账号]"),
        ("微信13912345678", "微信[手机号]"),
        ("有效期09/27，背面三位数417，卡号4111 1111 1111 1111", "有效期[安全码]，背面三位数[安全码]，卡号[银行卡]"),
        ("账号3308170022691没到，请看3308170022691", "账号[账号]没到，请看[账号]"),
    ],
)
def test_names_addresses_and_the_rest_are_replaced_in_place(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        *(
            "谢谢张女士",
            "王经理和李某都不在",
            "客户高兴地走了",
            "本人于2022年开户",
            "我叫车去银行",
            "客户向大家道谢",
            "公司名称写错了",
        ),
        *(
            "全家银行卡都停了",
            "和平常一样",
            "比黄世仁还狠",
            "姓名不符",
            "中山路15号支行",
            "我们小区12户都没收到",
            "住院押金没退",
        ),
        *("密码输错3次", "验证码一直收不到", "合同金额50000元", "账户里还有12345678元", "ETC设备坏了", "京东白条"),
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert mask(text).text == text


def test_placeholders_and_emoji_names_stay_whole() -> None:
    config.load_language("zh")
    names = sorted({entry["zh"].strip(":").replace("_", "") for entry in EMOJI_DATA.values() if "zh" in entry})
    assert len(names) > 3_000
    for text in (*(f"感谢[{name}]，客户[{name}]" for name in names), "，".join(f"[{name}]" for name in names)):
        assert mask(text).text == text
    for placeholder in PLACEHOLDERS.values():
        assert mask(f"{placeholder}：王建国，电话{placeholder}").text.startswith(placeholder)


def test_placeholders_are_the_frozen_list() -> None:
    frozen = "[身份证][手机号][电话][银行卡][证件][车牌][邮箱][微信][QQ][姓名][地址][账号][验证码][密码][安全码][网址]"
    assert "".join(PLACEHOLDERS.values()) == frozen


def test_repr_never_shows_what_was_masked() -> None:
    masked = mask("我叫王建国，电话13812345678，密码是abc123")
    shown = repr(masked) + "".join(map(repr, masked.found)) + str(masked)
    assert not re.search("王建国|13812345678|abc123|ABC123", shown)
    assert [item.value for item in masked.found] == ["王建国", "13812345678", "ABC123"]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "省市区" * 33_333,
        "1 " * 50_000,
        "一三八" * 33_333,
        "a@" * 50_000,
        "密码是" * 33_333,
        "北京路1号2栋" * 14_285,
    ],
    ids=["digits", "places", "spaced", "numerals", "mail", "cues", "addresses"],
)
def test_hostile_texts_take_less_than_a_second(text: str) -> None:
    mask("我叫王建国")  # reads its lists
    begun = process_time()  # not the clock: others use the machine too
    mask(text)
    assert process_time() - begun < 1.0


def test_figures_on_annotated_texts_hold() -> None:
    """Train and dev; benchmarks/masking.md publishes the test split."""
    missed, beside, named, named_found = [], 0, 0, 0
    for split in ("train", "dev"):
        for text, items in annotated(split):
            found = mask(text).found
            covered = {place for item in found for place in range(item.start, item.end)}
            for type_, part in items:
                start = text.find(part)
                whole = start >= 0 and set(range(start, start + len(part))) <= covered
                if type_ in ("name", "address"):
                    named, named_found = named + 1, named_found + whole
                elif not whole and "尾号" not in part:
                    missed.append(type_)
            known = {
                place for _, part in items for hit in re.finditer(re.escape(part), text) for place in range(*hit.span())
            }
            beside += any(known.isdisjoint(range(item.start, item.end)) for item in found)
    assert missed == []
    assert named_found / named >= 0.98
    assert beside <= 4


def annotated(split: str) -> list[tuple[str, list[tuple[str, str]]]]:
    path = Path(__file__).parents[2] / "data" / "labelled" / f"{split}.jsonl"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(clean(row["text"]), [(item["type"], clean(item["text"])) for item in row["pii"]]) for row in rows]


def clean(text: str) -> str:
    return to_simplified(normalize(repair(text)[0]))
