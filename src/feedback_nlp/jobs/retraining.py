"""From what people decided to a candidate release beside the default: collect, learn, measure; a person promotes.

Every decision that still holds is learned from, not only the new ones: a label does not lose its worth when a release
has seen it. The new ones say whether a run is worth its time. A share of the decisions, always the same ones, measures
and is never learned from: how a release reads this bank's own texts counts more than how it reads a corpus.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Any

from rich.console import Console

from feedback_nlp.classify.release import POINTER, find, read_manifest
from feedback_nlp.errors import TrainerError
from feedback_nlp.jobs import training
from feedback_nlp.jobs.evaluating import Asked, evaluate
from feedback_nlp.jobs.labelfile import json_lines
from feedback_nlp.jobs.labels import export_labels
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.settings import DEEP, Retrain
from feedback_nlp.store import reviews
from feedback_nlp.store.open import reading
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.compare import Comparison, Difference
from feedback_nlp.train.compare import as_table as as_lines
from feedback_nlp.train.evaluate import Evaluation, as_table
from feedback_nlp.train.gate import against, refusal
from feedback_nlp.train.release import train_release
from feedback_nlp.train.yardstick import yardstick

LABELS = Path("labels")
"""Where the labels of a run stay, below the installation's folder: a release names its files and their hashes."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to learn from and to measure on: names, days and counts, never a text."""

    name: str  # of the candidate
    default: str  # the release whose place it may take
    since: date  # on which that was made
    fresh: int  # decisions of people after that day
    least: int  # fewer are too few
    learn: tuple[Path, ...] = ()  # labelled files to learn from; empty where there are too few new decisions
    measure: tuple[Path, ...] = ()  # labelled files to measure on
    decisions: int = 0  # all that hold, in either
    retired: int = 0  # decisions left out: they carry a label that the taxonomy no longer has

    @property
    def enough(self) -> bool:
        """Tell whether a run is worth its time."""
        return self.fresh >= self.least

    @property
    def told(self) -> str:
        """Say in a sentence how many labels there are."""
        made = f"{self.default} was made on {self.since}"
        out = f"; {self.retired:,} with a label that the taxonomy no longer has are left out" if self.retired else ""
        return f"{self.fresh:,} decisions of people since {made}; a run takes at least {self.least:,}{out}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that waits for a person: figures only, never a text."""

    plan: Plan
    evaluation: Evaluation
    comparison: Comparison
    worse: tuple[Difference, ...]  # what the gate of `promote` would name
    page: Path  # folder of the evaluation, which does show texts, masked

    def command(self, config: Path | None) -> str:
        """Give the command by which a person promotes it."""
        words = ["feedback-nlp", "promote", self.plan.name]
        for path in self.plan.measure:
            if path.parent != training.LABELLED:  # the corpus is compared on anyway
                words += ["--data", str(path)]
        return shlex.join(words if config is None else [*words, "--config", str(config)])


def retrain(work: Workplace, *, say: Say) -> Plan | Candidate:
    """Make a candidate; where there are too few new decisions, give the plan and do nothing."""
    plan = collect(work)
    say(plan.told)
    if not plan.enough:
        return plan
    learn(work, plan, say=say)
    return measure(work, plan, say=say)


def collect(work: Workplace) -> Plan:
    """Count what people decided since the default was made; where it is enough, write all that holds into files."""
    settings, wanted = work.settings, work.settings.retrain
    default = find(POINTER, folder=settings.own_models)
    since = date.fromisoformat(read_manifest(default)["created"])
    with reading(work.engine) as connection:
        held = [
            (item.at.date() > since, _retired(item.labels, work.taxonomy)) for item, _ in reviews.holding(connection)
        ]
    fresh = sum(new and not retired for new, retired in held)
    name = _free(settings.own_models, f"retrained-{work.today}")
    plan = Plan(name, default.name, since, fresh, wanted.least_labels, retired=sum(retired for _, retired in held))
    return _with_files(work, plan, wanted) if plan.enough else plan


