"""The set that measures the escalation rules is what its section of the README says."""

import json
import re
from collections import Counter
from pathlib import Path

from feedback_nlp.train.near import near_pairs

FOLDER = Path(__file__).parents[2] / "data" / "labelled"
SECTION = (
    (FOLDER / "README.md").read_text(encoding="utf-8").split("\n## The escalation set\n", 1)[1].split("\n## ", 1)[0]
)
ROWS = [json.loads(line) for line in (FOLDER / "escalation_extra.jsonl").read_text(encoding="utf-8").splitlines()]
TEXTS = [row["text"] for row in ROWS]
HITS = [(hit["kind"], hit["modality"]) for row in ROWS for hit in row["escalation"]]


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


CORPUS = [row for name in ("train", "dev", "test") for row in lines(name)]


def test_a_row_has_its_four_columns_and_an_id_of_its_own() -> None:
    assert all(list(row) == ["id", "text", "style", "escalation"] for row in ROWS)
    assert [row["id"] for row in ROWS] == [f"x{number:04d}" for number in range(1, len(ROWS) + 1)]
    assert all(list(hit) == ["kind", "modality"] for row in ROWS for hit in row["escalation"])


def test_kinds_are_those_of_the_corpus_and_the_three_it_lacks() -> None:
    known = {hit["kind"] for row in CORPUS for hit in row["escalation"]}
    lacking = {"info_leak", "funds", "collection_abuse"}
    assert not known & lacking
    assert {kind for kind, _ in HITS} == known | lacking


def test_a_text_has_one_hit_of_a_kind_and_a_state_is_no_threat() -> None:
    for row in ROWS:
        kinds = [hit["kind"] for hit in row["escalation"]]
        assert len(kinds) == len(set(kinds)), row["id"]
    assert all((kind == "vulnerable") == (modality == "fact") for kind, modality in HITS)


def test_the_readme_counts_hits_by_kind_and_modality() -> None:
    table = "| kind of hit |" + SECTION.split("| kind of hit |", 1)[1].split("\n\n", 1)[0]
    modalities = re.findall(r"`(\w+)`", table.split("\n", 1)[0])
    body = re.findall(r"^\| (`\w+`) \|(.+)\|$", table, re.M)
    counted = {
        (name.strip("`"), modality): int(count)
        for name, cells in body
        for modality, count in zip(modalities, cells.split("|"), strict=True)
    }
    assert {pair: count for pair, count in counted.items() if count} == Counter(HITS)


def test_the_readme_counts_texts_styles_and_look_alikes() -> None:
    assert int(re.match(r"(\d+) more texts", SECTION)[1]) == len(ROWS)  # type: ignore[index]
    styles = SECTION.split("| `style` |", 1)[1].split("\n", 1)[0]
    assert {name: int(count) for name, count in re.findall(r"`(\w+)` (\d+)", styles)} == Counter(
        row["style"] for row in ROWS
    )
    assert int(re.search(r"empty in (\d+) texts", SECTION)[1]) == sum(not row["escalation"] for row in ROWS)  # type: ignore[index]


def test_a_text_is_short_and_repeats_neither_another_nor_the_corpus() -> None:
    assert all(20 <= len(text) <= 160 for text in TEXTS)
    assert all(one == two for one, two in near_pairs(TEXTS, TEXTS, least=0.5))
    assert list(near_pairs(TEXTS, [row["text"] for row in CORPUS], least=0.5)) == []
