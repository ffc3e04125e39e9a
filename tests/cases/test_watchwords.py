"""Words that cannot wait."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.watchwords import watch
from feedback_nlp.records import MaskedText

POLICY = policy.load().escalation
LABELLED = Path(__file__).parents[2] / "data" / "labelled"


def level(text: str, kind: str) -> int | None:
    return max((hit.level for hit in watch(MaskedText(text), policy=POLICY) if hit.kind == kind), default=None)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("再不处理我就去12378投诉", "regulator", 2),
        ("再打我就打幺二三七八", "regulator", 2),
        ("已经投诉到银保监了", "regulator", 2),
        ("【12378转办】来电人反映扣费", "regulator", 3),
        ("我不想去投诉什么监管，就想问清楚", "regulator", 0),
        ("请问怎么打12378", "regulator", 0),
        ("催收威胁要起诉我", "legal", 0),
        ("对方说再不还款就起诉到法院", "legal", 0),
        ("平台恐吓说要报警抓人", "legal", 0),
        ("三天内不退钱我就起诉", "legal", 2),
        ("我不打算起诉", "legal", 0),
        ("咨询逾期后会不会起诉", "legal", 0),
        ("不改我就发抖音曝光", "media", 2),
        ("我也不想发网上闹", "media", 0),
        ("我们十一个人一起去网点", "group", 3),
        ("我真的不想活了", "self_harm", 3),
        ("我没有要跳楼", "self_harm", 3),  # somebody should call all the same
        ("再打就拿刀去找他们", "violence", 3),
        ("我今年七十三岁，眼睛不好", "vulnerable", 0),
    ],
)
def test_a_cue_weighs_what_the_words_around_it_leave(text: str, kind: str, expected: int) -> None:
    assert level(text, kind) == expected


@pytest.mark.parametrize("text", ["手机银行很好用", "跳楼价", "一直激活不成功", "个人行为", "", "怎么提额"])
def test_everyday_words_are_no_cue(text: str) -> None:
    assert watch(MaskedText(text), policy=POLICY) == ()


@pytest.mark.parametrize("kind", ["self_harm", "violence"])
def test_no_danger_to_life_in_the_corpus_is_missed(kind: str) -> None:
    """Recall 1.0 on train and dev: threats and deeds at level 3, what others said or what is denied at least noted."""
    rows = [
        json.loads(line)
        for split in ("train", "dev")
        for line in (LABELLED / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    marked = [(row["text"], each["modality"]) for row in rows for each in row["escalation"] if each["kind"] == kind]
    assert len(marked) >= 6
    for text, modality in marked:
        assert (level(text, kind) or 0) >= (3 if modality in ("threat", "done") else 1), text


@given(st.text(alphabet="我要去12378投诉起诉法院你们不想怎么，。跳楼维权群", max_size=60))
def test_a_hit_stands_where_it_says(text: str) -> None:
    for hit in watch(MaskedText(text), policy=POLICY):
        assert text[hit.start : hit.end] == hit.cue
        assert 0 <= hit.level <= 3
