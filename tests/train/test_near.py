import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.train.near import near_pairs, shingles

texts = st.lists(st.text("ab，转账失", max_size=14), max_size=8)


def jaccard(one: str, two: str) -> float:
    left, right = shingles(one), shingles(two)
    return len(left & right) / len(left | right)


@given(texts, texts, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_exactly_the_near_pairs_are_found(left: list[str], right: list[str], least: float) -> None:
    every = {
        (one, two) for one in range(len(left)) for two in range(len(right)) if jaccard(left[one], right[two]) >= least
    }
    assert set(near_pairs(left, right, least=least)) == every


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("手机银行登录不上怎么办", "手机银行登录不上，怎么办？？", True),
        ("垃圾", "垃圾！", True),
        ("垃圾", "垃圾软件", False),
        ("！！！", "？？？", False),
        ("转账失败了，客服一直说在处理，已经三天", "转账失败了，客服一直说在处理，已经四天", False),
        ("APP打不开" * 5, "app打不开" * 5, True),
    ],
)
def test_punctuation_and_case_do_not_tell_texts_apart(one: str, two: str, near: bool) -> None:
    assert bool(list(near_pairs([one], [two]))) == near
