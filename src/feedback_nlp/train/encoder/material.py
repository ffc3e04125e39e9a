"""What intermediate training reads: tasks, cleared of what measures, and tokenised once."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feedback_nlp.classify.release import sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.train.corpus import read_labelled
from feedback_nlp.train.encoder.folder import Opened
from feedback_nlp.train.encoder.task_batches import Rows, tokenised
from feedback_nlp.train.encoder.tasks import Plan, Source, Task, kept_apart, present, read_task

TOKENS, ABOUT = "tokens.npz", "tokens.json"
_ARRAYS = ("ids", "ends", "targets")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One task, tokenised."""

    file: str
    heads: Mapping[str, tuple[str, ...]]
    train: Rows
    measure: Rows
    rows: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Material:
    """All tasks."""

    key: str  # hash of everything that it was made from
    parts: Mapping[str, Part]
    padding: int
    apart: tuple[str, ...]  # names of the labelled files whose texts were kept away

    @property
    def heads(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """Give the heads of every task."""
        return {task: part.heads for task, part in self.parts.items()}


@dataclass(frozen=True, slots=True)
class Sets:
    """Where the texts stand."""

    public: Path  # folder of the public sets
    apart: tuple[Path, ...]  # labelled files that measure: no text near theirs is learned from
    taxonomy: Taxonomy  # theirs
    only: tuple[str, ...] = ()  # names of tasks; none: all whose files are there


def gather(sets: Sets, *, plan: Plan, opened: Opened, fingerprint: str, work: Path, say: Say) -> Material:
    """Read, clear and tokenise the tasks; where ``work`` holds them already, made from the same files, read those.

    What a task measures on is kept away from all others, also where the task itself is not learned from.
    """
    there, wanted = _there(sets, plan, say)
    key = _key(sets, there, wanted, plan=plan, opened=opened, fingerprint=fingerprint)
    names = tuple(path.name for path in sets.apart)
    if (parts := _cached(work, key)) is not None:
        say("the tokenised texts are there already")
        return Material(key, parts, opened.padding, names)
    tasks = []
    for name, source in there.items():
        say(f"reading and preparing {name}" + ("" if name in wanted else ": only what it measures on"))
        tasks.append(read_task(name, source, public=sets.public, rows=None if name in wanted else 0))
    held = [row.text for path in sets.apart for row in read_labelled(path, taxonomy=sets.taxonomy)]
    say(f"dropping what is near a text that measures, from {sum(len(task.train) for task in tasks):,} rows")
    parts = {}
    for task in kept_apart(tasks, held):
        if task.name in wanted:
            parts[task.name] = _part(task, there[task.name], opened=opened, size=plan.training.size)
            say(f"{task.name}: {len(task.train):,} texts to learn from, {task.dropped:,} dropped")
    _store(work, key, parts)
    return Material(key, parts, opened.padding, names)


def _there(sets: Sets, plan: Plan, say: Say) -> tuple[dict[str, Source], list[str]]:
    """Give the sources whose files are there, and the names of those to learn from."""
    if unknown := [name for name in sets.only if name not in plan.sources]:
        raise TrainerError(f"no task '{unknown[0]}'; there are: {', '.join(plan.sources)}")
    there = {name: found for name, found in plan.sources.items() if present(found, sets.public)}
    for name in (name for name in plan.sources if name not in there):
        say(f"{name} is left out: {sets.public / plan.sources[name].file} or a file that goes with it is not there")
    wanted = [name for name in there if name in (sets.only or plan.sources)]
    if not wanted:
        raise TrainerError(f"{sets.public}: holds none of the public sets that are asked for; name their folder")
    return there, wanted


def _part(task: Task, source: Source, *, opened: Opened, size: int) -> Part:
    if not task.train:
        raise TrainerError(f"{source.file}: every text is near one that measures; leave the task {task.name} out")
    train, measure = (
        tokenised(rows, heads=task.heads, opened=opened, size=size) for rows in (task.train, task.measure)
    )
    return Part(source.file, task.heads, train, measure, task.rows, task.dropped)


def _key(
    sets: Sets, sources: Mapping[str, Source], wanted: list[str], *, plan: Plan, opened: Opened, fingerprint: str
) -> str:
    named = [sets.public / name for item in sources.values() for name in (item.file, item.measure, *item.apart) if name]
    content: list[Any] = [
        wanted,
        {name: {key: value for key, value in asdict(item).items() if key != "about"} for name, item in sources.items()},
        {path.name: sha256(path) for path in named},
        {str(path): sha256(path) for path in sets.apart},
        [plan.version, plan.training.size, plan.training.pool, plan.training.tokens, plan.training.seed],
        [opened.tokenizer.to_str(), opened.opening, opened.closing, opened.padding, opened.name, fingerprint],
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _store(work: Path, key: str, parts: Mapping[str, Part]) -> None:
    """Write tokens and targets; no text."""
    work.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{task}/{name}/{array}": getattr(getattr(part, name), array)
        for task, part in parts.items()
        for name in ("train", "measure")
        for array in _ARRAYS
    }
    np.savez(work / TOKENS, allow_pickle=False, **arrays)
    tasks = {
        task: {"file": part.file, "heads": dict(part.heads), "rows": part.rows, "dropped": part.dropped}
        for task, part in parts.items()
    }
    text = json.dumps({"key": key, "tasks": tasks}, ensure_ascii=False)
    (work / ABOUT).write_text(text, encoding="utf-8")  # last: without it, the arrays do not count


def _cached(work: Path, key: str) -> dict[str, Part] | None:
    try:
        known = json.loads((work / ABOUT).read_text(encoding="utf-8"))
        if known["key"] != key:
            return None
        with (work / TOKENS).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {task: _read(arrays, task, about) for task, about in known["tasks"].items()}
    except (FileNotFoundError, KeyError, ValueError, zipfile.BadZipFile):  # unfinished: read the texts again
        return None


def _read(arrays: Any, task: str, about: Mapping[str, Any]) -> Part:
    train, measure = (Rows(*(arrays[f"{task}/{name}/{array}"] for array in _ARRAYS)) for name in ("train", "measure"))
    heads = {head: tuple(labels) for head, labels in about["heads"].items()}
    return Part(about["file"], heads, train, measure, about["rows"], about["dropped"])
