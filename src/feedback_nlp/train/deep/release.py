"""Fine-tune an encoder beside the linear model, and publish both as one release."""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.deep import DeepPredictor
from feedback_nlp.classify.linear import LinearModel, pack
from feedback_nlp.classify.onnx import EncoderModel
from feedback_nlp.classify.release import sha256
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train import linear
from feedback_nlp.train.calibrate import Calibrated, calibrate
from feedback_nlp.train.deep import checkpoints
from feedback_nlp.train.deep.aims import aims, columns
from feedback_nlp.train.deep.batches import Special, cut
from feedback_nlp.train.deep.export import check, export
from feedback_nlp.train.deep.finetune import Tuned, Workshop, tune
from feedback_nlp.train.deep.learn import Lesson
from feedback_nlp.train.deep.mix import Mix, fit_mix, mixed
from feedback_nlp.train.deep.recipe import DeepRecipe
from feedback_nlp.train.encoder.folder import Opened, locate, open_encoder
from feedback_nlp.train.encoder.tasks import about as about_task
from feedback_nlp.train.evaluate import Evaluation, evaluate, headline
from feedback_nlp.train.recipe import Recipe, recipe
from feedback_nlp.train.release import PACKAGES, Gathered, Order, about, decided, free, gather, grams, packages, publish

Floats = npt.NDArray[np.float64]

MODEL = "wide-and-deep"
BOTH = "both"
HOUR = 3600.0  # seconds
ALONE = {"linear": (1.0, 0.0), "encoder": (0.0, 1.0)}
"""What is measured beside the release: each part alone, with a calibration of its own."""


@dataclass(frozen=True, slots=True)
class Study:
    """What a run learns from, and by which numbers."""

    order: Order
    texts: Gathered
    opened: Opened
    taxonomy: Taxonomy
    numbers: Recipe
    deep: DeepRecipe


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run has learned."""

    linear: LinearModel
    tuned: Tuned
    mixes: Mapping[str, Mix]  # "linear", "encoder", "both" → how the parts count
    calibrated: Mapping[str, Calibrated]  # the same → how to decide then


def finetune_release(
    order: Order, *, fingerprint: str, taxonomy: Taxonomy, deep: DeepRecipe, place: Workshop
) -> list[Evaluation]:
    """Fine-tune a release into ``place.out``/name and measure it on every dev file; an existing folder is refused."""
    order = replace(order, model=MODEL, base=order.base or deep.base)
    folder = free(order, out=place.out)
    opened = open_encoder(order.base, fingerprint=fingerprint, own=place.out, say=place.say)
    check(opened.model, opened.tokenizer, special=asdict(_special(opened)))
    texts = gather(order, taxonomy=taxonomy, say=place.say)
    if flattered := _flattered(order, opened.manifest or {}):
        place.say(flattered)
    study = Study(order, texts, opened, taxonomy, recipe(), deep)
    checkpoints.begin(place.checkpoints, run=_identity(study, own=place.out), resume=place.resume)
    watch = checkpoints.Stopwatch(place.checkpoints, place.clock)
    place = replace(place, say=watch.noting(place.say))
    learned = _learned(study, place=place)
    files = export(learned.tuned.reader.cpu(), opened.tokenizer, special=asdict(_special(opened)))
    exported = checkpoints.written(place.checkpoints / "export", files)
    predictors = _predictors(study, learned, EncoderModel.open(exported, asdict(_special(opened))))
    place.say("measuring")
    found = {
        path: {name: evaluate(made, part, taxonomy=taxonomy) for name, made in predictors.items()}
        for path, part in texts.dev.items()
    }
    manifest = {
        **about(order, texts, fingerprint=fingerprint, taxonomy=taxonomy),
        **_described(study, learned),
        "metrics": {path.name: headline(made[BOTH]) for path, made in found.items()},
        "parts": {path.name: {part: _brief(made[part]) for part in ALONE} for path, made in found.items()},
        "effort": {"hours": round(watch.seconds / HOUR, 2), "machine": place.machine},
    }
    publish(folder, manifest, {**pack(learned.linear), **files})
    place.say(f"wrote {folder}")
    checkpoints.end(place.checkpoints)  # last: progress is kept there, too
    return [made[BOTH] for made in found.values()]


def _learned(study: Study, *, place: Workshop) -> Learned:
    """Fit both parts on the same folds, then how they count and how to decide."""
    rows, taxonomy, deep = study.texts.kept, study.taxonomy, study.deep
    counted = linear.count(rows, taxonomy=taxonomy, recipe=study.numbers, say=place.say)
    fold = linear.folds(rows, count=deep.folds, seed=study.order.seed)
    wide = checkpoints.array(
        place.checkpoints / "linear.npy",
        partial(linear.out_of_fold, counted, fold, recipe=study.numbers, say=place.say),
    )
    weights = linear.row_weights(rows, power=deep.small_file)
    lesson = Lesson(
        cut=cut([row.text for row in rows], tokenizer=study.opened.tokenizer, special=_special(study.opened)),
        aims=aims(counted.truth, weights, taxonomy=taxonomy, recipe=deep),
        rows=np.arange(len(rows)),
        recipe=deep,
        seed=study.order.seed,
        device=place.device,
    )
    tuned = tune(study.opened.model, lesson, fold, taxonomy=taxonomy, place=place)
    place.say("mixing both parts and calibrating")
    where = columns(taxonomy)
    mixes: dict[str, Mix] = {part: dict.fromkeys(FACETS, pair) for part, pair in ALONE.items()}
    mixes[BOTH] = fit_mix(wide, tuned.scores, counted.truth, columns=where, weights=weights)
    place.say(_told(mixes[BOTH]))
    settings: dict[str, Any] = {
        "labels": {facet: taxonomy.labels(facet) for facet in FACETS},
        "weights": linear.row_weights(rows, power=1.0),  # every file counts the same for what is accepted
        "recipe": study.numbers,
        "known": linear.with_examples(wide),  # the encoder has had the same examples
    }
    calibrated = {
        name: calibrate(mixed(wide, tuned.scores, mix, columns=where), counted.truth, **settings)
        for name, mix in mixes.items()
    }
    return Learned(linear.fit(counted, recipe=study.numbers, say=place.say), tuned, mixes, calibrated)


def _predictors(study: Study, learned: Learned, encoder: EncoderModel) -> dict[str, DeepPredictor]:
    """Give the release, and its parts alone, as they will be run: from the exported encoder."""
    return {
        name: DeepPredictor(study.order.name, learned.linear, encoder, mix, learned.calibrated[name].decision)
        for name, mix in learned.mixes.items()
    }


def _described(study: Study, learned: Learned) -> dict[str, Any]:
    opened, config = study.opened, study.opened.model.config
    manifest = opened.manifest or {}
    return {
        **decided(learned.calibrated[BOTH]),
        "training": {**asdict(study.numbers), "deep": asdict(study.deep), "seed": study.order.seed},
        "packages": packages((*PACKAGES, "onnx", "tokenizers", "torch", "transformers")),
        "grams": grams(learned.linear),
        "mix": {facet: list(pair) for facet, pair in learned.mixes[BOTH].items()},
        "special": asdict(_special(opened)),
        "encoder": {
            "name": opened.name,
            "layers": int(config.num_hidden_layers),
            "width": int(config.hidden_size),
            "pieces": int(config.vocab_size),
            "manifest_sha256": manifest.get("seal"),
            "corpus": manifest.get("corpus", []),
            "intermediate": _intermediate(manifest.get("intermediate")),
        },
    }


def _intermediate(section: Mapping[str, Any] | None) -> dict[str, Any]:
    """Say which public sets an encoder has learned from; empty where it has not."""
    if section is None:
        return {}
    tasks = {
        task: {"file": part["file"], "about": about_task(task, part), "used": part["used"]}
        for task, part in section["tasks"].items()
    }
    return {"base": section["base"], "tasks": tasks}


def _flattered(order: Order, manifest: Mapping[str, Any]) -> str:
    """Say which data files an encoder's public labelled sets may hold texts of; "" where none."""
    section = manifest.get("intermediate") or {}
    hashes = {entry["file"]: entry.get("sha256") for entry in manifest.get("kept_apart", ())}
    apart = {(name, hashes.get(name)) for name in section.get("kept_apart", ())}
    open_ = [path.name for path in order.data if not {(path.name, sha256(path)), (path.name, None)} & apart]
    if not section or not open_:
        return ""
    return (
        f"the encoder has learned from public labelled sets that were not kept apart from {', '.join(open_)}: "
        "out-of-fold figures may flatter it there"
    )


