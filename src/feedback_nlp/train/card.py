"""The model card: a manifest in words for people. Every figure in it stands in the manifest.

It follows the model-card convention (Mitchell et al. 2019): intended use, data, figures by group and class, limits.
What a manifest does not hold, because it was made by an earlier version, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feedback_nlp.classify.release import CARD
from feedback_nlp.train.card_figures import by_class, by_facet, by_source, compared


def card(manifest: Mapping[str, Any]) -> str:
    """Write CARD.md."""
    parts = (
        _purpose, _data, by_facet, by_source, by_class, compared, _calibration, _speed, _effort, _limits, _proof,
    )  # fmt: skip
    blocks = [lines for part in parts if (lines := list(part(manifest)))]
    text = "\n".join(line for block in blocks for line in (*block, ""))
    return f"# {manifest['name']}\n\n{text}"


def _purpose(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"A {manifest['model']} model made on {manifest['created']} for taxonomy version {manifest['taxonomy']}. "
        f"It reads prepared (cleaned and masked) Chinese feedback about banks and gives kind, business, touchpoint, "
        f"sentiment, one to three reason leaves and up to three demands, each with a calibrated probability and the "
        f"clause that speaks most for it. {_inside(manifest)}"
    )
    yield ""
    yield "## Intended use"
    yield "Sorting, counting and routing feedback, with a person looking at what the model marks for review."
    yield ""
    yield (
        "**Not for**: deciding a complaint without a person, judging customers or employees, finding every threat or "
        "case of hardship (rules do that), languages other than Chinese, or texts that did not pass through `prepare`."
    )


def _inside(manifest: Mapping[str, Any]) -> str:
    """Say what the model computes with."""
    known = "{words:,} word grams and {characters:,} character grams".format(**manifest["grams"])
    if "encoder" not in manifest:
        return f"It knows {known}; a label is a weighted sum over them."
    encoder = manifest["encoder"]
    return (
        f"Two readers add up: a linear model over {known}, and the encoder `{encoder['name']}` ({encoder['layers']} "
        f"layers × {encoder['width']}, {encoder['pieces']:,} pieces), fine-tuned, whose tokens each have a say in "
        "every label. The clauses of a text add up to the text, however long it is."
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
        "The vocabulary holds single characters, pairs of characters, "
        f"and words up to eight characters that stand in at least {manifest['training']['least_texts']} texts, with "
        "every digit written as 0: it quotes nobody."
    )
    if "encoder" in manifest:
        yield from _read_before(manifest["encoder"])


def _read_before(encoder: Mapping[str, Any]) -> Iterator[str]:
    """Say what the encoder had read before it came to the labels."""
    public = encoder.get("intermediate") or {}
    yield ""
    if encoder["corpus"]:
        yield "The encoder was pretrained on plain text, without labels; see its own card:"
        yield from (f"- {entry['source']}: {entry['about']}." for entry in encoder["corpus"])
    else:
        yield (
            f"The encoder comes from `{public.get('base', encoder['name'])}`, a checkpoint that this project did not "
            "make: what it has read, and under which licence, its makers say."
        )
    if public:
        yield ""
        yield "Then it learned from public labelled sets, which are not distributed with it:"
        yield from (
            f"- {task} (`{part['file']}`): {part['used']:,} texts; {part['about']}."
            for task, part in public["tasks"].items()
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
        f"and of them {found['precision']:.1%} are right{_each(found)}. That share differs by kind of text: see what "
        "is accepted of each file above, and measure on your own."
    )


def _each(found: Mapping[str, Any]) -> str:
    if "business" not in found:  # a release made before version 0.3
        return ""
    return f" (the business in {found['business']:.1%}, the first leaf in {found['first_leaf']:.1%})"


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


def _effort(manifest: Mapping[str, Any]) -> Iterator[str]:
    found = manifest.get("effort")
    if found:
        yield "## Effort"
        yield f"Training took {found['hours']:.2f} hours on this machine: {found['machine']}."


def _limits(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Limits"
    if "encoder" not in manifest:
        yield "- It adds up words: irony, negation across words and long chains of events are beyond it."
    else:
        yield "- A small encoder: irony and what stands only between the lines are beyond it, and so are facts."
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
    if manifest.get("encoder", {}).get("manifest_sha256"):
        seal = manifest["encoder"]["manifest_sha256"]
        yield f"| {manifest['encoder']['name']}, manifest (not part of the release) | `{seal}` |"
    yield ""
    versions = ", ".join(f"{name} {number}" for name, number in manifest["packages"].items())
    yield f"Made with {versions}."
