"""Measure escalation on labelled texts: ``python benchmarks/escalation.py`` writes benchmarks/escalation.md.

``python benchmarks/escalation.py FILE.jsonl …`` and ``--split`` print the tables alone, and never a text. ``test`` and
``extra`` only measure: of ``escalation_extra.jsonl`` the rows with an even number, for the odd ones were learned from.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from feedback_nlp import policy
from feedback_nlp.classify.escalation import detect, summary
from feedback_nlp.records import MaskedText
from feedback_nlp.text.prepare import prepare

ROOT = Path(__file__).resolve().parents[1]
POLICY = policy.load().escalation
KINDS = tuple(row.id for row in POLICY.kind)
UNLABELLED = frozenset({"info_leak", "funds", "collection_abuse"})  # in the corpus; files of their own label them
CARE = "vulnerable"
GRAVE = ("self_harm", "violence")
CAVEATS = (
    "Written by `python benchmarks/escalation.py`. A row counts for a kind where the kind is found in it at all; of",
    "its modalities the first in `summary` is compared, which is a threat before a deed where both weigh the same.",
    "",
    "Cues and rules were written on train, whose figures flatter. Dev was looked at ten times, twice with its texts,",
    "and rules were mended after them: at the first look micro-F1 was .744, and .795 without `vulnerable`, modality",
    "right in 39 of 45. Today's figures of dev flatter, too. The texts of test were never looked at. Of 562 sentences",
    "of our own, written before the rules that they led to and not kept here, 82 % of the first 292, 74 % of the next",
    "189 and 59 % of the last 81, worded to be missed, were read right at first sight.",
    "",
    "`escalation_dev` was written without a sight of the rules and came in two portions. Each was measured at first",
    "sight and learned from afterwards, so that its table below flatters; these are the figures to go by:",
    "",
    "| at first sight | texts | micro-F1 | modality | `info_leak` P, R | `funds` P, R | `collection_abuse` P, R |",
    "|---|--:|--:|--:|--:|--:|--:|",
    "| first portion | 211 | .717 | 99 / 123 | .842, .552 | .875, .467 | .947, .545 |",
    "| second portion, worded to be missed | 212 | .586 | 82 / 97 | .667, .400 | .500, .154 | .923, .414 |",
    "",
    "In the second portion 5 of 12 texts on self-harm and 2 of 11 on violence were found at first sight.",
    "",
    "Labels: `vulnerable` and a plain 不是要投诉 are marked unevenly; a police report that the bank advised, and a",
    "lawsuit between customers, is no escalation here, though some rows label it.\n",
)
LABELLED = ROOT / "data" / "labelled"
CORPUS = ("train", "dev", "test")
LEARNED = ("train", "dev", "escalation_dev")
SPLITS = {
    **{split: LABELLED / f"{split}.jsonl" for split in (*CORPUS, "escalation_dev")},
    "extra": LABELLED / "escalation_extra.jsonl",
}
TURNS = 5  # the fastest counts
TYPICAL = 80  # characters


@dataclass
class Counts:
    """What was found of what is labelled."""

    rows: int = 0
    right: Counter[str] = field(default_factory=Counter)  # kind → rows labelled so in which it was found
    beside: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    meant: Counter[str] = field(default_factory=Counter)  # kind → of the rows found, those with the labelled modality
    modalities: Counter[tuple[str, str]] = field(default_factory=Counter)  # labelled, found


def count(rows: Iterable[dict], kinds: frozenset[str]) -> Counts:
    """Compare rows with what is found; a kind's modality is the first of its in ``summary``."""
    counts = Counts()
    for row in rows:
        counts.rows += 1
        labelled: dict[str, list[str]] = {}
        for hit in row["escalation"]:
            labelled.setdefault(hit["kind"], []).append(hit["modality"])
        found = first_of_each(detect(MaskedText(prepare(row["text"]).text), policy=POLICY))
        for kind in sorted(kinds & (labelled.keys() | found.keys())):
            if kind not in labelled:
                counts.beside[kind] += 1
            elif kind not in found:
                counts.missed[kind] += 1
            else:
                counts.right[kind] += 1
                counts.meant[kind] += found[kind] in labelled[kind]
                counts.modalities[labelled[kind][0], found[kind]] += found[kind] not in labelled[kind]
    return counts


