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

from feedback_nlp.classify.linear import LinearPredictor, pack
from feedback_nlp.classify.release import CARD, Manifest, load, read_manifest, sha256, write_release
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.card import card
from feedback_nlp.train.corpus import Labelled, apart, read_labelled
from feedback_nlp.train.evaluate import Evaluation, evaluate, headline, write
from feedback_nlp.train.linear import Say, Trained, train_linear
from feedback_nlp.train.recipe import Recipe, recipe

PACKAGES = ("feedback-nlp", "jieba", "numpy", "opencc", "scikit-learn", "scipy")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be trained, and on what."""

    name: str
    created: date
    data: tuple[Path, ...]  # labelled files to learn from
    dev: tuple[Path, ...]  # labelled files to measure on
    apart: tuple[Path, ...] = ()  # further files whose texts must not be learned from: the test part
    seed: int = 0


def train_release(order: Order, *, out: Path, fingerprint: str, taxonomy: Taxonomy, say: Say) -> list[Evaluation]:
    """Train a linear release into ``out``/name and measure it on every dev file; an existing folder is refused."""
    folder = out / order.name
    if Path(order.name).name != order.name or folder.exists():
        raise TrainerError(f"{folder}: exists already, or is no plain name; give the release another name")
    say("reading and preparing the labelled texts")
    rows = {path: read_labelled(path, taxonomy=taxonomy) for path in order.data}
    dev = {path: read_labelled(path, taxonomy=taxonomy) for path in order.dev}
    held = [row for part in dev.values() for row in part]
    held += [row for path in order.apart for row in read_labelled(path, taxonomy=taxonomy)]
    kept = apart([row for part in rows.values() for row in part], held)
    used = {path: sum(row.file == path.name for row in kept) for path in order.data}
    numbers = recipe()
    trained = train_linear(kept, taxonomy=taxonomy, recipe=numbers, seed=order.seed, say=say)
    say("measuring")
    predictor = LinearPredictor(order.name, trained.model, trained.calibrated.decision)
    found = [evaluate(predictor, part, taxonomy=taxonomy) for part in dev.values()]
    manifest = {
        **_about(order, fingerprint=fingerprint, taxonomy=taxonomy, numbers=numbers),
        **_decided(trained),
        "data": [_described(path, len(part), used[path]) for path, part in rows.items()],
        "kept_apart": [_described(path, None, None) for path in (*order.dev, *order.apart)],
        "metrics": {path.name: headline(made) for path, made in zip(dev, found, strict=True)},
    }
    _publish(folder, manifest, pack(trained.model))
    say(f"wrote {folder}")
    return found


def evaluate_release(
    folder: Path, data: Path, *, fingerprint: str, taxonomy: Taxonomy, out: Path | None = None
) -> Evaluation:
    """Measure a release on a labelled file; with ``out``, write the figures there, never a text."""
    predictor = load(folder, fingerprint=fingerprint)
    found = evaluate(predictor, read_labelled(data, taxonomy=taxonomy), taxonomy=taxonomy)
    if out is not None:
        write(found, out)
    return found


def record(folder: Path, section: str, *, key: str, value: Mapping[str, Any]) -> None:
    """Add figures to a release's manifest ("metrics" or "speed") and write manifest and card again."""
    manifest = read_manifest(folder)
    section_now = {**manifest.get(section, {}), key: dict(value)}
    _rewrite(folder, {**manifest, section: section_now})


def restamp(folder: Path, *, fingerprint: str, dev: Mapping[str, Sequence[Labelled]], taxonomy: Taxonomy) -> None:
    """Accept a new text fingerprint for a release whose figures hold.

    ``dev`` holds rows by file name, prepared as text is prepared now. Raises TrainerError where the manifest has no
    figures for a file, or where the micro-F1 of a facet loses more than the recipe allows.
    """
    manifest = read_manifest(folder)
    predictor = load(folder, fingerprint=manifest["fingerprint"])
    if not dev:
        raise TrainerError(f"{folder}: give the dev files that its figures were measured on")
    for name, rows in dev.items():
        before = manifest["metrics"].get(name)
        if before is None:
            raise TrainerError(f"{folder}: has no figures for {name}; give a file that it was measured on")
        now = headline(evaluate(predictor, rows, taxonomy=taxonomy))
        for facet in FACETS:
            lost = before["facets"][facet]["micro_f1"][0] - now["facets"][facet]["micro_f1"][0]
            if lost > recipe().restamp_loss:
                raise TrainerError(f"{folder}: {facet} loses {lost:.3f} on {name}; train it again")
    _rewrite(folder, {**manifest, "fingerprint": fingerprint})


def _about(order: Order, *, fingerprint: str, taxonomy: Taxonomy, numbers: Recipe) -> dict[str, Any]:
    return {
        "name": order.name,
        "model": "linear",
        "created": order.created.isoformat(),
        "taxonomy": taxonomy.version,
        "fingerprint": fingerprint,
        "labels": {facet: list(taxonomy.labels(facet)) for facet in FACETS},
        "training": {**asdict(numbers), "seed": order.seed},
        "packages": {"python": python_version(), **{name: version(name) for name in PACKAGES}},
    }


def _decided(trained: Trained) -> dict[str, Any]:
    made = trained.calibrated
    content = asdict(made.decision)
    del content["labels"]
    return {
        "decision": content,
        "calibration": {
            "error": {
                name: {when: round(value, 4) for when, value in pair.items()} for name, pair in made.error.items()
            },
            "accepted": round(made.accepted, 4),
            "precision": round(made.precision, 4),
        },
        "grams": {"words": len(trained.model.vocabulary.words), "characters": len(trained.model.vocabulary.characters)},
    }


def _described(path: Path, rows: int | None, used: int | None) -> dict[str, Any]:
    notes = tomllib.loads((files(__package__) / "sources.toml").read_text(encoding="utf-8"))["files"]
    entry = {"file": path.name, "about": notes.get(path.name, "not described"), "sha256": sha256(path)}
    return entry if rows is None else {**entry, "rows": rows, "used": used}


def _publish(folder: Path, manifest: Manifest, content: Mapping[str, bytes]) -> None:
    """Write beside the folder and rename: a release is whole or not there."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_release(unfinished, manifest, files=content)
    _rewrite(unfinished, read_manifest(unfinished))
    unfinished.rename(folder)


def _rewrite(folder: Path, manifest: Manifest) -> None:
    write_release(folder, manifest, files={CARD: card(manifest).encode()})
