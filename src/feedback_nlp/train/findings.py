"""Everything that is said about one release on one set of texts, gathered once and shown in several ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from feedback_nlp.classify import metrics as m
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.baselines import Baseline
from feedback_nlp.train.compare import Comparison
from feedback_nlp.train.curves import Bin, Point, coverage, reliability
from feedback_nlp.train.evaluate import Evaluation, Range, measure
from feedback_nlp.train.headline import headline_figures
from feedback_nlp.train.reading import Reading, both_right, certainty, tables
from feedback_nlp.train.worst import WorstError, worst_errors
from feedback_nlp.train.yardstick import yardstick

CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Measured:
    """A file whose texts were read."""

    file: str  # without folders
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Findings:
    """One release, measured."""

    evaluation: Evaluation
    headline: Mapping[str, Range]  # the headline figures and their mean
    reliability: Mapping[str, tuple[Bin, ...]]  # facet, or "confidence"
    coverage: tuple[Point, ...]
    worst: tuple[WorstError, ...]  # none where the texts only measure
    files: tuple[Measured, ...]
    made: date
    baselines: tuple[Baseline, ...] = ()
    comparison: Comparison | None = None


def findings(
    reading: Reading, files: Sequence[Measured], *, taxonomy: Taxonomy, made: date, errors: bool = True
) -> Findings:
    """Measure what a release read; without ``errors`` no text is kept."""
    numbers, sure = yardstick(), both_right(reading)
    curves = {facet: reliability(*certainty(reading, facet), bins=numbers.bins) for facet in FACETS}
    curves[CONFIDENCE] = reliability(sure.confidence, sure.business & sure.leaf, bins=numbers.bins)
    return Findings(
        evaluation=measure(reading, taxonomy=taxonomy),
        headline=_headline(reading, taxonomy),
        reliability={name: found for name, found in curves.items() if found},
        coverage=coverage(sure, points=numbers.points),
        worst=tuple(worst_errors(reading, taxonomy=taxonomy, most=numbers.worst)) if errors else (),
        files=tuple(files),
        made=made,
    )


def _headline(reading: Reading, taxonomy: Taxonomy) -> dict[str, Range]:
    found = tables(reading, taxonomy=taxonomy)
    drawn = headline_figures(m.resampled(found.truth, found.guess, seed=0), found)
    return {
        name: Range(float(value), *map(float, m.bounds(drawn[name])))
        for name, value in headline_figures(m.counts(found.truth, found.guess), found).items()
    }
