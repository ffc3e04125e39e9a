"""Files of labels that people fill in: JSON lines, or the sheet 复核. Each row for itself: a bad one is a reject.

In JSON lines a row that carries labels is an answer; in the sheet one whose labels were changed, or that says 确认.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from feedback_nlp.classify.answers import ANSWERED, ESCALATION, Vocabulary
from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.labelrow import BadRow, LabelRow, checked
from feedback_nlp.jobs.labelsheet import sheet_rows
from feedback_nlp.jobs.writing import open_writer
from feedback_nlp.records import Reject
from feedback_nlp.report.book import open_book
from feedback_nlp.report.review_sheet import LABELS_FILL, LABELS_HELP, write_sheet
from feedback_nlp.taxonomy import MULTI, SINGLE

JSONL, EXCEL = ".jsonl", ".xlsx"
WAS, SEQ, VERSION, REVIEWER, DECIDED_AT = "was", "seq", "version", "reviewer", "decided_at"
_SHEET = (
    "feedback_id", "version", "seq", "why", "text", "labels", "confidence", "evidence", "org", "day", "source_id",
    "case_id", "score", "due_on",
)  # fmt: skip


def ending(path: Path) -> str:
    """Give the ending of a file of labels; refuse any other."""
    found = path.suffix.lower()
    if found not in (JSONL, EXCEL):
        raise OperatorError(f"{path}: labels are kept as {JSONL} or {EXCEL}")
    return found


def read_rows(path: Path, *, words: Vocabulary) -> list[LabelRow | Reject]:
    """Read a file of labels; an id that stands twice is refused the second time.

    Raises OperatorError or SenderError for a file that cannot be read at all, or holds no row.
    """
    reader = _line_rows if ending(path) == JSONL else sheet_rows
    empty = SenderError(f"{path}: the file is empty; there are no labels to import")
    if path.is_file() and path.stat().st_size == 0:
        raise empty
    rows: list[LabelRow | Reject] = []
    seen: dict[str, int] = {}
    for row in reader(path, words):
        if isinstance(row, LabelRow) and row.id in seen:
            row = row.reject("id", f"编号“{row.id}”在第{seen[row.id]}行已经出现过；每条只留一行")
        elif isinstance(row, LabelRow):
            seen[row.id] = row.number
        rows.append(row)
    if not rows:
        raise empty
    return rows


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], *, words: Vocabulary) -> None:
    """Write rows for people: as JSON lines, or as the sheet 复核.

    A row has ``line``, what a JSON line says of it (all rows the same keys); and for the sheet ``id``, ``text``,
    ``labels`` (facet → ids), ``why`` (sentences), and what else `report.review_sheet.write_sheet` shows.
    """
    if ending(path) == JSONL:
        columns = dict.fromkeys((key for row in rows for key in row["line"]), str)
        with open_writer(path, columns) as write:
            write([list(row["line"].values()) for row in rows])
        return
    blank = dict.fromkeys(_SHEET) | {"version": 0, "seq": 0}
    told = [{**blank, **row, "feedback_id": row["id"], "why": _listed(row["why"])} for row in rows]
    with open_book(path) as book:
        frame = pd.DataFrame(told, columns=list(_SHEET), dtype=object)
        write_sheet(book, frame, words=words, help_=LABELS_HELP, fill=LABELS_FILL)


def as_json(labels: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Give labels as training files have them: one as text, several as a list, escalation as kind and modality.

    >>> as_json({"kind": ("complaint",), "demand": (), "escalation": ("legal:threat",)})
    {'kind': 'complaint', 'demand': [], 'escalation': [{'kind': 'legal', 'modality': 'threat'}]}
    """
    found: dict[str, Any] = {facet: labels[facet][0] for facet in SINGLE if facet in labels}
    found |= {facet: list(labels[facet]) for facet in MULTI if facet in labels}
    if ESCALATION in labels:
        pairs = [pair.split(":", 1) for pair in labels[ESCALATION]]
        found[ESCALATION] = [{"kind": kind, "modality": modality} for kind, modality in pairs]
    return found


def labels_in(record: Mapping[str, Any], *, words: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Read the labels that a JSON object carries, by id or by Chinese name; raise BadRow for one that is none."""
    return {
        facet: checked(facet, _written(facet, record[facet], words), words.facets[facet], words=words)
        for facet in ANSWERED
        if record.get(facet) is not None
    }


def json_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Give the lines of a file that hold anything, with their numbers."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            yield from ((number, line.strip()) for number, line in enumerate(stream, start=1) if line.strip())
    except UnicodeDecodeError as error:
        raise SenderError(f"{path}: not UTF-8; save it as UTF-8") from error


def json_object(line: str) -> dict[str, Any]:
    """Read a line; raise BadRow where it is no JSON object."""
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise BadRow("-", "这一行不是JSON对象；每行必须正好一个")
    return record


def _line_rows(path: Path, words: Vocabulary) -> Iterator[LabelRow | Reject]:
    for number, line in json_lines(path):
        try:
            yield _line_row(path.name, number, json_object(line), words)
        except BadRow as bad:
            yield Reject(path.name, number, bad.column, str(bad))


def _line_row(file: str, number: int, record: dict[str, Any], words: Vocabulary) -> LabelRow:
    for name in ("id", "text"):
        if not record.get(name):
            raise BadRow(name, f"缺少{name}；每行要有id和text，并与导出时一样")
    was = record.get(WAS)
    return LabelRow(
        file=file,
        number=number,
        id=str(record["id"]),
        text=str(record["text"]),
        given=labels_in(record, words=words) or None,
        was=labels_in(was, words=words) if isinstance(was, dict) else None,
        version=_number(record, VERSION),
        seq=_number(record, SEQ),
        author=str(record.get(REVIEWER) or ""),
        note=str(record.get("note") or ""),
        origin=record,
    )


def _number(record: Mapping[str, Any], name: str) -> int | None:
    value = record.get(name)
    if value is not None and (not isinstance(value, int) or value < 0):
        raise BadRow(name, f"{name}“{value}”被改动过；请恢复原样，或重新导出")
    return value


def _written(facet: str, value: Any, words: Vocabulary) -> str | list[str]:
    """Give labels as `read` takes them; escalation also as objects of kind and modality."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [value]
    told = [f"{part.get('kind')}:{part.get('modality')}" if isinstance(part, dict) else part for part in parts]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in told):
        raise BadRow(words.facets[facet], f"{words.facets[facet]}看不懂；请写标签，或标签的列表")
    return told


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"· {sentence}" for sentence in sentences)
