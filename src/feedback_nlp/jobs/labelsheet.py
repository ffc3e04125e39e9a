"""Read labels back from the sheet 复核."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from feedback_nlp.classify.answers import ANSWERED, Labels, Vocabulary, same
from feedback_nlp.errors import SenderError
from feedback_nlp.jobs.filled import filled_sheets
from feedback_nlp.jobs.labelrow import BadRow, LabelRow, checked
from feedback_nlp.records import Reject
from feedback_nlp.report import review_columns as cols

_TEXT = next(column.title for column in cols.READ_FIRST if column.field == "text")
Cells = Mapping[str, str]
"""Header → what stands there now."""


def sheet_rows(path: Path, words: Vocabulary) -> Iterator[LabelRow | Reject]:
    """Read the rows that carry a feedback id; the header may stand anywhere near the top."""
    found = filled_sheets(path, [cols.SHEET]).get(cols.SHEET)
    lines = [[_text(value) for value in line] for line in found or ()]
    top = next((at for at, line in enumerate(lines) if cols.ID in line and cols.VERDICT in line), None)
    if top is None:
        raise SenderError(
            f"{path.name}: there is no sheet {cols.SHEET} with the columns {cols.ID} and {cols.VERDICT}; "
            "write one with `feedback-nlp labels export` or `wanted`, and fill that in"
        )
    needed = (_TEXT, *(column.title for column in cols.filled(facets=words.facets)), *cols.KEYS)
    if missing := [name for name in needed if name not in lines[top]]:
        raise SenderError(
            f"{path.name}: the sheet {cols.SHEET} lacks the column {'、'.join(missing)}; nothing was imported; "
            "put it back as it was, or write the sheet again"
        )
    for number, line in enumerate(lines[top + 1 :], start=top + 2):
        cells = {name: value for name, value in zip(lines[top], line, strict=False) if name}
        if cells[cols.ID]:
            try:
                yield _row(path.name, number, cells, words)
            except BadRow as bad:
                yield Reject(path.name, number, bad.column, str(bad))


def _row(file: str, number: int, cells: Cells, words: Vocabulary) -> LabelRow:
    try:
        was = {facet: tuple(labels) for facet, labels in json.loads(cells[cols.WAS]).items()}
        version, seq = int(cells[cols.VERSION]), int(cells[cols.SEQ])
    except (ValueError, AttributeError, TypeError):
        raise BadRow(cols.WAS, f"{'、'.join(cols.KEYS)}各列被改动过；请恢复原样，或重新导出") from None
    verdict = cells[cols.VERDICT]
    if verdict not in ("", *cols.VERDICTS):
        raise BadRow(cols.VERDICT, f"结论“{verdict}”看不懂；请填{'、'.join(cols.VERDICTS)}之一")
    return LabelRow(
        file=file,
        number=number,
        id=cells[cols.ID],
        text=cells[_TEXT],
        given=None if verdict == cols.SKIP else _given(cells, was, words),
        was=was,
        skipped=verdict == cols.SKIP,
        version=version,
        seq=seq,
        author=cells[cols.AUTHOR],
        note=cells[cols.NOTE],
    )


def _given(cells: Cells, was: Labels, words: Vocabulary) -> Labels | None:
    """Read the labels of a row that is an answer."""
    verdict = cells[cols.VERDICT]
    if verdict == "" and _untouched(cells, was, words):
        return None
    given = _labels(cells, was, words)
    changed = [facet for facet, labels in given.items() if not same(facet, labels, was.get(facet, ()))]
    if verdict == "" and not changed:
        return None
    if verdict == cols.CONFIRM and changed:
        told = "、".join(words.facets[facet] for facet in changed)
        raise BadRow(cols.VERDICT, f"结论是“确认”，却改了{told}；请改填“更正”，或恢复原样")
    if verdict == cols.CORRECT and not changed:
        raise BadRow(cols.VERDICT, "结论是“更正”，却没有改动任何标签；标签都对请填“确认”")
    return given or None  # nothing stands in any facet: there is nothing to confirm


def _untouched(cells: Cells, was: Labels, words: Vocabulary) -> bool:
    """Say whether the labels still stand as they were written, retired ones too."""
    titles = {column.field: column.title for column in cols.filled(facets=words.facets)}
    return all(cells.get(titles[name]) == cell for name, cell in cols.written(was, words=words).items())


def _labels(cells: Cells, was: Labels, words: Vocabulary) -> Labels:
    """Read every facet; one that stands empty and stood empty before says nothing: nobody has looked for it."""
    given: dict[str, tuple[str, ...]] = {}
    for facet in ANSWERED:
        found = {title: cells.get(title, "") for title in cols.titles(facet, facets=words.facets)}
        if facet not in was and not any(found.values()):
            continue
        for title, cell in found.items():
            if cell:
                checked(facet, cell, title, words=words)
        given[facet] = checked(facet, "|".join(filter(None, found.values())), next(iter(found)), words=words)
    return given


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
