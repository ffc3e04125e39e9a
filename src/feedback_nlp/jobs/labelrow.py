"""One row of a file of labels, whatever the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedback_nlp.classify.answers import Labels, Vocabulary, read
from feedback_nlp.errors import OfficerError
from feedback_nlp.records import Reject
from feedback_nlp.report.cells import safe


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row of a file of labels."""

    file: str
    number: int  # 1-based: the line, or the row as Excel counts
    id: str
    text: str = field(repr=False)
    given: Labels | None  # None: nobody has answered
    was: Labels | None = None  # what the row said when it was written, where that is known
    skipped: bool = False  # 跳过
    version: int | None = None  # of the feedback
    seq: int | None = None  # decisions there were when it was written
    author: str = ""
    note: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)  # every key of a JSON line

    def shows(self, text: str) -> bool:
        """Tell whether the row shows a text as it is, but for blanks and what a spreadsheet cannot hold."""
        return _bare(self.text) in (_bare(text), _bare(safe(text)))

    def reject(self, column: str | None, reason: str) -> Reject:
        """Refuse the row."""
        return Reject(self.file, self.number, column, reason)


class BadRow(Exception):
    """What is wrong with a row: column and reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def checked(facet: str, value: str | Sequence[str], column: str, *, words: Vocabulary) -> tuple[str, ...]:
    """Read one facet's labels; raise BadRow with the column where they are none."""
    try:
        return read({facet: value}, words=words)[facet]
    except OfficerError as error:
        raise BadRow(column, str(error)) from error


def _bare(text: str) -> str:
    return "".join(text.split())
