import re
from datetime import date
from pathlib import Path

import pytest

from feedback_nlp.classify.linear import LinearPredictor
from feedback_nlp.classify.release import find, load, read_manifest, sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.corpus import read_labelled
from feedback_nlp.train.release import Order, evaluate_release, record, restamp, train_release
from feedback_nlp.train.vocabulary import LONGEST


def train(out: Path, files: tuple[Path, Path], *, name: str = "small", said: list[str] | None = None) -> Path:
    order = Order(name, date(2026, 1, 2), (files[0],), (files[1],))
    say = said.append if said is not None else lambda _: None
    train_release(order, out=out, fingerprint=fingerprint(), taxonomy=load_taxonomy(), say=say)
    return out / name


def test_a_small_release_learns_its_themes(release: Path, files: tuple[Path, Path]) -> None:
    found = evaluate_release(release, files[1], fingerprint=fingerprint(), taxonomy=load_taxonomy())
    assert found.facets["business"].accuracy == 1.0
    assert found.facets["leaves"].micro_f1.value > 0.9
    assert isinstance(load(release, fingerprint=fingerprint()), LinearPredictor)


def test_training_twice_gives_the_same_bytes_and_says_what_it_does(
    release: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    said: list[str] = []
    again = train(tmp_path, files, said=said)
    assert {item.name: sha256(item) for item in again.iterdir()} == {
        item.name: sha256(item) for item in release.iterdir()
    }
    assert len(said) > 5


def test_a_release_is_never_written_over(release: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(TrainerError, match="exists already"):
        train(release.parent, files)
    with pytest.raises(TrainerError, match="no plain name"):
        train(release.parent, files, name="../small")


def test_the_manifest_tells_what_was_used(release: Path, files: tuple[Path, Path]) -> None:
    manifest = read_manifest(release)
    (entry,) = manifest["data"]
    assert (entry["file"], entry["rows"], entry["sha256"]) == ("mine.jsonl", 150, sha256(files[0]))
    assert entry["about"] == "not described"
    assert manifest["created"] == "2026-01-02"
    assert set(manifest["metrics"]) == {"dev.jsonl"}


def test_recorded_figures_stand_in_the_card_and_the_release_still_loads(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = train(tmp_path, files)
    record(
        folder,
        "speed",
        key="a laptop",
        value={"rows_per_second": 4321, "characters": 35, "load_seconds": 0.5, "peak_mb": 200},
    )
    assert "4,321 texts a second" in (folder / "CARD.md").read_text(encoding="utf-8")
    assert load(folder, fingerprint=fingerprint()).name == "small"


def test_every_figure_of_the_card_stands_in_the_manifest(release: Path) -> None:
    manifest = read_manifest(release)
    text = (release / "CARD.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| business \| ([\d.]+) \| ([\d.]+)–([\d.]+) \|", text, flags=re.MULTILINE)
    assert shown == [
        tuple(f"{value:.3f}" for value in manifest["metrics"]["dev.jsonl"]["facets"]["business"]["micro_f1"])
    ]


def test_a_release_is_restamped_where_its_figures_hold(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder, taxonomy = train(tmp_path, files), load_taxonomy()
    rows = read_labelled(files[1], taxonomy=taxonomy)
    restamp(folder, fingerprint="feedc0de", dev={"dev.jsonl": rows}, taxonomy=taxonomy)
    assert load(folder, fingerprint="feedc0de").name == "small"
    assert "feedc0de" in (folder / "CARD.md").read_text(encoding="utf-8")


def test_a_release_is_not_restamped_where_its_figures_fall(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder, taxonomy = train(tmp_path, files), load_taxonomy()
    rows = read_labelled(files[0], taxonomy=taxonomy)
    worse = [type(row)(row.id, rows[0].text, row.labels, row.file, row.kind, row.group) for row in rows]
    for dev, says in (
        ({"dev.jsonl": worse}, "loses"),
        ({}, "give the dev files"),
        ({"x.jsonl": rows}, "no figures for x"),
    ):
        with pytest.raises(TrainerError, match=says):
            restamp(folder, fingerprint="feedc0de", dev=dev, taxonomy=taxonomy)


def test_the_shipped_vocabulary_quotes_nobody() -> None:
    lines = (find("default") / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]
    grams = [line.split("\t") for line in lines]
    assert all(len(gram.replace(" ", "")) <= (LONGEST if block == "w" else 2) for block, gram in grams)
    assert not set("123456789") & set("".join(gram for _, gram in grams))
