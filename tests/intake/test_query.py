from __future__ import annotations

from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake import Source, open_query
from feedback_nlp.records import RawFeedback

QUERY = "SELECT id, content, at AS 受理日期, seq FROM t WHERE note <> ':x' AND note NOT LIKE '%y';"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{tmp_path / 'source.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (id TEXT, content TEXT, at TEXT, seq INTEGER, note TEXT)"))
        rows = [
            {"i": f"T{n}", "c": f"第{n}次投诉", "a": f"2026-04-{n:02} 09:00", "s": n // 2, "n": "z"}
            for n in range(1, 10)
        ]
        connection.execute(text("INSERT INTO t VALUES (:i, :c, :a, :s, :n)"), rows)
    return engine


def ids(rows: object) -> list[str | None]:
    return [row.source_id for row in rows if isinstance(row, RawFeedback)]  # type: ignore[attr-defined]


def test_the_answer_of_a_query_is_a_delivery(engine: Engine, source: Source) -> None:
    delivery = open_query(engine, QUERY, source=source)
    first = next(delivery.rows())
    assert isinstance(first, RawFeedback)
    assert (first.file, first.row, first.source_id, first.text, first.received_at) == (
        "feed",
        1,
        "T1",
        "第1次投诉",
        datetime(2026, 4, 1, 9),
    )
    assert first.extra == {"seq": "0"}
    assert ids(delivery.rows(7)) == ["T8", "T9"]


def test_the_watermark_of_a_chunk_leads_to_all_that_was_not_in_it(engine: Engine, source: Source) -> None:
    everything = [f"T{n}" for n in range(1, 10)]
    for cut in range(1, 9):
        delivery = open_query(engine, QUERY, source=source, watermark_column="seq")
        chunk = ids(islice(delivery.rows(), cut))
        again = open_query(engine, QUERY, source=source, watermark_column="seq", after=delivery.last_watermark)
        rest = ids(again.rows())
        assert set(chunk) | set(rest) == set(everything)
        assert len(rest) <= len(everything) - cut + 2  # only rows that share the watermark come twice
        assert again.sha256 != delivery.sha256


def test_rows_that_come_later_with_the_last_watermark_are_not_lost(engine: Engine, source: Source) -> None:
    delivery = open_query(engine, QUERY, source=source, watermark_column="受理日期")
    list(delivery.rows())
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES ('T10', '同一刻', '2026-04-09 09:00', 4, 'z')"))
    later = open_query(engine, QUERY, source=source, watermark_column="受理日期", after=delivery.last_watermark)
    assert ids(later.rows()) == ["T9", "T10"]


def test_no_new_rows_is_no_error(engine: Engine, source: Source) -> None:
    delivery = open_query(engine, QUERY, source=source, watermark_column="seq", after=99)
    assert list(delivery.rows()) == []
    assert delivery.last_watermark is None


@pytest.mark.parametrize(
    ("query", "watermark", "message"),
    [
        ("SELECT missing FROM t", None, r"feed: the query fails \(no such column: missing\)"),
        ("SELEC 1", None, "feed: the query fails"),
        ("DELETE FROM t", None, "write a SELECT"),
        ("SELECT seq FROM t", None, "columns = {"),
        ("SELECT id, content FROM t", "seq", "feed: the query"),
    ],
)
def test_a_wrong_query_is_said_before_any_row(
    query: str, watermark: str | None, message: str, engine: Engine, source: Source
) -> None:
    with pytest.raises(SenderError, match=message):
        open_query(engine, query, source=source, watermark_column=watermark)
    assert len(ids(open_query(engine, QUERY, source=source).rows())) == 9  # and nothing was changed


def test_a_database_out_of_reach_is_the_operators_matter_and_no_password_is_shown(
    tmp_path: Path, source: Source
) -> None:
    with pytest.raises(OperatorError, match="cannot be reached"):
        open_query(f"sqlite:///{tmp_path}/none/x.db", "SELECT 1", source=source)
    with pytest.raises(OperatorError, match="URL") as caught:
        open_query("nosuch://user:geheim@host/db", "SELECT 1", source=source)
    assert "geheim" not in str(caught.value)
