"""The card of an encoder: its manifest in words for people. Every figure in it stands in the manifest.

What a manifest does not tell, because the encoder is a checkpoint of others that was trained further, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from feedback_nlp.classify.release import CARD
from feedback_nlp.train.encoder.losses import thinned
from feedback_nlp.train.encoder.tasks import about

_TOLD = 10  # lines of the loss curve in the card; the manifest has more
_TASKS = {
    "rtd": "told replaced pieces from original ones (ELECTRA), a small generator proposing the replacements",
    "mlm": "guessed masked pieces (BERT)",
}


def card(manifest: Mapping[str, Any]) -> str:
    """Write CARD.md."""
    parts = (_purpose, _notes, _making, _corpus, _curve, _intermediate, _probe, _limits, _proof)
    blocks = [lines for part in parts if (lines := list(part(manifest)))]
    text = "\n".join(line for block in blocks for line in (*block, ""))
    return f"# {manifest['name']}\n\n{text}"


def _purpose(manifest: Mapping[str, Any]) -> Iterator[str]:
    weights = f"{manifest['parameters'] / 1e6:.2f} M weights in half precision"
    if shape := manifest.get("architecture"):
        yield (
            f"A small Chinese encoder made on {manifest['created']}: {shape['layers']} layers, {shape['width']} wide, "
            f"{shape['heads']} heads, {shape['pieces']:,} pieces, windows of {shape['window']}; {weights}. It reads "
            "text that `prepare` made: cleaned, simplified, personal data replaced by placeholders, which are pieces "
            "of their own, as are frequent names of emoji."
        )
    else:
        yield (
            f"`{manifest['intermediate']['base']}`, a checkpoint that this project did not make, trained further on "
            f"{manifest['created']}; {weights}. What it has read before, and under which licence it stands, its makers "
            "say."
        )
    yield ""
    yield "**For**: fine-tuning on feedback to banks; `AutoModel` and `AutoTokenizer` of transformers open the folder."
    yield ""
    yield "**Not for**: writing text, judging people, languages other than Chinese, texts that were not prepared."


def _notes(manifest: Mapping[str, Any]) -> Iterator[str]:
    if notes := manifest.get("notes"):
        yield "## Notes"
        yield from (f"- {' '.join(note.split())}" for note in notes)


def _making(manifest: Mapping[str, Any]) -> Iterator[str]:
    if "seen" not in manifest:
        return
    seen, numbers = manifest["seen"], manifest["training"]
    yield "## How it was made"
    yield (
        f"It {_TASKS[numbers['objective']['kind']]}, {numbers['objective']['masked']:.0%} of the pieces at a time. "
        f"{seen['steps']:,} steps of {numbers['batch']} windows, {seen['tokens']:,} tokens, {seen['hours']:g} hours; "
        f"machine: {seen['machine']}. The schedule was made for {numbers['schedule']['tokens']:,} tokens."
    )
    yield ""
    yield (
        "Pieces are characters and words as jieba cuts them with the financial lexicon; their first vectors come from "
        "how often they stand near each other in the corpus (PPMI, singular vectors)."
    )


def _corpus(manifest: Mapping[str, Any]) -> Iterator[str]:
    if "corpus" not in manifest:
        return
    yield "## Corpus"
    yield (
        "The texts are not part of the encoder. Weight: how often a source's tokens were read against others'; domain: "
        "the same at the end, while the rate fell."
    )
    yield ""
    yield "| source | what | documents | tokens | weight | domain | dropped |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for entry in manifest["corpus"]:
        yield (
            f"| {entry['source']} | {entry['about']} | {entry['documents']:,} | {entry['tokens']:,} "
            f"| {entry['weight']:g} | {entry['domain']:g} | {entry['dropped']:,} |"
        )
    if manifest["kept_apart"]:
        least = manifest["training"]["texts"]["least_shared"]
        yield ""
        yield (
            f"Dropped: documents that are, or hold {least:.0%} of the five-character pieces of, a text of: "
            f"{', '.join(_named(entry) for entry in manifest['kept_apart'])}."
        )


def _named(entry: Mapping[str, Any]) -> str:
    part = entry["part"]
    return f"`{entry['file']}`" + (f" (rows n with n mod {part[1]} = {part[0]})" if part else "")


def _curve(manifest: Mapping[str, Any]) -> Iterator[str]:
    if "loss" not in manifest:
        return
    rows = thinned(manifest["loss"], most=_TOLD)
    yield "## Loss"
    if not rows:
        yield "No curve was kept."
        return
    names = [name for name in rows[0] if name not in ("tokens_s", "rate")]
    yield f"| {' | '.join(names)} |"
    yield f"|{'--:|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(f'{row.get(name, 0):,}' for name in names)} |"


def _intermediate(manifest: Mapping[str, Any]) -> Iterator[str]:
    if not (section := manifest.get("intermediate")):
        return
    yield "## Intermediate training"
    yield (
        f"`{section['base']}` was trained further on public labelled sets, all at once, one linear head a task: "
        f"{section['tokens']:,} tokens in {section['steps']:,} steps, {section['minutes']:g} minutes. The heads are "
        "not part of it. Texts equal or nearly equal to one that a task measures on, or to one of "
        f"{', '.join(f'`{name}`' for name in section['kept_apart']) or 'no other file'}, were dropped."
    )
    yield ""
    yield "| task | what | file | rows | texts learned from | dropped |"
    yield "|---|---|---|--:|--:|--:|"
    for task, part in section["tasks"].items():
        counts = " | ".join(f"{part[name]:,}" for name in ("rows", "used", "dropped"))
        yield f"| {task} | {about(task, part)} | {part['file']} | {counts} |"
    yield ""
    yield "| task, head | texts held out | accuracy | macro-F1 | kappa |"
    yield "|---|--:|--:|--:|--:|"
    for head, found in section["figures"].items():
        figures = " | ".join(f"{found[name]:.3f}" for name in ("accuracy", "macro_f1", "kappa"))
        yield f"| {head} | {found['rows']:,} | {figures} |"


def _probe(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Probe"
    if not manifest.get("probe"):
        yield "Not probed yet; `feedback-nlp probe` does it."
    for key, found in manifest.get("probe", {}).items():
        yield f"### {key}"
        yield (
            "All learned from the same texts; *random* is a twin of the encoder that has learned nothing. "
            "In brackets the 95 % bootstrap interval."
        )
        yield ""
        readers = list(found["mean"])
        yield f"| | figure | {' | '.join(readers)} |"
        yield f"|---|---|{'--:|' * len(readers)}"
        for name, figures in found["figures"].items():
            cells = " | ".join(_cell(*figures[reader]) for reader in readers)
            yield f"| {name} | {figures['figure']} | {cells} |"
        means = " | ".join(f"{value:.3f}" for value in found["mean"].values())
        yield f"| mean | | {means} |"
        yield ""


def _cell(value: float, low: float, high: float) -> str:
    return f"{value:.3f} ({low:.3f}–{high:.3f})"


def _limits(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Limits"
    yield "- It may have learned what its corpus says about people."
    if "architecture" in manifest:
        yield "- Small and trained briefly: it knows words and their company, little of the world."
        yield f"- A window holds {manifest['architecture']['window']} pieces; longer texts are read in several."


def _proof(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Proof"
    yield f"Text fingerprint `{manifest['fingerprint']}`; where text is prepared differently, opening it warns."
    yield ""
    yield "| file | sha256 |"
    yield "|---|---|"
    yield from (f"| {name} | `{digest}` |" for name, digest in manifest["files"].items() if name != CARD)
    read = (file for source in manifest.get("corpus", ()) for file in source["files"])
    for entry in (*read, *manifest.get("kept_apart", ())):
        yield f"| {entry['file']} (not part of it) | `{entry['sha256']}` |"
    if packages := manifest.get("packages"):
        yield ""
        yield f"Made with {', '.join(f'{name} {number}' for name, number in packages.items())}."
