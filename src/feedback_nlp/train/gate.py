"""Whether a candidate may take the default's place."""

from __future__ import annotations

from collections.abc import Sequence

from feedback_nlp.train.compare import Comparison, Difference
from feedback_nlp.train.reading import THREE_WAY


def against(comparison: Comparison, *, least: int) -> tuple[Difference, ...]:
    """List what speaks against the first release: every headline figure, and every class of at least ``least`` texts,
    that is worse than the second's with a paired-bootstrap interval that excludes zero.

    Sentiment in three classes is a sum of the five: it counts as a headline figure only.
    """
    classes = (item for item in comparison.classes if item.support >= least and item.facet != THREE_WAY)
    return tuple(item for item in (*comparison.headline, *classes) if item.worse)


def refusal(comparison: Comparison, worse: Sequence[Difference]) -> str:
    """Say in words why the first release may not take the second's place."""
    listed = "; ".join(
        f"{item.name} {item.one:.3f}, before {item.two:.3f} "
        f"({item.change.low:+.3f} to {item.change.high:+.3f}, {item.support} texts)"
        for item in worse
    )
    return (
        f"{comparison.one} is worse than {comparison.two} on {comparison.rows} texts in: {listed}. Train a better one, "
        "or promote it all the same with --override --reason, which is recorded"
    )
