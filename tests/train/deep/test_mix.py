import numpy as np
import pytest
from scipy.special import log_softmax

from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, load
from feedback_nlp.train.deep.aims import columns
from feedback_nlp.train.deep.mix import fit_mix, mixed
from feedback_nlp.train.linear import NEVER
from feedback_nlp.train.truth import Truth

COLUMNS = columns(load())
WIDTH = sum(len(load().labels(facet)) for facet in FACETS)
N = 1500
ONES = np.ones(N)


def truth_from(scores: np.ndarray, lot: np.random.Generator) -> Truth:
    """Draw labels from the probabilities that scores mean."""
    table = {}
    for facet in FACETS:
        part = scores[:, COLUMNS[facet]]
        if facet in SINGLE:
            limits = np.cumsum(np.exp(log_softmax(part, axis=1)), axis=1)
            place = (lot.random((len(part), 1)) > limits).sum(axis=1).clip(max=part.shape[1] - 1)
            table[facet] = np.eye(part.shape[1], dtype=bool)[place]
        else:
            table[facet] = lot.random(part.shape) < 1 / (1 + np.exp(-part))
    return Truth(table, {facet: np.ones(len(scores), dtype=bool) for facet in FACETS})


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, Truth]:
    """Draw two parts' scores, and labels from a sum of them."""
    lot = np.random.default_rng(3)
    one, two = lot.normal(size=(2, N, WIDTH))
    return one, two, truth_from(2.0 * one + 0.5 * two - 1.0, lot)


def test_the_weights_that_the_labels_were_drawn_with_are_found(drawn: tuple[np.ndarray, np.ndarray, Truth]) -> None:
    one, two, truth = drawn
    mix = fit_mix(one, two, truth, columns=COLUMNS, weights=ONES)
    assert [mix[facet][0] for facet in FACETS] == pytest.approx([2.0] * 6, abs=0.2)
    assert [mix[facet][1] for facet in FACETS] == pytest.approx([0.5] * 6, abs=0.15)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_weight_goes_to_the_part_that_knows_something(
    drawn: tuple[np.ndarray, np.ndarray, Truth], swapped: bool
) -> None:
    lot = np.random.default_rng(5)
    informed, noise = drawn[0], -0.2 * drawn[0] + lot.normal(size=(N, WIDTH))
    truth = truth_from(2.0 * informed, lot)
    parts = (noise, informed) if swapped else (informed, noise)
    mix = fit_mix(*parts, truth, columns=COLUMNS, weights=ONES)
    for facet in FACETS:
        assert mix[facet][swapped] > 1.5
        assert 0 <= mix[facet][not swapped] < 0.1


def test_a_mix_that_was_fitted_is_better_than_either_part(drawn: tuple[np.ndarray, np.ndarray, Truth]) -> None:
    one, two, truth = drawn
    mix = fit_mix(one, two, truth, columns=COLUMNS, weights=ONES)
    scores = mixed(one, two, mix, columns=COLUMNS)[:, COLUMNS["kind"]]
    likely = [log_softmax(part, axis=1)[truth.table["kind"]].mean() for part in (scores, 2 * one[:, :5], two[:, :5])]
    assert likely[0] > max(likely[1:])


def test_texts_that_do_not_carry_a_facet_do_not_count(drawn: tuple[np.ndarray, np.ndarray, Truth]) -> None:
    one, two, truth = drawn
    lot = np.random.default_rng(6)
    worthless = truth_from(np.zeros((N, WIDTH)), lot)
    table = {facet: np.concatenate([truth.table[facet], worthless.table[facet]]) for facet in FACETS}
    carried = {facet: np.arange(2 * N) < N for facet in FACETS}
    twice = fit_mix(
        np.tile(one, (2, 1)), np.tile(two, (2, 1)), Truth(table, carried), columns=COLUMNS, weights=np.ones(2 * N)
    )
    once = fit_mix(one, two, truth, columns=COLUMNS, weights=ONES)
    assert [twice[facet] for facet in FACETS] == [pytest.approx(once[facet], abs=0.01) for facet in FACETS]


def test_a_label_without_an_example_in_the_other_folds_says_nothing_about_the_linear_model(
    drawn: tuple[np.ndarray, np.ndarray, Truth],
) -> None:
    one, two, truth = drawn
    blind = one.copy()
    for facet in MULTI:  # of a third of the labels the linear model has seen nothing, just where they stand
        for place in range(COLUMNS[facet].start, COLUMNS[facet].stop, 3):
            blind[truth.table[facet][:, place - COLUMNS[facet].start], place] = NEVER
    mix = fit_mix(blind, two, truth, columns=COLUMNS, weights=ONES)
    assert [mix[facet][0] for facet in MULTI] == pytest.approx([2.0] * 2, abs=0.2)
