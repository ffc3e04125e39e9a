"""What a release is measured against."""

import sys
from types import SimpleNamespace

import pytest
from tests.train.answers import guess, row

from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import load
from feedback_nlp.train import baselines
from feedback_nlp.train.evaluate import Range
from feedback_nlp.train.headline import MEAN
from feedback_nlp.train.reading import Reading, Tables, tables
from feedback_nlp.train.yardstick import yardstick

CUT = yardstick().snownlp


@pytest.fixture
def found() -> Tables:
    """Give six texts: four complaints, five about a loan, three negative, two neutral, one positive."""
    rows = [
        row(0),
        row(1),
        row(2, kind="inquiry", sentiment="neutral", leaves=("rules.usage", "pricing.fee")),
        row(3, sentiment="very_negative"),
        row(4, business="fx", sentiment="neutral"),
        row(5, kind="praise", sentiment="very_positive", leaves=("rules.usage",)),
    ]
    return tables(Reading("parrot", rows, [guess()] * 6), taxonomy=load())


def test_the_majority_is_that_of_the_hand(found: Tables) -> None:
    made = baselines.majority(found)
    assert made.figures["kind, accuracy"] == pytest.approx(4 / 6)
    assert made.figures["business, accuracy"] == pytest.approx(5 / 6)
    # always negative: right in 3 of 6; F1 of negative 2·3 / (6 + 3), of the two others 0
    assert made.figures["sentiment (3), macro-F1"] == pytest.approx((6 / 9) / 3)
    # always pricing.fee: right 5, wrong 1, missed 2
    assert made.figures["leaves, micro-F1"] == pytest.approx(10 / 13)
    assert made.figures[MEAN] == pytest.approx((4 / 6 + 5 / 6 + 2 / 9 + 10 / 13) / 4)


def test_another_release_is_measured_on_the_same_texts(found: Tables) -> None:
    rows = [row(number) for number in range(4)]
    made = baselines.release(Reading("other", rows, [guess(business="fx"), *[guess()] * 3]), taxonomy=load())
    assert (made.name, made.figures["business, accuracy"]) == ("other", 0.75)


def test_snownlp_is_cut_at_the_stated_places(found: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "positive", lambda texts: [0.39, 0.4, 0.6, 0.0, 0.61, 1.0])
    made = baselines.snownlp([MaskedText("x")] * 6, found, cut=CUT)
    # read − − 0 − 0 +, guessed − 0 0 − + +: F1 4/5, 2/4, 2/3
    assert made.figures == {"sentiment (3), macro-F1": pytest.approx((4 / 5 + 2 / 4 + 2 / 3) / 3)}
    assert made.remark == "negative below 0.4, positive above 0.6"


class Stub:
    """Stands in for SnowNLP, whose model takes seconds to load; like it, it fails on a text without content."""

    def __init__(self, text: str) -> None:
        self.sentiments = len(text.strip()) / len(text)


def test_a_text_that_snownlp_cannot_read_is_neither_positive_nor_negative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snownlp", SimpleNamespace(SnowNLP=Stub))
    with pytest.raises(ZeroDivisionError):
        Stub("")
    assert baselines.positive([MaskedText(text) for text in ("", " ", "好", "好 ")]) == [0.5, 0.5, 1.0, 0.5]
    assert baselines.three_way(0.5, CUT) == "neutral"


def test_without_snownlp_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snownlp", None)
    with pytest.raises(TrainerError, match=r"snownlp is not installed; run: pip install 'feedback-nlp\[train\]'"):
        baselines.positive([MaskedText("好")])


def test_a_figure_that_a_baseline_does_not_give_is_a_dash() -> None:
    simple = [baselines.Baseline("S", {"a": 0.25}, "cut somewhere")]
    shown = baselines.as_table("mine", {"a": Range(0.5, 0.4, 0.6), "b": Range(1, 1, 1)}, simple)
    lines = shown.splitlines()
    assert lines[1].split() == ["a", "0.500", "0.400–0.600", "0.250"]
    assert lines[2].split()[-1] == "-"
    assert lines[3] == "S: cut somewhere"