def first_of_each(hits: Sequence) -> dict[str, str]:
    """Give each kind with the gravest of its modalities."""
    found: dict[str, str] = {}
    for pair in summary(hits):
        kind, modality = pair.split(":")
        found.setdefault(kind, modality)
    return found


def f1(right: int, beside: int, missed: int) -> float:
    return 2 * right / (2 * right + beside + missed) if right else 0.0


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def table(name: str, counts: Counts, kinds: frozenset[str]) -> Iterator[str]:
    yield f"## {name}: {counts.rows:,} texts\n"
    yield "| kind | labelled | found | right | precision | recall | F1 | modality right |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for kind in (each for each in KINDS if each in kinds):
        yield line(f"`{kind}`", counts, [kind])
    yield line("**all**", counts, [*kinds])
    if CARE in kinds:
        yield line(f"all but `{CARE}`", counts, [*kinds - {CARE}])
    wrong = [f"{labelled} read as {found} {n}" for (labelled, found), n in counts.modalities.most_common() if n]
    yield f"\nModalities mistaken: {', '.join(wrong) or 'none'}.\n"


def line(name: str, counts: Counts, kinds: list[str]) -> str:
    right, beside, missed, meant = (
        sum(each[kind] for kind in kinds) for each in (counts.right, counts.beside, counts.missed, counts.meant)
    )
    precision, recall = share(right, right + beside), share(right, right + missed)
    score = f"{f1(right, beside, missed):.3f}" if right + missed else "–"
    cells = (name, right + missed, right + beside, right, precision, recall, score, f"{meant} / {right}")
    return f"| {' | '.join(map(str, cells))} |"


def speed(texts: list[str]) -> Iterator[str]:
    """Give the time a text takes, as they are and cut to the length of a typical one."""
    typical = ["".join(texts)[start : start + TYPICAL] for start in range(0, TYPICAL * len(texts), TYPICAL)]
    yield "## Speed\n"
    yield "| texts | characters | µs a text |"
    yield "|---|--:|--:|"
    for name, each in (("of train", texts), (f"of train, cut every {TYPICAL} characters", typical)):
        fastest = min(timed(each) for _ in range(TURNS))
        yield f"| {name} | {sum(map(len, each)) / len(each):.0f} | {1e6 * fastest / len(each):.0f} |"


def timed(texts: list[str]) -> float:
    begun = perf_counter()
    for text in texts:
        detect(MaskedText(text), policy=POLICY)
    return perf_counter() - begun


def rows_of(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(each) for each in lines]


def of_split(split: str) -> Iterator[str]:
    """Give the table of one labelled set; the corpus lacks three kinds, which are not counted in it."""
    rows = rows_of(SPLITS[split])
    if split == "extra":
        rows = [row for row in rows if int(row["id"].strip("x")) % 2 == 0]
    kinds = frozenset(KINDS) - (UNLABELLED if split in CORPUS else frozenset())
    return table(split, count(rows, kinds), kinds)


def main() -> None:
    """Print the tables; without arguments write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="labelled files; all kinds are counted in them")
    parser.add_argument("--split", choices=tuple(SPLITS), help="one of the labelled sets")
    options = parser.parse_args()
    if options.files:
        for path in options.files:
            print(*table(path.stem, count(rows_of(path), frozenset(KINDS)), frozenset(KINDS)), sep="\n")
        return
    if options.split:
        print(*of_split(options.split), sep="\n")
        return
    lines = ["# Escalation", "", *CAVEATS]
    for split in LEARNED:
        lines += of_split(split)
    lines += speed([prepare(row["text"]).text for row in rows_of(SPLITS["train"])])
    (ROOT / "benchmarks" / "escalation.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
