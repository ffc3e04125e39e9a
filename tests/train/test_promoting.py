"""Promotion, rollback and the one run on the test part, in a bank's folder."""

import errno
import json
import os
import shutil
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.classify.release import find, load, read_manifest, write_release
from feedback_nlp.errors import OfficerError, TrainerError
from feedback_nlp.jobs import evaluating, pointer, promoting
from feedback_nlp.jobs.evaluating import Asked, evaluate
from feedback_nlp.jobs.pointer import BACK, OVERRIDDEN, PASSED, preceding, read_history
from feedback_nlp.jobs.promoting import Wish, promote, rollback
from feedback_nlp.settings import Settings
from feedback_nlp.text.fingerprint import fingerprint

TODAY = date(2026, 11, 24)
SHIPPED = find("default").name


@pytest.fixture
def bank(tmp_path: Path, release: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give a folder with three own releases, "good", "same" and "bad", and texts to compare on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluating, "find_spec", lambda _: None)  # SnowNLP takes seconds to load
    write_rows(tmp_path / "ours.jsonl", [record(number) for number in range(200, 320)])
    for name in ("good", "same", "bad"):
        folder = tmp_path / "models" / name
        shutil.copytree(release, folder)
        manifest = {**read_manifest(folder), "name": name}
        if name == "bad":  # what was a complaint is now called other, and the other way round
            swap = {"complaint": "other", "other": "complaint"}
            kinds = [swap.get(label, label) for label in manifest["labels"]["kind"]]
            manifest["labels"] = {**manifest["labels"], "kind": kinds}
        write_release(folder, manifest, files={})
    return Settings(folder=tmp_path, store_url="")


def wish(name: str, *, override: bool = False, reason: str = "") -> Wish:
    return Wish(name, (Path("ours.jsonl"),), override, reason)


def go(bank: Settings, name: str) -> str:
    return promote(bank, wish(name), by="张三", say=print).name


def current(bank: Settings) -> str:
    """Give what a run would load now; it must load."""
    return load(find("default", folder=bank.own_models), fingerprint=fingerprint()).name


def test_a_better_release_becomes_the_default_and_the_history_tells_on_what(bank: Settings) -> None:
    found = promote(bank, wish("good", reason="手机号13800138000的客户来信"), by="张三", say=print)
    assert (found.name, found.before, current(bank)) == ("good", SHIPPED, "good")
    assert (bank.own_models / "default").read_text(encoding="utf-8") == "good\n"
    (entry,) = read_history(bank.own_models)
    assert (entry["from"], entry["to"], entry["by"], entry["result"]) == (SHIPPED, "good", "张三", PASSED)
    assert entry["reason"] == "手机号[手机号]的客户来信"
    (compared,) = entry["compared_on"]
    assert (compared["file"], compared["rows"], len(compared["sha256"])) == ("ours.jsonl", 120, 64)
    named = read_manifest(bank.own_models / "good")["compared"][SHIPPED]
    assert named["on"] == entry["compared_on"]
    assert f"Took the place of {SHIPPED}" in (bank.own_models / "good" / "CARD.md").read_text(encoding="utf-8")


def test_a_worse_release_is_refused_with_the_classes_and_changes_nothing(bank: Settings) -> None:
    go(bank, "good")
    with pytest.raises(TrainerError, match=r"bad is worse than good on 120 texts in: kind, accuracy .*kind: complaint"):
        go(bank, "bad")
    assert current(bank) == "good"
    assert len(read_history(bank.own_models)) == 1


def test_an_override_needs_a_reason_which_is_recorded(bank: Settings) -> None:
    go(bank, "good")
    with pytest.raises(TrainerError, match="--override needs --reason"):
        promote(bank, wish("bad", override=True, reason=" "), by="张三", say=print)
    promote(bank, wish("bad", override=True, reason="只看业务"), by="李四", say=print)
    *_, entry = read_history(bank.own_models)
    assert (current(bank), entry["result"], entry["reason"], entry["by"]) == ("bad", OVERRIDDEN, "只看业务", "李四")
    assert "kind: complaint" in entry["against"]


def test_rollback_goes_back_step_by_step_and_no_further(bank: Settings) -> None:
    for name in ("good", "same"):
        go(bank, name)
    assert rollback(bank, by="李四", reason="投诉变多", say=print).name == current(bank) == "good"
    assert rollback(bank, by="李四", reason="", say=print).name == current(bank) == SHIPPED
    with pytest.raises(TrainerError, match=rf"does not say what was the default before {SHIPPED}"):
        rollback(bank, by="李四", reason="", say=print)
    assert [entry["result"] for entry in read_history(bank.own_models)] == [PASSED, PASSED, BACK, BACK]


