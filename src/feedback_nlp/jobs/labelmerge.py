"""Labels from people who work outside the store, merged into a file to train on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from feedback_nlp.classify.answers import Labels, Vocabulary
from feedback_nlp.errors import OperatorError
from feedback_nlp.jobs.labelfile import (
    DECIDED_AT,
    JSONL,
    REVIEWER,
    as_json,
    json_lines,
    json_object,
    labels_in,
    read_rows,
)
from feedback_nlp.jobs.labelrow import BadRow, LabelRow
from feedback_nlp.jobs.labels import agree
from feedback_nlp.records import Reject
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.near import near_pairs

KEPT = ("source", "style", "rating", "dup_group", "release", "reasons", DECIDED_AT)
"""Keys that go along into the training file; names of people only where asked for."""


class Near(NamedTuple):
    """A new row that repeats another: training counts both, so a person should know."""

    id: str
    like: str  # id


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the rows of a file."""

    added: int
    corrected: int
    repeated: int  # stood there already, just so
    untouched: int  # nobody has answered
    problems: tuple[Reject, ...]
    near: tuple[Near, ...]


@dataclass(slots=True)
class _Target:
    """The training file, as it will be."""

    lines: dict[str, str]  # id → line, as it stands or is to stand
    texts: dict[str, str]  # id → prepared text
    labels: dict[str, Labels]
    decided: dict[str, str]  # id → when, "" where nobody knows
    near: list[Near] = field(default_factory=list)


def merge_labels(source: Path, target: Path, *, words: Vocabulary, people: bool = False) -> Merged:
    """Add the labelled rows of a file to a training file, and put right those that stand there.

    Ids stay, texts are masked. The target appears changed only when it is whole; merging twice adds nothing twice. Rows
    that stand there with other labels are put right where the file knows what they were or was decided later, and are
    refused otherwise. Raises OperatorError for a target that is no such file.
    """
    if target.suffix.lower() != JSONL:
        raise OperatorError(f"{target}: training files are {JSONL}")
    known = _read(target, words)
    fresh: list[str] = []
    tally = dict.fromkeys(("added", "corrected", "repeated", "untouched"), 0)
    problems: list[Reject] = []
    for row in read_rows(source, words=words):
        outcome = row if isinstance(row, Reject) else _take(known, row, people=people)
        if isinstance(outcome, Reject):
            problems.append(outcome)
            continue
        tally[outcome] += 1
        if outcome == "added" and isinstance(row, LabelRow):
            fresh.append(row.id)
    if tally["added"] or tally["corrected"]:
        _write(target, known.lines.values())
    return Merged(**tally, problems=tuple(problems), near=tuple(_near(known, fresh)))


def _read(path: Path, words: Vocabulary) -> _Target:
    """Read the target strictly: it is ours."""
    found = _Target({}, {}, {}, {})
    for number, line in json_lines(path) if path.exists() else ():
        try:
            record = json_object(line)
            name, labels = str(record["id"]), labels_in(record, words=words)
            found.texts[name] = prepare(str(record["text"])).text
        except (BadRow, KeyError) as error:
            raise OperatorError(f"{path}, line {number}: no labelled row ({error}); put it right first") from error
        if name in found.lines:  # written back, one of the two would be gone
            raise OperatorError(f"{path}, line {number}: id '{name}' stands there before; give every row its own")
        found.lines[name], found.labels[name] = line, labels
        found.decided[name] = str(record.get(DECIDED_AT) or "")
    return found


def _take(known: _Target, row: LabelRow, *, people: bool) -> str | Reject:
    """Take over one row; say what became of it."""
    if row.given is None:
        return "untouched"
    text = prepare(row.text).text
    if not text.strip():
        return row.reject("text", "这一行没有内容")
    outcome = "added"
    if row.id in known.texts:
        if not row.shows(known.texts[row.id]) and "".join(text.split()) != "".join(known.texts[row.id].split()):
            return row.reject("text", "内容与训练文件中同一编号的不一样；内容只供阅读，请恢复原文，或换一个编号")
        before = known.labels[row.id]
        if all(facet in before for facet in row.given) and agree(before, {**before, **row.given}):
            return "repeated"
        if not _may_replace(known, row, before):
            return row.reject("id", f"训练文件里“{row.id}”的标签与本行不同，也不是本行写出时的样子；请核对后改其中一处")
        outcome = "corrected"
    _put(known, row, text, people=people)
    return outcome


def _may_replace(known: _Target, row: LabelRow, before: Labels) -> bool:
    """Tell whether the row was made knowing what stands in the target, or is a later decision."""
    if row.was is not None:
        return agree(before, {**before, **row.was})
    later = str(row.origin.get(DECIDED_AT) or "")
    return later > known.decided[row.id] > ""


def _put(known: _Target, row: LabelRow, text: str, *, people: bool) -> None:
    """Write a row into the target, keeping what the target says besides."""
    record: dict[str, Any] = json.loads(known.lines[row.id]) if row.id in known.lines else {"id": row.id, "text": text}
    labels = {**known.labels.get(row.id, {}), **(row.given or {})}
    record |= as_json(labels)
    record |= {name: row.origin[name] for name in KEPT if row.origin.get(name) is not None}
    if people and row.author:
        record[REVIEWER] = row.author
    elif not people:
        record.pop(REVIEWER, None)
    known.lines[row.id] = json.dumps(record, ensure_ascii=False)
    known.labels[row.id] = labels
    known.texts.setdefault(row.id, text)
    known.decided[row.id] = str(record.get(DECIDED_AT) or "")


def _near(known: _Target, fresh: Sequence[str]) -> Iterator[Near]:
    """Name for each new row the first other that it repeats."""
    ids, new = list(known.texts), set(fresh)
    place = {name: at for at, name in enumerate(ids)}
    told: set[str] = set()
    for left, right in near_pairs([known.texts[name] for name in fresh], [known.texts[name] for name in ids]):
        one, other = fresh[left], ids[right]
        if one == other or one in told or (other in new and place[other] > place[one]):
            continue
        told.add(one)
        yield Near(one, other)


def _write(path: Path, lines: Any) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
