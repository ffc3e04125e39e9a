"""The figures of a model card: by facet, by part of the model, by source and by class, and beside other releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feedback_nlp.train.evaluate import LENGTHS
from feedback_nlp.train.reading import THREE_WAY

NAMES = {
    "kind": "kind",
    "business": "business",
    "touchpoint": "touchpoint",
    "sentiment": "sentiment (5)",
    THREE_WAY: THREE_WAY,
    "leaves": "leaves",
    "demand": "demand",
}
HEADS = ("kind", "business", THREE_WAY, "leaves")
"""What is shown of every source."""


def by_facet(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Show each file's figures by facet, and what is accepted without review."""
    yield "## Figures"
    yield (
        "Micro-F1 (for the facets with one label a text: accuracy) and macro-F1 over classes with at least five rows, "
        "with 95 % bootstrap intervals; beside them the micro-F1 of always guessing the most frequent label."
    )
    for name, found in manifest["metrics"].items():
        yield ""
        yield f"### {name} ({found['rows']:,} texts){_measured(name, manifest)}"
        yield ""
        yield "| facet | micro-F1 | 95 % | macro-F1, ≥ 5 rows | 95 % | macro-F1, all | majority |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(NAMES[facet], found["facets"][facet]) for facet in _facets(found))
        yield ""
        yield from _accepted(found)
        yield from _ingredients(found, manifest.get("parts", {}).get(name, {}))
    yield from _mixed(manifest.get("mix", {}))


def by_source(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Show each file's figures by source or style, and by length."""
    groups = {name: found["groups"] for name, found in manifest["metrics"].items() if found.get("groups")}
    if not groups:
        return
    yield "## Figures by source and length"
    yield "Micro-F1 with its 95 % interval; what rests on few texts says little."
    for name, kinds in groups.items():
        for kind, parts in kinds.items():
            yield ""
            yield f"| {name}, {kind} | texts | {' | '.join(NAMES[facet] for facet in HEADS)} |"
            yield "|---" * (len(HEADS) + 2) + "|"
            for group, part in _ordered(kind, parts):
                cells = (_span(part[facet]) if facet in part else "–" for facet in HEADS)
                yield f"| {group or '–'} | {part['rows']:,} | {' | '.join(cells)} |"


def by_class(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Show the F1 of every class with at least five rows in one of the files."""
    classes = {name: found["classes"] for name, found in manifest["metrics"].items() if found.get("classes")}
    if not classes:
        return
    yield "## Figures by class"
    yield "F1 with its 95 % interval and the number of texts, for classes with at least five."
    yield ""
    yield f"| class | {' | '.join(classes)} |"
    yield "|---" * (len(classes) + 1) + "|"
    for facet in NAMES:
        every = dict.fromkeys(label for found in classes.values() for label in found.get(facet, {}))
        for label in sorted(every, key=lambda label: _place(label, facet, manifest)):
            cells = (_class(found.get(facet, {}).get(label)) for found in classes.values())
            yield f"| {NAMES[facet]}: {label} | {' | '.join(cells)} |"


def compared(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Show how the release stood beside the one whose place it took."""
    found = manifest.get("compared", {})
    if not found:
        return
    yield "## Beside earlier releases"
    for other, made in found.items():
        files = ", ".join(f"{entry['file']} ({entry['rows']:,} texts)" for entry in made["on"])
        yield f"Took the place of {other}; compared on {files}:"
        yield ""
        yield f"| | {manifest['name']} | {other} | change | 95 % |"
        yield "|---|---|---|---|---|"
        for name, (one, two, change, low, high) in made["headline"].items():
            yield f"| {name} | {one:.3f} | {two:.3f} | {change:+.3f} | {low:+.3f} to {high:+.3f} |"


def _ordered(kind: str, parts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Put the largest source first; bands of length keep their order."""
    return list(parts.items()) if kind == LENGTHS else sorted(parts.items(), key=lambda pair: -pair[1]["rows"])


def _facets(found: Mapping[str, Any]) -> list[str]:
    return [facet for facet in NAMES if facet in found["facets"]]


def _measured(name: str, manifest: Mapping[str, Any]) -> str:
    days = manifest.get("measured_on_test", {}).get(name, {}).get("on", [])
    return f", measured {', '.join(days)}" if days else ""


def _ingredients(both: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[str]:
    """Say what each part of the model reads alone, with a calibration of its own, beside both together."""
    if not parts:
        return
    yield ""
    yield f"| micro-F1 | {' | '.join(NAMES[facet] for facet in _facets(both))} | accepted |"
    yield "|---" * (len(_facets(both)) + 2) + "|"
    for name, found in {**{f"{part} alone": figures for part, figures in parts.items()}, "both": both}.items():
        cells = [f"{found['facets'][facet]['micro_f1'][0]:.3f}" for facet in _facets(both)]
        yield f"| {name} | {' | '.join(cells)} | {found['accepted']['share']:.1%} |"


def _mixed(mix: Mapping[str, Any]) -> Iterator[str]:
    if mix:
        pairs = ", ".join(f"{NAMES[facet]} {wide:.2f} : {deep:.2f}" for facet, (wide, deep) in mix.items())
        yield ""
        yield f"Weights of linear model and encoder, fitted on texts that neither had seen: {pairs}."


def _row(name: str, found: Mapping[str, Any]) -> str:
    micro, macro = found["micro_f1"], found["macro_f1_frequent"]
    return (
        f"| {name} | {micro[0]:.3f} | {micro[1]:.3f}–{micro[2]:.3f} | {macro[0]:.3f} | {macro[1]:.3f}–{macro[2]:.3f} "
        f"| {found['macro_f1']:.3f} | {found['majority']:.3f} |"
    )


def _accepted(found: Mapping[str, Any]) -> Iterator[str]:
    sure = found["accepted"]
    yield (
        f"The first leaf is one that the reader named in {found['facets']['leaves']['first']:.1%} of the texts. "
        f"Without review are accepted {sure['share']:.1%}; of them the business is right in {sure['business']:.1%}, "
        f"the first leaf in {sure['first_leaf']:.1%}, both in {sure['both']:.1%}. The confidence is off by "
        f"{sure['calibration']:.3f} on average (expected calibration error)."
    )


def _span(figure: list[float]) -> str:
    value, low, high = figure
    return f"{value:.2f} ({low:.2f}–{high:.2f})"


def _class(found: Mapping[str, Any] | None) -> str:
    return "–" if found is None else f"{_span(found['f1'])}, {found['rows']}"


def _place(label: str, facet: str, manifest: Mapping[str, Any]) -> int:
    """Give a label's place in the taxonomy; the three sentiments stand as they come."""
    order: list[str] = manifest["labels"].get(facet, [])
    return order.index(label) if label in order else 0
