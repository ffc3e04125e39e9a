"""Train a release, measure one, and keep its figures."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from platform import python_version
from typing import Any

from feedback_nlp.classify.linear import LinearModel, LinearPredictor, pack
from feedback_nlp.classify.release import CARD, ENCODER, POINTER, Manifest, read_manifest, sha256, write_release
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.calibrate import Calibrated
from feedback_nlp.train.card import card
from feedback_nlp.train.corpus import Labelled, apart, read_labelled
from feedback_nlp.train.evaluate import Evaluation, evaluate, headline
from feedback_nlp.train.linear import Say, folds, train_linear
from feedback_nlp.train.recipe import recipe

PACKAGES = ("feedback-nlp", "jieba", "numpy", "opencc", "scikit-learn", "scipy")
HELD_OUT = "held out"
PARTS = 10  # one of them measures where there is no file to measure on


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be trained, and on what."""

    name: str
    created: date
    data: tuple[Path, ...]  # labelled files to learn from; rows may carry some facets only
    dev: tuple[Path, ...] = ()  # labelled files to measure on; without any, a tenth of the data is held out
    apart: tuple[Path, ...] = ()  # further files whose texts must not be learned from: the test part
    seed: int = 0
    model: str = "linear"
    base: str = ""  # the encoder that a "wide-and-deep" release is fine-tuned from


@dataclass(frozen=True, slots=True)
class Gathered:
    """The texts of an order: those to learn from, none of them near one that measures."""

    read: Mapping[Path, list[Labelled]]  # as the data files have them
    dev: Mapping[Path, list[Labelled]]
    kept: list[Labelled]


def train_release(order: Order, *, out: Path, fingerprint: str, taxonomy: Taxonomy, say: Say) -> list[Evaluation]:
    """Train a linear release into ``out``/name and measure it on every dev file; an existing folder is refused."""
    folder = free(order, out=out)
    texts = gather(order, taxonomy=taxonomy, say=say)
    numbers = recipe()
    trained = train_linear(texts.kept, taxonomy=taxonomy, recipe=numbers, seed=order.seed, say=say)
    say("measuring")
    predictor = LinearPredictor(order.name, trained.model, trained.calibrated.decision)
    found = [evaluate(predictor, part, taxonomy=taxonomy) for part in texts.dev.values()]
    manifest = {
        **about(order, texts, fingerprint=fingerprint, taxonomy=taxonomy),
        **decided(trained.calibrated),
        "training": {**asdict(numbers), "seed": order.seed},
        "packages": packages(PACKAGES),
        "grams": grams(trained.model),
        "metrics": {path.name: headline(made) for path, made in zip(texts.dev, found, strict=True)},
    }
    publish(folder, manifest, pack(trained.model))
    say(f"wrote {folder}")
    return found


def free(order: Order, *, out: Path) -> Path:
    """Give the folder that the release will have; refuse one that exists."""
    folder = out / order.name
    if Path(order.name).name != order.name or order.name == POINTER or folder.exists():
        raise TrainerError(f"{folder}: exists already, or is no plain name; give the release another name")
    if order.name.startswith(ENCODER):
        raise TrainerError(f"{folder}: '{ENCODER}' begins the names of encoders; give the release another name")
    return folder


def gather(order: Order, *, taxonomy: Taxonomy, say: Say) -> Gathered:
    """Read an order's files, and keep what is learned from apart from what measures."""
    for paths in (order.data, order.dev):
        _names_apart(paths)
    say("reading and preparing the labelled texts")
    read = {path: read_labelled(path, taxonomy=taxonomy, partial=True) for path in order.data}
    learned = [row for part in read.values() for row in part]
    dev = {path: read_labelled(path, taxonomy=taxonomy) for path in order.dev}
    if not dev:
        complete = [row for row in learned if len(row.labels) == len(FACETS)]
        dev = {Path(HELD_OUT): hold_out(complete, seed=order.seed)}
        say(f"no dev file: {len(dev[Path(HELD_OUT)])} of {len(learned)} texts are held out to measure on")
    held = [row for part in dev.values() for row in part]
    held += [row for path in order.apart for row in read_labelled(path, taxonomy=taxonomy)]
    kept = apart(learned, held)
    if not kept:
        raise TrainerError(
            f"all of the {len(learned)} texts equal or nearly equal one that measures: none is left to learn from; "
            "name other files"
        )
    return Gathered(read, dev, kept)


