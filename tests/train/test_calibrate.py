from dataclasses import replace

import numpy as np
import pytest

from feedback_nlp.classify.decide import decide
from feedback_nlp.classify.metrics import ece
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, load
from feedback_nlp.train.calibrate import calibrate, lower_bound, rights
from feedback_nlp.train.recipe import recipe
from feedback_nlp.train.truth import Truth

LABELS = {facet: load().labels(facet) for facet in FACETS}
SLOPE, OFFSET, TEMPERATURE = 3.0, -1.0, 0.5


def truth_of(table: dict[str, np.ndarray], carried: np.ndarray | None = None) -> Truth:
    """Say that texts (by default all) carry every facet."""
    everywhere = np.ones(len(table["kind"]), dtype=bool)
    return Truth(table, dict.fromkeys(FACETS, everywhere if carried is None else carried))


def few(drawn: tuple[np.ndarray, dict[str, np.ndarray]]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give the first texts, where the number does not matter."""
    return drawn[0][:400], {facet: table[:400] for facet, table in drawn[1].items()}


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
    made = calibrate(scores, truth_of(truth), labels=LABELS, weights=np.ones(len(scores)), recipe=recipe())
    assert [made.decision.temperature[facet] for facet in SINGLE] == pytest.approx([TEMPERATURE] * 4, abs=0.05)
    for facet in MULTI:
        assert np.mean(made.decision.slope[facet]) == pytest.approx(SLOPE, abs=0.15)
        assert np.mean(made.decision.offset[facet]) == pytest.approx(OFFSET, abs=0.1)
    assert all(pair["after"] < pair["before"] for facet, pair in made.error.items() if facet in SINGLE)
    confidence = decide(scores, made.decision).confidence
    assert ece(confidence, rights(scores, truth, decision=made.decision).both) < 0.03


@pytest.mark.parametrize(("business", "leaf"), [(0.6, 0.3), (0.3, 0.5)])
def test_what_is_accepted_reaches_both_precisions_that_the_recipe_asks_for(
    drawn: tuple[np.ndarray, dict[str, np.ndarray]], business: float, leaf: float
) -> None:
    scores, truth = drawn
    leaves = scores[:, -len(LABELS["leaves"]) - len(LABELS["demand"]) : -len(LABELS["demand"])]
    rare = np.random.default_rng(8).random(leaves.shape) < 1 / (1 + np.exp(7 - SLOPE * leaves))
    truth = {**truth, "leaves": rare}  # leaves that are missed, too
    numbers = replace(recipe(), review_business=business, review_leaf=leaf)
    made = calibrate(scores, truth_of(truth), labels=LABELS, weights=np.ones(len(scores)), recipe=numbers)
    verdicts = decide(scores, made.decision)
    sure = verdicts.probabilities["kind"].max(axis=1) >= made.decision.kind_sure
    accepted = (verdicts.confidence >= made.decision.review) & sure
    right = rights(scores, truth, decision=made.decision)
    assert 0.02 < accepted.mean() == pytest.approx(made.accepted.share)
    assert right.business[accepted].mean() == pytest.approx(made.accepted.business)
    assert right.leaf[accepted].mean() == pytest.approx(made.accepted.leaf)
    assert right.both[accepted].mean() == pytest.approx(made.accepted.both)
    above = verdicts.confidence >= made.decision.review
    bounds = [
        lower_bound(np.array([part[above].mean()]), np.array([above.sum()]))[0] for part in (right.business, right.leaf)
    ]
    assert bounds[0] >= business and bounds[1] >= leaf
    # one text more, and one of the two would be missed
    assert min(bounds[0] - business, bounds[1] - leaf) < 0.01


def test_nothing_is_accepted_where_a_precision_is_out_of_reach(
    drawn: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    scores, truth = few(drawn)
    numbers = replace(recipe(), review_business=1.0)
    made = calibrate(scores, truth_of(truth), labels=LABELS, weights=np.ones(len(scores)), recipe=numbers)
    assert (made.decision.review, made.accepted.share) == (1.0, 0.0)


def test_texts_that_carry_nothing_change_nothing(drawn: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    scores, truth = few(drawn)
    blank = {facet: np.concatenate([table, np.zeros_like(table)]) for facet, table in truth.items()}
    carried = np.arange(2 * len(scores)) < len(scores)
    alone = calibrate(scores, truth_of(truth), labels=LABELS, weights=np.ones(len(scores)), recipe=recipe())
    beside = calibrate(
        np.tile(scores, (2, 1)),
        truth_of(blank, carried),
        labels=LABELS,
        weights=np.ones(2 * len(scores)),
        recipe=recipe(),
    )
    assert alone == beside


def test_scores_of_models_that_had_no_example_of_a_label_are_no_part_of_its_curve(
    drawn: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    scores, truth = drawn
    lot = np.random.default_rng(9)
    known = lot.random(scores.shape) > 0.02
    blind = np.where(known, scores, -5.0)
    fair = np.ones(len(scores))
    plain, masked = (
        calibrate(blind, truth_of(truth), labels=LABELS, weights=fair, recipe=recipe(), known=mask).decision
        for mask in (None, known)
    )
    assert [masked.temperature[facet] for facet in SINGLE] == pytest.approx([TEMPERATURE] * 4, abs=0.05)
    for facet in MULTI:
        assert np.mean(masked.slope[facet]) == pytest.approx(SLOPE, abs=0.15)
        assert np.mean(masked.offset[facet]) == pytest.approx(OFFSET, abs=0.1)
        assert np.mean(plain.slope[facet]) < SLOPE - 0.3  # unmasked, they flatten every curve


def test_labels_that_were_never_known_share_the_curve_of_the_others(
    drawn: tuple[np.ndarray, dict[str, np.ndarray]],
) -> None:
    scores, truth = drawn
    known = np.ones(scores.shape, dtype=bool)
    known[:, -1] = False  # the last demand
    made = calibrate(
        np.where(known, scores, -5.0),
        truth_of(truth),
        labels=LABELS,
        weights=np.ones(len(scores)),
        recipe=recipe(),
        known=known,
    )
    assert made.decision.slope["demand"][-1] == pytest.approx(SLOPE, abs=0.15)


def test_lower_bound_is_the_published_one() -> None:
    # Wilson interval of 45 of 50, e.g. Newcombe 1998: 0.786 to 0.957
    assert lower_bound(np.array([0.9]), np.array([50.0]))[0] == pytest.approx(0.7864, abs=1e-4)


def test_labels_without_an_example_are_never_certain() -> None:
    lot = np.random.default_rng(1)
    scores = lot.normal(size=(60, sum(map(len, LABELS.values()))))
    truth = {facet: np.zeros((60, len(LABELS[facet])), dtype=bool) for facet in FACETS}
    for facet in FACETS:
        truth[facet][:, 0] = True
    made = calibrate(scores, truth_of(truth), labels=LABELS, weights=np.ones(60), recipe=recipe())
    assert decide(scores, made.decision).confidence.shape == (60,)
