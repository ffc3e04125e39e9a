"""Write an encoder that was trained further into a folder of its own, beside the one it comes from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer
from transformers.utils import logging

from feedback_nlp.classify.release import CARD, Manifest, sha256, write_release
from feedback_nlp.train.encoder.card import card
from feedback_nlp.train.encoder.folder import Opened, checked
from feedback_nlp.train.encoder.ship import SHARD

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


@dataclass(frozen=True, slots=True)
class New:
    """The encoder that is to be written."""

    folder: Path  # its name is the encoder's
    base: str | Path  # folder of the encoder that it comes from, or the name that the hub knows it by
    created: date
    fingerprint: str


def publish(model: Any, opened: Opened, *, new: New, section: Mapping[str, Any]) -> None:
    """Write weights, tokenizer, manifest and card; whole, or not there.

    The manifest is that of the encoder it comes from, where this has one, with the section "intermediate" and without
    the probes' figures.
    """
    unfinished = new.folder.with_name(f".{new.folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model.half().save_pretrained(unfinished, max_shard_size=SHARD)
    _write_tokenizer(new.base, unfinished)
    for item in unfinished.iterdir():
        item.chmod(0o644)  # the library writes weights for the owner alone
    known = {key: value for key, value in (opened.manifest or {}).items() if key not in ("files", "seal")}
    manifest: Manifest = {
        **known,
        "name": new.folder.name,
        "created": new.created.isoformat(),
        "fingerprint": new.fingerprint,
        "probe": {},
        "intermediate": dict(section),
        "files": {item.name: sha256(item) for item in sorted(unfinished.iterdir())},
    }
    write_release(unfinished, manifest, files={CARD: _card(manifest).encode()})
    unfinished.rename(new.folder)


def record(folder: Path, key: str, *, figures: Mapping[str, Any]) -> None:
    """Add what a probe found to an encoder's manifest and card, under a name for how it was measured."""
    manifest = checked(folder)
    made = {**manifest, "probe": {**manifest.get("probe", {}), key: dict(figures)}}
    write_release(folder, made, files={CARD: _card(made).encode()})


def told(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Tell the section "intermediate" in words; nothing where there is none."""
    if not (section := manifest.get("intermediate")):
        return
    yield "## Intermediate training"
    yield (
        f"`{section['base']}` was trained further on public labelled sets, all at once, one linear head a task: "
        f"{section['tokens']:,} tokens in {section['steps']:,} steps, {section['minutes']:g} minutes. The heads are "
        "not part of it. Texts equal or nearly equal to one that a task measures on, or to one of "
        f"{', '.join(f'`{name}`' for name in section['kept_apart']) or 'no other file'}, were dropped."
    )
    yield ""
    yield "| task | file | rows | texts learned from | dropped |"
    yield "|---|---|--:|--:|--:|"
    for task, part in section["tasks"].items():
        yield f"| {task} | {part['file']} | {part['rows']:,} | {part['used']:,} | {part['dropped']:,} |"
    yield ""
    yield "| task, head | texts held out | accuracy | macro-F1 | kappa |"
    yield "|---|--:|--:|--:|--:|"
    for head, found in section["figures"].items():
        figures = " | ".join(f"{found[name]:.3f}" for name in ("accuracy", "macro_f1", "kappa"))
        yield f"| {head} | {found['rows']:,} | {figures} |"


def _write_tokenizer(base: str | Path, folder: Path) -> None:
    if isinstance(base, str):
        AutoTokenizer.from_pretrained(base, local_files_only=True).save_pretrained(folder)
        return
    for name in TOKENIZER:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def _card(manifest: Manifest) -> str:
    """Tell what is known: of a checkpoint that this project did not make, only what was done to it."""
    known = card(manifest) if "architecture" in manifest else f"# {manifest['name']}\n\n"
    return known if "## Intermediate training" in known else "\n".join([known, *told(manifest), ""])
