from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.records import RawFeedback


def test_the_types_of_parquet_are_read(tmp_path: Path, source: Source) -> None:
    moment = datetime(2026, 4, 5, 12, 30)
    table = pa.table(
        {
            "text": pa.array(["好", None, None, "差"]).dictionary_encode(),
            "id": pa.array([110101199003077777, 2, None, 4], pa.int64()),
            "received_at": pa.array(
                [moment.replace(tzinfo=UTC), moment.replace(tzinfo=UTC), None, None], pa.timestamp("ns", "UTC")
            ),
            "due_at": pa.array([date(2026, 4, 20), None, None, date(2026, 5, 1)], pa.date32()),
            "closed_at": pa.array([moment, None, None, None], pa.timestamp("ms")),
            "rating": pa.array([4.0, 1.0, None, None], pa.float32()),
            "amount": pa.array([Decimal("12.50"), None, None, None], pa.decimal128(10, 2)),
            "tags": pa.array([["a"], None, None, []], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, path := tmp_path / "feed.parquet", row_group_size=2)
    delivery = open_delivery(path, source=source)
    first, second, third = delivery.rows()
    assert isinstance(first, RawFeedback)
    assert (delivery.format, delivery.header_row, first.row, third.row) == ("parquet", None, 1, 4)
    assert (first.source_id, first.rating) == ("110101199003077777", 4.0)
    assert (first.received_at, first.due_at, first.closed_at) == (
        datetime(2026, 4, 5, 20, 30),
        datetime(2026, 4, 20),
        moment,
    )
    assert first.extra == {"amount": "12.50", "tags": '["a"]'}
    assert second.reason == "正文为空"  # type: ignore[union-attr]
    assert list(delivery.rows(2)) == [third]


def test_damage_in_the_middle_is_said_in_one_sentence(tmp_path: Path, source: Source) -> None:
    texts = [f"第{n}次去网点排队{n * 7919 % 1000}分钟" for n in range(5_000)]
    pq.write_table(
        pa.table({"text": texts}), path := tmp_path / "feed.parquet", row_group_size=2_500, use_dictionary=False
    )
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[start + 60 : start + 2_000] = b"\xff" * 1_940
    path.write_bytes(content)
    delivery = open_delivery(path, source=source)
    with pytest.raises(SenderError, match=r"^feed\.parquet: the Parquet file is damaged; ask the sender"):
        list(delivery.rows())