def _names_apart(paths: Sequence[Path]) -> None:
    """Refuse two files of one name: figures, weights and what was used are kept by it."""
    first: dict[str, Path] = {}
    for path in paths:
        if first.setdefault(path.name, path) != path:
            raise TrainerError(f"{first[path.name]} and {path} have the same name; rename one of them")


def hold_out(rows: Sequence[Labelled], *, seed: int) -> list[Labelled]:
    """Draw about a tenth of the rows by lot, near texts together."""
    fold = folds(rows, count=PARTS, seed=seed)
    held = [row for row, number in zip(rows, fold, strict=True) if number == PARTS - 1]
    if not held:
        raise TrainerError(f"{len(rows)} labelled texts, most of them alike, are too few to hold any out; label more")
    return held


def record(folder: Path, section: str, *, key: str, value: Mapping[str, Any]) -> None:
    """Add figures to a release's manifest ("metrics" or "speed") and write manifest and card again."""
    manifest = read_manifest(folder)
    section_now = {**manifest.get(section, {}), key: dict(value)}
    _rewrite(folder, {**manifest, section: section_now})


def about(order: Order, texts: Gathered, *, fingerprint: str, taxonomy: Taxonomy) -> dict[str, Any]:
    """Say in a manifest what a release is and what it was made of."""
    used = {path: sum(row.file == path.name for row in texts.kept) for path in texts.read}
    return {
        "name": order.name,
        "model": order.model,
        "created": order.created.isoformat(),
        "taxonomy": taxonomy.version,
        "fingerprint": fingerprint,
        "labels": {facet: list(taxonomy.labels(facet)) for facet in FACETS},
        "data": [_described(path, len(part), used[path]) for path, part in texts.read.items()],
        "kept_apart": _kept_apart(order),
    }


def decided(made: Calibrated) -> dict[str, Any]:
    """Say in a manifest how scores become labels, and how sure that is."""
    content = asdict(made.decision)
    del content["labels"]
    kept = made.accepted
    return {
        "decision": content,
        "calibration": {
            "error": {
                name: {when: round(value, 4) for when, value in pair.items()} for name, pair in made.error.items()
            },
            "accepted": round(kept.share, 4),
            "precision": round(kept.both, 4),
            "business": round(kept.business, 4),
            "first_leaf": round(kept.leaf, 4),
        },
    }


def packages(names: Sequence[str]) -> dict[str, str]:
    """Give the versions that a release was made with."""
    return {"python": python_version(), **{name: version(name) for name in names}}


def grams(model: LinearModel) -> dict[str, int]:
    """Say in a manifest how many grams a model knows."""
    return {"words": len(model.vocabulary.words), "characters": len(model.vocabulary.characters)}


def _kept_apart(order: Order) -> list[dict[str, Any]]:
    lot = {"file": HELD_OUT, "about": "a tenth of the training data, drawn by lot, near texts together"}
    files = [_described(path, None, None) for path in (*order.dev, *order.apart)]
    return files if order.dev else [lot, *files]


def _described(path: Path, rows: int | None, used: int | None) -> dict[str, Any]:
    notes = tomllib.loads((files(__package__) / "sources.toml").read_text(encoding="utf-8"))["files"]
    entry = {"file": path.name, "about": notes.get(path.name, "not described"), "sha256": sha256(path)}
    return entry if rows is None else {**entry, "rows": rows, "used": used}


def publish(folder: Path, manifest: Manifest, content: Mapping[str, bytes]) -> None:
    """Write beside the folder and rename: a release is whole or not there."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_release(unfinished, manifest, files=content)
    _rewrite(unfinished, read_manifest(unfinished))
    unfinished.rename(folder)


def _rewrite(folder: Path, manifest: Manifest) -> None:
    write_release(folder, manifest, files={CARD: card(manifest).encode()})