def learn(work: Workplace, plan: Plan, *, say: Say) -> None:
    """Train or fine-tune the candidate; a fine-tuning that was killed goes on where it stopped."""
    settings, wanted = work.settings, work.settings.retrain
    order = training.ordered(plan.name, data=plan.learn, dev=plan.measure, today=work.today, base=wanted.base)
    if wanted.model == DEEP:
        training.finetune(settings, order, epochs=wanted.epochs, resume=True, say=say)
    else:
        train_release(order, out=settings.own_models, fingerprint=fingerprint(), taxonomy=work.taxonomy, say=say)


def measure(work: Workplace, plan: Plan, *, say: Say) -> Candidate:
    """Measure the candidate beside the default, and write the page that a person reads before promoting."""
    page = work.settings.reports / plan.name
    asked = Asked(data=plan.measure, out=page, against=plan.default)
    found = evaluate(work.settings, plan.name, asked=asked, today=work.today, say=say)
    assert found.comparison is not None  # it was asked for
    worse = against(found.comparison, least=yardstick().gate)
    return Candidate(plan, found.evaluation, found.comparison, worse, page)


def show_retrained(found: Plan | Candidate, config: Path | None, *, console: Console) -> None:
    """Print what a run came to, and what a person may do next."""
    if isinstance(found, Plan):
        console.print(f"too few new labels, nothing was trained: {found.told}", highlight=False, soft_wrap=True)
        return
    told = [
        as_table(found.evaluation),
        as_lines(found.comparison, least=yardstick().gate),
        f"{found.plan.name} is a candidate. Read {found.page}, then, if it shall become the default:",
        found.command(config),
        *([refusal(found.comparison, found.worse)] if found.worse else []),
    ]
    console.print("\n\n".join(told), highlight=False, markup=False, soft_wrap=True)


def _with_files(work: Workplace, plan: Plan, wanted: Retrain) -> Plan:
    """Write the decisions into two files, one that is learned from and one that measures."""
    folder = work.settings.folder / LABELS
    learning, measuring = (folder / f"{plan.name}-{part}.jsonl" for part in ("train", "dev"))
    decisions, held = _part(work, learning, measuring, share=wanted.held_out)
    learn = [*(wanted.data or _corpus("train")), *([learning] if held < decisions else [])]
    measure = [*(wanted.dev or _corpus("dev")), *([measuring] if held else [])]
    if not measure:
        raise TrainerError(
            f"{decisions} decisions are too few to hold any out, so that there is nothing to measure on; name labelled "
            "files as dev in [retrain] of feedback.toml"
        )
    return replace(plan, learn=tuple(learn), measure=tuple(measure), decisions=decisions)


def _part(work: Workplace, learning: Path, measuring: Path, *, share: float) -> tuple[int, int]:
    """Write the decisions that can be learned from into both files; give how many these are, and how many measure."""
    whole = learning.with_name(f".{learning.name}.whole.jsonl")
    try:
        export_labels(work, whole)
        lines = [line for _, line in json_lines(whole) if not _retired(json.loads(line), work.taxonomy)]
    finally:
        whole.unlink(missing_ok=True)
    held = [_measures(json.loads(line)["text"], share=share) for line in lines]
    for path, side in ((learning, False), (measuring, True)):
        chosen = (f"{line}\n" for line, mine in zip(lines, held, strict=True) if mine == side)
        path.write_text("".join(chosen), encoding="utf-8", newline="\n")
    return len(lines), sum(held)


def _retired(labels: Mapping[str, Any], taxonomy: Taxonomy) -> bool:
    """Tell whether a decision carries a label that the taxonomy no longer has: one such row would stop a training."""
    given = {facet: labels.get(facet) or () for facet in FACETS}
    return any(
        label not in taxonomy.names[facet]
        for facet, value in given.items()
        for label in ((value,) if isinstance(value, str) else value)
    )


def _measures(text: str, *, share: float) -> bool:
    """Draw by lot whether a text measures: in every run the same lot, so that no release ever learns from it.

    >>> sum(_measures(str(number), share=0.2) for number in range(1000))
    212
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) < share * 2**32


def _corpus(part: str) -> tuple[Path, ...]:
    path = training.LABELLED / f"{part}.jsonl"
    return (path,) if path.is_file() else ()


def _free(folder: Path, name: str) -> str:
    """Give a name that no release has yet."""
    numbered = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(each for each in numbered if not (folder / each).exists())
