import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.records import Label, MaskedText, Prediction
from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.evaluate import Evaluation, as_table, evaluate, write


class Parrot:
    """Says of every text that it is a complaint about a fee."""

    name = "parrot"

    def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
        return [self._same(text) for text in texts]

    def _same(self, text: MaskedText) -> Prediction:
        return Prediction(
            kind=Label("complaint", 0.8),
            business=Label("credit_card", 0.5),
            touchpoint=Label("mobile", 1.0),
            sentiment=Label("very_negative", 0.5),
            leaves=(Label("pricing.fee", 0.4), Label("system.login", 0.3)),
            demand=(),
            confidence=0.9 if "年费" in text else 0.1,
            review="年费" not in text,
            evidence=(),
            release=self.name,
        )


@pytest.fixture
def rows(tmp_path: Path) -> list[Labelled]:
    return read_labelled(write_rows(tmp_path / "a.jsonl", [record(at) for at in range(10)]), taxonomy=load())


@pytest.fixture
def found(rows: list[Labelled]) -> Evaluation:
    return evaluate(Parrot(), rows, taxonomy=load())


def test_figures_are_those_of_the_hand(found: Evaluation) -> None:
    # Of each five rows three are complaints, one is about a credit card, none is very negative.
    facets = found.facets
    assert facets["kind"].accuracy == facets["kind"].micro_f1.value == pytest.approx(0.6)
    assert facets["kind"].macro_f1 == pytest.approx(0.75 / 3)
    assert facets["kind"].macro_f1_frequent.value == pytest.approx(0.75)  # the others stand in two rows each
    assert facets["kind"].calibration == pytest.approx(0.2)
    assert facets["business"].accuracy == pytest.approx(0.2)
    assert facets["business"].majority == pytest.approx(0.4)
    assert facets["sentiment"].accuracy == 0.0
    assert facets["sentiment (3)"].accuracy == pytest.approx(0.6)
    assert facets["leaves"].micro_f1.value == pytest.approx(2 * 4 / (2 * 4 + 16 + 6))
    assert facets["leaves"].first == pytest.approx(0.2)
    assert facets["demand"].accuracy == pytest.approx(0.6)
    assert facets["demand"].micro_f1.value == 0.0


def test_what_is_accepted_is_measured_by_itself(found: Evaluation) -> None:
    sure = found.accepted
    assert (sure.share, sure.business, sure.first_leaf, sure.both) == (0.2, 1.0, 1.0, 1.0)
    assert sure.calibration == pytest.approx(0.1)


def test_groups_are_measured_by_themselves(found: Evaluation) -> None:
    assert {group: values["rows"] for group, values in found.groups.items()} == {"letter": 5, "survey": 5}
    assert found.groups["letter"]["kind"] == pytest.approx(0.6)


def test_the_table_shows_every_facet(found: Evaluation) -> None:
    table = as_table(found)
    assert "parrot on 10 texts" in table
    assert all(facet in table for facet in found.facets)
    assert max(map(len, table.splitlines())) <= 120


def test_the_files_hold_the_figures_and_no_text(found: Evaluation, rows: list[Labelled], tmp_path: Path) -> None:
    paths = write(found, tmp_path / "out")
    assert {path.name for path in paths} >= {"metrics.json", "per_class.csv", "confusion_leaves.csv"}
    figures = json.loads(paths[0].read_text(encoding="utf-8"))
    assert figures["facets"]["kind"]["accuracy"] == pytest.approx(0.6)
    with paths[1].open(encoding="utf-8", newline="") as stream:
        classes = {(row["facet"], row["label"]): row for row in csv.DictReader(stream)}
    fee = classes["leaves", "pricing.fee"]
    assert (fee["precision"], fee["recall"], fee["support"]) == ("0.2000", "1.0000", "2")
    with (tmp_path / "out" / "confusion_kind.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["read \\ guessed", "complaint"],
            ["complaint", "6"],
            ["inquiry", "2"],
            ["praise", "2"],
        ]
    everything = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert not any(row.text in everything for row in rows)
