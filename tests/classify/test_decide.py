from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from scipy.special import softmax as reference

from feedback_nlp.classify.decide import LEAST, MOST, Decision, decide, sigmoid, softmax
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, load

LABELS = {facet: load().labels(facet) for facet in FACETS}
WIDTH = sum(map(len, LABELS.values()))
scores = arrays(np.float32, st.tuples(st.integers(1, 8), st.just(WIDTH)), elements=st.floats(-5, 5, width=32))


def decision(*, threshold: float = 0.5, review: float = 0.5) -> Decision:
    return Decision(
        labels=LABELS,
        temperature=dict.fromkeys(SINGLE, 0.5),
        slope={facet: (2.0,) * len(LABELS[facet]) for facet in MULTI},
        offset={facet: (-1.0,) * len(LABELS[facet]) for facet in MULTI},
        threshold={facet: (threshold,) * len(LABELS[facet]) for facet in MULTI},
        confidence=(0.5, 1.0, 0.5, 1.0, -1.0),
        review=review,
        kind_sure=0.7,
    )


@given(scores)
def test_probabilities_are_those_of_the_textbook(table: np.ndarray) -> None:
    made = decision()
    verdicts = decide(table, made)
    for facet in SINGLE:
        expected = reference(table[:, made.columns(facet)].astype(float) / 0.5, axis=1)
        assert verdicts.probabilities[facet] == pytest.approx(expected, abs=1e-5)
    for facet in MULTI:
        expected = expit(2 * table[:, made.columns(facet)].astype(float) - 1)
        assert verdicts.probabilities[facet] == pytest.approx(expected, abs=1e-5)


@given(scores, st.floats(0.01, 0.99))
def test_a_text_has_one_to_three_leaves_and_at_most_three_demands_in_falling_order(
    table: np.ndarray, threshold: float
) -> None:
    verdicts = decide(table, decision(threshold=threshold))
    for facet in MULTI:
        for row in range(len(table)):
            places = verdicts.places(facet, row)
            found = verdicts.probabilities[facet][row]
            assert LEAST[facet] <= len(places) <= MOST
            assert [found[at] for at in places] == sorted((found[at] for at in places), reverse=True)
            assert all(found[at] >= threshold for at in places[LEAST[facet] :])
            reached = int((found >= threshold).sum())
            assert len(places) == max(LEAST[facet], min(MOST, reached)) or facet == "leaves"


@given(scores, arrays(np.float64, len(LABELS["leaves"]), elements=st.floats(0.01, 0.99)))
def test_other_none_stands_alone_or_not_at_all(table: np.ndarray, thresholds: np.ndarray) -> None:
    made = decision()
    made = replace(made, threshold={**made.threshold, "leaves": tuple(thresholds.tolist())})
    alone = LABELS["leaves"].index("other.none")
    for places in decide(table, made).multi["leaves"]:
        assert places
        assert places == [alone] or alone not in places


@given(scores)
def test_columns_of_the_facets_lie_side_by_side(table: np.ndarray) -> None:
    made = decision()
    assert np.array_equal(np.concatenate([table[:, made.columns(facet)] for facet in FACETS], axis=1), table)


def test_huge_scores_give_no_overflow() -> None:
    assert softmax(np.array([[1e30, -1e30]])).tolist() == [[1.0, 0.0]]
    assert sigmoid(np.array([1e30, -1e30])).tolist() == [1.0, 0.0]
