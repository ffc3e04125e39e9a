"""Wrong labels planted among right ones."""

import numpy as np
import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.guidance import guidance
from feedback_nlp.train.recipe import recipe
from feedback_nlp.train.suspicious import Doubt, Suspect, likely, several, single, suspicious

PLANTED = {"r6": {"business": "loan"}, "r17": {"kind": "praise"}, "r35": {"leaves": ["service.attitude"]}}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Suspect]:
    """Doubt 150 rows, three of which are labelled wrongly, and two partly."""
    rows = [record(at, **PLANTED.get(f"r{at}", {})) for at in range(150)]
    del rows[1]["demand"], rows[2]["kind"]
    path = write_rows(tmp_path_factory.mktemp("rows") / "a.jsonl", rows)
    read = read_labelled(path, taxonomy=load(), partial=True)
    return suspicious(read, taxonomy=load(), recipe=recipe(), numbers=guidance().suspicious, say=lambda _: None)


def test_what_was_planted_comes_first(found: list[Suspect]) -> None:
    assert {suspect.row.id for suspect in found[:3]} == set(PLANTED)


def test_each_doubt_says_what_would_be_right_and_which_clause_says_so(found: list[Suspect]) -> None:
    doubts = {suspect.row.id: suspect.doubts[0] for suspect in found}
    wrong = doubts["r6"]
    assert (wrong.facet, wrong.given, wrong.suggested) == ("business", ("loan",), ("credit_card",))
    assert "信用卡" in wrong.clause and 0.5 < wrong.score <= 1
    assert doubts["r35"].suggested == ("system.login",)
    assert doubts["r17"].suggested == ("complaint",)


def test_each_facet_has_odds_of_its_own_and_what_stays_is_put_in_order() -> None:
    def suspect(name: str, **scores: float) -> Suspect:
        row = Labelled(id=name, text=MaskedText(name), labels={}, file="f", kind="", group=None)
        return Suspect(row, tuple(Doubt(facet, ("a",), ("b",), score, "") for facet, score in scores.items()))

    # odds of 4 are a score of .8, odds of 9 one of .9
    suspects = [suspect("a", demand=0.89, kind=0.8), suspect("b", kind=0.85), suspect("c", kind=0.79, demand=0.7)]
    found = likely(suspects, odds={"kind": 4, "demand": 9})
    assert [(item.row.id, [doubt.facet for doubt in item.doubts]) for item in found] == [
        ("b", ["kind"]),
        ("a", ["kind"]),
    ]
    assert likely(suspects, odds={"kind": 0, "demand": 0}) == suspects
    assert guidance().suspicious.odds.keys() == {*FACETS}


def test_thresholds_and_margins_by_hand() -> None:
    likely = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.85, 0.15]])
    given = [("a",), ("a",), ("b",), ("b",)]
    # a's threshold (0.9 + 0.7) / 2 = 0.8, b's (0.8 + 0.15) / 2 = 0.475: only the last row is confidently an a
    assert single(likely, given, ["a", "b"], least=1) == {3: (("a",), 0.85)}
    assert single(likely, given, ["a", "b"], least=3) == {}


def test_labels_side_by_side_are_taken_away_and_added() -> None:
    likely = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9]])
    given = [("a",), ("a",), ("b",), ("a",)]
    # a: yes from (.9+.8+.1)/3 = .6, no from .95; b: yes from .95, no from (.9+.8+.1)/3 = .6
    assert several(likely, given, ["a", "b"], least=1) == {}
    given = [("a",), ("a",), ("b",), ("b", "a")]
    # a: the same; b: yes from .925, no from .85. Nothing of the last row is past them but …
    assert several(likely, given, ["a", "b"], least=1) == {}
    likely[3, 0] = 0.02
    # … a: no from .95, 1 - .02 is
    assert several(likely, given, ["a", "b"], least=1) == {3: (("b",), 0.98)}


def test_a_text_keeps_one_leaf_and_the_one_that_stands_alone_stays_alone() -> None:
    labels = ["a", "other.none"]
    likely = np.array([[0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.02, 0.99], [0.02, 0.5]])
    given: list[tuple[str, ...]] = [("a",), ("a",), ("other.none",), ("a",), ("a",)]
    assert several(likely, given, labels, least=1) == {}
    likely[2:, 0] = 0.0
    found = several(likely, given, labels, least=1)
    assert found[3][0] == ("other.none",) and found[4][0] == ("other.none",)
