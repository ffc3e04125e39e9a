from dataclasses import replace

import numpy as np
import pytest

from feedback_nlp.classify.decide import decide
from feedback_nlp.classify.metrics import ece
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, load
from feedback_nlp.train.calibrate import both_right, calibrate, lower_bound
from feedback_nlp.train.recipe import recipe

LABELS = {facet: load().labels(facet) for facet in FACETS}
SLOPE, OFFSET, TEMPERATURE = 3.0, -1.0, 0.5


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw scores, and labels from the probabilities that the scores mean."""
    lot = np.random.default_rng(7)
    parts, truth = [], {}
    for facet in FACETS:
        scores = lot.normal(size=(4000, len(LABELS[facet])))
        if facet in SINGLE:
            powers = np.exp(scores / TEMPERATURE)
            limits = np.cumsum(powers / powers.sum(axis=1, keepdims=True), axis=1)
            place = (lot.random((4000, 1)) > limits).sum(axis=1).clip(max=scores.shape[1] - 1)
            truth[facet] = np.eye(scores.shape[1], dtype=bool)[place]
        else:
            truth[facet] = lot.random(scores.shape) < 1 / (1 + np.exp(-(SLOPE * scores + OFFSET)))
        parts.append(scores)
    return np.concatenate(parts, axis=1), truth


def test_the_curves_that_the_labels_were_drawn_from_are_found(drawn: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    scores, truth = drawn
    made = calibrate(scores, truth, labels=LABELS, weights=np.ones(len(scores)), recipe=recipe())
    assert [made.decision.temperature[facet] for facet in SINGLE] == pytest.approx([TEMPERATURE] * 4, abs=0.05)
    for facet in MULTI:
        assert np.mean(made.decision.slope[facet]) == pytest.approx(SLOPE, abs=0.15)
        assert np.mean(made.decision.offset[facet]) == pytest.approx(OFFSET, abs=0.1)
    assert all(pair["after"] < pair["before"] for facet, pair in made.error.items() if facet in SINGLE)
    confidence = decide(scores, made.decision).confidence
    assert ece(confidence, both_right(scores, truth, decision=made.decision)) < 0.03


def test_what_is_accepted_reaches_the_precision_that_the_recipe_asks_for(
    drawn: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    scores, truth = drawn
    made = calibrate(
        scores, truth, labels=LABELS, weights=np.ones(len(scores)), recipe=replace(recipe(), review_precision=0.7)
    )
    confidence = decide(scores, made.decision).confidence
    sure = decide(scores, made.decision).probabilities["kind"].max(axis=1) >= made.decision.kind_sure
    accepted = (confidence >= made.decision.review) & sure
    right = both_right(scores, truth, decision=made.decision)
    assert 0.02 < accepted.mean() == pytest.approx(made.accepted)
    assert right[accepted].mean() == pytest.approx(made.precision)
    assert right[accepted].mean() >= 0.7 > right[~accepted].mean()


def test_lower_bound_is_the_published_one() -> None:
    # Wilson interval of 45 of 50, e.g. Newcombe 1998: 0.786 to 0.957
    assert lower_bound(np.array([0.9]), np.array([50.0]))[0] == pytest.approx(0.7864, abs=1e-4)


def test_labels_without_an_example_are_never_certain() -> None:
    lot = np.random.default_rng(1)
    scores = lot.normal(size=(60, sum(map(len, LABELS.values()))))
    truth = {facet: np.zeros((60, len(LABELS[facet])), dtype=bool) for facet in FACETS}
    for facet in FACETS:
        truth[facet][:, 0] = True
    made = calibrate(scores, truth, labels=LABELS, weights=np.ones(60), recipe=recipe())
    assert decide(scores, made.decision).confidence.shape == (60,)
