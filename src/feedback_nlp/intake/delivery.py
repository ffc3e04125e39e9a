"""Open a delivery: one file or one query, as a stream of ``RawFeedback`` and ``Reject``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.columns import Roles, assign, may_be_name
from feedback_nlp.intake.delimited import open_delimited
from feedback_nlp.intake.encoding import BROKEN, detect
from feedback_nlp.intake.guess import no_header, with_text
from feedback_nlp.intake.jsonl import keyed_converter, open_jsonl, starts_like_json
from feedback_nlp.intake.parquet import open_parquet
from feedback_nlp.intake.rows import Broken, Records, Table, converter
from feedback_nlp.intake.sniff import Examined, examine
from feedback_nlp.intake.source import Source, policy
from feedback_nlp.intake.workbook import open_workbook
from feedback_nlp.records import RawFeedback, Reject


@dataclass
class Delivery:
    """One delivery whose shape is understood; nothing of its rows is held."""

    file: str  # file name without folders, or the name of the query's source
    format: str  # what the content is, whatever the name says: csv, jsonl, xlsx, xls, xlsb, ods, parquet, sql
    sha256: str  # of the bytes; for a query of its text and starting point, so there it says nothing about the answer
    encoding: str | None  # None for formats that are no text
    header_row: int | None  # 1-based, the last header row; None where the format needs none
    mapping: Mapping[str, str]  # field of RawFeedback → header
    customer_columns: Mapping[str, str]  # header → identifier type, or "(dropped)"
    _records: Callable[[], Records] = field(repr=False)
    _convert: Callable[[int, Any], RawFeedback | Reject] = field(repr=False)
    last_watermark: Any = None  # of a query: of the last row that ``rows`` has given out

    def rows(self, start: int = 0) -> Iterator[RawFeedback | Reject]:
        """Run through the rows from the ``start``-th on (0-based); each row that has any content gives one record.

        Raises SenderError where the rest cannot be read.
        """
        try:
            for number, values in islice(self._records(), start, None):
                if isinstance(values, Broken):
                    yield Reject(self.file, number, None, values.reason)
                else:
                    yield self._convert(number, values)
        except OSError as error:  # a disk or share that went away
            raise SenderError(
                f"{self.file}: it cannot be read to its end ({error.strerror}); check the disk and deliver it again"
            ) from None


def open_delivery(path: Path, *, source: Source) -> Delivery:
    """Read a file far enough to know its format, encoding, header and columns.

    The content decides where it contradicts the name: a workbook called .csv is read as a workbook. Raises SenderError,
    before any row is given out, for a file that cannot be read, has no text column or no data rows.
    """
    examined = examine(path)
    table = _table(examined, source=source)
    roles = understand(table, source=source, file=path.name)
    plan = keyed_converter if table.format == "jsonl" else converter
    return Delivery(
        path.name,
        table.format,
        examined.sha256,
        table.encoding,
        table.header_row,
        roles.mapping,
        roles.customer,
        table.records,
        plan(roles, source=source, file=path.name),
    )


def understand(table: Table, *, source: Source, file: str, may_be_empty: bool = False) -> Roles:
    """Give each column its role, by name and, for the text alone, by content."""
    sample = [values for _, values in islice(table.records(), policy()["guess"]["sample_rows"])]
    if not sample and not may_be_empty:
        raise SenderError(f"{file}: there are no data rows; ask the sender to deliver it again")
    names = table.header.names
    rows = [
        [row.get(name) for name in names] if isinstance(row, dict) else row
        for row in sample
        if not isinstance(row, Broken)
    ]
    if not names:
        raise SenderError(f"{file}: no row could be read; the first is refused because: {_first_reason(sample)}")
    if any(BROKEN in name for name in names):
        raise SenderError(f"{file}: the header cannot be read as {table.encoding}; correct encoding of this source")
    named_by_us = source.columns or table.format == "sql"
    if not named_by_us and not all(map(may_be_name, names)):
        raise SenderError(no_header(source=source, file=file))
    roles = assign(names, source=source, full=table.header.full, where=file)
    return with_text(roles, sample=rows, source=source, file=file)


def _first_reason(sample: list[Any]) -> str:
    return next((each.reason for each in sample if isinstance(each, Broken)), "it is empty")


def _table(examined: Examined, *, source: Source) -> Table:
    if examined.kind == "parquet":
        return open_parquet(examined)
    if examined.kind not in {"text", "jsonl"}:
        return open_workbook(examined, source=source)
    encoding = source.encoding or detect(examined.samples, name=examined.path.name)
    if examined.kind == "jsonl" or starts_like_json(examined, encoding=encoding):
        return open_jsonl(examined, source=source, encoding=encoding)
    return open_delimited(examined, source=source, encoding=encoding)
