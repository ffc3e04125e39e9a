"""Write a table row by row as CSV, Excel, JSONL or Parquet; it appears under its name only when it is complete."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from feedback_nlp.errors import OperatorError
from feedback_nlp.report.cells import safe
from feedback_nlp.report.workbook import EXCEL_ROWS

Line = Sequence[Any]
Write = Callable[[Sequence[Line]], None]
Columns = Mapping[str, type]
"""Header → str, float or bool, in the order of a line's values."""
_ARROW = {str: pa.string(), float: pa.float64(), bool: pa.bool_()}


@contextmanager
def open_writer(target: Path, columns: Columns) -> Iterator[Write]:
    """Give a function that writes lines; the ending of the file name decides the format.

    CSV is UTF-8 with a byte order mark, so that Excel shows Chinese; in CSV and Excel a text that would be read as a
    formula is disarmed.
    """
    writers = {".csv": _csv, ".xlsx": _excel, ".jsonl": _jsonl, ".parquet": _parquet}
    writer = writers.get(target.suffix.lower())
    if writer is None:
        raise OperatorError(f"{target}: cannot write '{target.suffix}'; use one of {', '.join(writers)}")
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with writer(partial, columns) as write:
            yield write
        partial.replace(target)
    except (OSError, FileCreateError) as error:
        raise OperatorError(f"{target}: cannot be written ({getattr(error, 'strerror', None) or error})") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path, columns: Columns) -> Iterator[Write]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        yield lambda lines: out.writerows([_harmless(value) for value in line] for line in lines)


def _harmless(value: Any) -> Any:
    return safe(value) if isinstance(value, str) else value


@contextmanager
def _jsonl(path: Path, columns: Columns) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:

        def write(lines: Sequence[Line]) -> None:
            for line in lines:
                file.write(json.dumps(dict(zip(columns, line, strict=True)), ensure_ascii=False) + "\n")

        yield write


@contextmanager
def _parquet(path: Path, columns: Columns) -> Iterator[Write]:
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])
    with pq.ParquetWriter(path, schema) as file:

        def write(lines: Sequence[Line]) -> None:
            rows = [dict(zip(columns, line, strict=True)) for line in lines]
            file.write_table(pa.Table.from_pylist(rows, schema=schema))

        yield write


@contextmanager
def _excel(path: Path, columns: Columns) -> Iterator[Write]:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, columns)
        sheet.freeze_panes(1, 0)
        filled = 1

        def write(lines: Sequence[Line]) -> None:
            nonlocal filled
            if filled + len(lines) > EXCEL_ROWS:
                raise OperatorError(
                    f"{path.name}: more rows than an Excel sheet holds ({EXCEL_ROWS:,}); write .csv or .parquet"
                )
            for line in lines:
                sheet.write_row(filled, 0, [_harmless(value) for value in line])
                filled += 1

        yield write
