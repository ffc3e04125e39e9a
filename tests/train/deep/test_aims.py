import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.train.rows import record, write_rows

from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.deep.aims import aims, columns, intercept, loss, softened
from feedback_nlp.train.deep.recipe import deep_recipe
from feedback_nlp.train.truth import truth_of

PLAIN = replace(
    deep_recipe(), rare=0.0, smoothing=0.0, neighbours=0.0, facets=dict.fromkeys(FACETS, 1.0)
)  # nothing but what was read


def rows_of(tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]) -> list[Labelled]:
    path = write_rows(tmp_path_factory.mktemp("aims") / "a.jsonl", records)
    return read_labelled(path, taxonomy=load(), partial=True)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Labelled]:
    """Give ten texts, of which the last carries its kind only."""
    bare = {"id": "bare", "text": "只有一种", "kind": "praise"}
    return rows_of(tmp_path_factory, [*(record(number) for number in range(9)), bare])


def test_sentiment_is_softened_towards_its_neighbours() -> None:
    table = softened("sentiment", taxonomy=load(), recipe=replace(deep_recipe(), smoothing=0.0, neighbours=0.2))
    labels = load().labels("sentiment")
    assert labels == ("very_negative", "negative", "neutral", "positive", "very_positive")
    assert table[0] == pytest.approx([0.8, 0.2, 0, 0, 0])  # an end has one neighbour
    assert table[2] == pytest.approx([0, 0.1, 0.8, 0.1, 0])


def test_other_facets_are_softened_towards_all_labels_alike() -> None:
    table = softened("kind", taxonomy=load(), recipe=replace(deep_recipe(), smoothing=0.1))
    assert table[1] == pytest.approx([0.02, 0.92, 0.02, 0.02, 0.02])


def test_the_loss_is_the_cross_entropies_added_up(rows: list[Labelled]) -> None:
    made = aims(truth_of(rows[:1], taxonomy=load()), np.ones(1), taxonomy=load(), recipe=PLAIN)
    zeros = torch.zeros(1, made.target.shape[1])
    labels = {facet: len(load().labels(facet)) for facet in FACETS}
    single = sum(math.log(labels[facet]) for facet in ("kind", "business", "touchpoint", "sentiment"))
    multi = (labels["leaves"] + labels["demand"]) * math.log(2)
    assert float(loss(zeros, made.target, made.weight, where=made.columns)) == pytest.approx(single + multi, rel=1e-5)


def test_a_facet_that_a_text_does_not_carry_pulls_at_nothing(rows: list[Labelled]) -> None:
    made = aims(truth_of(rows, taxonomy=load()), np.ones(10), taxonomy=load(), recipe=deep_recipe())
    scores = torch.zeros(1, made.target.shape[1], requires_grad=True)
    loss(scores, made.target[-1:], made.weight[-1:], where=made.columns).backward()
    assert scores.grad is not None
    kind = columns(load())["kind"]
    assert scores.grad[0, kind].abs().min() > 0
    assert torch.count_nonzero(scores.grad) == kind.stop - kind.start


def test_learning_starts_where_nothing_but_shares_is_known(rows: list[Labelled]) -> None:
    made = aims(truth_of(rows, taxonomy=load()), np.ones(10), taxonomy=load(), recipe=deep_recipe())
    start = intercept(made).requires_grad_()
    loss(start.expand(10, -1), made.target, made.weight, where=made.columns).backward()
    assert start.grad is not None
    assert start.grad.abs().max() < 1e-3


def test_rare_labels_and_small_files_weigh_more(rows: list[Labelled]) -> None:
    heavy = np.array([3.0] + [1.0] * 9)
    recipe = replace(PLAIN, rare=0.5)
    made = aims(truth_of(rows, taxonomy=load()), heavy, taxonomy=load(), recipe=recipe)
    kind = made.weight[:, columns(load())["kind"]][:, 0]
    truth = [row.labels["kind"][0] for row in rows]
    # ten texts: complaint 6, inquiry 2, praise 2; weights (10 / 6) ^ .5 and (10 / 2) ^ .5
    assert {label: truth.count(label) for label in set(truth)} == {"complaint": 6, "inquiry": 2, "praise": 2}
    assert kind[truth.index("praise")] / kind[1] == pytest.approx(math.sqrt(6 / 2))
    assert kind[0] / kind[1] == pytest.approx(3.0)
    leaf = columns(load())["leaves"].start + load().labels("leaves").index("pricing.fee")
    given = [row for row in range(9) if "pricing.fee" in rows[row].labels["leaves"]]
    assert made.weight[given[0], leaf] / made.weight[2, leaf] == pytest.approx(math.sqrt(7 / 2))  # 2 of 9 carry it
