import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.answers import guess, row
from tests.train.rows import record, write_rows

from feedback_nlp.records import Label, MaskedText, Prediction
from feedback_nlp.taxonomy import load
from feedback_nlp.train.baselines import Baseline
from feedback_nlp.train.compare import compare
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.curves import coverage, reached, reliability
from feedback_nlp.train.evaluate import Evaluation, as_table, evaluate, headline, length_band, measure
from feedback_nlp.train.findings import Measured, findings
from feedback_nlp.train.page import render
from feedback_nlp.train.reading import Reading, Sure, ask
from feedback_nlp.train.worst import worst_errors
from feedback_nlp.train.written import write


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
    styles = found.groups["source or style"]
    assert {group: part.rows for group, part in styles.items()} == {"letter": 5, "survey": 5}
    assert styles["letter"].facets["kind"].value == pytest.approx(0.6)
    assert sum(part.rows for part in found.groups["characters"].values()) == 10
    assert "file" not in found.groups  # all texts come from one


@pytest.mark.parametrize(
    ("length", "band"), [(0, "1–20"), (20, "1–20"), (21, "21–60"), (200, "61–200"), (201, "over 200")]
)
def test_a_text_belongs_to_the_band_of_its_length(length: int, band: str) -> None:
    assert length_band("好" * length) == band


def test_every_class_has_an_interval_about_its_f1(found: Evaluation) -> None:
    (complaint, *others) = found.facets["kind"].classes
    # 6 of 10 texts are complaints, all are called so: with share p, F1 = 2p / (1 + p); p lies in 0.6 ± 0.304
    assert (complaint.label, complaint.support, complaint.f1.value) == ("complaint", 6, pytest.approx(0.75))
    low, high = (2 * share / (1 + share) for share in (0.3, 0.9))
    assert (complaint.f1.low, complaint.f1.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))
    assert all((item.f1.value, item.f1.high) == (0.0, 0.0) for item in others)


def test_a_text_counts_only_where_somebody_labelled_it() -> None:
    rows = [row(0), row(1, business=None), row(2, business=None, leaves=None), row(3, business="fx", demand=None)]
    made = measure(Reading("parrot", rows, [guess()] * 4), taxonomy=load())
    assert made.facets["business"].rows == 2
    assert made.facets["business"].accuracy == made.facets["business"].micro_f1.value == 0.5
    assert made.facets["leaves"].rows == 3
    assert sum(sum(line.values()) for line in made.facets["demand"].confusion.values()) == 3
    bare = measure(Reading("parrot", [row(0, business=None)], [guess()]), taxonomy=load())
    assert "business" not in bare.facets
    assert bare.accepted.share == 0.0


def test_the_table_shows_every_facet(found: Evaluation) -> None:
    table = as_table(found)
    assert "parrot on 10 texts" in table
    assert all(facet in table for facet in found.facets)
    assert max(map(len, table.splitlines())) <= 120


def test_what_a_manifest_keeps_names_only_classes_that_count_as_measured(found: Evaluation) -> None:
    kept = headline(found)
    assert list(kept["classes"]["kind"]) == ["complaint"]  # the others stand in two texts each
    assert kept["classes"]["kind"]["complaint"]["recall"] == 1.0
    assert kept["groups"]["source or style"]["letter"]["rows"] == 5
    assert kept == json.loads(json.dumps(kept))


@pytest.fixture
def written(rows: list[Labelled], tmp_path: Path) -> Path:
    files = [Measured("a.jsonl", 10, "0" * 64)]
    made = findings(ask(Parrot(), rows), files, taxonomy=load(), made=date(2026, 1, 2))
    comparison = compare(ask(Parrot(), rows), ask(Parrot(), rows), taxonomy=load())
    found = replace(made, comparison=comparison, baselines=(Baseline("simple", {"kind, accuracy": 0.25}, "cut so"),))
    assert all(path.is_file() for path in write(found, tmp_path / "out", taxonomy=load()))
    return tmp_path / "out"


def test_the_files_hold_the_figures_and_no_text(written: Path, rows: list[Labelled]) -> None:
    figures = json.loads((written / "metrics.json").read_text(encoding="utf-8"))
    assert figures["facets"]["kind"]["accuracy"] == pytest.approx(0.6)
    assert figures["headline"]["kind, accuracy"]["value"] == pytest.approx(0.6)
    assert figures["comparison"]["headline"][0]["change"]["value"] == 0.0
    with (written / "per_class.csv").open(encoding="utf-8", newline="") as stream:
        classes = {(row["facet"], row["label"]): row for row in csv.DictReader(stream)}
    fee = classes["leaves", "pricing.fee"]
    assert (fee["precision"], fee["recall"], fee["support"]) == ("0.2000", "1.0000", "2")
    with (written / "confusion_kind.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["read \\ guessed", "complaint"],
            ["complaint", "6"],
            ["inquiry", "2"],
            ["praise", "2"],
        ]
    everything = "".join(path.read_text(encoding="utf-8") for path in written.iterdir() if path.suffix != ".html")
    assert not any(row.text in everything for row in rows)


