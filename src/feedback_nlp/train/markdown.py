"""Figures as Markdown tables, for pages that know nothing of texts: Prefect's artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feedback_nlp.train.compare import Comparison, Difference
from feedback_nlp.train.evaluate import Evaluation


def figures(evaluation: Evaluation) -> str:
    """Tabulate a release's figures by facet."""
    rows = [
        [
            facet,
            f"{found.rows:,}",
            f"{found.accuracy:.3f}",
            f"{found.micro_f1.value:.3f} ({found.micro_f1.low:.3f} – {found.micro_f1.high:.3f})",
            f"{found.macro_f1_frequent.value:.3f}",
            f"{found.majority:.3f}",
        ]
        for facet, found in evaluation.facets.items()
    ]
    sure = evaluation.accepted
    accepted = (
        f"Accepted without review: {sure.share:.1%} of the texts; of them right: business {sure.business:.1%}, "
        f"first leaf {sure.first_leaf:.1%}, both {sure.both:.1%}."
    )
    header = ["facet", "texts", "accuracy", "micro-F1 (95 %)", "macro-F1 (≥ 5 texts)", "majority"]
    return f"{table(header, rows)}\n\n{accepted}"


def differences(comparison: Comparison, *, least: int) -> str:
    """Tabulate two releases: headline figures, facets, and classes of ``least`` texts that differ beyond chance."""
    header = ["figure", "texts", comparison.one, comparison.two, "change (95 %)", ""]
    distinct = [item for item in comparison.classes if item.support >= least and (item.worse or item.better)]
    shown = [*comparison.headline, *comparison.facets, *sorted(distinct, key=lambda item: item.change.value)]
    return table(header, map(_difference, shown))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Write a table: the first column to the left, the others to the right.

    >>> print(table(["facet", "texts"], [["kind|sort", "12"]]))
    | facet | texts |
    |---|---:|
    | kind\|sort | 12 |
    """
    lines = [header, *rows]
    told = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
    return "\n".join([told[0], f"|---|{'---:|' * (len(header) - 1)}", *told[1:]])


def _difference(item: Difference) -> list[str]:
    change = item.change
    verdict = "worse" if item.worse else "better" if item.better else ""
    told = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
    return [item.name, f"{item.support:,}", f"{item.one:.3f}", f"{item.two:.3f}", told, verdict]
