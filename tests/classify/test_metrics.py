from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, precision_recall_fscore_support

from feedback_nlp.classify import metrics as m

READ = [["a"], ["a", "b"], ["c"], ["b"], []]
GUESSED = [["a"], ["b"], ["b"], ["b", "c"], ["a"]]
LABELS = ("a", "b", "c")

tables = st.integers(1, 30).flatmap(
    lambda rows: st.tuples(
        *(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=rows, max_size=rows) for _ in "ab")
    )
)
answers = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


def test_counts_are_those_of_the_hand() -> None:
    counted = m.counts(m.one_hot(READ, LABELS), m.one_hot(GUESSED, LABELS))
    assert counted.tolist() == [[1, 2, 0], [1, 1, 1], [1, 0, 1]]  # right, wrongly given, missed of a, b, c


def test_f1_is_that_of_the_hand() -> None:
    truth, guess = m.one_hot(READ, LABELS), m.one_hot(GUESSED, LABELS)
    assert m.micro_f1(truth, guess) == pytest.approx(6 / (6 + 3 + 2))
    assert m.macro_f1(truth, guess) == pytest.approx((0.5 + 0.8 + 0) / 3)
    assert m.macro_f1(truth, guess, least=2) == pytest.approx((0.5 + 0.8) / 2)
    assert m.accuracy(truth, guess) == pytest.approx(1 / 5)


@given(tables)
def test_f1_precision_and_recall_agree_with_scikit_learn(pair: tuple[list[list[bool]], list[list[bool]]]) -> None:
    truth, guess = np.array(pair[0]), np.array(pair[1])
    counted = m.counts(truth, guess)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, guess, zero_division=0)
    assert m.micro_f1(truth, guess) == pytest.approx(f1_score(truth, guess, average="micro", zero_division=0))
    assert m.f1(counted) == pytest.approx(f1)
    assert m.precision_recall(counted) == (pytest.approx(precision), pytest.approx(recall))


@given(answers)
def test_with_one_label_a_row_micro_f1_is_the_accuracy_and_macro_f1_that_of_scikit_learn(
    pairs: list[tuple[str, str]],
) -> None:
    read, guessed = [one for one, _ in pairs], [two for _, two in pairs]
    truth, guess = (m.one_hot([[label] for label in labels], LABELS) for labels in (read, guessed))
    assert m.micro_f1(truth, guess) == pytest.approx(accuracy_score(read, guessed))
    assert m.macro_f1(truth, guess) == pytest.approx(f1_score(read, guessed, average="macro", zero_division=0))


@given(answers.filter(lambda pairs: len({label for pair in pairs for label in pair}) > 1))
def test_kappa_agrees_with_scikit_learn(pairs: Sequence[tuple[str, str]]) -> None:
    read, guessed = [one for one, _ in pairs], [two for _, two in pairs]
    assert m.kappa(read, guessed) == pytest.approx(cohen_kappa_score(read, guessed))


def test_calibration_error_is_that_of_the_hand() -> None:
    # Two bins: {0.1, 0.3} with half right, {0.9, 0.9} all right: (|0.4 - 1| + |1.8 - 2|) / 4
    probabilities, right = np.array([0.1, 0.3, 0.9, 0.9]), np.array([True, False, True, True])
    assert m.ece(probabilities, right, bins=2) == pytest.approx((0.6 + 0.2) / 4)
    assert m.ece(np.array([]), np.array([])) == 0.0


def test_interval_of_a_share_is_that_of_the_normal_approximation() -> None:
    truth = np.ones((400, 1), dtype=bool)
    guess = (np.arange(400) < 300)[:, None]
    both = m.one_hot([["y"]] * 400, ["y", "n"]), np.concatenate([guess, ~guess], axis=1)
    low, high = m.micro_interval(*both, seed=1)
    spread = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert (low, high) == (pytest.approx(0.75 - spread, abs=0.01), pytest.approx(0.75 + spread, abs=0.01))
    assert m.micro_interval(*both, seed=1) == (low, high)
    assert m.macro_interval(truth, truth, seed=1) == (1.0, 1.0)
