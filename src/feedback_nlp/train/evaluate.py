"""Measure a release on labelled texts."""

# n texts, k labels of one facet

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feedback_nlp.classify import metrics as m
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.records import Prediction
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, Taxonomy
from feedback_nlp.train.corpus import Labelled

FREQUENT = 5  # rows from which a class counts as measured
THREE_WAY = "sentiment (3)"
NONE = "-"

Answers = Sequence[tuple[str, ...]]


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
    f1: float
    support: int  # rows that carry it


@dataclass(frozen=True, slots=True)
class FacetFigures:
    """One facet. For a multi-label facet accuracy means that every label of a row agrees."""

    accuracy: float
    micro_f1: Range  # equals the accuracy where every row has exactly one label
    macro_f1: float  # over every class that occurs
    macro_f1_frequent: Range  # over classes with at least five rows
    first: float | None  # leaves: share of rows whose first guess is one of the labels given
    majority: float  # micro-F1 of always guessing the most frequent label
    calibration: float  # ECE of the first label's probability
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
class Evaluation:
    """All figures of one release on one set of texts."""

    release: str
    rows: int
    facets: Mapping[str, FacetFigures]
    accepted: Accepted
    groups: Mapping[str, Mapping[str, float]]  # source or style → figure → value, with "rows"


def evaluate(predictor: Predictor, rows: Sequence[Labelled], *, taxonomy: Taxonomy, seed: int = 0) -> Evaluation:
    """Let a release read labelled texts and compare."""
    guesses = predictor.predict([row.text for row in rows])
    facets = {facet: _facet(facet, rows, guesses, labels=taxonomy.labels(facet), seed=seed) for facet in FACETS}
    facets[THREE_WAY] = _three_way(rows, guesses, values=taxonomy.sentiment_values, seed=seed)
    return Evaluation(predictor.name, len(rows), facets, _accepted(rows, guesses), _groups(rows, guesses, taxonomy))


def headline(evaluation: Evaluation) -> dict[str, Any]:
    """Give the figures that a manifest keeps."""
    facets = {
        facet: {
            "accuracy": round(found.accuracy, 4),
            "micro_f1": _rounded(found.micro_f1),
            "macro_f1": round(found.macro_f1, 4),
            "macro_f1_frequent": _rounded(found.macro_f1_frequent),
            "majority": round(found.majority, 4),
            "calibration": round(found.calibration, 4),
            **({} if found.first is None else {"first": round(found.first, 4)}),
        }
        for facet, found in evaluation.facets.items()
    }
    accepted = {name: round(value, 4) for name, value in asdict(evaluation.accepted).items()}
    return {"rows": evaluation.rows, "facets": facets, "accepted": accepted}


def as_table(evaluation: Evaluation) -> str:
    """Write the figures by facet as a table of text."""
    lines = [
        f"{evaluation.release} on {evaluation.rows} texts",
        f"{'facet':<14}{'accuracy':>9}{'micro-F1':>9}{'(95 %)':>14}{'macro-F1':>9}{'≥5 rows':>9}{'(95 %)':>14}"
        f"{'majority':>9}{'ECE':>6}",
    ]
    lines += [_line(facet, found) for facet, found in evaluation.facets.items()]
    first = evaluation.facets["leaves"].first or 0.0
    sure = evaluation.accepted
    lines += [
        f"first leaf is one of the labelled: {first:.3f}",
        f"accepted without review: {sure.share:.3f} of the texts (ECE of the confidence {sure.calibration:.3f}); "
        "of them right:",
        f"  business {sure.business:.3f}, first leaf {sure.first_leaf:.3f}, both {sure.both:.3f}",
    ]
    names = list(next(iter(evaluation.groups.values()), {}))
    if len(evaluation.groups) > 1:
        lines += ["", f"{'':<18}" + "".join(f"{name:>14}" for name in names)]
        lines += [
            f"{group or NONE:<18}" + "".join(f"{_shown(values[name]):>14}" for name in names)
            for group, values in evaluation.groups.items()
        ]
    return "\n".join(lines)


