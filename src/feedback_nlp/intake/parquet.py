"""Read Parquet in batches."""

from __future__ import annotations

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
        raise SenderError(
            f"{examined.path.name}: the Parquet file is damaged; ask the sender to write it again"
        ) from None

    def records() -> Records:
        number = 0
        with pq.ParquetFile(examined.path) as file:
            for batch in file.iter_batches(batch_size=policy()["limits"]["batch_rows"]):
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    if not is_empty(values):
                        yield number, values

    return Table("parquet", header_of(names), None, records)
