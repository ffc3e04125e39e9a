import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feedback_nlp.classify import release
from feedback_nlp.classify.release import MANIFEST, find, load, read_manifest, releases, seal, write_release
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint

SHIPPED_MB = 16


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(find("linear-v1"), tmp_path / "copy"))


@pytest.fixture
def deep_copy(deep_release: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(deep_release, tmp_path / "deep"))


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit a manifest the way a forger would: with a new seal."""
    manifest = read_manifest(folder)
    edit(manifest)
    manifest["seal"] = seal(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_the_default_is_named_by_the_pointer_and_small_enough() -> None:
    folder = find("default")
    assert folder.name == (folder.parent / "default").read_text(encoding="utf-8").strip()
    assert sum(item.stat().st_size for item in folder.iterdir()) <= SHIPPED_MB * 2**20


def test_a_copy_of_a_release_loads(copy: Path) -> None:
    assert load(copy, fingerprint=fingerprint()).name == "linear-v1"


@pytest.mark.parametrize("name", ["weights.npz", "vocabulary.txt", "CARD.md"])
@pytest.mark.parametrize("at", [0, 100, -1])
def test_a_changed_byte_is_refused(copy: Path, name: str, at: int) -> None:
    content = bytearray((copy / name).read_bytes())
    content[at] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(TrainerError, match=rf"{name} was changed after it was written; fetch the release again"):
        load(copy, fingerprint=fingerprint())


def test_a_changed_manifest_is_refused(copy: Path) -> None:
    text = (copy / MANIFEST).read_text(encoding="utf-8")
    (copy / MANIFEST).write_text(text.replace('"review": 0.', '"review": 0.0', 1), encoding="utf-8")
    with pytest.raises(TrainerError, match=r"manifest.json: was changed after it was written"):
        load(copy, fingerprint=fingerprint())


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_a_broken_manifest_is_refused(copy: Path, content: str) -> None:
    (copy / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(TrainerError, match=r"manifest.json: .* fetch the release again"):
        load(copy, fingerprint=fingerprint())


@pytest.mark.parametrize("name", ["weights.npz", "vocabulary.txt", "CARD.md"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(TrainerError, match=rf"{name} is missing; fetch the release again"):
        load(copy, fingerprint=fingerprint())


def test_another_fingerprint_is_refused(copy: Path) -> None:
    with pytest.raises(
        TrainerError, match=r"this installation prepares text with fingerprint 0123.*`feedback-nlp train`"
    ):
        load(copy, fingerprint="0123")


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "weights.npz", "vocabulary.txt"])
def test_every_file_of_a_wide_and_deep_release_is_checked(deep_copy: Path, name: str) -> None:
    content = bytearray((deep_copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (deep_copy / name).write_bytes(content)
    with pytest.raises(TrainerError, match=rf"{name} was changed after it was written; fetch the release again"):
        load(deep_copy, fingerprint=fingerprint())
    (deep_copy / name).unlink()
    with pytest.raises(TrainerError, match=rf"{name} is missing; fetch the release again"):
        load(deep_copy, fingerprint=fingerprint())
    change(deep_copy, lambda manifest: manifest["files"].pop(name))
    with pytest.raises(TrainerError, match=rf"the manifest names no {name}; fetch the release again"):
        load(deep_copy, fingerprint=fingerprint())


@pytest.mark.parametrize("key", ["mix", "special"])
def test_a_wide_and_deep_release_needs_its_mix_and_its_special_tokens(deep_copy: Path, key: str) -> None:
    change(deep_copy, lambda manifest: manifest.pop(key))
    with pytest.raises(TrainerError, match=rf"manifest.json: '{key}' is missing; fetch the release again"):
        load(deep_copy, fingerprint=fingerprint())


def test_other_special_tokens_than_the_encoders_are_refused(deep_copy: Path) -> None:
    change(deep_copy, lambda manifest: manifest["special"].update(opening=7))
    with pytest.raises(TrainerError, match=r"the opening token has id 2, the release says 7; fetch the release again"):
        load(deep_copy, fingerprint=fingerprint())


@pytest.mark.parametrize("model", ["linear", "wide-and-deep"])
def test_a_model_of_another_width_than_its_labels_is_refused(copy: Path, deep_copy: Path, model: str) -> None:
    folder = copy if model == "linear" else deep_copy
    change(folder, lambda manifest: manifest["labels"]["leaves"].pop())
    with pytest.raises(TrainerError, match=r"gives scores for other labels than the manifest names; fetch"):
        load(folder, fingerprint=fingerprint())


def test_an_unknown_label_is_refused(copy: Path) -> None:
    change(copy, lambda manifest: manifest["labels"]["leaves"].append("pricing.weather"))
    with pytest.raises(TrainerError, match=r"'pricing.weather' is no label of leaves"):
        load(copy, fingerprint=fingerprint())


def test_a_facet_without_labels_is_refused(copy: Path) -> None:
    change(copy, lambda manifest: manifest["labels"].pop("demand"))
    with pytest.raises(TrainerError, match=r"no labels of demand"):
        load(copy, fingerprint=fingerprint())


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("taxonomy", 99, "taxonomy version 99"),
        ("format", 99, "format 99"),
        ("model", "oracle", "kind of model 'oracle'"),
    ],
)
def test_what_this_version_cannot_read_is_refused(copy: Path, key: str, value: object, says: str) -> None:
    change(copy, lambda manifest: manifest.update({key: value}))
    with pytest.raises(TrainerError, match=says):
        load(copy, fingerprint=fingerprint())


@pytest.mark.parametrize("name", ["no-such", "../models", "linear-v1/..", "", "."])
def test_a_name_that_is_no_release_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(TrainerError, match=r"holds no release .*there are: .*linear-v1"):
        find(name)


def test_an_own_folder_goes_before_the_package_and_hides_none_of_it(tmp_path: Path) -> None:
    write_release(tmp_path / "mine", {"name": "mine"}, files={})
    assert find("mine", folder=tmp_path) == tmp_path / "mine"
    assert find("linear-v1", folder=tmp_path) == find("linear-v1")
    write_release(tmp_path / "linear-v1", {"name": "linear-v1"}, files={})
    assert find("linear-v1", folder=tmp_path) == tmp_path / "linear-v1"


def test_an_own_pointer_goes_before_the_packages(tmp_path: Path) -> None:
    assert find("default", folder=tmp_path / "not there") == find("default")
    write_release(tmp_path / "mine", {"name": "mine"}, files={})
    (tmp_path / "default").write_text("mine\n", encoding="utf-8")
    assert find("default", folder=tmp_path) == tmp_path / "mine"


def test_an_encoder_beside_the_releases_is_none_of_them(tmp_path: Path) -> None:
    for name in ("mine", "encoder-mine"):
        write_release(tmp_path / name, {"name": name}, files={})
    with pytest.raises(TrainerError, match="holds no release 'encoder-mine'; there are: ") as refused:
        find("encoder-mine", folder=tmp_path)
    listed = str(refused.value).partition("there are: ")[2].split(", ")
    assert {"linear-v1", "mine"} <= set(listed) and "encoder-mine" not in listed
    assert releases(tmp_path) == [tmp_path / "mine"]
    assert releases(tmp_path / "nowhere") == []


def test_a_package_without_pointer_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "shipped", lambda: tmp_path)
    with pytest.raises(TrainerError, match=r"it must name the release to run"):
        find("default")


def test_the_labels_are_checked_against_the_taxonomy_that_is_given(copy: Path) -> None:
    mine = load_taxonomy()
    with pytest.raises(TrainerError, match=r"this installation has 77; train it again with `feedback-nlp train`"):
        load(copy, fingerprint=fingerprint(), taxonomy=replace(mine, version=77))
    lacking = {**mine.names, "kind": {"complaint": "投诉"}}
    with pytest.raises(TrainerError, match=r"'suggestion' is no label of kind"):
        load(copy, fingerprint=fingerprint(), taxonomy=replace(mine, names=lacking))