def write(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write metrics.json, per_class.csv and one confusion file a facet; never a text."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "metrics.json"
    content = {"release": evaluation.release, **headline(evaluation), "groups": evaluation.groups}
    figures.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    classes = [
        (facet, item.label, f"{item.precision:.4f}", f"{item.recall:.4f}", f"{item.f1:.4f}", item.support)
        for facet, found in evaluation.facets.items()
        for item in found.classes
    ]
    paths = [figures, folder / "per_class.csv"]
    _write_csv(paths[1], [("facet", "label", "precision", "recall", "f1", "support"), *classes])
    for facet in FACETS:
        confusion = evaluation.facets[facet].confusion
        guessed = sorted({label for row in confusion.values() for label in row})
        table = [[read, *(row.get(label, 0) for label in guessed)] for read, row in sorted(confusion.items())]
        paths.append(folder / f"confusion_{facet}.csv")
        _write_csv(paths[-1], [["read \\ guessed", *guessed], *table])
    return paths


def labels_of(prediction: Prediction, facet: str) -> tuple[str, ...]:
    """Give the label ids of one facet of a prediction."""
    found = getattr(prediction, facet)
    return tuple(label.id for label in found) if facet in MULTI else (found.id,)


def _facet(
    facet: str, rows: Sequence[Labelled], guesses: Sequence[Prediction], *, labels: Sequence[str], seed: int
) -> FacetFigures:
    read = [row.labels[facet] for row in rows]
    guessed = [labels_of(guess, facet) for guess in guesses]
    first = [getattr(guess, facet) for guess in guesses]
    scores = [found if facet in SINGLE else next(iter(found), None) for found in first]
    sure = [(score.score, score.id in labels) for score, labels in zip(scores, read, strict=True) if score]
    return _figures(read, guessed, labels=labels, seed=seed, sure=sure, multi=facet == "leaves")


def _three_way(
    rows: Sequence[Labelled], guesses: Sequence[Prediction], *, values: Mapping[str, int], seed: int
) -> FacetFigures:
    """Measure sentiment as negative, neutral, positive."""
    names = {-1: "negative", 0: "neutral", 1: "positive"}
    sign = {label: names[int(np.sign(value))] for label, value in values.items()}
    read = [(sign[row.labels["sentiment"][0]],) for row in rows]
    guessed = [(sign[guess.sentiment.id],) for guess in guesses]
    return _figures(read, guessed, labels=tuple(names.values()), seed=seed, sure=[], multi=False)


def _figures(
    read: Answers,
    guessed: Answers,
    *,
    labels: Sequence[str],
    seed: int,
    sure: Sequence[tuple[float, bool]],
    multi: bool,
) -> FacetFigures:
    truth, guess = m.one_hot(read, labels), m.one_hot(guessed, labels)
    common = np.zeros_like(truth)
    common[:, truth.sum(axis=0).argmax()] = True
    precision, recall = m.precision_recall(m.counts(truth, guess))
    f1 = m.f1(m.counts(truth, guess))
    confusion: dict[str, Counter[str]] = {}
    for one, two in zip(read, guessed, strict=True):
        confusion.setdefault(next(iter(one), NONE), Counter())[next(iter(two), NONE)] += 1
    return FacetFigures(
        accuracy=m.accuracy(truth, guess),
        micro_f1=Range(m.micro_f1(truth, guess), *m.micro_interval(truth, guess, seed=seed)),
        macro_f1=m.macro_f1(truth, guess),
        macro_f1_frequent=Range(
            m.macro_f1(truth, guess, least=FREQUENT), *m.macro_interval(truth, guess, seed=seed, least=FREQUENT)
        ),
        first=_first(read, guessed) if multi else None,
        majority=m.micro_f1(truth, common),
        calibration=m.ece(np.array([score for score, _ in sure]), np.array([right for _, right in sure])),
        classes=tuple(
            ClassFigures(label, float(precision[at]), float(recall[at]), float(f1[at]), int(truth[:, at].sum()))
            for at, label in enumerate(labels)
            if truth[:, at].any() or guess[:, at].any()
        ),
        confusion=confusion,
    )


def _first(read: Answers, guessed: Answers) -> float:
    return float(np.mean([two[0] in one for one, two in zip(read, guessed, strict=True)]))


def _accepted(rows: Sequence[Labelled], guesses: Sequence[Prediction]) -> Accepted:
    kept = np.array([not guess.review for guess in guesses])
    business = np.array([guess.business.id in row.labels["business"] for row, guess in zip(rows, guesses, strict=True)])
    leaf = np.array([guess.leaves[0].id in row.labels["leaves"] for row, guess in zip(rows, guesses, strict=True)])
    confidence = np.array([guess.confidence for guess in guesses])
    return Accepted(
        share=_mean(kept),
        business=_mean(business[kept]),
        first_leaf=_mean(leaf[kept]),
        both=_mean((business & leaf)[kept]),
        calibration=m.ece(confidence, business & leaf),
    )


def _groups(rows: Sequence[Labelled], guesses: Sequence[Prediction], taxonomy: Taxonomy) -> dict[str, dict[str, float]]:
    """Give micro-F1 by facet for every source or style, the largest first."""
    sizes = Counter(row.kind for row in rows)
    result = {}
    for kind, size in sizes.most_common():
        pairs = [(row, guess) for row, guess in zip(rows, guesses, strict=True) if row.kind == kind]
        result[kind] = {
            "rows": size,
            **{
                facet: m.micro_f1(
                    m.one_hot([row.labels[facet] for row, _ in pairs], taxonomy.labels(facet)),
                    m.one_hot([labels_of(guess, facet) for _, guess in pairs], taxonomy.labels(facet)),
                )
                for facet in FACETS
            },
        }
    return result


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else 0.0


def _rounded(figure: Range) -> list[float]:
    return [round(value, 4) for value in (figure.value, figure.low, figure.high)]


def _line(facet: str, found: FacetFigures) -> str:
    micro, macro = found.micro_f1, found.macro_f1_frequent
    return (
        f"{facet:<14}{found.accuracy:>9.3f}{micro.value:>9.3f}{f'{micro.low:.3f}–{micro.high:.3f}':>14}"
        f"{found.macro_f1:>9.3f}{macro.value:>9.3f}{f'{macro.low:.3f}–{macro.high:.3f}':>14}"
        f"{found.majority:>9.3f}{f'{found.calibration:.3f}' if found.calibration else '':>6}"
    )


def _shown(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _write_csv(path: Path, table: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(table)
