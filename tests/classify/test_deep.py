from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.classify.toy import SIZES, SPECIAL

from feedback_nlp.classify.decide import Decision, decide
from feedback_nlp.classify.deep import DeepPredictor
from feedback_nlp.classify.features import by_text, features
from feedback_nlp.classify.linear import LinearModel, LinearPredictor, read_model
from feedback_nlp.classify.onnx import EncoderModel
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import decision, read_manifest
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import FACETS
from feedback_nlp.text.prepare import prepare

PIECES = (
    "手机银行登录不上",
    "，",
    "。",
    "客服态度很差！",
    "转账失败了",
    "[手机号]",
    "年费",
    "怎么退",
    "？",
    "abc",
    "\n",
)
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)
LETTER = MaskedText("我昨天去网点办业务。柜员的服务态度特别差，一直不耐烦！今天手机银行又闪退打不开。")


@dataclass
class Parts:
    linear: LinearModel
    encoder: EncoderModel
    decision: Decision

    def mixed(self, mix: dict[str, list[float]]) -> DeepPredictor:
        return DeepPredictor("mine", self.linear, self.encoder, mix, self.decision)


@pytest.fixture(scope="module")
def parts(deep_release: Path) -> Parts:
    encoder = EncoderModel.open(deep_release, SPECIAL, threads=1)
    return Parts(read_model(deep_release), encoder, decision(read_manifest(deep_release)))


def even(wide: float, deep: float) -> dict[str, list[float]]:
    return {facet: [wide, deep] for facet in FACETS}


@given(st.lists(texts, min_size=1, max_size=6))
def test_the_clauses_add_up_to_both_models_scores_each_by_its_weight(parts: Parts, batch: list[str]) -> None:
    prepared = [prepare(text).text for text in batch]
    mix = {facet: [0.5 + place, 2.0 - place / 4] for place, facet in enumerate(FACETS)}
    reading = parts.mixed(mix).read(prepared)
    got = by_text(reading.shares, reading.starts) + reading.intercept
    wide = parts.linear.scores(features(prepared, vocabulary=parts.linear.vocabulary))
    deep = parts.encoder.scores(prepared)
    for column, place in enumerate(np.repeat(np.arange(len(FACETS)), SIZES).tolist()):
        want = (0.5 + place) * wide[:, column] + (2.0 - place / 4) * deep[:, column]
        assert got[:, column] == pytest.approx(want, abs=1e-4)


def test_a_mix_without_the_encoder_predicts_as_the_linear_model_does(parts: Parts) -> None:
    made = parts.mixed(even(1, 0))
    linear = LinearPredictor("mine", parts.linear, parts.decision)
    batch = [LETTER, MaskedText("年费太高，要求退还"), MaskedText("")]
    assert made.predict(batch) == linear.predict(batch)


def test_a_mix_without_the_linear_model_decides_by_the_encoder(parts: Parts) -> None:
    (made,) = parts.mixed(even(0, 1)).predict([LETTER])
    chosen = parts.decision
    verdicts = decide(parts.encoder.scores([LETTER]), chosen)
    assert made.business.id == chosen.labels["business"][int(verdicts.single["business"][0])]
    assert made.confidence == verdicts.confidence[0]


def test_evidence_is_the_clause_with_the_largest_mixed_share(parts: Parts) -> None:
    made = parts.mixed(even(0.5, 4))
    reading = made.read([LETTER])
    (found,) = made.predict([LETTER])
    chosen = parts.decision
    for item in found.evidence:
        facet, label = item.label.split(":")
        column = chosen.columns(facet).start + chosen.labels[facet].index(label)
        assert item.clause == reading.clauses[int(reading.shares[:, column].argmax())]


def test_a_loaded_release_mixes_as_its_manifest_says(parts: Parts, deep: Predictor) -> None:
    mine = parts.mixed(even(0.8, 0.3)).predict([LETTER])
    assert [made.leaves for made in deep.predict([LETTER])] == [made.leaves for made in mine]
    assert deep.name == "toy"


@pytest.mark.parametrize("mix", [{}, {**even(1, 1), "leaves": [1.0]}])
def test_a_mix_that_lacks_a_weight_is_refused(parts: Parts, mix: dict[str, list[float]]) -> None:
    with pytest.raises(TrainerError, match=r"the mix of (kind|leaves) must be two weights, linear and encoder; train"):
        parts.mixed(mix)
