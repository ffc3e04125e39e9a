from __future__ import annotations

import json
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
        ("SELECT missing FROM t", None, r"feed: the query fails \(OperationalError SQLITE_ERROR\)"),
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


def test_an_error_while_rows_are_read_does_not_quote_them(tmp_path: Path, source: Source) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'broken.db'}")
    broken = "张三13800138000".encode() + b"\xff"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (content TEXT)"))
        connection.execute(text("INSERT INTO t VALUES (CAST(:c AS TEXT))"), {"c": broken})
    with pytest.raises(SenderError, match="OperationalError") as caught:
        open_query(engine, "SELECT content FROM t", source=source)
    assert "张三" not in str(caught.value)
    assert "138" not in str(caught.value)


def test_postgresql_names_its_error_by_sqlstate_alone(postgres_url: str, source: Source) -> None:
    query = "SELECT CAST(content AS numeric) AS content FROM (SELECT '张三138' || random() AS content) t"
    with pytest.raises(SenderError, match="InvalidTextRepresentation 22P02") as caught:
        open_query(postgres_url, query, source=source)
    assert "张三" not in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "low", "high"),
    [
        ("NUMERIC(20,2)", "9.50", "10.25"),  # as texts, 9.50 would come after 10.25
        ("NUMERIC", "9", "10"),
        ("BIGINT", "9", "9007199254740993"),
        ("TIMESTAMP", "2026-04-05 09:00:00", "2026-04-05 10:00:00.000001"),
        ("UUID", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000a"),
        ("BYTEA", "\\x01", "\\x0a"),
    ],
)
def test_a_watermark_of_any_type_outlives_json_and_is_compared_as_its_own_type(
    type_: str, low: str, high: str, store_url: str, source: Source
) -> None:
    if store_url.startswith("sqlite") and type_ in {"UUID", "BYTEA"}:
        type_ = "TEXT"
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE fed (id TEXT, content TEXT, mark {type_})"))
        for name, mark in (("low", low), ("high", high)):
            connection.execute(
                text(
                    f"INSERT INTO fed VALUES ('{name}', '排队太久', CAST('{mark}' AS {type_}))"
                    if engine.dialect.name == "postgresql"
                    else f"INSERT INTO fed VALUES ('{name}', '排队太久', '{mark}')"
                )
            )
    query = "SELECT id, content, mark FROM fed"
    first = open_query(engine, query, source=source, watermark_column="mark")
    assert ids(first.rows()) == ["low", "high"]
    after = json.loads(json.dumps(first.last_watermark))
    assert ids(open_query(engine, query, source=source, watermark_column="mark", after=after).rows()) == ["high"]
    engine.dispose()
