"""Read the steps that people filled into the work list, and take them, row by row.

Each row is stored for itself. Import a list as often as you like: what an earlier import has done is not done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from feedback_nlp.cases.states import Event, Step
from feedback_nlp.errors import OfficerError, SenderError
from feedback_nlp.intake import cells
from feedback_nlp.jobs.desk import Moved, take_steps, tidy_step
from feedback_nlp.jobs.filled import filled_sheets
from feedback_nlp.jobs.standing import event_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report import worklist_columns as cols
from feedback_nlp.store import desk
from feedback_nlp.store.open import reading

SHEETS = (cols.OPEN_SHEET, cols.WAITING_SHEET)
_FILLED = (cols.ACTION, cols.NOTE, *cols.DETAILS)


class Refused(NamedTuple):
    """A row that was not applied."""

    sheet: str
    row: int  # 1-based, as Excel counts
    case_id: str
    reason: str  # a sentence in Chinese


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of a work list."""

    taken: tuple[Event, ...]
    repeated: int  # rows that an earlier import has applied
    untouched: int  # nothing filled in
    problems: tuple[Refused, ...]  # not allowed, or not readable
    conflicts: tuple[Refused, ...]  # somebody has moved the case since the list was written


class _Line(NamedTuple):
    sheet: str
    row: int
    case_id: str
    seq: int
    cells: Mapping[str, Any]  # header → value


class _Unreadable(Exception):
    """A cell that nobody can read; the message is the reason."""


def import_steps(work: Workplace, path: Path, *, by: str, now: datetime | None = None) -> Imported:
    """Take the steps of the sheets 处理 and 待闭环; ``by`` stands in where 办理人 is empty.

    Raises SenderError for a file that cannot be read or has neither sheet.
    """
    moment = now or work.now
    taken: list[Event] = []
    problems: list[Refused] = []
    conflicts: list[Refused] = []
    repeated = untouched = 0
    for line in _lines(path):
        place = (line.sheet, line.row, line.case_id)
        try:
            steps = _steps(line, by=by, work=work, now=moment)
            if not steps:
                untouched += 1
            elif _known(work, line, steps):
                repeated += 1
            else:
                taken += take_steps(work, line.case_id, steps, now=moment, seen=line.seq)
        except Moved as error:
            conflicts.append(Refused(*place, f"{error}；本行没有登记"))
        except (_Unreadable, OfficerError) as error:
            problems.append(Refused(*place, str(error)))
    return Imported(tuple(taken), repeated, untouched, tuple(problems), tuple(conflicts))


def _steps(line: _Line, *, by: str, work: Workplace, now: datetime) -> list[Step]:
    """Read the steps of a row: none, one, or two where another step hands the case on as well."""
    written = {title: _text(line.cells.get(title)) for title in (*_FILLED, cols.ACTOR)}
    if not any(written[title] for title in _FILLED):
        return []
    actor, note = written[cols.ACTOR] or by, written[cols.NOTE]
    details = _details(written, line)
    handed = {"assignee": details.pop("assignee", "")}
    action = work.policy.states.find(written[cols.ACTION])
    if details and not written[cols.ACTION]:
        raise _Unreadable(f"填了内容，却没有选“{cols.ACTION}”")
    if not written[cols.ACTION]:
        return [Step("assign", actor, now, note, handed) if handed["assignee"] else Step("note", actor, now, note)]
    if action and action.id == "assign":
        return [Step("assign", actor, now, note, handed)]
    first = Step(written[cols.ACTION], actor, now, note, details)
    return [first, Step("assign", actor, now, "", handed)] if handed["assignee"] else [first]


def _details(written: Mapping[str, str], line: _Line) -> dict[str, str]:
    details = {key: written[title] for title, key in cols.DETAILS.items() if written[title]}
    if "informed_on" in details:
        details["informed_on"] = _day(line.cells[cols.INFORMED]).isoformat()
    if "improvement" in details:  # id and title, as the drop-down has it
        details["improvement"] = details["improvement"].split()[0]
    return details


def _known(work: Workplace, line: _Line, steps: Sequence[Step]) -> bool:
    """Tell whether an earlier import has taken just these steps, right behind what the list knew."""
    with reading(work.engine) as connection:
        rows = [row for row in desk.events(connection, [line.case_id]) if row.seq > line.seq][: len(steps)]
        if len(rows) < len(steps):
            return False
        wanted = [tidy_step(connection, step, work=work) for step in steps]
    return all(_same(event_of(row), step, work) for row, step in zip(rows, wanted, strict=True))


def _same(event: Event, step: Step, work: Workplace) -> bool:
    action = work.policy.states.find(step.action)
    mine = (action.id if action else step.action, step.actor, step.note, dict(step.details))
    return mine == (event.action, event.actor, event.note, dict(event.details))


def _lines(path: Path) -> Iterator[_Line]:
    found = False
    for sheet, rows in filled_sheets(path, SHEETS).items():
        place = next((at for at, row in enumerate(rows) if cols.CASE_ID in row and cols.ACTION in row), None)
        if place is None:
            continue
        found = True
        header = [_text(value) for value in rows[place]]
        for number, row in enumerate(rows[place + 1 :], start=place + 2):
            values = {title: value for title, value in zip(header, row, strict=False) if title}
            if _text(values.get(cols.CASE_ID)):
                yield _line(sheet, number, values)
    if not found:
        raise SenderError(
            f"{path.name}: no sheet {' or '.join(SHEETS)} with the columns {cols.CASE_ID} and {cols.ACTION}; write a "
            "new list with `feedback-nlp cases export` and fill that in"
        )


def _line(sheet: str, number: int, values: Mapping[str, Any]) -> _Line:
    seq = _text(values.get(cols.SEQ))
    return _Line(sheet, number, _text(values[cols.CASE_ID]), int(seq) if seq.isdigit() else -1, values)


def _text(value: Any) -> str:
    return cells.text(value).strip()


def _day(value: Any) -> date:
    try:
        found = cells.moment(value)
    except cells.Unreadable as error:
        raise _Unreadable(f"{cols.INFORMED}读不懂：{error}") from error
    if found is None:
        raise _Unreadable(f"{cols.INFORMED}读不懂，请写成 2026-09-30")
    return found.date()
