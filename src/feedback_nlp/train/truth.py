"""What was read in labelled texts, as tables. A text may carry labels of some facets only."""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.metrics import Table, one_hot
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.corpus import Labelled

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Truth:
    """The labels of a set of texts."""

    table: Mapping[str, Table]  # facet → (n, its labels); no label where the text does not carry the facet
    carried: Mapping[str, Mask]  # facet → (n,), whether the text carries it

    @property
    def sure(self) -> Mask:
        """Give the texts (n,) by which confidence is measured: those that carry business and leaves."""
        return self.carried["business"] & self.carried["leaves"]


def truth_of(rows: Sequence[Labelled], *, taxonomy: Taxonomy) -> Truth:
    """Lay out the labels of texts; refuse texts of which too few facets were read to learn from."""
    truth = Truth(
        {facet: one_hot([row.labels.get(facet, ()) for row in rows], taxonomy.labels(facet)) for facet in FACETS},
        {facet: np.array([facet in row.labels for row in rows], dtype=np.bool_) for facet in FACETS},
    )
    for what, found in {**truth.carried, "business and leaves together": truth.sure}.items():
        if not found.any():
            raise TrainerError(f"none of the {len(rows)} texts carries {what}; add labelled texts that do")
    return truth
