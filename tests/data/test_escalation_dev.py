"""The set that escalation rules are made with is what its section of the README says, and none of it is measured on."""

import json
import re
from collections import Counter
from pathlib import Path

from feedback_nlp.train.near import near_pairs

FOLDER = Path(__file__).parents[2] / "data" / "labelled"
SECTION = (FOLDER / "README.md").read_text(encoding="utf-8").split("## The escalation development set\n", 1)[1]
ROWS = [json.loads(line) for line in (FOLDER / "escalation_dev.jsonl").read_text(encoding="utf-8").splitlines()]
HITS = Counter((hit["kind"], hit["modality"]) for row in ROWS for hit in row["escalation"])


def test_every_row_has_its_columns_and_its_number() -> None:
    assert all(list(row) == ["id", "text", "style", "escalation"] for row in ROWS)
    assert [row["id"] for row in ROWS] == [f"y{number:04d}" for number in range(1, len(ROWS) + 1)]


def test_the_readme_counts_texts_and_hits() -> None:
    assert int(re.match(r"(\d+) more texts", SECTION)[1]) == len(ROWS)  # type: ignore[index]
    assert int(re.search(r"; (\d+) carry no escalation", SECTION)[1]) == sum(  # type: ignore[index]
        not row["escalation"] for row in ROWS
    )
    head, *body = re.findall(r"^\| `?(\w+)`? \|(.+)\|$", SECTION.split("\n## ", 1)[0], re.M)
    modalities = re.findall(r"`(\w+)`", head[1])
    counted = Counter[tuple[str, str]]()
    for kind, cells in body:
        whole, *numbers = map(int, cells.split("|"))
        assert whole == sum(numbers), kind
        counted.update({(kind, modality): number for modality, number in zip(modalities, numbers, strict=True)})
    assert +counted == HITS


def test_nothing_that_measures_is_learned_from() -> None:
    texts = [row["text"] for row in ROWS]
    for name in ("test.jsonl", "escalation_extra.jsonl"):
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        assert list(near_pairs(texts, [json.loads(line)["text"] for line in lines])) == [], name
