"""Labels that are likely wrong: confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70).

Every text is read by a linear model that has learned from neither it nor its like. A label's threshold is the mean
probability that the texts carrying it get for it; a text counts confidently for the labels whose threshold it reaches,
and a facet's *confident joint* counts given label × most probable of these. What lies off its diagonal is suspicious.
Facets with several labels are taken label by label, as yes or no.
"""

# n texts, k labels of one facet

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.decide import ALONE, LEAST, MOST, Decision, calibrated
from feedback_nlp.classify.evidence import evidence
from feedback_nlp.classify.features import features
from feedback_nlp.classify.linear import LinearModel
from feedback_nlp.classify.metrics import one_hot
from feedback_nlp.taxonomy import FACETS, MULTI, Taxonomy
from feedback_nlp.train.calibrate import calibrate
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.guidance import Suspecting
from feedback_nlp.train.linear import Say, count, fit, folds, out_of_fold, row_weights, with_examples
from feedback_nlp.train.recipe import Recipe

Floats = npt.NDArray[np.float64]
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One facet of one text whose labels are likely wrong."""

    facet: str
    given: Labels
    suggested: Labels
    score: float  # 0 to 1: of the suggestion against what was given, odds / (1 + odds); 0.5 would be a tie
    clause: str  # that speaks most for the suggestion, "" where it only takes a label away


@dataclass(frozen=True, slots=True)
class Suspect:
    """One text with its doubts, the gravest first."""

    row: Labelled
    doubts: tuple[Doubt, ...]


def suspicious(
    rows: Sequence[Labelled], *, taxonomy: Taxonomy, recipe: Recipe, numbers: Suspecting, seed: int = 0, say: Say
) -> list[Suspect]:
    """List the texts with likely wrong labels, the most suspicious of each facet first."""
    counted = count(rows, taxonomy=taxonomy, recipe=recipe, say=say)
    scores = out_of_fold(counted, folds(rows, count=numbers.folds, seed=seed), recipe=recipe, say=say)
    labels = {facet: taxonomy.labels(facet) for facet in FACETS}
    level = row_weights(rows, power=1.0)
    known = with_examples(scores)
    decision = calibrate(scores, counted.truth, labels=labels, weights=level, recipe=recipe, known=known).decision
    found: dict[int, list[Doubt]] = {}
    for facet in FACETS:
        carried = np.flatnonzero(counted.truth.carried[facet])
        probabilities = calibrated(scores[carried][:, decision.columns(facet)], decision, facet)
        doubt = several if facet in MULTI else single
        given = [rows[place].labels[facet] for place in carried.tolist()]
        for at, (suggested, score) in doubt(probabilities, given, labels[facet], least=numbers.least).items():
            found.setdefault(int(carried[at]), []).append(Doubt(facet, given[at], suggested, score, ""))
    return _told(rows, found, model=fit(counted, recipe=recipe, say=say), decision=decision)


def likely(suspects: Sequence[Suspect], *, odds: Mapping[str, float]) -> list[Suspect]:
    """Leave out doubts below their facet's odds, and texts without any other; the most suspicious come first again."""
    kept = {
        place: [doubt for doubt in suspect.doubts if doubt.score >= odds[doubt.facet] / (1 + odds[doubt.facet])]
        for place, suspect in enumerate(suspects)
    }
    found = {place: doubts for place, doubts in kept.items() if doubts}
    return [Suspect(suspects[place].row, tuple(found[place])) for place in _order(found, _ranks(found))]


Doubtful = Mapping[int, tuple[Labels, float]]
"""Place of a text → what is suggested, and its score."""


def single(probabilities: Floats, given: Sequence[Labels], labels: Sequence[str], *, least: int) -> Doubtful:
    """Doubt the one label of each text (n, k); a label with fewer than ``least`` texts is suggested to none.

    Ranked by the margin between suggested and given label, taken as odds: a thin label's low probabilities count too.
    """
    column = np.array([labels.index(found[0]) for found in given], dtype=np.int64)
    own = probabilities[np.arange(len(given)), column]
    thresholds = np.array([_mean(own[column == at], least=least) for at in range(len(labels))])
    confident = probabilities >= thresholds
    best = np.where(confident, probabilities, -1.0).argmax(axis=1)
    likely = probabilities[np.arange(len(given)), best]
    off = np.flatnonzero(confident.any(axis=1) & (best != column))
    return {int(at): ((labels[best[at]],), round(float(likely[at] / (likely[at] + own[at])), 4)) for at in off}


