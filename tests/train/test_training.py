"""Training and measuring in a bank's folder, where there is no checkout."""

import json
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.classify.release import find, load, read_manifest, shipped
from feedback_nlp.errors import OperatorError, TrainerError
from feedback_nlp.jobs.evaluating import Asked, evaluate
from feedback_nlp.jobs.training import finetune, is_test, ordered, train
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
    with pytest.raises(TrainerError, match=r"train.jsonl: .* is not here; .* name a labelled file"):
        train(Settings(folder=bank, store_url=""), name="ours", data=[], today=TODAY, say=lambda _: None)


def test_a_release_that_is_nowhere_is_refused_with_both_places(bank: Path) -> None:
    with pytest.raises(TrainerError) as refused:
        find("ours", folder=bank / "models")
    assert str(bank / "models") in str(refused.value) and str(shipped()) in str(refused.value)


LABELLED = Path(__file__).parents[2] / "data" / "labelled"


def test_the_test_part_is_known_from_any_folder_and_never_learned_from(bank: Path) -> None:
    copied = Path(shutil.copy(LABELLED / "test.jsonl", bank / "ours.jsonl"))
    assert is_test(LABELLED / "test.jsonl") and is_test(copied)
    assert not is_test(LABELLED / "dev.jsonl") and not is_test(write_data(bank)) and not is_test(bank / "none.jsonl")
    with pytest.raises(TrainerError, match=r"ours.jsonl: is the test part, which only measures; learn from other"):
        ordered("ours", data=[copied], dev=[], today=TODAY)
    with pytest.raises(TrainerError, match="the test part only measures"):
        asked = Asked((copied,), out=bank / "out")
        evaluate(Settings(folder=bank, store_url=""), "linear-v1", asked=asked, today=TODAY, say=print)


def test_from_another_folder_the_parts_beside_the_data_stay_apart(bank: Path) -> None:
    made = ordered("ours", data=[LABELLED / "train.jsonl"], dev=[], today=TODAY)
    assert made.apart == (LABELLED / "dev.jsonl", LABELLED / "test.jsonl") and made.dev == ()
    made = ordered("ours", data=[LABELLED / "train.jsonl"], dev=[LABELLED / "dev.jsonl"], today=TODAY)
    assert made.apart == (LABELLED / "test.jsonl",)
    write_rows(bank / "test.jsonl", [record(1)])  # somebody's own, of the same name
    assert ordered("ours", data=[write_data(bank)], dev=[], today=TODAY).apart == ()


def test_a_part_and_named_files_together_are_refused(bank: Path) -> None:
    asked = Asked((write_data(bank),), split="test")
    with pytest.raises(OperatorError, match="--split test is a part of the corpus; leave it out"):
        evaluate(Settings(folder=bank, store_url=""), "linear-v1", asked=asked, today=TODAY, say=print)
