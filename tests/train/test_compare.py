"""Two releases side by side: differences and their paired-bootstrap intervals."""

import numpy as np
import pytest
from tests.train.answers import guess, readings, row

from feedback_nlp.classify import metrics
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import Prediction
from feedback_nlp.taxonomy import load
from feedback_nlp.train.compare import Comparison, as_table, compare
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.reading import Reading

Pairs = list[tuple[Labelled, Prediction, Prediction]]


def table(both: int, one: int, two: int, neither: int) -> Pairs:
    """Lay out right and wrong guesses of the business, as McNemar's table has them."""
    right, wrong = guess(), guess(business="other")
    kinds = [(right, right)] * both + [(right, wrong)] * one + [(wrong, right)] * two + [(wrong, wrong)] * neither
    return [(row(number), *pair) for number, pair in enumerate(kinds)]


def found(pairs: Pairs) -> Comparison:
    return compare(*readings(pairs), taxonomy=load())


def test_the_interval_of_a_difference_of_accuracies_is_that_of_the_paired_formula() -> None:
    # With b and c discordant pairs of n: difference (b - c) / n, variance (b + c - (b - c)² / n) / n² (e.g. Agresti).
    (item,) = [item for item in found(table(100, 30, 20, 50)).headline if item.name == "business, accuracy"]
    spread = 1.96 * (50 - 100 / 200) ** 0.5 / 200
    assert (item.one, item.two, item.change.value) == (0.65, 0.6, pytest.approx(0.05))
    assert item.change.low == pytest.approx(0.05 - spread, abs=0.008)
    assert item.change.high == pytest.approx(0.05 + spread, abs=0.008)
    assert not item.worse and not item.better


def test_pairs_are_kept_together_so_that_agreement_narrows_the_interval() -> None:
    # Two releases that agree in all but ten of 1,000 texts differ beyond chance, though each is known to ± 3 points.
    (item,) = [item for item in found(table(590, 10, 0, 400)).headline if item.name == "business, accuracy"]
    assert item.change.value == pytest.approx(0.01)
    assert item.better and item.change.high < 0.02


def test_every_difference_is_that_of_a_loop_over_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 40)
    lot = np.random.default_rng(5)
    names = ("loan", "fx", "other")
    pairs = [
        (row(number, business=read), guess(business=one), guess(business=two))
        for number, (read, one, two) in enumerate(lot.choice(names, size=(25, 3)).tolist())
    ]
    drawn = np.random.default_rng(0).multinomial(25, [1 / 25] * 25, size=40)

    def f1(lots: list[int], which: int, label: str) -> float:
        right = wrong = missed = 0
        for times, pair in zip(lots, pairs, strict=True):
            read, told = pair[0].labels["business"][0], pair[which].business.id  # type: ignore[union-attr]
            right += times * (read == told == label)
            wrong += times * (told == label != read)
            missed += times * (read == label != told)
        return 2 * right / (2 * right + wrong + missed) if right or wrong or missed else 0.0

    items = {item.name: item for item in found(pairs).classes}
    for label in names:
        changes = [f1(lots, 1, label) - f1(lots, 2, label) for lots in drawn.tolist()]
        low, high = np.quantile(changes, [0.025, 0.975])
        assert (items[f"business: {label}"].change.low, items[f"business: {label}"].change.high) == (
            pytest.approx(low),
            pytest.approx(high),
        )


def test_turning_the_two_round_turns_every_sign() -> None:
    pairs = table(20, 10, 4, 6)
    there, back = found(pairs), found([(labelled, two, one) for labelled, one, two in pairs])
    for one, two in zip((*there.headline, *there.classes), (*back.headline, *back.classes), strict=True):
        assert (one.name, one.change.value) == (two.name, pytest.approx(-two.change.value))
        assert (one.change.low, one.change.high) == (pytest.approx(-two.change.high), pytest.approx(-two.change.low))


def test_a_release_beside_itself_differs_in_nothing() -> None:
    same = found([(labelled, one, one) for labelled, one, _ in table(5, 5, 5, 5)])
    for item in (*same.headline, *same.facets, *same.classes):
        assert (item.change.value, item.change.low, item.change.high) == (0.0, 0.0, 0.0)
        assert not item.worse and not item.better


def test_the_mean_is_that_of_the_four_and_leaves_with_a_facet_that_nobody_read() -> None:
    pairs = table(3, 2, 1, 4)
    *four, mean = found(pairs).headline
    assert len(four) == 4
    assert mean.change.value == pytest.approx(sum(item.change.value for item in four) / 4)
    bare = [(row(number, kind=None), one, two) for number, (_, one, two) in enumerate(pairs)]
    assert [item.facet for item in found(bare).headline] == ["business", "sentiment (3)", "leaves"]


def test_releases_that_read_other_texts_are_not_compared() -> None:
    one, two = readings(table(3, 2, 1, 4))
    other = Reading("old", [row(9, business="fx")] * 10, two.guesses)
    with pytest.raises(TrainerError, match="new and old were not asked about the same texts"):
        compare(one, other, taxonomy=load())


def test_the_table_marks_what_differs_beyond_chance() -> None:
    shown = as_table(found(table(40, 30, 1, 5)), least=50)
    (line,) = [line for line in shown.splitlines() if line.startswith("business, accuracy")]
    assert line.split()[:6] == ["business,", "accuracy", "76", "0.921", "0.539", "+0.382"]
    assert line.endswith("*")
    assert "business: loan" in shown and "touchpoint: unknown" not in shown
