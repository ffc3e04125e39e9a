"""Measure a release with this installation's settings, beside what is simple and beside another release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from feedback_nlp.classify.release import find, load, read_manifest, releases, sha256, shipped
from feedback_nlp.errors import OperatorError, TrainerError
from feedback_nlp.jobs.training import corpus, is_test
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train import baselines
from feedback_nlp.train.compare import compare
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.evaluate import headline
from feedback_nlp.train.findings import Findings, Measured, findings
from feedback_nlp.train.reading import THREE_WAY, Reading, ask, tables
from feedback_nlp.train.release import record
from feedback_nlp.train.written import write
from feedback_nlp.train.yardstick import yardstick

SPLITS = ("dev", "test")
TESTED = "measured_on_test"
"""Section of a manifest: test file → the days on which it was measured."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a release is to be measured on, and what is wanted of it."""

    data: tuple[Path, ...] = ()  # labelled files; none: a part of the corpus
    split: str = "dev"
    out: Path | None = None  # folder for page, figures and tables
    against: str | None = None  # another release
    baselines: bool = False  # SnowNLP, too, however many texts there are


@dataclass(frozen=True, slots=True)
class Texts:
    """Labelled texts that were read from files."""

    files: tuple[Measured, ...]
    rows: list[Labelled]


def evaluate(settings: Settings, release: str, *, asked: Asked, today: date, say: Say) -> Findings:
    """Measure a release; of the test part only tables are given, and the run is recorded in the release's manifest."""
    if asked.split not in SPLITS:
        raise TrainerError(f"--split {asked.split}: there are {' and '.join(SPLITS)}")
    if asked.data and asked.split != SPLITS[0]:
        raise OperatorError(
            f"--split {asked.split} is a part of the corpus; leave it out, or leave out the named files"
        )
    folder, taxonomy = find(release, folder=settings.own_models), load_taxonomy(settings.taxonomy)
    paths = asked.data or (corpus(asked.split),)
    testing = any(is_test(path) for path in paths)
    if testing and (asked.out or asked.against):
        raise TrainerError(
            "the test part only measures, once per release: it gives tables, no page and no comparison; choose and "
            "compare on the dev part"
        )
    texts = read_texts(paths, taxonomy=taxonomy)
    for line in learned_from(folder, texts):
        say(line)
    reading = ask(load(folder, fingerprint=fingerprint(), taxonomy=taxonomy), texts.rows)
    found = findings(reading, texts.files, taxonomy=taxonomy, made=today, errors=not testing)
    if asked.against:
        other = load(find(asked.against, folder=settings.own_models), fingerprint=fingerprint(), taxonomy=taxonomy)
        found = replace(found, comparison=compare(reading, ask(other, texts.rows), taxonomy=taxonomy))
    found = replace(found, baselines=tuple(_baselines(reading, asked, taxonomy=taxonomy, say=say)))
    if testing:
        _record_test(folder, found, say=say)
    if asked.out:
        written = write(found, asked.out, taxonomy=taxonomy)
        say(f"wrote {written[0]} and {len(written) - 1} files of figures beside it")
    return found


def read_texts(paths: Sequence[Path], *, taxonomy: Taxonomy) -> Texts:
    """Read labelled files one after another."""
    parts = [(path, read_labelled(path, taxonomy=taxonomy)) for path in paths]
    files = tuple(Measured(path.name, len(rows), sha256(path)) for path, rows in parts)
    return Texts(files, [row for _, rows in parts for row in rows])


def learned_from(folder: Path, texts: Texts) -> list[str]:
    """Say for each file whether the release in a folder learned from it."""
    known = {entry.get("sha256"): entry["file"] for entry in read_manifest(folder).get("data", ())}
    return [
        f"{folder.name} learned from {item.file}: what it reads there says nothing about texts it has not seen"
        for item in texts.files
        if item.sha256 in known
    ]


def _baselines(reading: Reading, asked: Asked, *, taxonomy: Taxonomy, say: Say) -> list[baselines.Baseline]:
    found, cut = tables(reading, taxonomy=taxonomy), yardstick().snownlp
    made = [baselines.majority(found)]
    linear = _linear()
    if linear is not None and linear.name not in (reading.release, asked.against):
        try:
            predictor = load(linear, fingerprint=fingerprint(), taxonomy=taxonomy)
        except TrainerError as error:  # a baseline that does not fit this installation's taxonomy is no reason to stop
            say(f"without the linear baseline: {error}")
        else:
            made.append(baselines.release(ask(predictor, reading.rows), taxonomy=taxonomy))
    wanted = asked.baselines or (len(reading.rows) < cut.rows and find_spec("snownlp") is not None)
    if wanted and THREE_WAY in found.labels:
        made.append(baselines.snownlp([row.text for row in reading.rows], found, cut=cut))
    return made


def _linear() -> Path | None:
    """Give the newest linear release that comes with the package."""
    manifests = {folder: read_manifest(folder) for folder in releases(shipped())}
    linear = [folder for folder, made in manifests.items() if made["model"] == "linear"]
    return max(linear, key=lambda folder: (manifests[folder]["created"], folder.name), default=None)


def _record_test(folder: Path, found: Findings, *, say: Say) -> None:
    """Keep the figures and the day in the manifest, and say when the test part was measured before."""
    manifest = read_manifest(folder)
    for item in found.files:
        before = manifest.get(TESTED, {}).get(item.file, {}).get("on", [])
        if before or item.file in manifest.get("metrics", {}):
            when = f" on {', '.join(before)}" if before else ""
            say(f"{folder.name} was measured on {item.file} before{when}: once is enough, see its card")
        try:
            record(
                folder, TESTED, key=item.file, value={"on": [*before, found.made.isoformat()], "sha256": item.sha256}
            )
            if len(found.files) == 1:
                record(folder, "metrics", key=item.file, value=headline(found.evaluation))
        except OSError as error:  # no rights, a read-only disk, a full one: the figures are worth showing all the same
            say(f"{error.filename}: cannot be written ({error.strerror}), so that this run is not recorded")
