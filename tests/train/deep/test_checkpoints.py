from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.deep.checkpoints import array, begin, hashed, identity, load, save
from feedback_nlp.train.deep.recipe import DeepRecipe


def test_an_unfinished_run_is_neither_lost_nor_mixed_up(tmp_path: Path) -> None:
    folder = tmp_path / "finetune-ours"
    begin(folder, run="one", resume=True)  # nothing to go on with: it begins
    (folder / "fold-1.npy").write_bytes(b"")
    begin(folder, run="one", resume=True)
    assert (folder / "fold-1.npy").exists()
    with pytest.raises(TrainerError, match="finetune-ours: holds an unfinished run; add --resume"):
        begin(folder, run="one", resume=False)
    with pytest.raises(TrainerError, match="unfinished run on other texts, or with another encoder, recipe"):
        begin(folder, run="two", resume=True)


def test_a_run_is_another_when_anything_it_depends_on_changes(planted: list[Labelled], small: DeepRecipe) -> None:
    relabelled = [replace(planted[0], labels={**planted[0].labels, "kind": ("praise",)}), *planted[1:]]
    runs = {
        identity(planted, recipe=small, also={"seed": 0}),
        identity(planted[1:], recipe=small, also={"seed": 0}),
        identity([replace(planted[0], group="g"), *planted[1:]], recipe=small, also={"seed": 0}),
        identity(relabelled, recipe=small, also={"seed": 0}),
        identity(planted, recipe=replace(small, epochs=9), also={"seed": 0}),
        identity(planted, recipe=small, also={"seed": 1}),
    }
    assert len(runs) == 6
    assert identity(list(planted), recipe=small, also={"seed": 0}) in runs


def test_what_is_finished_is_not_made_again(tmp_path: Path) -> None:
    def never() -> np.ndarray:
        raise AssertionError

    made: list[Callable[[], np.ndarray]] = [lambda: np.arange(3.0), never]
    assert [array(tmp_path / "a.npy", one).tolist() for one in made] == [[0, 1, 2]] * 2
    assert [item.name for item in tmp_path.iterdir()] == ["a.npy"]


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    assert load(tmp_path / "a.pt") is None
    save(tmp_path / "a.pt", {"epoch": 3, "nothing": {}})
    assert load(tmp_path / "a.pt") == {"epoch": 3, "nothing": {}}


def test_an_encoder_is_another_when_its_weights_or_configuration_are(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "README.md"):
        (tmp_path / name).write_bytes(b"one")
    runs = [hashed(tmp_path)]
    (tmp_path / "README.md").write_bytes(b"two")
    assert hashed(tmp_path) == runs[0]
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes(b"two")
        assert hashed(tmp_path) not in runs
        runs.append(hashed(tmp_path))
