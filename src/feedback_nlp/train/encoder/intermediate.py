"""From an encoder and public labelled sets to an encoder that has learned from them."""

# n texts, k labels of all heads side by side

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoTokenizer

from feedback_nlp.classify import metrics as m
from feedback_nlp.classify.release import Manifest
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.folder import Opened
from feedback_nlp.train.encoder.heads import Shared, padded
from feedback_nlp.train.encoder.material import Material, Sets, gather
from feedback_nlp.train.encoder.multitask import MINUTE, STATE, Budget, Done, Place, train
from feedback_nlp.train.encoder.publish import publish
from feedback_nlp.train.encoder.task_batches import Ints, Rows, batches, columns
from feedback_nlp.train.encoder.tasks import Numbers, Plan

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


@dataclass(frozen=True, slots=True)
class New:
    """The encoder that is to be written."""

    folder: Path  # its name is the encoder's
    base: str | Path  # folder of the encoder that it comes from, or the name that the hub knows it by
    created: date
    fingerprint: str
    notes: tuple[str, ...] = ()  # what somebody wants to say about the run


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made of an encoder."""

    new: New
    plan: Plan
    budget: Budget
    resume: bool = False


def make(opened: Opened, sets: Sets, *, order: Order, place: Place) -> dict[str, Any]:
    """Train an encoder on public sets, measure every task, write the new folder; give the section that describes it."""
    if (place.work / STATE).is_file() and not order.resume:
        raise TrainerError(f"{place.work}: holds an unfinished training; go on with --resume, or delete the folder")
    numbers = order.plan.training
    material = gather(
        sets, plan=order.plan, opened=opened, fingerprint=order.new.fingerprint, work=place.work, say=place.say
    )
    torch.manual_seed(numbers.seed)
    outputs = sum(len(labels) for heads in material.heads.values() for labels in heads.values())
    model = Shared(opened.model, outputs, dropout=numbers.dropout)
    done = train(model, material, numbers=numbers, budget=order.budget, place=place, resume=order.resume)
    place.say("measuring every task on texts that were kept apart")
    figures = measure(model, material, numbers=numbers, device=place.device)
    section = about(material, done, figures, opened=opened, plan=order.plan)
    publish(
        order.new.folder,
        model.cpu().encoder,
        tokenizer=partial(_write_tokenizer, order.new.base),
        manifest=_manifest(opened, order.new, section=section),
    )
    (place.work / STATE).unlink()
    return section


def measure(model: Shared, material: Material, *, numbers: Numbers, device: str = "cpu") -> dict[str, dict[str, Any]]:
    """Give figures of every head on texts that were kept apart: of each task ``measure_rows`` at most, by lot.

    Accuracy: the likeliest label is one that the text carries. Kappa and macro-F1: against the first of them.
    """
    found: dict[str, dict[str, Any]] = {}
    at = columns(material.heads)
    for task, part in material.parts.items():
        lot = np.random.default_rng(numbers.seed).permutation(len(part.measure))
        chosen = np.sort(lot[: numbers.measure_rows])
        scores = scored(model, part.measure, chosen, tokens=numbers.tokens, padding=material.padding, device=device)
        offset = at[task, next(iter(part.heads))].start
        for head in part.heads:
            own = slice(at[task, head].start - offset, at[task, head].stop - offset)
            found[f"{task}/{head}"] = _figures(part.measure.targets[chosen, own], scores[:, at[task, head]])
    return found


def scored(
    model: Shared, rows: Rows, chosen: Ints, *, tokens: int, padding: int, device: str = "cpu"
) -> npt.NDArray[np.float32]:
    """Give the raw scores (n, k) of the chosen texts, in their order."""
    model.eval()
    scores = np.zeros((len(chosen), model.head.out_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16):
        for places in batches(rows.lengths()[chosen], tokens=tokens):
            ids, mask = padded([rows.text(int(chosen[place])) for place in places], padding=padding, device=device)
            scores[places] = model(ids, mask).float().cpu().numpy()
    return scores


def about(material: Material, done: Done, figures: Mapping[str, Any], *, opened: Opened, plan: Plan) -> dict[str, Any]:
    """Write the manifest's section "intermediate"."""
    return {
        "base": opened.name,
        "base_seal": opened.manifest["seal"] if opened.manifest else None,
        "tasks": {
            task: {
                "file": part.file,
                "about": plan.sources[task].about,
                "rows": part.rows,
                "used": len(part.train),
                "dropped": part.dropped,
            }
            for task, part in material.parts.items()
        },
        "kept_apart": list(material.apart),
        "steps": done.steps,
        "tokens": done.tokens,
        "minutes": round(done.seconds / MINUTE, 2),
        "curve": [list(entry) for entry in done.curve],
        "figures": dict(figures),
    }


def _manifest(opened: Opened, new: New, *, section: Mapping[str, Any]) -> Manifest:
    """Give the manifest of the encoder that it comes from, where this has one, with what was done to it.

    What the probes found does not hold any more.
    """
    known = opened.manifest or {}
    return {
        **{key: value for key, value in known.items() if key not in ("files", "seal")},
        "created": new.created.isoformat(),
        "fingerprint": new.fingerprint,
        "notes": [*known.get("notes", ()), *new.notes],
        "probe": {},
        "intermediate": dict(section),
    }


def _write_tokenizer(base: str | Path, folder: Path) -> None:
    if isinstance(base, str):
        AutoTokenizer.from_pretrained(base, local_files_only=True).save_pretrained(folder)
        return
    for name in TOKENIZER:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def _figures(targets: npt.NDArray[np.float32], scores: npt.NDArray[np.float32]) -> dict[str, Any]:
    guess, first = scores.argmax(axis=1), targets.argmax(axis=1)
    rows, labels = np.arange(len(guess)), list(map(str, range(targets.shape[1])))
    read, guessed = (m.one_hot([[str(place)] for place in found.tolist()], labels) for found in (first, guess))
    return {
        "rows": len(guess),
        "accuracy": round(float((targets[rows, guess] > 0).mean()), 4),
        "macro_f1": round(m.macro_f1(read, guessed), 4),
        "kappa": round(m.kappa(list(map(str, first.tolist())), list(map(str, guess.tolist()))), 4),
    }
