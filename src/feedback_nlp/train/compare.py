"""Two releases side by side on the same texts, with paired-bootstrap intervals of what lies between them."""

# n texts, k labels of all facets side by side, b resamples

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from feedback_nlp.classify import metrics as m
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.train.evaluate import Range
from feedback_nlp.train.headline import HEADLINE, headline_figures
from feedback_nlp.train.reading import Reading, Tables, tables
from feedback_nlp.train.yardstick import yardstick

Pair = tuple[m.Floats, m.Floats]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two releases."""

    name: str
    facet: str  # the measured facet it is about, "" for the mean of several
    support: int  # texts behind it: of a class those that carry it, else those labelled for the facet
    one: float
    two: float
    change: Range  # one - two

    @property
    def worse(self) -> bool:
        """Say whether the first release is worse, chance aside."""
        return self.change.high < 0

    @property
    def better(self) -> bool:
        """Say whether the first release is better, chance aside."""
        return self.change.low > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A release (one) beside another (two)."""

    one: str
    two: str
    rows: int
    headline: tuple[Difference, ...]  # the headline figures and their mean
    facets: tuple[Difference, ...]  # micro-F1, and macro-F1 over frequent classes
    classes: tuple[Difference, ...]  # F1 of every class that occurs


def compare(one: Reading, two: Reading, *, taxonomy: Taxonomy, seed: int = 0) -> Comparison:
    """Compare two releases that were asked about the same texts."""
    first, second = (tables(reading, taxonomy=taxonomy) for reading in (one, two))
    if not np.array_equal(first.truth, second.truth):
        raise TrainerError(f"{one.release} and {two.release} were not asked about the same texts; ask both again")
    pairs = {
        when: (count(first.truth, first.guess), count(second.truth, second.guess))
        for when, count in (("once", m.counts), ("drawn", partial(m.resampled, seed=seed)))
    }

    def differences(kinds: Iterable[_Figure]) -> tuple[Difference, ...]:
        return tuple(_difference(kind, once=pairs["once"], drawn=pairs["drawn"]) for kind in kinds)

    return Comparison(
        one=one.release,
        two=two.release,
        rows=len(one.rows),
        headline=differences(_headline(first)),
        facets=differences(_facets(first)),
        classes=differences(_classes(first, occurring=(first.truth | first.guess | second.guess).sum(axis=0) > 0)),
    )


def as_table(comparison: Comparison, *, least: int) -> str:
    """Write headline figures, facets, and the classes of at least ``least`` texts that differ beyond chance."""
    head = f"{'':<34}{'texts':>6}{comparison.one[:14]:>15}{comparison.two[:14]:>15}{'change':>9}  (95 %)"
    lines = [f"{comparison.one} beside {comparison.two} on {comparison.rows} texts", head]
    lines += [line(item) for item in (*comparison.headline, *comparison.facets)]
    distinct = [item for item in comparison.classes if item.support >= least and (item.worse or item.better)]
    lines += ["", f"classes of {least} texts and more that differ beyond chance: {len(distinct) or 'none'}"]
    lines += [line(item) for item in sorted(distinct, key=lambda item: item.change.value)]
    return "\n".join(lines)


def line(item: Difference) -> str:
    """Write one figure of two releases as a line; a ``*`` says that the interval excludes zero."""
    change = item.change
    return (
        f"{item.name:<34}{item.support:>6}{item.one:>15.3f}{item.two:>15.3f}{change.value:>+9.3f}  "
        f"{change.low:+.3f} to {change.high:+.3f}{' *' if item.worse or item.better else ''}"
    )


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure that can be computed from counts (3, k), or draw by draw from resampled ones (3, b, k)."""

    name: str
    facet: str
    support: int
    of: Callable[[m.Floats], m.Floats]


def _headline(found: Tables) -> Iterator[_Figure]:
    for name in headline_figures(m.counts(found.truth, found.guess), found):
        facet = HEADLINE.get(name, "")
        rows = found.carried[facet].sum() if facet else len(found.truth)
        yield _Figure(name, facet, int(rows), partial(_named, name=name, found=found))


def _facets(found: Tables) -> Iterator[_Figure]:
    for facet in found.labels:
        at, rows = found.columns(facet), int(found.carried[facet].sum())
        kept = found.truth[:, at].sum(axis=0) >= yardstick().frequent
        yield _Figure(f"{facet}, micro-F1", facet, rows, partial(_micro, at=at))
        yield _Figure(f"{facet}, macro-F1 (≥ {yardstick().frequent})", facet, rows, partial(_macro, at=at, kept=kept))


def _classes(found: Tables, *, occurring: m.Table) -> Iterator[_Figure]:
    for facet, labels in found.labels.items():
        for place, label in enumerate(labels, start=found.columns(facet).start):
            if occurring[place]:
                support = int(found.truth[:, place].sum())
                yield _Figure(f"{facet}: {label}", facet, support, partial(_one, place=place))


def _named(counted: m.Floats, *, name: str, found: Tables) -> m.Floats:
    return headline_figures(counted, found)[name]


def _micro(counted: m.Floats, *, at: slice) -> m.Floats:
    return m.micro(counted[..., at])


def _macro(counted: m.Floats, *, at: slice, kept: m.Table) -> m.Floats:
    return m.macro(counted[..., at], kept)


def _one(counted: m.Floats, *, place: int) -> m.Floats:
    return m.f1(counted[..., place])


def _difference(kind: _Figure, *, once: Pair, drawn: Pair) -> Difference:
    one, two = (float(kind.of(counted)) for counted in once)
    low, high = m.bounds(kind.of(drawn[0]) - kind.of(drawn[1]))
    change = Range(one - two, round(float(low), 9), round(float(high), 9))  # rounded: differences of equals are zero
    return Difference(kind.name, kind.facet, kind.support, one, two, change)
