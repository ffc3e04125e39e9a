"""Opening a store."""

from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from feedback_nlp.errors import OperatorError
from feedback_nlp.store import open as opening
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import claim_key, connect, describe, only_run, open_store
from feedback_nlp.store.tables import metadata


def test_the_migrations_give_exactly_the_tables_that_the_code_expects(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_opening_twice_changes_nothing(store_url: str) -> None:
    open_store(store_url).dispose()
    engine = open_store(store_url)
    assert set(metadata.tables) < set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_a_second_run_is_refused_while_one_is_working(engine: sa.Engine, store_url: str) -> None:
    other = connect(store_url)
    with only_run(engine), pytest.raises(OperatorError, match="another run"), only_run(other):
        pass
    with only_run(other):
        pass
    other.dispose()


def test_a_store_keeps_to_the_key_it_was_filled_with(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        claim_key(connection, "aaaa1111")
        claim_key(connection, "aaaa1111")
    with pytest.raises(OperatorError, match="FEEDBACK_NLP_KEY"), engine.begin() as connection:
        claim_key(connection, "bbbb2222")


@pytest.mark.parametrize(
    "url", ["not a url", "nosuchdb://x/y", "postgresql+psycopg://nobody:secret@127.0.0.1:1/none?connect_timeout=2"]
)
def test_a_store_that_cannot_be_opened_is_one_clear_sentence_without_the_password(url: str) -> None:
    with pytest.raises(OperatorError) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.db'}"
    engine = open_store(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(OperatorError, match="newer"):
        open_store(url)


def test_a_damaged_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(OperatorError, match=r"damaged\.db"):
        open_store(f"sqlite:///{path}")


def test_describe_hides_the_password() -> None:
    assert "secret" not in describe("postgresql+psycopg://me:secret@host/db")


def test_a_store_of_the_first_version_keeps_its_cases_when_it_is_opened(store_url: str) -> None:
    engine = connect(store_url)
    config = Config()
    config.set_main_option("script_location", str(opening._MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO complaint_case (id, theme, opened_on, events, customers, policy) "
            "VALUES ('1a2b', 'loan/pricing.fee', '2026-09-01', 2, 1, 'cases-1')"
        )
        connection.exec_driver_sql(
            "INSERT INTO batch (id, source, file, input_hash, mapping, rows_read, new, updated, duplicate, rejected, "
            "taken_in_on) VALUES ('b', 'ledger', 'f', 'h', '{}', 1, 1, 0, 0, 0, '2026-09-01')"
        )
        connection.exec_driver_sql(
            "INSERT INTO feedback (id, version, settled_version, settled_by, batch_id, content, counted_on, source, "
            "source_kind, text, flags, extra) "
            "VALUES ('f', 1, 1, 'cases-1', 'b', 'c', '2026-09-01', 'ledger', 'ledger', '跳楼', '', '{}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO text_facts (feedback_id, version, vulnerable, level, hits, policy) VALUES "
            '(\'f\', 1, \'\', 3, \'[{"kind": "self_harm", "cue": "跳楼", "start": 0, "end": 2, "level": 3}]\', \'e\')'
        )
        connection.exec_driver_sql("INSERT INTO case_band (band, feedback_id) VALUES ('a00ff', 'f')")
    engine.dispose()
    engine = open_store(store_url)
    with engine.connect() as connection:
        case = connection.execute(sa.select(t.complaint_case)).one()
        hits = connection.scalar(sa.select(t.text_facts.c.hits))
        band = connection.scalar(sa.select(t.case_band.c.band))
    engine.dispose()
    assert (hits, band) == ("[]", "2609a00ff")  # read again, and filed by the month it came in
    assert (case.id, case.events, case.state, case.level, case.opened_on) == (
        "1a2b",
        2,
        "received",
        0,
        date(2026, 9, 1),
    )


def test_what_people_have_done_to_a_case_cannot_be_changed_or_removed(engine: sa.Engine) -> None:
    day = datetime(2026, 9, 30, 9)
    step = {"at": day, "recorded_at": day, "actor": "张三", "action": "accept", "from_state": "received"}
    with engine.begin() as connection:
        connection.execute(
            t.case_event.insert().values(case_id="1a2b", seq=1, to_state="accepted", note="", details="{}", **step)
        )
    for statement in (t.case_event.update().values(actor="李四"), t.case_event.delete()):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(t.case_event.c.actor)) == "张三"