def _brief(evaluation: Evaluation) -> dict[str, Any]:
    """Give what a card shows of a part of the release."""
    found = headline(evaluation)
    return {"facets": found["facets"], "accepted": found["accepted"]}


def _identity(study: Study, *, own: Path) -> str:
    opened = study.opened
    sealed = (opened.manifest or {}).get("seal")
    also = {
        "seed": study.order.seed,
        "linear": asdict(study.numbers),
        "labels": {facet: study.taxonomy.labels(facet) for facet in FACETS},
        "encoder": sealed or _unsealed(study, own=own),
    }
    return checkpoints.identity(study.texts.kept, recipe=study.deep, also=also)


def _unsealed(study: Study, *, own: Path) -> list[Any]:
    """Tell an encoder without a manifest from others of its name: by its files, or by the hub's version of it."""
    folder = locate(study.order.base, own=own)
    version = checkpoints.hashed(folder) if folder else getattr(study.opened.model.config, "_commit_hash", None)
    return [study.opened.name, version]


def _special(opened: Opened) -> Special:
    return Special(opened.opening, opened.closing, opened.padding)


def _told(mix: Mix) -> str:
    """Say how much each part counts.

    >>> _told({"kind": (0.5, 0.0), "demand": (1.25, 0.4)})
    'weights of linear model and encoder: kind 0.50 + 0.00 (the encoder does not help), demand 1.25 + 0.40'
    """
    remark = {True: " (the encoder does not help)", False: ""}
    parts = [f"{facet} {wide:.2f} + {deep:.2f}{remark[deep == 0]}" for facet, (wide, deep) in mix.items()]
    return f"weights of linear model and encoder: {', '.join(parts)}"
