"""The labelled corpus is what its README says."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from feedback_nlp import taxonomy

FOLDER = Path(__file__).parents[2] / "data" / "labelled"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SPLITS = {
    name: [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    for name in ("train", "dev", "test")
}
ROWS = [row for rows in SPLITS.values() for row in rows]


def table(first_column: str) -> dict[str, tuple[int, ...]]:
    """Read the train, dev and test counts of the README's table whose first column has this title."""
    after = README.split(f"| {first_column} |", 1)[1].split("\n\n", 1)[0]
    found = re.findall(r"^\| `?([^`|]+?)`? \|(?:[^|\d]*\|)? *(\d+) \| (\d+) \| (\d+) \|", after, flags=re.M)
    return {name: tuple(map(int, counts)) for name, *counts in found}


def counted(values) -> dict[str, tuple[int, ...]]:
    counters = [Counter(value for row in rows for value in values(row)) for rows in SPLITS.values()]
    return {name: tuple(counter[name] for counter in counters) for name in set().union(*counters)}


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("style", lambda row: [row["style"]]),
        ("kind", lambda row: [row["kind"]]),
        ("sentiment", lambda row: [row["sentiment"]]),
        ("modality", lambda row: [hit["modality"] for hit in row["escalation"]]),
        ("type", lambda row: [found["type"] for found in row["pii"]]),
    ],
)
def test_the_readme_counts_what_is_there(title, values):
    assert table(title) == counted(values)


def test_the_readme_counts_rows_and_characters():
    counts = table("size")
    assert counts["rows"] == tuple(len(rows) for rows in SPLITS.values())
    assert counts["characters"] == tuple(sum(len(row["text"]) for row in rows) for rows in SPLITS.values())


def test_every_label_is_in_the_taxonomy():
    labels = taxonomy.load()
    for row in ROWS:
        for facet in taxonomy.SINGLE:
            labels.check(facet, row[facet])
        for facet in taxonomy.MULTI:
            for label in row[facet]:
                labels.check(facet, label)


def test_rows_carry_one_to_three_leaves_and_up_to_three_demands():
    assert all(1 <= len(row["leaves"]) == len(set(row["leaves"])) <= 3 for row in ROWS)
    assert all(len(row["demand"]) == len(set(row["demand"])) <= 3 for row in ROWS)


def test_ids_and_texts_are_unique_over_all_splits():
    assert len({row["id"] for row in ROWS}) == len({row["text"] for row in ROWS}) == len(ROWS)


def test_letters_that_repeat_each_other_stay_on_one_side():
    groups = [{row["dup_group"] for row in rows} - {None} for rows in SPLITS.values()]
    assert not any(one & other for one, other in combinations(groups, 2))


def test_personal_data_is_marked_by_exact_substrings():
    assert all(found["text"] in row["text"] for row in ROWS for found in row["pii"])


def test_a_state_is_no_threat():
    hits = {(hit["kind"], hit["modality"]) for row in ROWS for hit in row["escalation"]}
    assert {kind for kind, modality in hits if modality == "fact"} == {"vulnerable"}
    assert {modality for kind, modality in hits if kind == "vulnerable"} == {"fact"}
