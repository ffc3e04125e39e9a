"""Read Parquet in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.header import header_of
from feedback_nlp.intake.rows import Records, Table, is_empty
from feedback_nlp.intake.sniff import Examined
from feedback_nlp.intake.source import policy


def open_parquet(examined: Examined) -> Table:
    """Read the schema; rows are numbered from 1, since there is no header row."""
    try:
        with pq.ParquetFile(examined.path) as file:
            names = tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError):
        raise SenderError(_damaged(examined.path)) from None

    def records() -> Records:
        for number, values in enumerate(_rows(examined.path), start=1):
            if not is_empty(values):
                yield number, values

    return Table("parquet", header_of(names), None, records)


def _rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """Run through the rows; damage shows only when their batch is unpacked, or as values that Python cannot hold."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=policy()["limits"]["batch_rows"]):
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise SenderError(_damaged(path)) from None


def _damaged(path: Path) -> str:
    return f"{path.name}: the Parquet file is damaged; ask the sender to write it again"
