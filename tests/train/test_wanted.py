"""What to label next."""

from collections.abc import Sequence

import pytest

from feedback_nlp.classify.answers import Vocabulary, vocabulary
from feedback_nlp.policy import load as load_policy
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.guidance import Wanting
from feedback_nlp.train.near import near_pairs
from feedback_nlp.train.wanted import Candidate, Wanted, spread, usefulness, wanted

NUMBERS = Wanting(sample=100, known=100, enough=4, sparse=1.0, shortest=6, close=0.5, block=2)
TEXTS = (
    "手机银行登录不上一直转圈",
    "信用卡年费太高要求退还",
    "网点排队两个小时没人管",
    "房贷提前还款怎么预约",
    "柜员态度冷淡爱理不理",
)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    policy = load_policy()
    return vocabulary(load(), escalation=policy.escalation, review=policy.review)


def candidate(id: str, text: str, confidence: float = 0.5, leaf: str = "pricing.fee") -> Candidate:
    labels = {"kind": ("complaint",), "business": ("credit_card",), "leaves": (leaf,)}
    return Candidate(id, MaskedText(text), labels, confidence, {"business:credit_card": 0.31, "kind:complaint": 0.9})


def known(id: str, text: str, leaf: str = "pricing.fee") -> Labelled:
    labels = {"kind": ("complaint",), "business": ("credit_card",), "leaves": (leaf,)}
    return Labelled(id, MaskedText(text), labels, "f", "", None)


def ids(found: Wanted) -> list[str]:
    return [choice.candidate.id for choice in found.choices]


@pytest.fixture
def labelled() -> Sequence[Labelled]:
    return [known(f"k{at}", f"{place}支行的服务还可以没有什么要说") for at, place in enumerate("东南西北")]


def test_the_least_sure_comes_first_where_all_else_is_equal(words: Vocabulary, labelled: Sequence[Labelled]) -> None:
    pool = [candidate(str(at), text, confidence=1 - 3.0 ** (at - 5)) for at, text in enumerate(TEXTS)]
    assert ids(wanted(pool, labelled, limit=3, numbers=NUMBERS, words=words)) == ["4", "3", "2"]


def test_a_thin_label_outweighs_some_doubt(words: Vocabulary, labelled: Sequence[Labelled]) -> None:
    pool = [candidate("a", TEXTS[0], 0.5), candidate("b", TEXTS[1], 0.6, leaf="system.login")]
    found = wanted(pool, labelled, limit=2, numbers=NUMBERS, words=words)
    # a: 0.5 · (1 + 0); b: 0.4 · (1 + 1), of its leaf there is no example
    assert [usefulness(item, {("leaves", "pricing.fee"): 4, ("kind", "complaint"): 4, ("business", "credit_card"): 4},
                       numbers=NUMBERS) for item in pool] == [0.5, 0.8]  # fmt: skip
    assert ids(found) == ["b", "a"]
    assert "已标注的“原因：登录与验证”只有0条" in "；".join(found.choices[0].why)
    assert found.choices[1].why[0] == "模型把握50%，最拿不准的是业务“信用卡”（31%）"
    assert not any("只有" in sentence for sentence in found.choices[1].why)


def test_of_texts_that_repeat_each_other_one_is_enough(words: Vocabulary) -> None:
    letter = "本人于上月在城东支行办理业务时柜员要求购买保险否则不予办理十分不满"
    pool = [candidate("a", letter), candidate("b", letter + "！！"), candidate("c", "诉求：" + letter, 0.6)]
    pool += [candidate("d", TEXTS[0], 0.9)]
    found = wanted(pool, [], limit=4, numbers=NUMBERS, words=words)
    assert list(near_pairs([letter], [pool[2].text])) == [(0, 0)]
    assert (ids(found), found.seen, found.eligible, found.compared) == (["a", "d"], 4, 3, 3)


def test_what_is_labelled_in_whatever_form_is_out(words: Vocabulary) -> None:
    done = [known("x", TEXTS[0]), known("b", "另一条")]
    pool = [candidate("a", TEXTS[0] + "。"), candidate("b", TEXTS[1]), candidate("c", TEXTS[2]), candidate("d", "差评")]
    found = wanted(pool, done, limit=9, numbers=NUMBERS, words=words)
    assert (ids(found), found.eligible) == (["c"], 1)


def test_a_text_unlike_the_chosen_ones_wins_over_a_slightly_more_doubtful_one(words: Vocabulary) -> None:
    pool = [
        candidate("a", "信用卡年费太高要求马上退还", 0.10),
        candidate("b", "信用卡年费太高要求退还给我本人", 0.11),
        candidate("c", "网点排队两个小时没人管", 0.20),
    ]
    assert ids(wanted(pool, [], limit=2, numbers=NUMBERS, words=words)) == ["a", "c"]
    found = wanted(pool, [], limit=3, numbers=NUMBERS, words=words)
    assert "最相近的一条相似" in found.choices[2].why[-1]
    assert found.choices[0].why[-1] == "与已标注和已选出的都不相像"


def test_the_order_of_the_candidates_changes_nothing_and_only_the_best_are_compared(
    words: Vocabulary, labelled: Sequence[Labelled]
) -> None:
    pool = [candidate(str(at), text, confidence=0.5) for at, text in enumerate(TEXTS)]
    numbers = Wanting(**{**{name: getattr(NUMBERS, name) for name in NUMBERS.__slots__}, "sample": 3})
    one = wanted(pool, labelled, limit=9, numbers=numbers, words=words)
    other = wanted(reversed(pool), labelled, limit=9, numbers=numbers, words=words)
    assert one == other
    assert (sorted(ids(one)), one.compared) == (["0", "1", "2"], 3)


def test_nothing_to_choose_from_is_no_error(words: Vocabulary) -> None:
    assert wanted([], [], limit=5, numbers=NUMBERS, words=words) == Wanted((), 0, 0, 0)


def test_labelled_texts_are_taken_at_even_distances() -> None:
    assert spread([str(at) for at in range(10)], 5) == ["0", "2", "4", "6", "8"]
    assert spread(["a"], 5) == ["a"]
