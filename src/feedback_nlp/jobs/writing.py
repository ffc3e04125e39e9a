"""Write a table row by row as CSV, Excel, JSONL or Parquet; it appears under its name only when it is complete."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from feedback_nlp.errors import OperatorError
from feedback_nlp.report.cells import safe

Line = Sequence[Any]
Write = Callable[[Sequence[Line]], None]
EXCEL_ROWS = 1_048_576


@contextmanager
def open_writer(target: Path, columns: Sequence[str]) -> Iterator[Write]:
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
    except OSError as error:
        raise OperatorError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        yield lambda lines: out.writerows([_harmless(value) for value in line] for line in lines)


def _harmless(value: Any) -> Any:
    return safe(value) if isinstance(value, str) else value


@contextmanager
def _jsonl(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:

        def write(lines: Sequence[Line]) -> None:
            for line in lines:
                file.write(json.dumps(dict(zip(columns, line, strict=True)), ensure_ascii=False) + "\n")

        yield write


@contextmanager
def _parquet(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    writer: pq.ParquetWriter | None = None

    def write(lines: Sequence[Line]) -> None:
        nonlocal writer
        table = pa.table({name: [line[index] for line in lines] for index, name in enumerate(columns)})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)

    yield write
    if writer:
        writer.close()
    else:
        pq.write_table(pa.table({name: pa.array([], pa.string()) for name in columns}), path)


@contextmanager
def _excel(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
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
    book.close()
