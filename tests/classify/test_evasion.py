"""Words in disguise."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.classify.escalation import detect, summary
from feedback_nlp.classify.evasion import View, unveil
from feedback_nlp.records import MaskedText
from feedback_nlp.text.prepare import prepare

POLICY = policy.load().escalation
TRAIN = Path(__file__).parents[2] / "data" / "labelled" / "train.jsonl"


def plain(text: str) -> str:
    return unveil(text, policy=POLICY).text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("银h的崔收", "银行的催收"),
        ("打12三78", "打12378"),
        ("打一二三七八", "打12378"),
        ("打幺二三七八", "打12378"),
        ("打12*378", "打12378"),
        ("打12 378", "打12378"),
        ("打1 2 3 7 8", "打12378"),
        ("跳lou", "跳楼"),
        ("跳Lóu", "跳楼"),
        ("起sù", "起诉"),
        ("qi诉", "起诉"),
        ("曝 光", "曝光"),
        ("起*诉", "起诉"),
        ("跳\u200b楼", "跳楼"),
        ("抖yin", "抖音"),
        ("陡音", "抖音"),
        ("起素", "起诉"),
        ("跳娄", "跳楼"),
        ("起讠斥", "起诉"),
        ("足兆木娄", "跳楼"),
        ("tiaolou", "跳楼"),
        ("小红薯", "小红书"),
        ("跳[爱心]楼", "跳楼"),
    ],
)
def test_a_disguised_word_is_read_as_what_it_means(written: str, meant: str) -> None:
    assert plain(written) == meant
    assert plain(f"我要{written}了") == f"我要{meant}了"


@pytest.mark.parametrize(
    ("text", "pair", "cue"),
    [
        ("再逼我我就跳lou", "self_harm:threat", "跳lou"),
        ("不退钱我就打12*378", "regulator:threat", "12*378"),
        ("12三78我也打了", "regulator:done", "12三78"),
        ("崔收威胁要起sù我", "legal:quoted", "起sù"),
        ("我要去曝 光你们", "media:threat", "曝 光"),
        ("再这样我就发某音", "media:threat", "发某音"),
    ],
)
def test_its_hit_shows_what_was_written(text: str, pair: str, cue: str) -> None:
    hits = detect(MaskedText(text), policy=POLICY)
    assert pair in summary(hits)
    assert cue in [hit.cue for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "电话往下跳 楼下没人",
        "艺术中心",
        "新房贷款",
        "上调利率",
        "住宿投宿",
        "保安态度好",
        "记着工号",
        "微薄的收入",
        "五证一书",
        "123789元",
        "共12378.5元",
        "12378元",
        "开放时间一二三四五六七",
        "email和app",
        "SU7车贷",
        "1.2 3.78%",
        "流水号3123781",
    ],
)
def test_words_that_sound_or_look_alike_stay_what_they_are(text: str) -> None:
    assert plain(text) == text


def test_in_the_corpus_only_disguises_and_errors_of_the_recogniser_are_read_otherwise() -> None:
    """All that the view changes on 1,487 texts, each looked at in its place: 催手公司, 被到刷了 were heard wrongly."""
    changed = set()
    for row in map(json.loads, TRAIN.read_text(encoding="utf-8").splitlines()):
        text = prepare(row["text"]).text
        changed |= {text[start:end] for *_, start, end in unveil(text, policy=POLICY).changes}
    assert changed == {"12三78", "幺二三七八", "银h", "催手", "到刷"}


def test_places_in_the_view_lead_back_to_the_original() -> None:
    view = unveil("跳lou，又起*诉，完", policy=POLICY)
    assert view.text == "跳楼，又起诉，完"
    assert [view.place(start, start + 1) for start in range(8)] == [
        (0, 4), (0, 4), (4, 5), (5, 6), (6, 9), (6, 9), (9, 10), (10, 11),
    ]  # fmt: skip
    assert view.place(0, 8) == (0, 11)


@given(st.text(alphabet="跳lou楼起诉su素*12三78七八 ，崔收银h讠斥去", max_size=40))
def test_a_view_is_the_original_but_for_its_changes(text: str) -> None:
    view = unveil(text, policy=POLICY)
    rebuilt, at = [], 0
    for start, end, first, last in view.changes:
        rebuilt += [view.text[at:start], text[first:last]]
        at = end
    assert "".join([*rebuilt, view.text[at:]]) == text
    for start in range(len(view.text)):
        first, last = view.place(start, start + 1)
        assert 0 <= first < last <= len(text)


@given(st.text(alphabet="天空晴朗，。花草", max_size=40))
def test_a_text_without_disguise_stays_itself(text: str) -> None:
    assert unveil(text, policy=POLICY) == View(text)
