"""Turn the cells of one row into ``RawFeedback`` or ``Reject``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedback_nlp.intake import cells
from feedback_nlp.intake.columns import DROP, Roles
from feedback_nlp.intake.customer import identifiers
from feedback_nlp.intake.header import Header
from feedback_nlp.intake.source import Source
from feedback_nlp.records import RawFeedback, Reject

Cells = Sequence[Any]
Records = Iterator[tuple[int, "Cells | Broken"]]
"""Rows of a table in order, each with its 1-based number as the sender sees it; rows without content are left out."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that the reader itself could not take apart."""

    reason: str  # in Chinese


@dataclass(frozen=True)
class Table:
    """A delivery opened but not yet understood: what its reader found out, and how to run through its rows again."""

    format: str  # what the content is, whatever the name says: csv, xlsx, xls, xlsb, ods, jsonl, parquet, sql
    header: Header
    header_row: int | None  # 1-based, the last header row; None where the format needs none
    records: Callable[[], Records]
    encoding: str | None = None


_READERS: Mapping[str, Callable[[object], object]] = {
    "source_id": cells.number,
    "received_at": cells.moment,
    "occurred_at": cells.moment,
    "due_at": cells.end,
    "closed_at": cells.end,
    "rating": cells.rating,
    "request": lambda value: free_text(value) or None,
    "reply": lambda value: free_text(value) or None,
}


def free_text(value: object) -> str:
    """Read a free-text cell, "" where a machine wrote that there is none."""
    written = cells.text(value)
    return "" if cells.is_missing(written) else written


def is_empty(values: Iterable[object]) -> bool:
    """Tell whether no cell of a row says anything: such a row is no row (formatted rows below the data)."""
    return not any(value is not None and (not isinstance(value, str) or value.strip()) for value in values)


def converter(roles: Roles, *, source: Source, file: str) -> Callable[[int, Cells], RawFeedback | Reject]:
    """Plan once what to do with each column, and give the function that does it for a row that is not empty."""
    place = {name: index for index, name in enumerate(roles.columns)}
    text_header = roles.mapping.get("text")
    text_at = place[text_header] if text_header is not None else None
    known = [
        (place[header], name, header, _READERS.get(name, cells.label))
        for name, header in roles.mapping.items()
        if name != "text"
    ]
    customer = [(place[header], header, role) for header, role in roles.customer.items() if role != DROP]
    taken = {*roles.mapping.values(), *roles.customer}
    rest = [(index, name) for name, index in place.items() if name not in taken]

    def convert(row: int, values: Cells) -> RawFeedback | Reject:
        column = text_header
        try:
            text = _text(values[text_at]) if text_at is not None else ""
            if not text:
                return Reject(file, row, column, "正文为空")
            if text == text_header and tuple(values) == roles.columns:
                return Reject(file, row, column, "重复的表头行")
            found: dict[str, Any] = {}
            extra: dict[str, str] = {}
            for index, name, column, read in known:
                if (value := values[index]) is not None and value != "":
                    try:
                        found[name] = read(value)
                    except cells.LostDigits:
                        extra[column] = cells.text(value)
            people: list[tuple[str, str]] = []
            for index, column, role in customer:  # noqa: B007
                if (value := values[index]) is not None and value != "":
                    people += identifiers(value, role=role)
            for index, column in rest:
                if (value := values[index]) is not None and value != "" and (written := free_text(value).strip()):
                    extra[column] = written
        except cells.Unreadable as error:
            return Reject(file, row, column, str(error))
        return RawFeedback(
            source.name, source.kind, file, row, text, identifiers=tuple(dict.fromkeys(people)), extra=extra, **found
        )

    return convert


def _text(value: object) -> str:
    if isinstance(value, dict | list | tuple):
        raise cells.Unreadable("正文不是文字")
    return free_text(value)
