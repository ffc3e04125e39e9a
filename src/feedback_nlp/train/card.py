"""The model card: a manifest in words for people. Every figure in it stands in the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feedback_nlp.classify.release import CARD

NAMES = {
    "kind": "kind",
    "business": "business",
    "touchpoint": "touchpoint",
    "sentiment": "sentiment (5)",
    "sentiment (3)": "sentiment (3)",
    "leaves": "leaves",
    "demand": "demand",
}


def card(manifest: Mapping[str, Any]) -> str:
    """Write CARD.md."""
    parts = (_purpose, _data, _figures, _calibration, _speed, _limits, _proof)
    text = "\n".join(line for part in parts for line in (*part(manifest), ""))
    return f"# {manifest['name']}\n\n{text}"


def _purpose(manifest: Mapping[str, Any]) -> Iterator[str]:
    grams = manifest["grams"]
    yield (
        f"A {manifest['model']} model made on {manifest['created']} for taxonomy version {manifest['taxonomy']}. "
        f"It reads prepared (cleaned and masked) Chinese feedback about banks and gives kind, business, touchpoint, "
        f"sentiment, one to three reason leaves and up to three demands, each with a calibrated probability and the "
        f"clause that speaks most for it. It knows {grams['words']:,} word grams and {grams['characters']:,} character "
        "grams; a label is a weighted sum over them."
    )
    yield ""
    yield "**For**: sorting, counting and routing feedback, with a person looking at what the model marks for review."
    yield ""
    yield (
        "**Not for**: deciding a complaint without a person, judging customers or employees, finding every threat or "
        "case of hardship (rules do that), languages other than Chinese, or texts that did not pass through `prepare`."
    )


def _data(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Training data"
    for entry in manifest["data"]:
        yield f"- `{entry['file']}`: {entry['rows']:,} texts, {entry['used']:,} used; {entry['about']}."
    yield ""
    yield "Texts equal or nearly equal to one of these were dropped before training:"
    yield from (f"- `{entry['file']}`: {entry['about']}." for entry in manifest["kept_apart"])
    yield ""
    yield (
        "Labels were given by reading, one reader a text. The vocabulary holds single characters, pairs of characters, "
        f"and words up to eight characters that stand in at least {manifest['training']['least_texts']} texts, with "
        "every digit written as 0: it quotes nobody."
    )


def _figures(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Figures"
    yield (
        "Micro-F1 (for the facets with one label a text: accuracy) and macro-F1 over classes with at least five rows, "
        "with 95 % bootstrap intervals; beside them the micro-F1 of always guessing the most frequent label."
    )
    for name, found in manifest["metrics"].items():
        yield ""
        yield f"### {name} ({found['rows']:,} texts)"
        yield ""
        yield "| facet | micro-F1 | 95 % | macro-F1, ≥ 5 rows | 95 % | macro-F1, all | majority |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(NAMES[facet], found["facets"][facet]) for facet in NAMES)
        yield ""
        yield from _accepted(found)


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


def _calibration(manifest: Mapping[str, Any]) -> Iterator[str]:
    found = manifest["calibration"]
    yield "## Calibration"
    yield (
        "Temperature (one label a text) or one logistic curve a label (several labels), fitted on scores of models "
        "that had not seen the text or its like. Expected calibration error of the most probable label:"
    )
    yield ""
    yield "| | before | after |"
    yield "|---|---|---|"
    yield from (f"| {name} | {pair['before']:.3f} | {pair['after']:.3f} |" for name, pair in found["error"].items())
    yield ""
    yield (
        "`confidence` is the probability that the business is right and the first leaf is one that a reader would "
        f"name, too. A text below {manifest['decision']['review']:.3f}, or whose kind is less probable than "
        f"{manifest['decision']['kind_sure']:g}, is marked for review: out of fold, every "
        f"file counting the same, {found['accepted']:.1%} of the texts are accepted, "
        f"and of them {found['precision']:.1%} are right. That share differs by kind of text: see what is accepted "
        "of each file above, and measure on your own."
    )


def _speed(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Speed"
    if not manifest.get("speed"):
        yield "Not measured yet; `benchmarks/classify.py` measures it."
    for where, found in manifest.get("speed", {}).items():
        yield (
            f"- {where}: {found['rows_per_second']:,} texts a second on one core with evidence "
            f"({found['characters']} characters on average), loaded in {found['load_seconds']:.2f} s, peak memory "
            f"{found['peak_mb']} MB."
        )


def _limits(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Limits"
    yield "- It adds up words: irony, negation across words and long chains of events are beyond it."
    yield "- Rare businesses and leaves rest on a handful of texts; look at per-class figures before counting them."
    yield "- `very_negative` and `negative` are hard to tell apart, for people too."
    yield "- Where it knows no word of a text it abstains: `other`, `other.none`, confidence 0, for review."


def _proof(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Proof"
    yield f"Text fingerprint `{manifest['fingerprint']}`; a release is refused where text is prepared differently."
    yield ""
    yield "| file | sha256 |"
    yield "|---|---|"
    yield from (f"| {name} | `{digest}` |" for name, digest in manifest["files"].items() if name != CARD)
    yield from (
        f"| {entry['file']} (not part of the release) | `{entry['sha256']}` |"
        for entry in (*manifest["data"], *manifest["kept_apart"])
        if "sha256" in entry  # texts that were held out are no file
    )
    yield ""
    versions = ", ".join(f"{name} {number}" for name, number in manifest["packages"].items())
    yield f"Made with {versions}."
