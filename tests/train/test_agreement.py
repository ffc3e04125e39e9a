"""Two readers of the same texts."""

import math
import random

import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from feedback_nlp.classify.metrics import one_hot
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import MULTI, SINGLE, load
from feedback_nlp.train.agreement import Dispute, agreement, as_table
from feedback_nlp.train.corpus import Labelled

TAXONOMY = load()


def row(id: str, text: str = "年费太高", **labels: object) -> Labelled:
    given = {facet: (found,) if isinstance(found, str) else tuple(found) for facet, found in labels.items()}  # type: ignore[call-overload]
    return Labelled(id, MaskedText(text), given, "f", "", None)


def readers(number: int) -> tuple[list[Labelled], list[Labelled]]:
    """Draw two readers who agree on about two thirds of everything."""
    lot = random.Random(7)

    def read(facet: str) -> tuple[str, ...]:
        labels = TAXONOMY.labels(facet)[:4]
        return (lot.choice(labels),) if facet in SINGLE else tuple(lot.sample(labels, lot.randint(1, 3)))

    one = [row(str(at), **{facet: read(facet) for facet in (*SINGLE, *MULTI)}) for at in range(number)]
    other = [
        row(item.id, **{facet: found if lot.random() < 0.6 else read(facet) for facet, found in item.labels.items()})
        for item in one
    ]
    return one, other


def test_figures_are_those_of_scikit_learn() -> None:
    one, other = readers(120)
    found = {item.facet: item for item in agreement(one, other, taxonomy=TAXONOMY).facets}
    for facet in SINGLE:
        left, right = [item.labels[facet][0] for item in one], [item.labels[facet][0] for item in other]
        assert found[facet].kappa == pytest.approx(cohen_kappa_score(left, right))
        assert found[facet].micro_f1 == pytest.approx(f1_score(left, right, average="micro"))
        assert found[facet].same == pytest.approx(sum(map(str.__eq__, left, right)) / 120)
    for facet in MULTI:
        tables = [one_hot([item.labels[facet] for item in rows], TAXONOMY.labels(facet)) for rows in (one, other)]
        used = tables[0].any(axis=0) | tables[1].any(axis=0)
        kappas = [cohen_kappa_score(tables[0][:, at], tables[1][:, at]) for at in range(len(used)) if used[at]]
        assert found[facet].label_kappa == pytest.approx(sum(kappas) / len(kappas))
        assert found[facet].kappa == pytest.approx(cohen_kappa_score(tables[0].ravel(), tables[1].ravel()))
        assert found[facet].micro_f1 == pytest.approx(f1_score(*tables, average="micro"))
    firsts = [[item.labels["leaves"][0] for item in rows] for rows in (one, other)]
    assert found["first leaf"].kappa == pytest.approx(cohen_kappa_score(*firsts))


def test_disputes_name_what_only_one_of_them_gave_the_most_frequent_first() -> None:
    one = [row(str(at), kind="complaint", leaves=["pricing.fee", "service.attitude"]) for at in range(3)]
    other = [row(str(at), kind="inquiry", leaves=["pricing.fee"]) for at in range(2)]
    found = agreement(one, [*other, row("2", kind="complaint", leaves=["other.none"])], taxonomy=TAXONOMY)
    assert found.disputes == (
        Dispute("kind", "complaint", "inquiry", 2),
        Dispute("leaves", "service.attitude", "-", 2),
        Dispute("leaves", "pricing.fee|service.attitude", "other.none", 1),
    )
    told = as_table(found, disputes=1)
    assert "complaint / inquiry" in told and "service.attitude" not in told


def test_rows_of_one_reader_and_facets_of_one_reader_do_not_count() -> None:
    one = [row("a", kind="complaint"), row("b", kind="inquiry"), row("c", kind="other")]
    other = [row("a", kind="complaint"), row("b", business="loan"), row("x", kind="other")]
    found = agreement(one, other, taxonomy=TAXONOMY)
    assert (found.shared, found.only_one, found.only_other) == (2, 1, 1)
    assert [(item.facet, item.rows) for item in found.facets] == [("kind", 1)]
    assert math.isnan(found.facets[0].kappa)  # one label only: chance alone explains it


def test_files_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(TrainerError, match="no id in common"):
        agreement([row("a", kind="other")], [row("b", kind="other")], taxonomy=TAXONOMY)
    with pytest.raises(TrainerError, match="'a' stands for two different texts"):
        agreement([row("a", kind="other")], [row("a", "别的", kind="other")], taxonomy=TAXONOMY)
