"""Public labelled sets as tasks for intermediate training, and what must not be learned from.

A task has heads (category, sentiment …). A head's labels are those of all rows with the same text: a post on two topics
carries both, and where two readers disagree each keeps a share.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.near import near_pairs

AT_ONCE = 30_000  # texts compared with the held-out ones at once: bounds memory, changes no answer


@dataclass(frozen=True, slots=True)
class Source:
    """Where one task's rows stand; see the remarks in tasks.toml."""

    file: str  # below the folder of public sets
    text: str  # column
    heads: Mapping[str, tuple[str, ...]]  # head → columns whose values make the label
    every: int = 0
    group: str = ""
    measure: str = ""
    apart: tuple[str, ...] = ()
    about: str = "not described"  # origin and licence, for the card


@dataclass(frozen=True, slots=True)
class Numbers:
    """The section "training" of tasks.toml."""

    size: int
    power: float
    pool: int
    tokens: int
    rate: float
    head_rate: float
    decay: float
    warm_up: float
    clip: float
    dropout: float
    measure_rows: int
    keep_minutes: float
    seed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What tasks.toml says."""

    version: int
    sources: Mapping[str, Source]
    training: Numbers


@dataclass(frozen=True, slots=True)
class Example:
    """A prepared text with its labels."""

    text: MaskedText
    labels: Mapping[str, tuple[str, ...]]  # head → labels, one for every row that gave it


@dataclass(frozen=True, slots=True)
class Task:
    """A source, read."""

    name: str
    heads: Mapping[str, tuple[str, ...]]  # head → its labels, sorted
    train: Sequence[Example]
    measure: Sequence[Example]
    apart: Sequence[MaskedText] = field(default=(), repr=False)
    rows: int = 0  # rows of the source's file that do not measure
    dropped: int = 0  # texts that were too near one that measures


@lru_cache(maxsize=1)
def plan() -> Plan:
    """Read the tasks that come with the package."""
    data = tomllib.loads((files(__package__) / "tasks.toml").read_text(encoding="utf-8"))
    sources = {name: source(entry) for name, entry in data["sources"].items()}
    return Plan(data["version"], sources, Numbers(**data["training"]))


def source(entry: Mapping[str, Any]) -> Source:
    """Make a source of its TOML table."""
    heads = {head: tuple(columns) for head, columns in entry["heads"].items()}
    return Source(**{**entry, "heads": heads, "apart": tuple(entry.get("apart", ()))})


def about(task: str, part: Mapping[str, Any]) -> str:
    """Say where a task's texts come from, and under which licence; encoders of the first days do not say it themselves.

    >>> about("waimai", {})
    'waimai_10k: reviews of delivered meals, signs made from stars; no licence stated'
    """
    known = plan().sources.get(task)
    return str(part.get("about") or (known.about if known else "not described"))


def present(wanted: Source, public: Path) -> bool:
    """Say whether the source's files are all there."""
    return all((public / name).is_file() for name in (wanted.file, wanted.measure, *wanted.apart) if name)


def read_task(name: str, wanted: Source, *, public: Path, rows: int | None = None, seed: int = 0) -> Task:
    """Read a source; texts pass through `prepare`, rows without a text are left out.

    With ``rows``, so many rows to learn from are drawn by lot before they are prepared.
    """
    columns = {wanted.text, *(column for names in wanted.heads.values() for column in names)}
    table = _table(public / wanted.file, columns)
    held = _held(table, wanted)
    learned = table[~held]
    drawn = learned if rows is None or rows >= len(learned) else learned.sample(rows, random_state=seed)
    measured = _table(public / wanted.measure, columns) if wanted.measure else table[held]
    train, measure = list(_examples(drawn, wanted)), list(_examples(measured, wanted))
    heads = {head: _known(head, (*train, *measure)) for head in wanted.heads}
    apart = [text for path in wanted.apart for text in _prepared(_table(public / path, {wanted.text})[wanted.text])]
    return Task(name, heads, train, measure, apart, rows=len(learned))


def merged(examples: Sequence[Example]) -> list[Example]:
    """Bring rows with the same text together, in the order in which the texts come first.

    >>> one, two = (Example(MaskedText("省油，没力"), {"topic": (topic,)}) for topic in ("油耗", "动力"))
    >>> merged([one, two])
    [Example(text='省油，没力', labels={'topic': ('油耗', '动力')})]
    """
    found: dict[MaskedText, dict[str, tuple[str, ...]]] = {}
    for example in examples:
        labels = found.setdefault(example.text, {})
        for head, given in example.labels.items():
            labels[head] = (*labels.get(head, ()), *given)
    return [Example(text, labels) for text, labels in found.items()]


def kept_apart(tasks: Sequence[Task], held_out: Sequence[str]) -> list[Task]:
    """Drop from every task what equals or nearly equals a held-out text, or one that any task measures or keeps away.

    What is left is brought together by text.
    """
    held = list(dict.fromkeys([*held_out, *(text for task in tasks for text in _kept_away(task))]))
    together = [merged(task.train) for task in tasks]
    near = near_places([example.text for examples in together for example in examples], held)
    made, start = [], 0
    for task, examples in zip(tasks, together, strict=True):
        train = [example for place, example in enumerate(examples, start) if place not in near]
        made.append(replace(task, train=train, measure=merged(task.measure), dropped=len(examples) - len(train)))
        start += len(examples)
    return made


def near_places(texts: Sequence[str], held: Sequence[str]) -> set[int]:
    """Give the places of the texts that equal or nearly equal a held-out one."""
    known = set(held)
    near = {place for place, text in enumerate(texts) if text in known}
    for start in range(0, len(texts), AT_ONCE):
        near |= {start + place for place, _ in near_pairs(texts[start : start + AT_ONCE], held)}
    return near


def _kept_away(task: Task) -> Iterator[MaskedText]:
    yield from (example.text for example in task.measure)
    yield from task.apart


def _table(path: Path, columns: set[str]) -> Any:
    """Read a CSV file, every value as text."""
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise TrainerError(f"{path}: {error.strerror}; name the folder of the public sets") from error
    except ValueError as error:  # no CSV, or not UTF-8
        raise TrainerError(f"{path}: not a CSV file in UTF-8; fetch the set again") from error
    if missing := sorted(columns - set(table.columns)):
        raise TrainerError(f"{path}: column '{missing[0]}' is missing; it has {', '.join(table.columns)}")
    return table


def _held(table: Any, wanted: Source) -> Any:
    """Say which rows measure, (rows,)."""
    import numpy as np
    import pandas as pd

    if not wanted.every:
        return np.zeros(len(table), dtype=bool)
    number = pd.factorize(table[wanted.group])[0] if wanted.group else np.arange(len(table))
    return number % wanted.every == wanted.every - 1


def _prepared(column: Iterable[str]) -> Iterator[MaskedText]:
    yield from (text for raw in column if (text := prepare(raw).text))


def _examples(table: Any, wanted: Source) -> Iterator[Example]:
    for row in table.to_dict("records"):
        if text := prepare(row[wanted.text]).text:
            yield Example(
                text, {head: ("/".join(row[name] for name in names),) for head, names in wanted.heads.items()}
            )


def _known(head: str, examples: Sequence[Example]) -> tuple[str, ...]:
    return tuple(sorted({label for example in examples for label in example.labels[head]}))
