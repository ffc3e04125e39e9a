"""Which clause speaks most for a label."""

# c clauses of one text, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.records import Evidence, MaskedText


def evidence(
    clauses: Sequence[str], contributions: npt.NDArray[Any], *, labels: Sequence[tuple[str, int]]
) -> tuple[Evidence, ...]:
    """Name for each label ("facet:id", column) the clause with the largest contribution (c, k) to its score.

    Of equals the first; without surrounding blanks, so that it is still a part of the text.
    """
    if len(clauses) == 1:
        clause = MaskedText(clauses[0].strip())
        return tuple([Evidence(name, clause) for name, _ in labels])
    best = np.round(contributions[:, [column for _, column in labels]], 5).argmax(axis=0)
    chosen = [MaskedText(clauses[place].strip()) for place in best.tolist()]
    return tuple([Evidence(name, clause) for (name, _), clause in zip(labels, chosen, strict=True)])
