"""Storing deliveries: nothing lost, nothing twice."""

from dataclasses import replace
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from feedback_nlp.records import Feedback, Identifier, MaskedText, Reject
from feedback_nlp.store import tables as t
from feedback_nlp.store.deliveries import BatchRow, Counts, begin_batch, finish_batch, save_rows

TODAY = date(2026, 9, 30)


def batch(name: str = "b1") -> BatchRow:
    return BatchRow(name, "ledger", f"{name}.csv", name * 4, "gb18030", 1, {"text": "投诉内容"})


def record(number: int, *, text: str = "年费太高", source_id: str | None = "") -> Feedback:
    return Feedback(
        id=f"{number:020d}",
        source="ledger",
        source_kind="ledger",
        source_id=str(number) if source_id == "" else source_id,
        text=MaskedText(text),
        content=text,
        received_at=datetime(2026, 9, 1, 8),
        identifiers=(Identifier("手机号", f"{number:032d}", column=True),),
    )


def numbered(base: str, n: int) -> str:
    return f"{base[:10]}{n:010d}"


def store(engine: sa.Engine, rows: list[Feedback | Reject], name: str = "b1") -> Counts:
    with engine.begin() as connection:
        begin_batch(connection, batch(name), today=TODAY)
        return save_rows(connection, rows, batch_id=name, occurrence_id=numbered, today=TODAY)


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_every_row_is_new_updated_duplicate_or_rejected(engine: sa.Engine) -> None:
    first = store(engine, [record(1), record(2), Reject("b1.csv", 4, "投诉内容", "正文为空")])
    second = store(engine, [record(1), record(2, text="年费退了"), record(3)], "b2")
    assert first == Counts(rows=3, new=2, rejected=1)
    assert second == Counts(rows=3, new=1, updated=1, duplicate=1)
    assert count(engine, t.feedback) == 3
    assert count(engine, t.reject) == 1


def test_an_update_keeps_the_earlier_version_as_history(engine: sa.Engine) -> None:
    store(engine, [record(1)])
    store(engine, [record(1, text="年费退了")], "b2")
    with engine.connect() as connection:
        now = connection.execute(sa.select(t.feedback)).one()
        before = connection.execute(sa.select(t.feedback_history)).one()
    assert (now.version, now.text, now.batch_id) == (2, "年费退了", "b2")
    assert before.version == 1
    assert "年费太高" in before.body


def test_a_record_delivered_twice_in_one_chunk_counts_once_and_its_change_is_an_update(engine: sa.Engine) -> None:
    counts = store(engine, [record(1), record(1), record(1, text="年费退了")])
    assert counts == Counts(rows=3, new=1, duplicate=1, updated=1)


def test_equal_records_without_an_id_stay_as_many_as_they_are_however_they_are_chunked(engine: sa.Engine) -> None:
    same = record(7, text="垃圾", source_id=None)
    assert store(engine, [same] * 3).new == 3
    assert store(engine, [same] * 2).new == 2  # the same delivery goes on: the fourth and fifth
    with engine.begin() as connection:
        finish_batch(connection, "b1", today=TODAY)
    assert store(engine, [same] * 5, "b2").duplicate == 5  # delivered again
    assert count(engine, t.feedback) == 5


def test_a_batch_is_found_again_with_what_was_counted(engine: sa.Engine) -> None:
    store(engine, [record(1), record(2)])
    with engine.begin() as connection:
        assert begin_batch(connection, batch(), today=TODAY) == (Counts(rows=2, new=2), False)
        finish_batch(connection, "b1", today=TODAY)
        assert begin_batch(connection, batch(), today=TODAY) == (Counts(rows=2, new=2), True)


def test_a_transaction_that_fails_leaves_nothing(engine: sa.Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:
        begin_batch(connection, batch(), today=TODAY)
        save_rows(connection, [record(1)], batch_id="b1", occurrence_id=numbered, today=TODAY)
        raise RuntimeError
    assert count(engine, t.feedback) == 0
    assert count(engine, t.batch) == 0


def test_a_record_without_a_day_of_its_own_counts_on_the_day_it_was_taken_in(engine: sa.Engine) -> None:
    store(engine, [replace(record(1), received_at=None), record(2)])
    with engine.connect() as connection:
        days = dict(connection.execute(sa.select(t.feedback.c.source_id, t.feedback.c.counted_on)).all())
    assert days == {"1": TODAY, "2": date(2026, 9, 1)}


def test_a_corrected_telephone_replaces_the_wrong_one(engine: sa.Engine) -> None:
    store(engine, [record(1)])
    corrected = replace(record(1, text="换了号码"), identifiers=(Identifier("手机号", "f" * 32, column=True),))
    store(engine, [corrected], "b2")
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(t.identifier.c.hmac))) == ["f" * 32]


def test_a_half_read_batch_of_a_file_that_has_changed_since_is_closed(engine: sa.Engine) -> None:
    store(engine, [record(1)])
    with engine.begin() as connection:
        begin_batch(connection, replace(batch("b2"), file="b1.csv"), today=TODAY)
        open_ids = list(connection.scalars(sa.select(t.batch.c.id).where(t.batch.c.finished_on.is_(None))))
    assert open_ids == ["b2"]