def several(probabilities: Floats, given: Sequence[Labels], labels: Sequence[str], *, least: int) -> Doubtful:
    """Doubt each label of each text (n, k) for itself; suggest the labels that stay, and those that are missing."""
    table = one_hot(given, labels)
    absent = 1 - probabilities
    yes = [_mean(probabilities[table[:, at], at], least=least) for at in range(len(labels))]
    no = [_mean(absent[~table[:, at], at], least=least) for at in range(len(labels))]
    there, gone = probabilities >= yes, absent >= no
    wrong = table & gone & ~(there & (probabilities >= absent))
    missing = ~table & there & ~(gone & (absent > probabilities))
    score = np.where(wrong, absent, np.where(missing, probabilities, 0.0)).max(axis=1)
    result: dict[int, tuple[Labels, float]] = {}
    for at in np.flatnonzero((wrong | missing).any(axis=1)).tolist():
        suggested = _suggested(given[at], wrong[at], missing[at], probabilities[at], labels)
        if set(suggested) != set(given[at]):
            result[at] = suggested, round(float(score[at]), 4)
    return result


def _suggested(
    given: Labels, wrong: npt.NDArray[np.bool_], missing: npt.NDArray[np.bool_], likely: Floats, labels: Sequence[str]
) -> Labels:
    """Give the labels that stay in their order, then the missing ones, the most probable first.

    Where none would be left but one is needed, the most probable that was not given.
    """
    order = np.argsort(-likely, kind="stable").tolist()
    kept = [label for label in given if not wrong[labels.index(label)]]
    found = [*kept, *(labels[at] for at in order if missing[at])]
    if not found and ALONE in labels:  # leaves: a text has one at least
        found = [next(labels[at] for at in order if labels[at] not in given)][: LEAST["leaves"]]
    if found[:1] == [ALONE]:
        return (ALONE,)
    return tuple(label for label in found if label != ALONE)[:MOST]


def _mean(values: Floats, *, least: int) -> float:
    """Give the threshold of a label, out of reach where too few texts carry it."""
    return float(values.mean()) if len(values) >= least else float("inf")


def _told(
    rows: Sequence[Labelled], found: Mapping[int, list[Doubt]], *, model: LinearModel, decision: Decision
) -> list[Suspect]:
    """Name the clause behind every suggestion; the gravest doubt of each facet comes first, then the next of each."""
    ranks = _ranks(found)
    return [
        Suspect(
            rows[place],
            tuple(
                _with_clause(doubt, rows[place].text, model=model, decision=decision)
                for doubt in sorted(found[place], key=lambda doubt: ranks[place, doubt.facet])
            ),
        )
        for place in _order(found, ranks)
    ]


def _order(found: Mapping[int, list[Doubt]], ranks: Mapping[tuple[int, str], int]) -> list[int]:
    return sorted(found, key=lambda place: (min(ranks[place, doubt.facet] for doubt in found[place]), place))


def _ranks(found: Mapping[int, list[Doubt]]) -> dict[tuple[int, str], int]:
    """Number the doubts of each facet, the largest score first: scores of different facets do not compare."""
    ranks: dict[tuple[int, str], int] = {}
    for facet in FACETS:
        scores = {place: doubt.score for place, doubts in found.items() for doubt in doubts if doubt.facet == facet}
        ordered = sorted(scores, key=lambda place: (-scores[place], place))
        ranks |= {(place, facet): rank for rank, place in enumerate(ordered)}
    return ranks


def _with_clause(doubt: Doubt, text: str, *, model: LinearModel, decision: Decision) -> Doubt:
    new = next((label for label in doubt.suggested if label not in doubt.given), None)
    if new is None:
        return doubt
    batch = features([text], vocabulary=model.vocabulary)
    shares: npt.NDArray[Any] = model.clause_scores(batch)
    column = decision.columns(doubt.facet).start + decision.labels[doubt.facet].index(new)
    (told,) = evidence(batch.clauses, shares, labels=[(f"{doubt.facet}:{new}", column)])
    return Doubt(doubt.facet, doubt.given, doubt.suggested, doubt.score, told.clause)
