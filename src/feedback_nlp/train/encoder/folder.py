"""Open an encoder: one of ours, any Hugging Face checkpoint in a local folder, or one of the hub by name.

An encoder of ours is a folder that anything can read which reads Hugging Face files, with a sealed manifest beside:

``config.json``, ``model.safetensors``          the network, half precision (in several files where one would be large)
``tokenizer.json``, ``tokenizer_config.json``   the pieces it reads
``manifest.json``                               everything known about it; sealed like a release's (`classify.release`)
``CARD.md``                                     the manifest for people
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from feedback_nlp.classify.release import ENCODER, MANIFEST, Manifest, seal, shipped, unchanged
from feedback_nlp.errors import TrainerError

_HUB = re.compile(r"(?:[\w.-]+/)?[\w.-]+")
_AGAIN = "fetch the encoder again, or make one with `feedback-nlp pretrain`"


@dataclass(frozen=True, slots=True)
class Opened:
    """An encoder, ready to read: window = opening + ids + closing, filled up with padding."""

    model: Any  # transformers' AutoModel, float32, in evaluation mode
    tokenizer: Tokenizer
    opening: int
    closing: int
    padding: int
    name: str
    manifest: Manifest | None  # None: a checkpoint that this project did not make


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=3)


def open_encoder(
    base: str, *, fingerprint: str | None, own: Path | None = None, say: Callable[[str], None] = _warn
) -> Opened:
    """Load an encoder by its name below ``models``, as a local folder, or, if it is neither, from the hub.

    Names are looked for in ``own``, an installation's own models, before those that come with the package. A folder
    with a manifest must be as it was sealed. An encoder that was made on text prepared differently than this
    installation does (``fingerprint``; None: do not look) still helps, so that is only said.
    """
    folder = locate(base, own=own)
    manifest = checked(folder) if folder and (folder / MANIFEST).is_file() else None
    if manifest and fingerprint and manifest["fingerprint"] != fingerprint:
        say(
            f"{folder}: made on text with fingerprint {manifest['fingerprint']}, this installation prepares text with "
            f"fingerprint {fingerprint}; it can be used, one made with `feedback-nlp pretrain` now would fit better"
        )
    model, reader = _load(base, folder)
    backend = reader.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    named = str(manifest["name"]) if manifest else folder.name if folder else base
    special = (reader.cls_token_id, reader.sep_token_id, reader.pad_token_id)
    if None in special:
        raise TrainerError(f"{base}: its tokenizer has no opening, closing or padding token; name an encoder like BERT")
    return Opened(model, backend, *special, name=named, manifest=manifest)


def locate(base: str, *, own: Path | None = None) -> Path | None:
    """Give the folder that a name or a path stands for; None where only the hub can know it."""
    roots = [root for root in (own, shipped()) if root]
    for folder in (*(root / base for root in roots), Path(base)):
        if (folder / "config.json").is_file():
            return folder.resolve()
    local = Path(base).parent != Path() and Path(Path(base).parts[0]).is_dir()  # models/encoder-x, misspelt
    if local or base.startswith(ENCODER) or not _HUB.fullmatch(base):
        known = sorted({item.parent.name for root in roots for item in root.glob(f"{ENCODER}*/config.json")})
        listed = ", ".join(known) or "none"
        raise TrainerError(f"'{base}' is no encoder, no such folder holds a config.json; there are: {listed}")
    return None


def checked(folder: Path) -> Manifest:
    """Read the manifest of an encoder folder; refuse one in which anything was changed."""
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        missing = {"name", "fingerprint", "files", "seal"} - manifest.keys()
    except (ValueError, AttributeError) as error:
        raise TrainerError(f"{folder / MANIFEST}: not a manifest; {_AGAIN}") from error
    if missing or manifest["seal"] != seal(manifest):
        raise TrainerError(f"{folder / MANIFEST}: was changed after it was written; {_AGAIN}")
    for name in sorted({"config.json", "tokenizer.json", *manifest["files"]}):
        if not (folder / name).is_file():
            raise TrainerError(f"{folder / name}: is missing; {_AGAIN}")
        if not unchanged(manifest, folder / name):
            raise TrainerError(f"{folder / name}: was changed after it was written; {_AGAIN}")
    if stray := [item.name for item in folder.glob("*.safetensors") if item.name not in manifest["files"]]:
        raise TrainerError(f"{folder / stray[0]}: is none of the files that were sealed; {_AGAIN}")
    return manifest


def _load(base: str, folder: Path | None) -> tuple[Any, Any]:
    where, local = str(folder or base), folder is not None
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        reader = AutoTokenizer.from_pretrained(where, local_files_only=local)
        model = AutoModel.from_pretrained(where, local_files_only=local, dtype=torch.float32)
    except (OSError, ValueError, KeyError) as error:
        raise TrainerError(
            f"{where}: transformers cannot open it ({str(error).splitlines()[0]}); name a folder of models/, a local "
            "folder with config.json, weights and tokenizer, or a checkpoint that the hub or its local cache holds"
        ) from error
    return model.eval(), reader
