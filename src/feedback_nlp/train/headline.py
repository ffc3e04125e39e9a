"""The four figures that a release is known by, and their mean."""

# n texts, k labels of all facets side by side, b resamples

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feedback_nlp.classify.metrics import Floats, counts, macro, micro
from feedback_nlp.train.reading import THREE_WAY, Tables

HEADLINE = {
    "kind, accuracy": "kind",
    "business, accuracy": "business",
    "sentiment (3), macro-F1": THREE_WAY,
    "leaves, micro-F1": "leaves",
}
"""Headline figure → the measured facet it is about. The macro-F1 is over the classes that somebody read."""
MEAN = "mean of the four"


def headline_figures(counted: Floats, found: Tables) -> dict[str, Floats]:
    """Give the headline figures from the counts (3, k) of all labels, or draw by draw from resampled ones (3, b, k).

    A figure whose facet nobody labelled is left out, and with it the mean.
    """
    figures = {}
    for name, facet in HEADLINE.items():
        if facet in found.labels:
            part, truth = counted[..., found.columns(facet)], found.truth[:, found.columns(facet)]
            figures[name] = macro(part, truth.sum(axis=0) > 0) if facet == THREE_WAY else micro(part)
    if len(figures) == len(HEADLINE):
        figures[MEAN] = np.mean(list(figures.values()), axis=0)
    return figures


def headline_values(found: Tables, facets: Sequence[str] = tuple(HEADLINE.values())) -> dict[str, float]:
    """Give the headline figures about some facets; the mean only where all are among them."""
    figures = headline_figures(counts(found.truth, found.guess), found)
    whole = set(facets) >= set(HEADLINE.values())
    return {
        name: float(value) for name, value in figures.items() if (whole if name == MEAN else HEADLINE[name] in facets)
    }
