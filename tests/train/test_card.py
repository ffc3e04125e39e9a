"""The card of a release: every figure from the manifest, and nothing where the manifest has nothing."""

import copy
import re
from typing import Any

import pytest

from feedback_nlp.classify.release import find, read_manifest
from feedback_nlp.train.card import card


@pytest.fixture
def old() -> dict[str, Any]:
    """Give the manifest of the first linear release, which knew neither classes nor groups."""
    return read_manifest(find("linear-v1"))


@pytest.fixture
def whole(old: dict[str, Any]) -> dict[str, Any]:
    """Give a manifest that holds everything that a card can say."""
    made = copy.deepcopy(old)
    dev = made["metrics"]["dev.jsonl"]
    dev["classes"] = {
        "leaves": {"system.crash": {"rows": 9, "precision": 0.5, "recall": 0.6, "f1": [0.55, 0.4, 0.7]}},
        "kind": {"praise": {"rows": 12, "precision": 1.0, "recall": 0.8, "f1": [0.9, 0.8, 1.0]}},
    }
    dev["groups"] = {
        "source or style": {"few": {"rows": 3, "kind": [0.1, 0.0, 0.2]}, "many": {"rows": 8, "kind": [0.5, 0.4, 0.6]}},
        "characters": {"1–20": {"rows": 2, "leaves": [0.3, 0.2, 0.4]}, "over 20": {"rows": 9, "kind": [0.7, 0.6, 0.8]}},
    }
    linear, encoder = ({name: copy.deepcopy(dev[name]) for name in ("facets", "accepted")} for _ in range(2))
    linear["facets"]["kind"]["micro_f1"] = [0.111, 0.1, 0.2]
    encoder["facets"]["kind"]["micro_f1"] = [0.222, 0.2, 0.3]
    made |= {
        "model": "wide-and-deep",
        "encoder": {
            "name": "encoder-small",
            "layers": 4,
            "width": 256,
            "pieces": 8000,
            "manifest_sha256": "ab" * 32,
            "corpus": [{"source": "letters", "about": "letters to officials; no open licence stated"}],
            "intermediate": {
                "base": "encoder-first",
                "tasks": {"meals": {"file": "meals.csv", "about": "reviews; Apache-2.0", "used": 9000}},
            },
        },
        "mix": {"kind": [0.25, 0.75]},
        "parts": {"dev.jsonl": {"linear": linear, "encoder": encoder}},
        "measured_on_test": {"test.jsonl": {"on": ["2026-11-24", "2026-12-01"], "sha256": "cd" * 32}},
        "compared": {
            "linear-v1": {
                "on": [{"file": "dev.jsonl", "rows": 255, "sha256": "ef" * 32}],
                "headline": {"kind, accuracy": [0.88, 0.8, 0.08, 0.05, 0.11]},
            }
        },
        "effort": {"hours": 1.5, "machine": "a laptop"},
    }
    return made


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, flags=re.MULTILINE)


def test_a_manifest_of_the_first_version_still_gives_a_card(old: dict[str, Any]) -> None:
    text = card(old)
    assert headings(text) == ["Intended use", "Training data", "Figures", "Calibration", "Speed", "Limits", "Proof"]
    assert "**Not for**" in text
    for name, found in old["metrics"].items():
        assert f"### {name} ({found['rows']} texts)" in text
        micro = found["facets"]["leaves"]["micro_f1"]
        assert f"| leaves | {micro[0]:.3f} | {micro[1]:.3f}–{micro[2]:.3f} |" in text


def test_data_is_named_with_its_licence_and_hash(old: dict[str, Any]) -> None:
    text = card(old)
    for entry in (*old["data"], *old["kept_apart"]):
        assert f"- `{entry['file']}`: " in text and entry["about"] in text and entry["sha256"] in text


def test_a_deep_release_says_what_each_part_gives(whole: dict[str, Any]) -> None:
    text = card(whole)
    assert "the encoder `encoder-small` (4 layers × 256, 8,000 pieces)" in text
    assert "- letters: letters to officials; no open licence stated." in text
    assert "- meals (`meals.csv`): 9,000 texts; reviews; Apache-2.0." in text
    assert re.search(r"^\| linear alone \| 0\.111 \|", text, flags=re.MULTILINE)
    assert re.search(r"^\| encoder alone \| 0\.222 \|", text, flags=re.MULTILINE)
    assert "kind 0.25 : 0.75" in text
    assert "ab" * 32 in text
    assert "It adds up words" not in text


def test_classes_and_sources_have_tables_of_their_own(whole: dict[str, Any]) -> None:
    text = card(whole)
    assert [name for name in headings(text) if "by" in name] == ["Figures by source and length", "Figures by class"]
    lines = text.splitlines()
    praise, crash = (
        lines.index("| kind: praise | 0.90 (0.80–1.00), 12 |"),
        lines.index("| leaves: system.crash | 0.55 (0.40–0.70), 9 |"),
    )
    assert praise < crash
    many, few = (
        next(at for at, line in enumerate(lines) if line.startswith(f"| {name} |")) for name in ("many", "few")
    )
    assert many < few  # the larger first
    short, long = (
        next(at for at, line in enumerate(lines) if line.startswith(f"| {n} |")) for n in ("1–20", "over 20")
    )
    assert short < long  # in their order, whatever their sizes
    assert lines[short] == "| 1–20 | 2 | – | – | – | 0.30 (0.20–0.40) |"


def test_comparison_test_days_and_hours_are_told(whole: dict[str, Any]) -> None:
    text = card(whole)
    assert "### test.jsonl (435 texts), measured 2026-11-24, 2026-12-01" in text
    assert "Took the place of linear-v1; compared on dev.jsonl (255 texts):" in text
    assert "| kind, accuracy | 0.880 | 0.800 | +0.080 | +0.050 to +0.110 |" in text
    assert "Training took 1.50 hours on this machine: a laptop." in text


def test_a_release_from_a_checkpoint_of_others_says_so(whole: dict[str, Any]) -> None:
    whole["encoder"] |= {"corpus": [], "intermediate": {}, "name": "their/bert"}
    text = card(whole)
    assert "The encoder comes from `their/bert`, a checkpoint that this project did not make" in text
    assert "public labelled sets" not in text


def test_who_labelled_is_not_claimed(old: dict[str, Any]) -> None:
    assert "reader a text" not in card(old)  # the manifest does not know
