"""What an encoder is measured by: small labelled sets with a fixed part that measures."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from feedback_nlp.classify import metrics as m
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.encoder.tasks import Example, Source, present, read_task, source

REAL = "real_dev"
LEARN, MEASURE = "real_train.jsonl", "real_dev.jsonl"
FACETS = ("kind", "business", "sentiment", "leaves")
SEVERAL = "leaves"
SIGNS = {-1: "negative", 0: "neutral", 1: "positive"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The section "probe" of probes.toml."""

    rows: int
    held: float
    size: int
    tokens: int
    layers: int
    cost: float
    passes: int
    batch: int
    rate: float
    head_rate: float
    decay: float
    warm_up: float
    clip: float
    dropout: float
    seed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What probes.toml says."""

    version: int
    probe: Numbers
    sources: Mapping[str, Source]
    figures: Mapping[str, str]  # "probe/head" → name of the figure


@dataclass(frozen=True, slots=True)
class Head:
    """What is asked about a text."""

    name: str
    labels: tuple[str, ...]
    several: bool  # a text may carry several labels; else exactly one
    figure: str

    def truth(self, examples: Sequence[Example]) -> m.Table:
        """Give the table (n, k) of what was read."""
        return m.one_hot([example.labels[self.name] for example in examples], self.labels)


@dataclass(frozen=True, slots=True)
class Probe:
    """One set, parted."""

    name: str
    heads: tuple[Head, ...]
    learn: Sequence[Example]
    held: Sequence[Example]  # finds thresholds
    test: Sequence[Example]

    def digest(self) -> str:
        """Hash the texts, so that two tables of figures can be known to stand on the same ones."""
        parts = [[example.text for example in part] for part in (self.learn, self.held, self.test)]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def spans(heads: Sequence[Head]) -> list[tuple[Head, slice]]:
    """Say where each head's labels stand when all are laid side by side."""
    ends = np.cumsum([len(head.labels) for head in heads]).tolist()
    return [(head, slice(end - len(head.labels), end)) for head, end in zip(heads, ends, strict=True)]


@lru_cache(maxsize=1)
def plan() -> Plan:
    """Read the probes that come with the package."""
    data = tomllib.loads((files(__package__) / "probes.toml").read_text(encoding="utf-8"))
    sources = {name: source(entry) for name, entry in data["sources"].items()}
    return Plan(data["version"], Numbers(**data["probe"]), sources, data["figures"])


def read_probes(
    plan: Plan, *, labelled: Path | None, public: Path | None, taxonomy: Taxonomy, only: Sequence[str] = (), say: Say
) -> list[Probe]:
    """Read the probes whose files are there, and say which are not."""
    known = (REAL, *plan.sources)
    if unknown := [name for name in only if name not in known]:
        raise TrainerError(f"no probe '{unknown[0]}'; there are: {', '.join(known)}")
    made = []
    for name in only or known:
        try:
            made.append(_real(plan, labelled, taxonomy) if name == REAL else _public(plan, name, public))
        except FileNotFoundError as error:
            say(f"{name} is left out: {error.args[0]} is not there")
    if not made:
        raise TrainerError("none of the probes' files is there; name their folders with --labelled and --public")
    return made


def _real(plan: Plan, labelled: Path | None, taxonomy: Taxonomy) -> Probe:
    if labelled is None or not all((labelled / name).is_file() for name in (LEARN, MEASURE)):
        raise FileNotFoundError(f"{labelled / LEARN if labelled else f'the folder (--labelled) of {LEARN}'}")
    learned, measured = (read_labelled(labelled / name, taxonomy=taxonomy) for name in (LEARN, MEASURE))
    labels = {facet: taxonomy.labels(facet) for facet in FACETS} | {"sentiment": tuple(SIGNS.values())}
    lot = np.random.default_rng(plan.probe.seed).permutation(len(learned))
    drawn = [learned[place] for place in lot[: plan.probe.rows].tolist()]
    return _parted(plan, REAL, labels, [_example(row, taxonomy) for row in drawn], test=[
        _example(row, taxonomy) for row in measured
    ])  # fmt: skip


def _public(plan: Plan, name: str, public: Path | None) -> Probe:
    wanted, numbers = plan.sources[name], plan.probe
    if public is None or not present(wanted, public):
        raise FileNotFoundError(f"{public / wanted.file if public else f'the folder (--public) of {wanted.file}'}")
    task = read_task(name, wanted, public=public, rows=numbers.rows, seed=numbers.seed)
    return _parted(plan, name, task.heads, task.train, test=task.measure)


def _parted(
    plan: Plan, name: str, labels: Mapping[str, tuple[str, ...]], drawn: Sequence[Example], *, test: Sequence[Example]
) -> Probe:
    held = int(len(drawn) * plan.probe.held)
    heads = [Head(head, known, head == SEVERAL, plan.figures[f"{name}/{head}"]) for head, known in labels.items()]
    return Probe(name, tuple(heads), drawn[held:], drawn[:held], test)


def _example(row: Labelled, taxonomy: Taxonomy) -> Example:
    """Give the facets that are probed, sentiment as negative, neutral or positive."""
    sign = SIGNS[int(np.sign(taxonomy.sentiment_values[row.labels["sentiment"][0]]))]
    return Example(row.text, {**{facet: row.labels[facet] for facet in FACETS}, "sentiment": (sign,)})
