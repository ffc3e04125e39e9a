"""What `evaluate --out` leaves in a folder: figures as JSON and CSV, and a page to read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.compare import Comparison, Difference
from feedback_nlp.train.evaluate import Evaluation, Range, headline
from feedback_nlp.train.findings import Findings
from feedback_nlp.train.page import render

FIGURES, PAGE = "metrics.json", "evaluation.html"
DIGITS = 4


def write(found: Findings, folder: Path, *, taxonomy: Taxonomy) -> list[Path]:
    """Write metrics.json, the CSV tables and the page; of these only the page holds texts: masked, the worst errors."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(_figures(found), ensure_ascii=False, indent=1) + "\n"
    (folder / FIGURES).write_text(content, encoding="utf-8", newline="\n")
    (folder / PAGE).write_text(render(found, taxonomy=taxonomy), encoding="utf-8", newline="\n")
    made = dict(_tables(found))
    for name, table in made.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(table)
    return [folder / name for name in (PAGE, FIGURES, *made)]


def _figures(found: Findings) -> dict[str, Any]:
    content = {
        "release": found.evaluation.release,
        "made": found.made.isoformat(),
        "files": [asdict(item) for item in found.files],
        "headline": {name: asdict(value) for name, value in found.headline.items()},
        "baselines": {item.name: item.figures for item in found.baselines},
        **headline(found.evaluation),
        "reliability": {name: [asdict(item) for item in bins] for name, bins in found.reliability.items()},
        "coverage": [asdict(point) for point in found.coverage],
    }
    if found.comparison is not None:
        content["comparison"] = asdict(found.comparison)
    return rounded(content)  # type: ignore[no-any-return]


def rounded(value: Any) -> Any:
    """Round every figure in nested mappings and lists.

    >>> rounded({"a": [0.123456, 3]})
    {'a': [0.1235, 3]}
    """
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _tables(found: Findings) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    yield "per_class.csv", _per_class(found.evaluation)
    yield "groups.csv", _groups(found.evaluation)
    for facet in FACETS:
        if facet in found.evaluation.facets:
            yield f"confusion_{facet}.csv", _square(found.evaluation.facets[facet].confusion)
    if found.comparison is not None:
        yield "comparison.csv", _comparison(found.comparison)


def _per_class(evaluation: Evaluation) -> list[Sequence[Any]]:
    rows = [
        (facet, item.label, *_shown(item.precision, item.recall, *_three(item.f1)), item.support)
        for facet, found in evaluation.facets.items()
        for item in found.classes
    ]
    return [("facet", "label", "precision", "recall", "f1", "f1_low", "f1_high", "support"), *rows]


def _groups(evaluation: Evaluation) -> list[Sequence[Any]]:
    rows = [
        (name, group, part.rows, facet, *_shown(*_three(figure)))
        for name, parts in evaluation.groups.items()
        for group, part in parts.items()
        for facet, figure in part.facets.items()
    ]
    return [("by", "group", "texts", "facet", "micro_f1", "low", "high"), *rows]


def _square(confusion: Mapping[str, Mapping[str, int]]) -> list[Sequence[Any]]:
    guessed = sorted({label for row in confusion.values() for label in row})
    table = [[read, *(row.get(label, 0) for label in guessed)] for read, row in sorted(confusion.items())]
    return [["read \\ guessed", *guessed], *table]


def _comparison(found: Comparison) -> list[Sequence[Any]]:
    kinds = (("headline", found.headline), ("facet", found.facets), ("class", found.classes))
    rows = [_difference(kind, item) for kind, items in kinds for item in items]
    return [("kind", "figure", "texts", found.one, found.two, "change", "low", "high", "excludes_zero"), *rows]


def _difference(kind: str, item: Difference) -> Sequence[Any]:
    figures = _shown(item.one, item.two, *_three(item.change))
    return (kind, item.name, item.support, *figures, "yes" if item.worse or item.better else "")


def _three(figure: Range) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def _shown(*figures: float) -> list[str]:
    return [f"{figure:.{DIGITS}f}" for figure in figures]
