"""Training and measuring in a bank's folder, where there is no checkout."""

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.classify.release import find, load, read_manifest, shipped
from feedback_nlp.errors import TrainerError
from feedback_nlp.jobs.evaluating import Asked, evaluate
from feedback_nlp.jobs.training import finetune, ordered, train
from feedback_nlp.settings import Settings
from feedback_nlp.settings import load as load_settings
from feedback_nlp.text.fingerprint import fingerprint

TODAY = date(2026, 11, 24)


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_data(folder: Path) -> Path:
    return write_rows(folder / "mine.jsonl", [record(number) for number in range(180)])


@pytest.mark.parametrize("config", ["", '[model]\nfolder = "own"\n'])
def test_a_release_trained_in_an_empty_folder_is_found_and_measured_there(bank: Path, config: str) -> None:
    data, said = write_data(bank), list[str]()
    (bank / "feedback.toml").write_text(config, encoding="utf-8")
    settings = load_settings(environ={})
    (found,) = train(settings, name="ours", data=[data], today=TODAY, say=said.append)
    folder = bank / ("own" if config else "models") / "ours"
    manifest = read_manifest(folder)
    assert "no dev file: 18 of 180 texts are held out to measure on" in said
    assert (found.rows, manifest["data"][0]["used"], set(manifest["metrics"])) == (18, 162, {"held out"})
    assert "held out" in (folder / "CARD.md").read_text(encoding="utf-8")
    asked = Asked((data,))
    assert evaluate(settings, "ours", asked=asked, today=TODAY, say=said.append).evaluation.rows == 180
    assert "ours learned from mine.jsonl" in said[-1]
    assert load(find("linear-v1", folder=folder.parent), fingerprint=fingerprint()).name == "linear-v1"
    assert find("default", folder=folder.parent) == find("default")
    (folder.parent / "default").write_text("ours\n", encoding="utf-8")
    assert find("default", folder=folder.parent) == folder


def test_the_corpus_parts_measure_and_stay_apart_where_they_are(bank: Path) -> None:
    data, corpus = write_data(bank), bank / "data" / "labelled"
    corpus.mkdir(parents=True)
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    write_rows(corpus / "dev.jsonl", rows[:20])
    write_rows(corpus / "test.jsonl", rows[20:50])
    settings = Settings(folder=bank, store_url="")
    (found,) = train(settings, name="ours", data=[data], today=TODAY, say=lambda _: None)
    manifest = read_manifest(bank / "models" / "ours")
    assert (found.rows, manifest["data"][0]["used"], set(manifest["metrics"])) == (20, 130, {"dev.jsonl"})
    assert [entry["file"] for entry in manifest["kept_apart"]] == ["dev.jsonl", "test.jsonl"]


def test_files_that_measure_are_named_and_the_corpus_still_stays_apart(bank: Path) -> None:
    data, corpus = write_data(bank), bank / "data" / "labelled"
    corpus.mkdir(parents=True)
    for part in ("train", "dev", "test"):
        write_rows(corpus / f"{part}.jsonl", [record(1)])
    own = ordered("ours", data=[data], dev=[bank / "mydev.jsonl"], today=TODAY, base="encoder-x")
    assert own.dev == (bank / "mydev.jsonl",)
    assert [path.name for path in own.apart] == ["dev.jsonl", "test.jsonl"]
    plain = ordered("ours", data=[], dev=[], today=TODAY)
    assert [path.name for path in (*plain.data, *plain.dev, *plain.apart)] == ["train.jsonl", "dev.jsonl", "test.jsonl"]


def test_fine_tuning_without_torch_says_what_to_install(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    order = ordered("ours", data=[write_data(bank)], dev=[], today=TODAY)
    with pytest.raises(TrainerError, match=r"torch is not installed; run: pip install 'feedback-nlp\[train\]'"):
        finetune(Settings(folder=bank, store_url=""), order, epochs=None, resume=False, say=lambda _: None)


def test_without_any_data_the_folder_says_what_is_missing(bank: Path) -> None:
    with pytest.raises(TrainerError, match=r"train.jsonl: no such file; .* name a labelled file"):
        train(Settings(folder=bank, store_url=""), name="ours", data=[], today=TODAY, say=lambda _: None)


def test_a_release_that_is_nowhere_is_refused_with_both_places(bank: Path) -> None:
    with pytest.raises(TrainerError) as refused:
        find("ours", folder=bank / "models")
    assert str(bank / "models") in str(refused.value) and str(shipped()) in str(refused.value)