def test_the_page_needs_nothing_from_outside_and_names_labels_in_both_languages(
    written: Path, rows: list[Labelled]
) -> None:
    page = (written / "evaluation.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link|@import|url\(|src=", page)
    assert "complaint 投诉" in page and "pricing.fee 手续费年费" in page
    assert "cut so" in page
    assert "worst errors" in page and rows[0].text in page
    assert {"polyline", "circle", "rect"} <= set(re.findall(r"<(\w+)", page))
    HTMLParser().feed(page)


def test_a_text_on_the_page_stays_a_text(tmp_path: Path) -> None:
    rows = [row(0, text="<b>年费</b>&太高", kind="praise")]
    made = findings(Reading("parrot", rows, [guess()]), [], taxonomy=load(), made=date(2026, 1, 2))
    assert "&lt;b&gt;年费&lt;/b&gt;&amp;太高" in render(made, taxonomy=load())


def test_where_texts_only_measure_none_is_kept(rows: list[Labelled]) -> None:
    made = findings(ask(Parrot(), rows), [], taxonomy=load(), made=date(2026, 1, 2), errors=False)
    assert made.worst == ()
    page = render(made, taxonomy=load())
    assert not any(row.text in page or row.id in page for row in rows)


def test_where_a_release_accepts_nothing_no_share_right_is_shown() -> None:
    reading = Reading("shy", [row(0), row(1)], [guess(review=True)] * 2)
    assert "right:" not in as_table(measure(reading, taxonomy=load()))
    page = render(findings(reading, [], taxonomy=load(), made=date(2026, 1, 2)), taxonomy=load())
    assert "every text goes to a person" in page and 'class="fill' not in page


def test_the_surest_errors_come_first_with_what_was_read_guessed_and_seen() -> None:
    rows = [
        row(0, kind="praise"),  # wrong, 0.7 sure
        row(1),  # right
        row(2, leaves=("rules.usage",), demand=("fix",)),  # a wrong leaf, 0.9 sure, and a missed demand
        row(3, sentiment="very_negative"),  # on the same side of neutral
        row(4, touchpoint="phone"),  # wrong, but not by what texts are ranked
    ]
    guesses = [guess(0.7), guess(0.9), guess(0.9), guess(0.9), guess(0.99)]
    first, second = worst_errors(Reading("parrot", rows, guesses), taxonomy=load(), most=50)
    assert (first.id, first.sure, second.id, second.sure) == ("r2", 0.9, "r0", 0.7)
    leaf, demand = first.slips
    assert (leaf.facet, leaf.read, leaf.guessed[0].id, leaf.evidence) == (
        "leaves",
        ("rules.usage",),
        "pricing.fee",
        "太高",
    )
    assert (demand.facet, demand.read, demand.guessed) == ("demand", ("fix",), ())
    assert [error.id for error in worst_errors(Reading("p", rows, guesses), taxonomy=load(), most=1)] == ["r2"]


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.75, 0.9]), st.booleans(), st.booleans()), min_size=1))
def test_a_coverage_curve_is_that_of_a_loop_over_the_thresholds(texts: list[tuple[float, bool, bool]]) -> None:
    confidence, business, leaf = (np.array(values) for values in zip(*texts, strict=True))
    curve = coverage(Sure(confidence, business, leaf, business), points=99)
    assert [point.confidence for point in curve] == sorted({sure for sure, _, _ in texts}, reverse=True)
    for point in curve:
        kept = [(one, two) for sure, one, two in texts if sure >= point.confidence]
        assert point.coverage == pytest.approx(len(kept) / len(texts))
        assert point.business == pytest.approx(sum(one for one, _ in kept) / len(kept))
        assert point.both == pytest.approx(sum(one and two for one, two in kept) / len(kept))


def test_a_long_coverage_curve_is_thinned_and_ends_with_all_texts() -> None:
    sure, right = np.linspace(0, 1, 1000), np.ones(1000, dtype=bool)
    curve = coverage(Sure(sure, right, ~right, right), points=50)
    assert len(curve) == 50 and curve[-1].coverage == 1.0
    assert reached(curve, "business", least=0.95) == 1.0
    assert reached(curve, "first_leaf", least=0.9) == 0.0


def test_reliability_bins_hold_every_text_once() -> None:
    sure = np.array([0.0, 0.05, 0.95, 1.0])
    low, high = reliability(sure, np.array([False, True, True, True]), bins=10)
    assert (low.rows, low.sure, low.right) == (2, 0.025, 0.5)
    assert (high.rows, high.sure, high.right) == (2, 0.975, 1.0)
