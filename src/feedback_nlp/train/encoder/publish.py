"""Write an encoder's folder, and add to the manifest and the card of one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers.utils import logging

from feedback_nlp.classify.release import CARD, Manifest, sha256, write_release
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.card import card
from feedback_nlp.train.encoder.folder import checked

SHARD = "15MB"


def publish(
    folder: Path, model: Any, *, tokenizer: Callable[[Path], None], manifest: Manifest, largest: int | None = None
) -> None:
    """Write the weights in half precision, the tokenizer's files, manifest and card; whole, or not there.

    ``tokenizer`` writes its files into the folder that it is given. No file of weights may have more bytes than
    ``largest``.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _write_model(unfinished, model, largest=largest)
    tokenizer(unfinished)
    hashes = {item.name: sha256(item) for item in sorted(unfinished.iterdir())}
    parameters = sum(value.numel() for value in model.parameters())
    _write(unfinished, {**manifest, "name": folder.name, "parameters": parameters, "files": hashes})
    unfinished.rename(folder)


def record(folder: Path, section: str, *, key: str, value: Mapping[str, Any]) -> None:
    """Add figures to a section of an encoder's manifest and write manifest and card again."""
    manifest = checked(folder)
    _write(folder, {**manifest, section: {**manifest.get(section, {}), key: dict(value)}})


def _write(folder: Path, manifest: Manifest) -> None:
    write_release(folder, manifest, files={CARD: card(manifest).encode()})


def _write_model(folder: Path, model: Any, *, largest: int | None) -> None:
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model.half().save_pretrained(folder, max_shard_size=SHARD)
    for item in folder.iterdir():
        item.chmod(0o644)  # the library writes weights for the owner alone
        if largest is not None and (size := item.stat().st_size) > largest:
            raise TrainerError(f"{item.name} has {size:,} bytes, more than {largest:,}; use fewer pieces")
