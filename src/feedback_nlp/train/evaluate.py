"""Measure a release on labelled texts."""

# n texts, k labels of one facet, b resamples

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from feedback_nlp.classify import metrics as m
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.reading import (
    Reading,
    Tables,
    ask,
    both_right,
    certainty,
    guessed_labels,
    read_labels,
    sign_of,
    tables,
)
from feedback_nlp.train.yardstick import yardstick

NONE = "-"
FILES, SOURCES, LENGTHS = "file", "source or style", "characters"
"""What texts are grouped by."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One label of one facet."""

    label: str
    precision: float
    recall: float
    f1: Range
    support: int  # rows that carry it


@dataclass(frozen=True, slots=True)
class FacetFigures:
    """One facet. For a multi-label facet accuracy means that every label of a row agrees."""

    rows: int  # texts that were labelled for it
    accuracy: float
    micro_f1: Range  # equals the accuracy where every row has exactly one label
    macro_f1: float  # over every class that occurs
    macro_f1_frequent: Range  # over classes with at least five rows
    first: float | None  # leaves: share of rows whose first guess is one of the labels given
    majority: float  # micro-F1 of always guessing the most frequent label
    calibration: float | None  # ECE of the first label's probability; None where there is no such probability
    classes: tuple[ClassFigures, ...]
    confusion: Mapping[str, Mapping[str, int]]  # first label read → first label guessed → rows


@dataclass(frozen=True, slots=True)
class Accepted:
    """What no person looks at."""

    share: float
    business: float  # accuracy among it
    first_leaf: float
    both: float
    calibration: float  # ECE of the confidence, over all rows


@dataclass(frozen=True, slots=True)
class Group:
    """Texts of one file, of one source or style, or of one length."""

    rows: int
    facets: Mapping[str, Range]  # measured facet → micro-F1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one release on one set of texts."""

    release: str
    rows: int
    facets: Mapping[str, FacetFigures]
    accepted: Accepted
    groups: Mapping[str, Mapping[str, Group]]  # "file", "source or style", "characters" → group → its figures


def evaluate(predictor: Predictor, rows: Sequence[Labelled], *, taxonomy: Taxonomy, seed: int = 0) -> Evaluation:
    """Let a release read labelled texts and compare."""
    return measure(ask(predictor, rows), taxonomy=taxonomy, seed=seed)


def measure(reading: Reading, *, taxonomy: Taxonomy, seed: int = 0) -> Evaluation:
    """Compare what a release read with what people read."""
    found = tables(reading, taxonomy=taxonomy)
    drawn = m.resampled(found.truth, found.guess, seed=seed)
    facets = {
        facet: _figures(facet, found, drawn[..., found.columns(facet)], reading=reading, taxonomy=taxonomy)
        for facet in found.labels
    }
    groups = {name: _groups(keys, found, seed=seed) for name, keys in _keys(reading.rows)}
    return Evaluation(reading.release, len(reading.rows), facets, _accepted(reading), groups)


def headline(evaluation: Evaluation) -> dict[str, Any]:
    """Give the figures that a manifest keeps: by facet, by class where it counts as measured, and by group."""
    facets = {
        facet: {
            "accuracy": round(found.accuracy, 4),
            "micro_f1": _rounded(found.micro_f1),
            "macro_f1": round(found.macro_f1, 4),
            "macro_f1_frequent": _rounded(found.macro_f1_frequent),
            "majority": round(found.majority, 4),
            **({} if found.calibration is None else {"calibration": round(found.calibration, 4)}),
            **({} if found.first is None else {"first": round(found.first, 4)}),
        }
        for facet, found in evaluation.facets.items()
    }
    return {
        "rows": evaluation.rows,
        "facets": facets,
        "accepted": {name: round(value, 4) for name, value in asdict(evaluation.accepted).items()},
        "classes": {facet: _classes(found) for facet, found in evaluation.facets.items()},
        "groups": {
            name: {
                group: {"rows": part.rows, **{facet: _rounded(value) for facet, value in part.facets.items()}}
                for group, part in parts.items()
            }
            for name, parts in evaluation.groups.items()
        },
    }


def as_table(evaluation: Evaluation) -> str:
    """Write the figures by facet and by group as tables of text."""
    lines = [
        f"{evaluation.release} on {evaluation.rows} texts",
        f"{'facet':<14}{'accuracy':>9}{'micro-F1':>9}{'(95 %)':>14}{'macro-F1':>9}{'≥5 rows':>9}{'(95 %)':>14}"
        f"{'majority':>9}{'ECE':>6}",
    ]
    lines += [_line(facet, found) for facet, found in evaluation.facets.items()]
    sure = evaluation.accepted
    if "leaves" in evaluation.facets:
        lines.append(f"first leaf is one of the labelled: {evaluation.facets['leaves'].first or 0.0:.3f}")
    lines.append(f"accepted without review: {sure.share:.3f} (ECE of the confidence {sure.calibration:.3f})")
    if sure.share:
        lines.append(f"  right: business {sure.business:.3f}, first leaf {sure.first_leaf:.3f}, both {sure.both:.3f}")
    for name, parts in evaluation.groups.items():
        if len(parts) > 1:
            facets = list(evaluation.facets)
            lines += ["", f"{name:<18}{'texts':>7}" + "".join(f"{facet:>{_wide(facet)}}" for facet in facets)]
            lines += [_group_line(group, part, facets) for group, part in parts.items()]
    return "\n".join(lines)


