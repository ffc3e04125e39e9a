"""Labelled texts, read strictly and kept apart from those that measure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import FACETS, MULTI, SINGLE, Taxonomy
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.near import near_pairs


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text that somebody has read and labelled."""

    id: str
    text: MaskedText
    labels: Mapping[str, tuple[str, ...]]  # facet → label ids, most important first; lacks facets that were not read
    file: str  # file name without folders
    kind: str  # where such texts come from: the row's source or style, "" where it has none
    group: str | None  # texts of one group repeat each other


def read_labelled(path: Path, *, taxonomy: Taxonomy, partial: bool = False) -> list[Labelled]:
    """Read a labelled JSONL file; texts pass through `prepare`.

    ``partial``: rows to learn from may lack facets, all but one; rows that measure may not. Raises TrainerError with
    file and line for a line that is no record, lacks a field, repeats an id, or carries a label that the taxonomy does
    not know.
    """
    rows: list[Labelled] = []
    seen: dict[str, int] = {}
    for number, record in _records(path):
        where = f"{path}, line {number}"
        _check(record, where=where, partial=partial)
        row = _labelled(record, where=where, file=path.name, taxonomy=taxonomy)
        if row.id in seen:
            raise TrainerError(f"{where}: id '{row.id}' stands in line {seen[row.id]} already; give every row its own")
        seen[row.id] = number
        rows.append(row)
    if not rows:
        raise TrainerError(f"{path}: holds no labelled rows")
    return rows


def apart(rows: Sequence[Labelled], held_out: Sequence[Labelled]) -> list[Labelled]:
    """Drop every row whose text equals or nearly equals a held-out one, or belongs to the same group."""
    near = {place for place, _ in near_pairs([row.text for row in rows], [row.text for row in held_out])}
    groups = {row.group for row in held_out if row.group}
    return [row for place, row in enumerate(rows) if place not in near and row.group not in groups]


def families(rows: Sequence[Labelled]) -> list[int]:
    """Number the rows so that near texts and rows of one group share a number: folds must not part them."""
    parents = list(range(len(rows)))
    first: dict[str, int] = {}
    texts = [row.text for row in rows]
    for one, two in near_pairs(texts, texts):
        _join(parents, one, two)
    for place, row in enumerate(rows):
        if row.group:
            _join(parents, place, first.setdefault(row.group, place))
    return [_root(parents, place) for place in range(len(rows))]


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, _record(line, where=f"{path}, line {number}")
    except OSError as error:
        raise TrainerError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TrainerError(f"{path}: not UTF-8; save it as UTF-8") from error


def _record(line: str, *, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise TrainerError(f"{where}: not JSON ({error.args[0]}); every line must be one JSON object") from error
    if not isinstance(record, dict):
        raise TrainerError(f"{where}: not a JSON object; every line must be one")
    return record


def _check(record: dict[str, Any], *, where: str, partial: bool) -> None:
    missing = [name for name in ("id", "text", *(() if partial else FACETS)) if record.get(name) is None]
    if missing:
        raise TrainerError(f"{where}: '{missing[0]}' is missing; a labelled row needs id, text, {', '.join(FACETS)}")
    if all(record.get(facet) is None for facet in FACETS):
        raise TrainerError(f"{where}: carries no label; a row to learn from needs one of {', '.join(FACETS)}")


def _labelled(record: dict[str, Any], *, where: str, file: str, taxonomy: Taxonomy) -> Labelled:
    carried = [facet for facet in FACETS if record.get(facet) is not None]
    return Labelled(
        id=str(record["id"]),
        text=prepare(str(record["text"])).text,
        labels={facet: _labels(record[facet], facet, where=where, taxonomy=taxonomy) for facet in carried},
        file=file,
        kind=str(record.get("source") or record.get("style") or ""),
        group=None if record.get("dup_group") is None else str(record["dup_group"]),
    )


def _labels(value: Any, facet: str, *, where: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    if isinstance(value, str) == (facet in MULTI) or not isinstance(value, str | list):
        raise TrainerError(f"{where}: {facet} must be {'one label' if facet in SINGLE else 'a list of labels'}")
    labels = (value,) if isinstance(value, str) else tuple(dict.fromkeys(map(str, value)))
    for label in labels:
        if label not in taxonomy.names[facet]:
            raise TrainerError(f"{where}: '{label}' is no label of {facet} in taxonomy version {taxonomy.version}")
    if facet == "leaves" and not labels:
        raise TrainerError(f"{where}: leaves is empty; a text without content has other.none")
    return labels


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


def _join(parents: list[int], one: int, two: int) -> None:
    one, two = _root(parents, one), _root(parents, two)
    parents[max(one, two)] = min(one, two)
