"""Train releases with this installation's settings."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from feedback_nlp.classify.release import read_manifest, releases, sha256, shipped
from feedback_nlp.errors import TrainerError
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.evaluate import Evaluation
from feedback_nlp.train.extra import extra
from feedback_nlp.train.release import Order, train_release

LABELLED = Path("data/labelled")
"""Where `train` and `evaluate` look for labelled files unless told otherwise: a checkout's corpus."""
MODELS = ("linear",)
CHECKPOINTS = Path("checkpoints")
"""Where a run that takes long keeps what it has finished, below the installation's folder."""


def train(
    settings: Settings, *, name: str, data: Sequence[Path], today: date, say: Callable[[str], None]
) -> list[Evaluation]:
    """Train a linear release on labelled files (default: the corpus) into the models folder, and measure it.

    The corpus' dev part measures; texts near it or near the test part are never learned from. Outside a checkout,
    where there is none, a tenth of the files measures instead.
    """
    order = ordered(name, data=data, dev=(), today=today)
    taxonomy = load_taxonomy(settings.taxonomy)
    return train_release(order, out=settings.own_models, fingerprint=fingerprint(), taxonomy=taxonomy, say=say)


def finetune(
    settings: Settings,
    order: Order,
    *,
    epochs: int | None,
    resume: bool,
    machine: str = "",
    say: Callable[[str], None],
) -> list[Evaluation]:
    """Fine-tune an encoder beside the linear model into the models folder, and measure what came out.

    ``epochs`` None: as many as the recipe says. What is finished is kept in checkpoints/ until the release is written;
    with ``resume``, an unfinished run of the same name goes on. ``machine``: in words for the card, if not as it
    describes itself.
    """
    with extra():
        import torch

        from feedback_nlp.train.deep.finetune import Workshop
        from feedback_nlp.train.deep.recipe import deep_recipe
        from feedback_nlp.train.deep.release import finetune_release

    recipe = deep_recipe()
    place = Workshop(
        out=settings.own_models,
        checkpoints=settings.folder / CHECKPOINTS / f"finetune-{order.name}",
        resume=resume,
        device="cuda" if torch.cuda.is_available() else "cpu",
        say=say,
        clock=time.monotonic,
        machine=machine or described(torch.cuda.get_device_name() if torch.cuda.is_available() else ""),
    )
    return finetune_release(
        order,
        fingerprint=fingerprint(),
        taxonomy=load_taxonomy(settings.taxonomy),
        deep=replace(recipe, epochs=epochs) if epochs else recipe,
        place=place,
    )


def described(card: str = "") -> str:
    """Describe this machine in words: system, processor, cores that may be used, graphics card."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = (f"{cores} CPU cores", platform.machine(), platform.system(), card)
    return ", ".join(filter(None, parts))


def ordered(name: str, *, data: Sequence[Path], dev: Sequence[Path], today: date, base: str = "") -> Order:
    """Order a release: without ``data``, from the corpus; without ``dev``, measured on its dev part where there is one.

    The parts of the corpus that measure are never learned from; where the corpus is not below the current folder, they
    are known beside the data files, by the hashes in the manifests of the package's releases.
    """
    for path in data:
        if is_test(path):
            raise TrainerError(f"{path}: is the test part, which only measures; learn from other texts")
    measuring = tuple(dev) or _corpus_if_there("dev")
    kept = (*_corpus_if_there("dev"), *_corpus_if_there("test")) or _beside(data)
    named = {path.resolve() for path in measuring}
    return Order(
        name=name,
        created=today,
        data=tuple(data) or (corpus("train"),),
        dev=measuring,
        apart=tuple(path for path in kept if path.resolve() not in named),
        base=base,
    )


def is_test(path: Path) -> bool:
    """Say whether a file is the corpus' test part, or a copy of it, wherever it lies.

    It is known by the file below the current folder, and by the hash that the package's releases name.
    """
    if not path.is_file():
        return False
    test = LABELLED / "test.jsonl"
    return (test.is_file() and sha256(path) == sha256(test)) or sha256(path) in _kept_apart(test.name)


def _beside(data: Sequence[Path]) -> tuple[Path, ...]:
    """Give the parts of the corpus that measure and lie beside the data files."""
    paths = dict.fromkeys(path.with_name(f"{part}.jsonl").resolve() for path in data for part in ("dev", "test"))
    return tuple(path for path in paths if path.is_file() and sha256(path) in _kept_apart(path.name))


def _kept_apart(file: str) -> set[str]:
    """Give the hashes under which the package's releases kept a file of that name apart."""
    entries = (entry for folder in releases(shipped()) for entry in read_manifest(folder).get("kept_apart", ()))
    return {entry["sha256"] for entry in entries if entry["file"] == file and "sha256" in entry}


def _corpus_if_there(part: str) -> tuple[Path, ...]:
    path = LABELLED / f"{part}.jsonl"
    return (path,) if path.is_file() else ()


def corpus(part: str) -> Path:
    """Give a part of the checkout's corpus."""
    path = LABELLED / f"{part}.jsonl"
    if not path.is_file():
        raise TrainerError(
            f"{path}: the {part} part of a checkout is not here; run in a checkout of feedback_nlp, or name a labelled "
            "file"
        )
    return path
