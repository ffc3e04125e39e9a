import logging
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.text.resources import limits
from feedback_nlp.text.segment import clauses, lexicon, segment, stop_words, tokenizer, words

PIECES = st.sampled_from(
    [
        "[手机号]",
        "[身份证]",
        "[怒火中烧]",
        "信用卡",
        "95588",
        "U盾",
        "，",
        "。",
        "？？",
        " ",
        "\n",
        "[",
        "]",
        "的",
        "abc",
        "3.5",
        "一",
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=80).map("".join))


@settings(deadline=None)
@given(TEXTS)
def test_joined_tokens_give_the_text_back(text: str) -> None:
    assert "".join(segment(text)) == text


@settings(deadline=None)
@given(TEXTS)
def test_joined_clauses_give_the_text_back_and_none_is_long(text: str) -> None:
    cut = clauses(text)
    assert "".join(cut) == text
    assert all(cut)
    assert all(len(clause) <= limits()["clause"] + 24 for clause in cut)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=80).map("".join))
def test_marks_stay_whole_in_tokens_and_clauses(text: str) -> None:
    for mark in ("[手机号]", "[身份证]", "[怒火中烧]"):
        assert segment(text).count(mark) == text.count(mark)
        assert sum(clause.count(mark) for clause in clauses(text)) == text.count(mark)


@pytest.mark.parametrize(
    "mark", ["[微信]", "[QQ]", "[地址]", "[拇指向上]", "[OK手势]", "[18禁]", "[T恤]", "[按键1]", "[按键#]"]
)
def test_placeholders_and_emoji_names_are_one_token(mark: str) -> None:
    assert segment(f"卡{mark}号") == ["卡", mark, "号"]
    assert mark.lower() in words(f"卡{mark}号")


def test_each_word_of_the_lexicon_is_one_token() -> None:
    assert len(lexicon()) >= 600
    assert len(set(lexicon())) == len(lexicon())
    assert [word for word in lexicon() if segment(word) != [word]] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("停息挂账被拒", ["停息挂账", "被", "拒"]),
        ("花呗借呗都逾期", ["花呗", "借呗", "都", "逾期"]),
        ("打12378投诉", ["打", "12378", "投诉"]),
        ("能不能提前还款", ["能不能", "提前还款"]),
    ],
)
def test_words_of_the_trade_are_known(text: str, expected: list[str]) -> None:
    assert segment(text) == expected


def test_content_words_hold_no_stop_words_numbers_or_punctuation() -> None:
    assert words("我的APP，一共扣了880.50元！！12378 95588") == ["app", "一共", "扣", "12378", "95588"]


def test_negations_are_no_stop_words() -> None:
    assert stop_words().isdisjoint(["不", "没", "没有", "无", "未", "别", "不是", "不能", "太", "很"])


def test_long_speech_without_stops_is_cut_at_spaces() -> None:
    speech = " ".join(["我上个月打电话问你们还多少"] * 8)
    cut = clauses(speech)
    assert len(cut) > 1
    assert all(clause.endswith(" ") for clause in cut[:-1])


def test_commas_cut_only_long_sentences() -> None:
    assert clauses("没通知，就扣了年费。") == ["没通知，就扣了年费。"]
    long = "客户称其于某支行办理定期存款时被客户经理推荐购买分红保险，" * 2
    assert len(clauses(long)) == 2


def test_the_global_tokenizer_is_left_alone_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tokenizer.cache_clear()
    with caplog.at_level(logging.DEBUG):
        segment("停息挂账")
    assert caplog.records == []
    shared = sys.modules["jieba"].dt
    assert not shared.initialized
    assert shared is not tokenizer()


def test_empty_text_has_no_tokens() -> None:
    assert segment("") == words("") == clauses("") == []
