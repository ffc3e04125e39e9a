"""How far two readers of the same texts agree."""

# n texts, k labels of one facet

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from feedback_nlp.classify.metrics import Table, kappa, micro_f1, one_hot
from feedback_nlp.errors import TrainerError
from feedback_nlp.insight.intervals import wilson
from feedback_nlp.taxonomy import FACETS, MULTI, Taxonomy
from feedback_nlp.train.corpus import Labelled

FIRST = "first leaf"
"""The first of ``leaves``, a facet of its own here: it decides a case's theme."""
NONE = "-"


class Dispute(NamedTuple):
    """Labels that one reader gave where the other gave others."""

    facet: str
    one: str  # joined by |; what both gave is left out
    other: str
    rows: int


@dataclass(frozen=True, slots=True)
class FacetAgreement:
    """One facet. Of a facet with several labels, kappa looks at every label of every row as a yes or no."""

    facet: str
    rows: int  # that both have labelled
    same: float  # share of rows with the same labels
    low: float  # its 95 % interval
    high: float
    kappa: float  # Cohen's, not-a-number where nobody ever used a second label
    label_kappa: float  # mean of the kappas of the labels that at least one of them used
    micro_f1: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two readers of the same texts have in common."""

    shared: int  # texts that both have
    only_one: int
    only_other: int
    facets: tuple[FacetAgreement, ...]
    disputes: tuple[Dispute, ...]  # the most frequent first


def agreement(one: Sequence[Labelled], other: Sequence[Labelled], *, taxonomy: Taxonomy) -> Agreement:
    """Compare the rows that carry the same id.

    Raises TrainerError where there is none, or where the same id stands for different texts.
    """
    known = {row.id: row for row in other}
    pairs = [(row, known[row.id]) for row in one if row.id in known]
    if not pairs:
        raise TrainerError("the two files have no id in common; both readers must label the same rows")
    strange = [left.id for left, right in pairs if left.text != right.text]
    if strange:
        raise TrainerError(
            f"id '{strange[0]}' stands for two different texts ({len(strange)} such ids); give both the same file"
        )
    facets = [_facet(facet, _answers(pairs, facet), taxonomy) for facet in (*FACETS, FIRST)]
    return Agreement(
        shared=len(pairs),
        only_one=len(one) - len(pairs),
        only_other=len(other) - len(pairs),
        facets=tuple(found for found in facets if found),
        disputes=tuple(sorted(_disputes(pairs), key=lambda item: (-item.rows, item))),
    )


def as_table(found: Agreement, *, disputes: int) -> str:
    """Write the figures, and the most frequent disputes, as text."""
    lines = [
        f"{found.shared} texts read by both ({found.only_one} by the first alone, {found.only_other} by the second)",
        f"{'facet':<12}{'rows':>6}{'same':>8}{'(95 %)':>14}{'kappa':>8}{'by label':>10}{'micro-F1':>10}",
    ]
    lines += [
        f"{item.facet:<12}{item.rows:>6}{item.same:>8.3f}{f'{item.low:.3f}–{item.high:.3f}':>14}{item.kappa:>8.3f}"
        f"{item.label_kappa:>10.3f}{item.micro_f1:>10.3f}"
        for item in found.facets
    ]
    if found.disputes:
        lines += ["", "most frequent disputes (first reader / second reader)"]
    return "\n".join(
        [*lines, *(f"{item.rows:>6}  {item.facet:<12}{item.one} / {item.other}" for item in found.disputes[:disputes])]
    )


Answers = list[tuple[tuple[str, ...], tuple[str, ...]]]


def _answers(pairs: Sequence[tuple[Labelled, Labelled]], facet: str) -> Answers:
    """Give both readers' labels of the rows for which both have answered."""
    name, cut = ("leaves", 1) if facet == FIRST else (facet, None)
    return [
        (left.labels[name][:cut], right.labels[name][:cut])
        for left, right in pairs
        if name in left.labels and name in right.labels
    ]


def _facet(facet: str, answers: Answers, taxonomy: Taxonomy) -> FacetAgreement | None:
    if not answers:
        return None
    labels = taxonomy.labels("leaves" if facet == FIRST else facet)
    one, other = one_hot([left for left, _ in answers], labels), one_hot([right for _, right in answers], labels)
    same = int((one == other).all(axis=1).sum())
    low, high = wilson(same, len(answers))
    by_label = [_yes_no(one[:, at], other[:, at]) for at in np.flatnonzero((one | other).any(axis=0))]
    return FacetAgreement(
        facet=facet,
        rows=len(answers),
        same=same / len(answers),
        low=low,
        high=high,
        kappa=_yes_no(one.ravel(), other.ravel()) if facet in MULTI else _kappa(answers),
        label_kappa=float(np.nanmean(by_label)) if not np.isnan(by_label).all() else float("nan"),
        micro_f1=micro_f1(one, other) if (one | other).any() else 1.0,
    )


def _kappa(answers: Answers) -> float:
    one, other = [left[0] for left, _ in answers], [right[0] for _, right in answers]
    return kappa(one, other) if len({*one, *other}) > 1 else float("nan")


def _yes_no(one: Table, other: Table) -> float:
    """Give Cohen's kappa of two columns of yes and no, from the counts of a 2 × 2 table."""
    observed = float((one == other).mean())
    yes, also = float(one.mean()), float(other.mean())
    expected = yes * also + (1 - yes) * (1 - also)
    return float("nan") if expected == 1.0 else (observed - expected) / (1 - expected)


def _disputes(pairs: Sequence[tuple[Labelled, Labelled]]) -> Iterator[Dispute]:
    for facet in FACETS:
        found: Counter[tuple[str, str]] = Counter()
        for left, right in _answers(pairs, facet):
            if set(left) != set(right):
                found[_without(left, right), _without(right, left)] += 1
        yield from (Dispute(facet, *labels, rows) for labels, rows in found.items())


def _without(one: Sequence[str], other: Sequence[str]) -> str:
    return "|".join(sorted(set(one) - set(other))) or NONE