def _figures(facet: str, found: Tables, drawn: m.Floats, *, reading: Reading, taxonomy: Taxonomy) -> FacetFigures:
    """Measure one facet; ``drawn`` (3, b, k) are its resampled counts."""
    truth, guess = found.of(facet)
    frequent = m.counted_in(truth, guess, yardstick().frequent)
    common = np.zeros_like(truth)
    common[:, truth.sum(axis=0).argmax()] = True
    sure, right = certainty(reading, facet) if facet in FACETS else (None, None)
    return FacetFigures(
        rows=len(truth),
        accuracy=m.accuracy(truth, guess),
        micro_f1=_range(m.micro_f1(truth, guess), m.micro(drawn)),
        macro_f1=m.macro_f1(truth, guess),
        macro_f1_frequent=_range(float(m.macro(m.counts(truth, guess), frequent)), m.macro(drawn, frequent)),
        first=float(right.mean()) if facet == "leaves" and right is not None else None,
        majority=m.micro_f1(truth, common),
        calibration=None if sure is None or right is None else m.ece(sure, right),
        classes=tuple(_class_figures(found.labels[facet], truth, guess, drawn)),
        confusion=_confusion(reading, facet, taxonomy),
    )


def _class_figures(labels: Sequence[str], truth: m.Table, guess: m.Table, drawn: m.Floats) -> Iterator[ClassFigures]:
    """Measure the labels that occur."""
    counted = m.counts(truth, guess)
    precision, recall = m.precision_recall(counted)
    value, (low, high) = m.f1(counted), m.bounds(m.f1(drawn))
    for at, label in enumerate(labels):
        if counted[:, at].any():
            span = Range(float(value[at]), float(low[at]), float(high[at]))
            yield ClassFigures(label, float(precision[at]), float(recall[at]), span, int(truth[:, at].sum()))


def _confusion(reading: Reading, facet: str, taxonomy: Taxonomy) -> dict[str, Counter[str]]:
    signs, result = sign_of(taxonomy), dict[str, Counter[str]]()
    for row, guess in zip(reading.rows, reading.guesses, strict=True):
        read = read_labels(row, facet, signs=signs)
        if read is not None:
            guessed = guessed_labels(guess, facet, signs=signs)
            result.setdefault(next(iter(read), NONE), Counter())[next(iter(guessed), NONE)] += 1
    return result


def _accepted(reading: Reading) -> Accepted:
    found = both_right(reading)
    both = found.business & found.leaf
    return Accepted(
        share=_mean(found.kept),
        business=_mean(found.business[found.kept]),
        first_leaf=_mean(found.leaf[found.kept]),
        both=_mean(both[found.kept]),
        calibration=m.ece(found.confidence, both),
    )


def _keys(rows: Sequence[Labelled]) -> Iterator[tuple[str, list[str]]]:
    """Give what texts are grouped by, with each text's group."""
    if len({row.file for row in rows}) > 1:
        yield FILES, [row.file for row in rows]
    yield SOURCES, [row.kind for row in rows]
    yield LENGTHS, [length_band(row.text) for row in rows]


def length_band(text: str) -> str:
    """Name the band that a text's length belongs to.

    >>> length_band("好"), length_band("好" * 21), length_band("好" * 9999)
    ('1–20', '21–60', 'over 200')
    """
    low = 1
    for high in yardstick().lengths:
        if len(text) <= high:
            return f"{low}–{high}"
        low = high + 1
    return f"over {low - 1}"


def _groups(keys: Sequence[str], found: Tables, *, seed: int) -> dict[str, Group]:
    """Measure every group by itself, the largest first; bands of length in their order."""
    of = np.array(keys)
    bands = [length_band("x" * size) for size in (*yardstick().lengths, yardstick().lengths[-1] + 1)]
    order = [band for band in bands if band in keys] or [key for key, _ in Counter(keys).most_common()]
    return {key: _group(of == key, found, seed=seed) for key in order}


def _group(rows: m.Table, found: Tables, *, seed: int) -> Group:
    truth, guess = found.truth[rows], found.guess[rows]
    drawn, counted = m.resampled(truth, guess, seed=seed), m.counts(truth, guess)
    facets = {
        facet: _range(float(m.micro(counted[:, columns])), m.micro(drawn[..., columns]))
        for facet, columns in ((facet, found.columns(facet)) for facet in found.labels)
        if found.carried[facet][rows].any()
    }
    return Group(int(rows.sum()), facets)


def _range(value: float, drawn: m.Floats) -> Range:
    low, high = m.bounds(drawn)
    return Range(value, float(low), float(high))


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else 0.0


def _three(figure: Range) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def _rounded(figure: Range) -> list[float]:
    return [round(value, 4) for value in _three(figure)]


def _classes(found: FacetFigures) -> dict[str, Any]:
    return {
        item.label: {
            "rows": item.support,
            "precision": round(item.precision, 4),
            "recall": round(item.recall, 4),
            "f1": _rounded(item.f1),
        }
        for item in found.classes
        if item.support >= yardstick().frequent
    }


def _line(facet: str, found: FacetFigures) -> str:
    micro, macro = found.micro_f1, found.macro_f1_frequent
    sure = "" if found.calibration is None else f"{found.calibration:.3f}"
    return (
        f"{facet:<14}{found.accuracy:>9.3f}{micro.value:>9.3f}{f'{micro.low:.3f}–{micro.high:.3f}':>14}"
        f"{found.macro_f1:>9.3f}{macro.value:>9.3f}{f'{macro.low:.3f}–{macro.high:.3f}':>14}"
        f"{found.majority:>9.3f}{sure:>6}"
    )


def _group_line(group: str, part: Group, facets: Sequence[str]) -> str:
    shown = {facet: f"{part.facets[facet].value:.3f}" if facet in part.facets else NONE for facet in facets}
    return f"{group or NONE:<18}{part.rows:>7}" + "".join(f"{value:>{_wide(facet)}}" for facet, value in shown.items())


def _wide(facet: str) -> int:
    return max(8, len(facet) + 2)
