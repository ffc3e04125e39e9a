import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.classify.assemble import EVIDENT
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import FACETS, MULTI, load
from feedback_nlp.text.prepare import prepare

PIECES = (
    "手机银行登录不上", "，", "。", "客服态度很差！", "转账失败了", "希望增加指纹登录", "[手机号]", "年费",
    "怎么退", "？", "很好用", "[怒火中烧]", "abc", "95588", "\n", "催收天天打电话给我家人", "利率太高",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)


@settings(deadline=None)
@given(st.lists(texts, max_size=12), st.randoms(use_true_random=False), st.integers(1, 5))
def test_batch_size_and_order_never_change_a_prediction(
    predictor: Predictor, batch: list[str], lot: random.Random, size: int
) -> None:
    prepared = [prepare(text).text for text in batch]
    together = dict(zip(prepared, predictor.predict(prepared), strict=True))
    lot.shuffle(prepared)
    parts = [prepared[start : start + size] for start in range(0, len(prepared), size)]
    assert [made for part in parts for made in predictor.predict(part)] == [together[text] for text in prepared]


@settings(deadline=None)
@given(texts)
def test_every_text_gets_known_labels_with_probabilities(predictor: Predictor, text: str) -> None:
    (made,) = predictor.predict([prepare(text).text])
    for facet in FACETS:
        found = getattr(made, facet)
        for label in found if facet in MULTI else [found]:
            load().check(facet, label.id)
            assert 0 <= label.score <= 1
    assert 1 <= len(made.leaves) <= 3
    assert len(made.demand) <= 3
    assert 0 <= made.confidence <= 1
    assert made.release == predictor.name


@settings(deadline=None)
@given(texts)
def test_evidence_is_a_part_of_the_text_for_every_label_that_was_given(predictor: Predictor, text: str) -> None:
    prepared = prepare(text).text
    (made,) = predictor.predict([prepared])
    given_labels = [f"{facet}:{made_label.id}" for facet in EVIDENT for made_label in _labels(made, facet)]
    assert [item.label for item in made.evidence] == (given_labels if made.evidence else [])
    assert all(item.clause in prepared for item in made.evidence)


def _labels(made: object, facet: str) -> tuple[object, ...]:
    found = getattr(made, facet)
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("text", ["", " ", "……！！！", "[手机号]", "[手机号][姓名]，", "1234567", "ⲀⲂⲄ ⲆⲈ", "💳"])
def test_a_text_that_says_nothing_is_left_to_a_person(predictor: Predictor, text: str) -> None:
    (made,) = predictor.predict([MaskedText(text)])
    assert (made.business.id, made.leaves[0].id, made.demand) == ("other", "other.none", ())
    assert (made.confidence, made.review, made.evidence) == (0.0, True, ())


@pytest.mark.parametrize("text", ["[怒火中烧]" * 3, "The app crashes every time", "Приложение не работает", "的"])
def test_a_text_of_emoji_or_another_language_is_read_without_an_error(predictor: Predictor, text: str) -> None:
    assert len(predictor.predict([MaskedText(text)])) == 1


def test_a_hundred_thousand_characters_are_read_as_one_text(predictor: Predictor) -> None:
    letter = MaskedText("手机银行登录不上，客服一直打不通。" * 5_900)
    (made,) = predictor.predict([letter])
    assert made.evidence


def test_equal_texts_get_equal_predictions_and_an_empty_batch_none(predictor: Predictor) -> None:
    text = MaskedText("年费太高，要求退还")
    first, other, last = predictor.predict([text, MaskedText("手机银行很好用"), text])
    assert first == last != other
    assert predictor.predict([]) == []
