"""The review queue as an Excel sheet that people fill in, and back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from feedback_nlp.classify.answers import ANSWERED, ESCALATION, Labels, Vocabulary, read, same
from feedback_nlp.errors import OfficerError, SenderError
from feedback_nlp.jobs.filled import filled_sheets
from feedback_nlp.jobs.review import Task, decide, next_tasks, words_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.records import Reject
from feedback_nlp.report import review_columns as cols
from feedback_nlp.report.book import open_book
from feedback_nlp.report.review_sheet import write_sheet
from feedback_nlp.store import reviews
from feedback_nlp.store.open import reading
from feedback_nlp.text.prepare import prepare

LISTED = 500
"""Tasks on the sheet; nobody works through more before the next one is written."""


class Conflict(NamedTuple):
    """A row that was not applied because something has happened since the sheet was written."""

    row: int  # 1-based, as Excel counts
    feedback_id: str
    who: str
    at: datetime
    reason: str  # a sentence in Chinese


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of a sheet."""

    confirmed: int
    corrected: int
    skipped: int  # 跳过: the task stays open
    untouched: int  # nothing filled in
    repeated: int  # applied by an earlier import
    problems: tuple[Reject, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def applied(self) -> int:
        """Count the decisions stored."""
        return self.confirmed + self.corrected


class _Row(NamedTuple):
    """One filled-in row."""

    number: int
    feedback_id: str
    version: int
    seq: int
    was: Labels  # as written
    cells: Mapping[str, str]  # header → what stands there now


class _Bad(Exception):
    """A cell that cannot be read: its column and what is wrong."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def sheet_frame(work: Workplace, *, limit: int = LISTED) -> pd.DataFrame:
    """Give the most pressing tasks as `report.review_sheet.write_sheet` wants them."""
    columns = (
        "feedback_id", "version", "seq", "why", "text", "labels", "confidence", "evidence", "org", "day", "source_id",
        "case_id", "score", "due_on",
    )  # fmt: skip
    rows = [_line(task) for task in next_tasks(work, limit)]
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def export_sheet(work: Workplace, path: Path, *, limit: int = LISTED) -> int:
    """Write the most pressing tasks into a workbook of their own; give how many."""
    frame = sheet_frame(work, limit=limit)
    with open_book(path) as book:
        write_sheet(book, frame, words=words_of(work))
    return len(frame)


def import_sheet(work: Workplace, path: Path, *, now: datetime, author: str = "") -> ImportResult:
    """Apply the decisions of a sheet 复核, row by row; import it as often as you like.

    Each row is stored for itself. ``author`` stands in where 复核人 is empty. Raises SenderError for a file that cannot
    be read or has no such sheet.
    """
    words = words_of(work)
    tally: Counter[str] = Counter()
    problems: list[Reject] = []
    conflicts: list[Conflict] = []
    for row in _rows(path):
        try:
            outcome = _apply(work, row, words=words, now=now, author=author)
        except _Bad as bad:
            problems.append(Reject(path.name, row.number, bad.column, str(bad)))
        else:
            if isinstance(outcome, Conflict):
                conflicts.append(outcome)
            else:
                tally[outcome] += 1
    counts = {name: tally[name] for name in ("confirmed", "corrected", "skipped", "untouched", "repeated")}
    return ImportResult(**counts, problems=tuple(problems), conflicts=tuple(conflicts))


def _line(task: Task) -> dict[str, Any]:
    values = {name: value for name, value in task._asdict().items() if name not in ("evidence", "reasons")}
    clauses = dict.fromkeys(task.evidence.values())
    return values | {
        "why": "\n".join(f"· {reason.says}" for reason in task.reasons),
        "evidence": "\n".join(clauses),
        "day": task.counted_on,
    }


def _apply(work: Workplace, row: _Row, *, words: Vocabulary, now: datetime, author: str) -> str | Conflict:
    """Store one row's decision; give what it was."""
    verdict = row.cells[cols.VERDICT]
    if verdict not in ("", *cols.VERDICTS):
        raise _Bad(cols.VERDICT, f"结论“{verdict}”看不懂；请填{'、'.join(cols.VERDICTS)}之一")
    if verdict == "" and _as_written(row, words):
        return "untouched"
    given = _given(row, words)
    changed = [facet for facet, labels in given.items() if not same(facet, labels, row.was.get(facet, ()))]
    titles = "、".join(words.facets[facet] for facet in changed)
    if verdict == "" and changed:
        raise _Bad(cols.VERDICT, f"改了{titles}，却没有填结论；请填“更正”，不想改就恢复原样")
    if verdict == "":
        return "untouched"
    if verdict == cols.SKIP:
        return "skipped"
    if verdict == cols.CONFIRM and changed:
        raise _Bad(cols.VERDICT, f"结论是“确认”，却改了{titles}；请改填“更正”，或恢复原样")
    if verdict == cols.CORRECT and not changed:
        raise _Bad(cols.VERDICT, "结论是“更正”，却没有改动任何标签；标签都对请填“确认”")
    who = row.cells[cols.AUTHOR] or author
    if not who:
        raise _Bad(cols.AUTHOR, "缺少复核人；请填写姓名或工号")
    return _store(work, row, given=given, who=who, now=now)


def _store(work: Workplace, row: _Row, *, given: Labels, who: str, now: datetime) -> str | Conflict:
    note = row.cells[cols.NOTE]
    if found := _since(work, row, given=given, who=who, note=note):
        return found
    try:
        decide(work, row.feedback_id, author=who, labels=given, note=note, now=now, seen=row.seq)
    except OfficerError as error:  # or somebody was quicker by a moment
        if found := _since(work, row, given=given, who=who, note=note):
            return found
        raise _Bad(cols.ID, str(error)) from error
    return "corrected" if row.cells[cols.VERDICT] == cols.CORRECT else "confirmed"


def _since(work: Workplace, row: _Row, *, given: Labels, who: str, note: str) -> str | Conflict | None:
    """Say what has happened to a feedback since the sheet was written; None for nothing."""
    with reading(work.engine) as connection:
        now = reviews.reviewed(connection, row.feedback_id)
        if now is None:
            raise _Bad(cols.ID, f"没有反馈号“{row.feedback_id}”；灰色各列请勿改动")
        last = reviews.last_decisions(connection, [row.feedback_id]).get(row.feedback_id)
        if last and last.seq > row.seq:
            mine = last.author == who and last.note == prepare(note).text
            if mine and last.seq == row.seq + 1 and all(same(name, last.labels[name], given[name]) for name in given):
                return "repeated"
            reason = f"{last.author}已于{last.at:%Y-%m-%d %H:%M}对这条反馈作出结论，本行没有导入；请导出新的复核表再看"
            return Conflict(row.number, row.feedback_id, last.author, last.at, reason)
        if now.now != row.version and reviews.text_at(connection, row.feedback_id, row.version) != now.text:
            file, day = reviews.updated_by(connection, row.feedback_id)
            reason = f"这条反馈的文本已被{day:%Y-%m-%d}接收的“{file}”更新，本行没有导入；请导出新的复核表再看"
            return Conflict(row.number, row.feedback_id, file, datetime.combine(day, datetime.min.time()), reason)
    return None


def _as_written(row: _Row, words: Vocabulary) -> bool:
    """Say whether the labels still stand as they were written, retired ones too."""
    columns = {column.field: column.title for column in cols.filled(facets=words.facets)}
    return all(row.cells.get(columns[field]) == cell for field, cell in cols.written(row.was, words=words).items())


def _given(row: _Row, words: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Read the labels of a row. An empty escalation says nothing where no rule has looked for one."""
    given: dict[str, tuple[str, ...]] = {}
    for facet in ANSWERED:
        titles = cols.titles(facet, facets=words.facets)
        cells = {title: row.cells.get(title, "") for title in titles}
        if facet == ESCALATION and facet not in row.was and not any(cells.values()):
            continue
        for title, cell in cells.items():
            if cell:
                _checked(facet, cell, title, words=words)
        given[facet] = _checked(facet, "|".join(filter(None, cells.values())), titles[0], words=words)
    return given


def _checked(facet: str, cell: str, title: str, *, words: Vocabulary) -> tuple[str, ...]:
    try:
        return read({facet: cell}, words=words)[facet]
    except OfficerError as error:
        raise _Bad(title, str(error)) from error


def _rows(path: Path) -> Iterator[_Row]:
    """Read the rows of the sheet 复核 that carry a feedback id; the header may stand anywhere near the top."""
    lines = _lines(path)
    place = next((at for at, line in enumerate(lines) if cols.ID in line and cols.VERDICT in line), None)
    header = lines[place] if place is not None else []
    missing = [name for name in cols.NEEDED if name not in header]
    if place is None or missing:
        wanted = "、".join(missing or cols.NEEDED)
        raise SenderError(
            f"{path.name}: sheet {cols.SHEET} lacks the columns {wanted}; export a new one and fill that in"
        )
    for number, line in enumerate(lines[place + 1 :], start=place + 2):
        cells = {name: value for name, value in zip(header, line, strict=False) if name}
        if cells[cols.ID]:
            yield _row(number, cells, path)


def _row(number: int, cells: Mapping[str, str], path: Path) -> _Row:
    try:
        was = {facet: tuple(labels) for facet, labels in json.loads(cells[cols.WAS]).items()}
        return _Row(number, cells[cols.ID], int(cells[cols.VERSION]), int(cells[cols.SEQ]), was, cells)
    except (ValueError, AttributeError) as error:
        raise SenderError(
            f"{path.name}: row {number} of sheet {cols.SHEET}: the columns {'、'.join(cols.KEYS)} were changed; "
            "export a new sheet and fill that in"
        ) from error


def _lines(path: Path) -> list[list[str]]:
    rows = filled_sheets(path, [cols.SHEET]).get(cols.SHEET)
    if rows is None:
        raise SenderError(f"{path.name}: there is no sheet {cols.SHEET}; export one with `feedback-nlp review`")
    return [[_text(value) for value in row] for row in rows]


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
