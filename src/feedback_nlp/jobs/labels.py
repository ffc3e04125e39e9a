"""What people decided, out of the store as labels, and back into it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from feedback_nlp.classify.answers import ANSWERED, ESCALATION, Labels, same
from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.labelfile import (
    DECIDED_AT,
    JSONL,
    REVIEWER,
    SEQ,
    VERSION,
    as_json,
    ending,
    read_rows,
    write_rows,
)
from feedback_nlp.jobs.labelrow import LabelRow
from feedback_nlp.jobs.review import corrected, decide, words_of
from feedback_nlp.jobs.review_sheet import Conflict, ImportResult
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.jobs.writing import open_writer
from feedback_nlp.records import Reject
from feedback_nlp.store import reviews
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading
from feedback_nlp.store.reviews import DecisionRow
from feedback_nlp.store.save import HUMAN
from feedback_nlp.taxonomy import FACETS

COLUMNS = dict.fromkeys(
    ("id", "text", *FACETS, ESCALATION, "source", "release", "reasons", DECIDED_AT, VERSION, SEQ), str
)
"""As in data/labelled, and where the label comes from. ``reasons``: why a person looked, for weights in training."""


def export_labels(work: Workplace, path: Path, *, people: bool = False) -> int:
    """Write every decision that holds, with its masked text, one row a feedback; give how many.

    JSON lines are what ``train`` reads, Excel is the sheet 复核, to be put right and imported again. Who decided is
    left out unless ``people``.
    """
    with reading(work.engine) as connection:
        if ending(path) == JSONL:
            return _lines(connection, path, people=people)
        rows = [
            {
                "id": item.feedback_id,
                "text": row.text,
                "labels": item.labels,
                "version": item.version,
                "seq": item.seq,
                "why": [f"{f'{item.author}于' if people else ''}{item.at:%Y-%m-%d}已有结论；有错才改"],
            }
            for item, row in reviews.holding(connection)
        ]
    write_rows(path, rows, words=words_of(work))
    return len(rows)


def _lines(connection: sa.Connection, path: Path, *, people: bool) -> int:
    """Write JSON lines as they come: there may be more decisions than memory."""
    count = 0
    with open_writer(path, COLUMNS | ({REVIEWER: str} if people else {})) as write:
        for item, row in reviews.holding(connection):
            origin = [row.source, item.release, list(item.reasons), item.at.isoformat(timespec="seconds")]
            labels = {ESCALATION: None, **as_json(item.labels)}  # null: no rule had looked when it was decided
            line = [item.feedback_id, row.text, *(labels[name] for name in (*FACETS, ESCALATION)), *origin]
            write([[*line, item.version, item.seq, *([item.author] if people else [])]])
            count += 1
    return count


def import_labels(work: Workplace, path: Path, *, now: datetime, author: str = "") -> ImportResult:
    """Store the labels of a file as decisions, row by row, as a review does; import it as often as you like.

    The whole file is read before the first row is stored. ``author`` stands in where a row names nobody. Raises
    OperatorError or SenderError for a file that cannot be read.
    """
    tally: Counter[str] = Counter()
    problems: list[Reject] = []
    conflicts: list[Conflict] = []
    for row in read_rows(path, words=words_of(work)):
        outcome = row if isinstance(row, Reject) else _apply(work, row, now=now, author=author)
        if isinstance(outcome, Reject):
            problems.append(outcome)
        elif isinstance(outcome, Conflict):
            conflicts.append(outcome)
        else:
            tally[outcome] += 1
    counts = {name: tally[name] for name in ("confirmed", "corrected", "skipped", "untouched", "repeated")}
    return ImportResult(**counts, problems=tuple(problems), conflicts=tuple(conflicts))


def _apply(work: Workplace, row: LabelRow, *, now: datetime, author: str) -> str | Conflict | Reject:
    """Store one row's labels; say what became of it."""
    if row.given is None:
        return "skipped" if row.skipped else "untouched"
    if found := _incomplete(row, row.given):
        return found
    if settled := _since(work, row, row.given):
        return settled
    try:
        who = row.author or author
        done = decide(work, row.id, author=who, labels=row.given, note=row.note, now=now, seen=row.seq or 0)
    except OfficerError as error:  # or somebody was quicker by a moment
        return _since(work, row, row.given) or row.reject(None, str(error))
    return "corrected" if corrected(done) else "confirmed"


def _incomplete(row: LabelRow, given: Labels) -> Reject | None:
    """Refuse a row that would confirm, unseen, what it does not carry."""
    missing = [facet for facet in FACETS if facet not in given]
    return row.reject(missing[0], f"缺少{'、'.join(missing)}；每一项都要有标签才能入库") if missing else None


def _since(work: Workplace, row: LabelRow, given: Labels) -> str | Conflict | Reject | None:
    """Say what stands in the way of a decision, or that there is nothing to decide; None: go ahead."""
    with reading(work.engine) as connection:
        stored = reviews.reviewed(connection, row.id)
        if stored is None:
            return row.reject("id", f"没有反馈号“{row.id}”；库外的文本请用 --to 并入训练文件")
        if not row.shows(stored.text):
            return _changed(connection, row)
        last = reviews.last_decisions(connection, [row.id]).get(row.id)
        if last and stored.release == HUMAN and agree(last.labels, given):
            return "repeated" if row.seq != last.seq else "untouched"
        if last is None or last.seq == (row.seq or 0):
            return None
        if row.seq and agree(_labels_at(connection, row), given):
            return "untouched"
    return _conflict(row, last)


def agree(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether two answers are the same; an escalation that one of them does not speak of is no difference."""
    both = [facet for facet in ANSWERED if facet in one and facet in other]
    return all(same(facet, one[facet], other[facet]) for facet in both) and {*one} ^ {*other} <= {ESCALATION}


def _changed(connection: sa.Connection, row: LabelRow) -> Conflict | Reject:
    """Say why a row's text is not that of its feedback: updated since, or edited in the file."""
    before = reviews.text_at(connection, row.id, row.version) if row.version else None
    if before is None or not row.shows(before):
        return row.reject("text", "内容与库中的不一样；内容只供阅读，请恢复原文，或重新导出")
    file, day = reviews.updated_by(connection, row.id)
    reason = f"这条反馈的文本已被{day:%Y-%m-%d}接收的“{file}”更新，本行没有导入；请重新导出再看"
    return Conflict(row.number, row.id, file, datetime.combine(day, datetime.min.time()), reason)


def _labels_at(connection: sa.Connection, row: LabelRow) -> Labels:
    """Give what the row said when it was written."""
    if row.was is not None:
        return row.was
    d = t.review_decision.c
    found = connection.scalar(sa.select(d.labels).where(d.feedback_id == row.id, d.seq == row.seq))
    return {facet: tuple(labels) for facet, labels in json.loads(found or "{}").items()}


def _conflict(row: LabelRow, last: DecisionRow) -> Conflict:
    reason = f"{last.author}已于{last.at:%Y-%m-%d %H:%M}对这条反馈作出结论，本行没有导入；请重新导出再看"
    return Conflict(row.number, row.id, last.author, last.at, reason)
