"""What a long run has finished, on disk: a run that is killed loses the last epoch only."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from feedback_nlp.classify.release import sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.deep.recipe import DeepRecipe

OPENED = (".json", ".safetensors", ".bin", ".txt", ".model")
IDENTITY, SECONDS = "run.txt", "seconds.txt"


def identity(rows: Sequence[Labelled], *, recipe: DeepRecipe, also: Mapping[str, Any]) -> str:
    """Hash everything that a run depends on: texts, labels, recipe and what else is named."""
    content = [
        [
            [row.id, row.text, row.file, row.group, {facet: row.labels[facet] for facet in sorted(row.labels)}]
            for row in rows
        ],
        asdict(recipe),
        dict(also),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def hashed(folder: Path) -> dict[str, str]:
    """Hash what an encoder is opened from: configuration, weights, pieces; for one without a sealed manifest."""
    found = (path for path in sorted(folder.iterdir()) if path.suffix in OPENED and path.is_file())
    return {path.name: sha256(path) for path in found}


def begin(folder: Path, *, run: str, resume: bool) -> None:
    """Make the folder of a run, or with ``resume`` go on with the one that is there."""
    there = folder / IDENTITY
    if not there.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        there.write_text(run + "\n", encoding="utf-8")
    elif not resume:
        raise TrainerError(
            f"{folder}: holds an unfinished run; add --resume to go on with it, or delete the folder to start afresh"
        )
    elif there.read_text(encoding="utf-8").strip() != run:
        raise TrainerError(
            f"{folder}: holds an unfinished run on other texts, or with another encoder, recipe or version; delete the "
            "folder to start afresh, or give the release another name"
        )


def end(folder: Path) -> None:
    """Remove what a run that has been published needs no more."""
    shutil.rmtree(folder)


class Stopwatch:
    """How long a run has taken, what it took before it was killed among it."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        """Go on counting where the run in ``folder`` stopped."""
        self._path, self._clock = folder / SECONDS, clock
        self._start = clock() - (float(self._path.read_text(encoding="utf-8")) if self._path.is_file() else 0.0)

    @property
    def seconds(self) -> float:
        """Give the seconds until now."""
        return self._clock() - self._start

    def noting(self, say: Callable[[str], None]) -> Callable[[str], None]:
        """Keep the time whenever something is said: a kill loses what came since."""

        def told(line: str) -> None:
            beside = self._path.with_name(f".{SECONDS}")
            beside.write_text(f"{self.seconds:.1f}\n", encoding="utf-8")
            beside.replace(self._path)
            say(line)

        return told


def array(path: Path, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Give an array that an earlier run has finished, else make and keep it."""
    if path.is_file():
        found: npt.NDArray[Any] = np.load(path, allow_pickle=False)
        return found
    made = make()
    with (beside := path.with_name(f".{path.name}")).open("wb") as stream:
        np.save(stream, made, allow_pickle=False)
    beside.replace(path)
    return made


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Write a state of tensors and numbers; the file is the old one or the new one, never half."""
    beside = path.with_name(f".{path.name}")
    torch.save(dict(state), beside)
    beside.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """Read what `save` wrote; None where there is nothing yet."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder; give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