def test_a_step_back_to_a_release_that_no_longer_works_is_not_taken(bank: Settings) -> None:
    for name in ("good", "same"):
        go(bank, name)
    (bank.own_models / "good" / "weights.npz").write_bytes(b"")
    with pytest.raises(TrainerError, match=r"weights.npz was changed"):
        rollback(bank, by="李四", reason="", say=print)
    assert current(bank) == "same"


class Killed(BaseException):
    pass


def kill(*_: object, **__: object) -> None:
    raise Killed


def write_half(path: Path, line: str, *, mode: str) -> None:
    with path.open(mode, encoding="utf-8") as stream:
        stream.write(line[: len(line) // 2])
    raise Killed


REPLACE, WRITE = Path.replace, pointer._write


def replace_all_but_the_pointer(path: Path, target: Path) -> Path:
    if target.name == "default":
        raise Killed
    return REPLACE(path, target)


def write_half_of_the_pointer(path: Path, line: str, *, mode: str) -> None:
    (WRITE if path.name == pointer.HISTORY else write_half)(path, line, mode=mode)


@pytest.mark.parametrize(
    ("where", "name", "by"),
    [
        (promoting, "record", kill),
        (pointer, "_write", write_half),
        (pointer, "_write", write_half_of_the_pointer),
        (Path, "replace", kill),
        (Path, "replace", replace_all_but_the_pointer),
    ],
    ids=["before anything", "in the history", "in the pointer", "in the manifest", "before the pointer counts"],
)
def test_killed_at_any_write_the_installation_keeps_a_default_and_goes_on(
    bank: Settings, where: Any, name: str, by: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(bank, "good")
    with monkeypatch.context() as patch:
        patch.setattr(where, name, by)
        with pytest.raises(Killed):
            go(bank, "same")
    assert current(bank) == "good"
    assert go(bank, "same") == current(bank) == "same"
    assert rollback(bank, by="张三", reason="", say=print).name == "good"
    assert rollback(bank, by="张三", reason="", say=print).name == SHIPPED


def test_a_default_that_cannot_be_opened_is_replaced_only_with_a_reason(bank: Settings) -> None:
    bank.own_models.joinpath("default").write_text("gone\n", encoding="utf-8")
    with pytest.raises(TrainerError, match=r"nothing to compare with: .* holds no release 'gone'"):
        go(bank, "good")
    promote(bank, wish("good", override=True, reason="gone was deleted"), by="张三", say=print)
    assert current(bank) == "good"


def test_what_cannot_be_promoted_is_refused(bank: Settings, files: tuple[Path, Path]) -> None:
    with pytest.raises(TrainerError, match="holds no release 'nowhere'"):
        go(bank, "nowhere")
    with pytest.raises(TrainerError, match=rf"{SHIPPED} is the default already"):
        go(bank, SHIPPED)
    with pytest.raises(TrainerError, match=r"good learned from mine.jsonl: .*; compare on other texts"):
        promote(bank, Wish("good", (files[0],)), by="张三", say=print)
    with pytest.raises(TrainerError, match=r"dev.jsonl: .* is not here; .* name a labelled file"):
        promote(bank, Wish("good"), by="张三", say=print)


def corpus(bank: Settings) -> Path:
    folder = bank.folder / "data" / "labelled"
    folder.mkdir(parents=True)
    write_rows(folder / "dev.jsonl", [record(number) for number in range(320, 350)])
    return write_rows(folder / "test.jsonl", [record(number) for number in range(350, 380)])


def test_the_corpus_dev_part_joins_the_comparison_and_the_test_part_never(bank: Settings) -> None:
    test = corpus(bank)
    copied = shutil.copy(test, bank.folder / "copy.jsonl")
    with pytest.raises(TrainerError, match="is the test part, which only measures"):
        promote(bank, Wish("good", (Path(copied),)), by="张三", say=print)
    go(bank, "good")
    (entry,) = read_history(bank.own_models)
    assert [item["file"] for item in entry["compared_on"]] == ["dev.jsonl", "ours.jsonl"]


def test_outside_a_checkout_the_comparison_is_said_to_rest_on_the_given_files_alone(bank: Settings) -> None:
    said: list[str] = []
    promote(bank, wish("good"), by="张三", say=said.append)
    assert [line for line in said if "dev.jsonl, is not here: the comparison rests on the files given alone" in line]
    corpus(bank)
    said.clear()
    promote(bank, wish("same"), by="张三", say=said.append)
    assert said == []
    (bank.folder / "data" / "labelled" / "dev.jsonl").unlink()
    with pytest.raises(TrainerError, match=r"dev.jsonl: the dev part of a checkout is not here; .* name a labelled"):
        evaluate(bank, "good", asked=Asked(), today=TODAY, say=said.append)


def test_a_release_named_in_the_settings_is_said_to_count_first(bank: Settings) -> None:
    said: list[str] = []
    settings = Settings(folder=bank.folder, store_url="", release=SHIPPED)
    promote(settings, wish("good"), by="张三", say=said.append)
    assert said[-1:] == [f"note: the settings name the release '{SHIPPED}', which counts before the pointer"]


def test_the_test_part_gives_tables_once_and_a_second_run_says_when_the_first_was(bank: Settings) -> None:
    test, said = corpus(bank), list[str]()
    for asked in (Asked(split="test", out=bank.folder / "out"), Asked((test,), against="same")):
        with pytest.raises(TrainerError, match="the test part only measures"):
            evaluate(bank, "good", asked=asked, today=TODAY, say=said.append)
    found = evaluate(bank, "good", asked=Asked(split="test"), today=TODAY, say=said.append)
    assert (found.evaluation.rows, found.worst, said) == (30, (), [])
    kept = read_manifest(bank.own_models / "good")
    assert kept["measured_on_test"]["test.jsonl"]["on"] == ["2026-11-24"]
    assert kept["metrics"]["test.jsonl"]["rows"] == 30
    evaluate(bank, "good", asked=Asked((test,)), today=date(2026, 12, 1), say=said.append)
    assert said == ["good was measured on test.jsonl before on 2026-11-24: once is enough, see its card"]
    assert read_manifest(bank.own_models / "good")["measured_on_test"]["test.jsonl"]["on"] == [
        "2026-11-24",
        "2026-12-01",
    ]
    assert load(bank.own_models / "good", fingerprint=fingerprint()).name == "good"


def test_a_release_stands_beside_another_and_the_shipped_linear_one(bank: Settings) -> None:
    corpus(bank)
    asked = Asked(out=bank.folder / "out", against="bad")
    found = evaluate(bank, "good", asked=asked, today=TODAY, say=print)
    assert found.comparison is not None and found.comparison.two == "bad"
    assert [item.name for item in found.baselines] == ["majority", "linear-v1"]
    assert found.worst == () or all(error.text for error in found.worst)
    names = {path.name for path in (bank.folder / "out").iterdir()}
    assert {"evaluation.html", "metrics.json", "comparison.csv", "groups.csv", "per_class.csv"} <= names
    figures = json.loads((bank.folder / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert figures["comparison"]["two"] == "bad"


def test_an_encoder_among_the_shipped_models_is_no_baseline(bank: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus(bank)
    shipped = bank.folder / "shipped"
    shutil.copytree(find("linear-v1"), shipped / "linear-v1")
    write_release(shipped / "encoder-x", {"name": "encoder-x", "model": "electra"}, files={})
    monkeypatch.setattr(evaluating, "shipped", lambda: shipped)
    found = evaluate(bank, "good", asked=Asked(), today=TODAY, say=print)
    assert [item.name for item in found.baselines] == ["majority", "linear-v1"]


def test_on_a_read_only_disk_the_figures_of_the_test_part_are_shown(
    bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(folder / "manifest.json"))

    corpus(bank)
    monkeypatch.setattr(evaluating, "record", refuse)
    said: list[str] = []
    assert evaluate(bank, "good", asked=Asked(split="test"), today=TODAY, say=said.append).evaluation.rows == 30
    (line,) = said
    assert "manifest.json: cannot be written (Read-only file system)" in line


def step(old: str, new: str, result: str = PASSED) -> dict[str, str]:
    return {"from": old, "to": new, "result": result}


@pytest.mark.parametrize(
    ("now", "steps", "earlier"),
    [
        ("a", [], None),
        ("b", [step("a", "b")], "a"),
        ("a", [step("a", "b")], None),  # never carried out, and nothing before
        ("b", [step("a", "b"), step("b", "c"), step("c", "b", BACK)], "a"),
        ("c", [step("a", "b"), step("b", "c"), step("c", "b", BACK)], "b"),  # the step back was never carried out
        ("a", [step("a", "b"), step("b", "a")], "b"),  # promoted again, not rolled back
        ("b", [step("z", "a"), step("a", "b"), step("a", "b")], "a"),  # the first try was killed
        ("d", [step("a", "b")], None),  # written into the pointer by hand
    ],
)
def test_the_history_tells_what_came_before(now: str, steps: list[dict[str, str]], earlier: str | None) -> None:
    assert preceding(now, steps) == earlier


def test_a_customers_number_or_nobody_is_no_name_for_the_history(bank: Settings) -> None:
    for by in ("13800138000", " "):
        with pytest.raises(OfficerError, match="操作人"):
            promote(bank, wish("good"), by=by, say=print)
        with pytest.raises(OfficerError, match="操作人"):
            rollback(bank, by=by, reason="", say=print)
    assert read_history(bank.own_models) == []


def test_the_folder_reaches_the_disk_after_the_rename_and_need_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            synced.append((tmp_path / "default").is_file())
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    pointer.point(tmp_path, "a", "b", entry={"result": PASSED})
    assert synced == [True]
    assert pointer.default(tmp_path) == "b"
