"""Measure an encoder: frozen and briefly tuned, beside a linear model and a twin that has learned nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify import metrics as m
from feedback_nlp.classify.decide import given
from feedback_nlp.train.encoder.folder import Opened
from feedback_nlp.train.encoder.probe_readers import Scores, frozen, linear, tuned, twin
from feedback_nlp.train.encoder.probe_sets import Head, Numbers, Plan, Probe, spans

FLOOR = "linear"
COLUMNS = (FLOOR, "frozen, random", "frozen", "tuned, random", "tuned")
MEAN = "mean"

Say = Callable[[str], None]
Read = Callable[[Probe, Sequence[str]], Scores]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one reader with its 95 % bootstrap interval over the texts that measure."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One question of one probe."""

    probe: str
    head: str
    figure: str
    readers: Mapping[str, Figure]  # by column, in their order


@dataclass(frozen=True, slots=True)
class Probed:
    """All figures of one encoder."""

    encoder: str
    lines: tuple[Line, ...]
    rows: Mapping[str, Mapping[str, Any]]  # probe → texts to learn from, to measure on, and a hash of all of them
    numbers: Mapping[str, Any]
    seconds: Mapping[str, float]  # by column

    def mean(self, column: str) -> float:
        """Give the mean of a column's figures."""
        return float(np.mean([line.readers[column].value for line in self.lines]))


def run(
    opened: Opened, probes: Sequence[Probe], *, plan: Plan, clock: Callable[[], float], say: Say, device: str = "cpu"
) -> Probed:
    """Let every reader learn from every probe, and measure."""
    numbers = plan.probe
    blank = twin(opened, seed=numbers.seed)
    found: dict[str, dict[tuple[str, str], Figure]] = {}
    seconds: dict[str, float] = {}
    for column, read in zip(COLUMNS, _readers(opened, blank, numbers, device), strict=True):
        started, found[column] = clock(), {}
        for probe in probes:
            say(f"{column}: {probe.name}, {len(probe.learn):,} texts to learn from, {len(probe.test):,} to measure on")
            found[column] |= judged(probe, read, seed=numbers.seed)
        seconds[column] = round(clock() - started, 1)
    return Probed(opened.name, tuple(_lines(probes, found)), _rows(probes), asdict(numbers), seconds)


def judged(probe: Probe, read: Read, *, seed: int) -> dict[tuple[str, str], Figure]:
    """Give a reader's figures for the heads of a probe.

    The likeliest label is taken; where a text may carry several, those above one threshold, that with the best micro-F1
    on texts that the reader has not learned from and that do not measure.
    """
    texts = [example.text for example in (*probe.held, *probe.test)]
    scores = read(probe, texts)
    split = len(probe.held)
    made = {}
    for head, own in spans(probe.heads):
        guess = _guess(head, scores[:split, own], scores[split:, own], held_truth=head.truth(probe.held))
        made[probe.name, head.name] = _figure(head.figure, head.truth(probe.test), guess, seed=seed)
    return made


def as_table(found: Probed) -> str:
    """Write the figures as a table of text; the encoder's own columns with their intervals."""
    width = max(len(f"{line.probe} {line.head}") for line in found.lines) + 2
    lines = [f"{found.encoder}", f"{'':<{width}}{'figure':<10}" + "".join(f"{name:>22}" for name in COLUMNS)]
    for line in found.lines:
        cells = "".join(f"{_cell(line.readers[name]):>22}" for name in COLUMNS)
        lines.append(f"{f'{line.probe} {line.head}':<{width}}{line.figure:<10}{cells}")
    means = "".join(f"{f'{found.mean(name):.3f}              ':>22}" for name in COLUMNS)
    spent = "".join(f"{f'{found.seconds[name]:.0f} s             ':>22}" for name in COLUMNS)
    return "\n".join([*lines, f"{MEAN:<{width}}{'':<10}{means}", f"{'time':<{width}}{'':<10}{spent}"])


