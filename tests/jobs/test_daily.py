"""The daily path, on SQLite and PostgreSQL: nothing lost, nothing twice, in any number of runs."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.daily import run_daily
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import Counts


def rows(work: Workplace, table: sa.Table) -> list[tuple[object, ...]]:
    with work.engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)


def everything(work: Workplace) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows(work, table) for name, table in t.metadata.tables.items() if name != "run"}


def test_every_delivered_row_is_accounted_for(work: Workplace, inbox: Path) -> None:
    day = run_daily(work, [inbox])
    counts = {item.file: item.counts for item in day.taken_in}
    assert counts == {
        "ledger_2026Q2.csv": Counts(rows=60, new=58, rejected=2),
        "ledger_2026Q3.csv": Counts(rows=45, new=15, updated=1, duplicate=29),
        "survey_2026.jsonl": Counts(rows=21, new=20, rejected=1),
    }
    assert day.classified == 58 + 15 + 20
    with work.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(t.feedback)) == 93


def test_a_second_run_changes_no_table(work: Workplace, inbox: Path) -> None:
    run_daily(work, [inbox])
    before = everything(work)
    day = run_daily(work, [inbox])
    assert all(item.known for item in day.taken_in)
    assert everything(work) == before


def test_the_order_in_which_files_come_in_does_not_matter_for_what_is_stored(
    open_work: Callable[..., Workplace], inbox: Path
) -> None:
    work = open_work()
    run_daily(work, [inbox / "survey_2026.jsonl"])
    run_daily(work, [inbox / "ledger_2026Q2.csv"])
    run_daily(work, [inbox])
    assert len(rows(work, t.feedback)) == 93


def test_repeats_of_one_customer_and_the_same_letter_share_a_case(work: Workplace, inbox: Path) -> None:
    run_daily(work, [inbox])
    with work.engine.connect() as connection:
        whys = set(connection.scalars(sa.select(t.case_member.c.why)))
        events = connection.scalar(sa.select(sa.func.max(t.complaint_case.c.events)))
    assert any("同一客户" in why for why in whys)
    assert any("内容基本相同" in why for why in whys)
    assert events is not None and events > 1


def test_every_open_case_with_a_clock_is_scored_with_parts_that_add_up(work: Workplace, inbox: Path) -> None:
    import json

    day = run_daily(work, [inbox])
    scored = rows(work, t.triage)
    assert len(scored) == day.scored > 0
    for _, score, parts, floor, *_ in scored:
        total = 100 * sum(part["value"] * part["weight"] for part in json.loads(str(parts)))
        assert score == pytest.approx(total, abs=0.051) or (floor and float(str(score)) >= total)


def test_no_phone_number_of_a_customer_is_anywhere_in_the_store(work: Workplace, inbox: Path) -> None:
    run_daily(work, [inbox])
    assert "1380013" in (inbox / "ledger_2026Q2.csv").read_text("gb18030")
    for name, content in everything(work).items():
        assert not any("1380013" in str(value) for row in content for value in row), name


def test_a_delivery_that_cannot_be_read_stands_in_nobody_elses_way(work: Workplace, inbox: Path) -> None:
    (inbox / "ledger_0.csv").write_bytes(b"")
    day = run_daily(work, [inbox])
    failed = [item for item in day.taken_in if item.error]
    assert [item.file for item in failed] == ["ledger_0.csv"]
    assert len(rows(work, t.feedback)) == 93
    assert "ledger_0.csv" not in {row[2] for row in rows(work, t.batch)}


def test_an_input_that_does_not_exist_is_refused_before_anything_is_stored(work: Workplace, tmp_path: Path) -> None:
    with pytest.raises(SenderError, match="no such file"):
        run_daily(work, [tmp_path / "nowhere"])
    assert rows(work, t.batch) == []


def test_a_store_filled_with_another_key_is_refused(
    open_work: Callable[..., Workplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_work()
    monkeypatch.setenv("FEEDBACK_NLP_KEY", "another key of enough length")
    with pytest.raises(OperatorError, match="FEEDBACK_NLP_KEY"):
        open_work()


def test_yesterdays_cases_grow_today(open_work: Callable[..., Workplace], inbox: Path) -> None:
    run_daily(open_work(date(2026, 6, 30)), [inbox / "ledger_2026Q2.csv"])
    before = {row[0]: row for row in rows(open_work(), t.case_member)}
    run_daily(open_work(), [inbox])
    after = {row[0]: row for row in rows(open_work(), t.case_member)}
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_a_database_is_read_incrementally_and_rows_that_share_the_last_moment_are_not_lost(
    open_work: Callable[..., Workplace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from feedback_nlp.settings import Feed

    url = f"sqlite:///{tmp_path / 'crm.db'}"
    monkeypatch.setenv("CRM_URL", url)
    crm = sa.create_engine(url)
    with crm.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tickets (id TEXT, content TEXT, created_at TEXT)")
        for number in range(50):
            connection.exec_driver_sql(
                "INSERT INTO tickets VALUES (?, ?, ?)",
                (f"T{number}", f"第{number}次转账失败", f"2026-09-{1 + number // 5:02d}"),
            )
    query = "SELECT id, content, created_at FROM tickets"
    feed = Feed("crm", "hotline", url="CRM_URL", query=query, watermark="created_at")
    work = open_work()
    work = replace(work, settings=replace(work.settings, feeds=(feed,)))
    assert run_daily(work, []).taken_in[0].counts.new == 50
    before = everything(work)
    run_daily(work, [])
    assert everything(work) == before
    with crm.begin() as connection:  # two more at the very moment the last run stopped at, one later
        for name, day in (("T50", "10"), ("T51", "10"), ("T52", "11")):
            connection.exec_driver_sql(
                "INSERT INTO tickets VALUES (?, ?, ?)", (name, "又扣了一次年费", f"2026-09-{day}")
            )
    assert run_daily(work, []).taken_in[0].counts.new == 3
    crm.dispose()


def test_words_that_cannot_be_told_from_a_redelivery_are_pointed_out(work: Workplace, tmp_path: Path) -> None:
    for name in ("survey_1.csv", "survey_2.csv"):
        (tmp_path / name).write_text(f"评论内容\n垃圾\n{name}很难用\n", encoding="utf-8")
    first, second = run_daily(work, [tmp_path / "survey_1.csv", tmp_path / "survey_2.csv"]).taken_in
    assert first.note is None
    assert second.counts == Counts(rows=2, new=1, duplicate=1)
    assert second.note is not None and "neither id nor date" in second.note