def as_record(found: Probed) -> dict[str, Any]:
    """Give what JSON files and manifests keep: a figure is [value, low, high]."""
    return {
        "figures": {
            f"{line.probe}/{line.head}": {
                "figure": line.figure,
                **{name: list(asdict(figure).values()) for name, figure in line.readers.items()},
            }
            for line in found.lines
        },
        MEAN: {name: round(found.mean(name), 4) for name in COLUMNS},
        "rows": {name: dict(rows) for name, rows in found.rows.items()},
        "numbers": dict(found.numbers),
        "seconds": dict(found.seconds),
    }


def _readers(opened: Opened, blank: Opened, numbers: Numbers, device: str) -> tuple[Read, ...]:
    """Give the readers in the order of the columns."""
    deep = [
        partial(way, opened=encoder, numbers=numbers, device=device)
        for way in (frozen, tuned)
        for encoder in (blank, opened)
    ]
    return linear, *deep


def _guess(head: Head, held: Scores, scores: Scores, *, held_truth: m.Table) -> m.Table:
    if not head.several:
        guess = np.zeros(scores.shape, dtype=np.bool_)
        guess[np.arange(len(scores)), scores.argmax(axis=1)] = True
        return guess
    level = _threshold(held, held_truth)
    return given(scores, np.full(scores.shape[1], level), least=1)


def _threshold(scores: Scores, truth: m.Table) -> float:
    """Give the score from which labels are given with the best micro-F1; without texts, the natural 0."""
    levels = np.unique(scores[np.isfinite(scores)])[-10 * max(1, int(truth.sum())) :]
    if not len(levels):
        return 0.0
    tried = levels[:: max(1, len(levels) // 200)].tolist()
    return float(max(tried, key=lambda level: _given_f1(scores, truth, level)))


def _given_f1(scores: Scores, truth: m.Table, level: float) -> float:
    return m.micro_f1(truth, given(scores, np.full(scores.shape[1], level), least=1))


def _lines(probes: Sequence[Probe], found: Mapping[str, Mapping[tuple[str, str], Figure]]) -> Iterator[Line]:
    for probe in probes:
        for head in probe.heads:
            readers = {column: figures[probe.name, head.name] for column, figures in found.items()}
            yield Line(probe.name, head.name, head.figure, readers)


def _rows(probes: Sequence[Probe]) -> dict[str, dict[str, Any]]:
    return {
        probe.name: {
            "learn": len(probe.learn),
            "held": len(probe.held),
            "test": len(probe.test),
            "texts": probe.digest(),
        }
        for probe in probes
    }


def _cell(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _figure(name: str, truth: m.Table, guess: m.Table, *, seed: int) -> Figure:
    compute, kept = FIGURES[name], m.counted_in(truth, guess, 0)
    low, high = m.bounds(compute(m.resampled(truth, guess, seed=seed), kept))
    value = compute(m.counts(truth, guess), kept)
    return Figure(*(round(float(number), 4) for number in (value, low, high)))


def _micro(counted: m.Floats, kept: npt.NDArray[np.bool_]) -> m.Floats:
    return m.micro(counted)


def _kappa(counted: m.Floats, kept: npt.NDArray[np.bool_]) -> m.Floats:
    """Give Cohen's kappa of two readers that give every text one label, from right, wrongly given and missed."""
    right, wrong, missed = counted
    texts = (right + missed).sum(axis=-1)
    observed = right.sum(axis=-1) / texts
    expected = ((right + missed) * (right + wrong)).sum(axis=-1) / texts**2
    return np.where(expected < 1, (observed - expected) / np.maximum(1 - expected, 1e-9), 1.0)


FIGURES: dict[str, Callable[[m.Floats, npt.NDArray[np.bool_]], m.Floats]] = {
    "accuracy": _micro,  # equal, where every text has one label and gets one
    "micro_f1": _micro,
    "macro_f1": m.macro,
    "kappa": _kappa,
}
"""Ways to compute a figure from counts (3, …, k) as `metrics.counts` and `metrics.resampled` give them."""
