"""The daily path, on SQLite and PostgreSQL: nothing lost, nothing twice, in any number of runs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.classify import reclassify
from feedback_nlp.jobs.daily import run_daily
from feedback_nlp.jobs.workplace import Workplace, load_predictor
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.priority.triage import severity
from feedback_nlp.records import MaskedText, Prediction
from feedback_nlp.settings import Feed
from feedback_nlp.store import tables as t
from feedback_nlp.store.deliveries import Counts


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


def test_several_runs_store_what_one_run_does(open_work: Callable[..., Workplace], inbox: Path) -> None:
    work = open_work()
    run_daily(work, [inbox / "survey_2026.jsonl"])
    run_daily(work, [inbox / "ledger_2026Q2.csv"])
    run_daily(work, [inbox])
    assert len(rows(work, t.feedback)) == 93
    with work.engine.connect() as connection:
        by_case = connection.execute(sa.select(t.case_member.c.feedback_id, t.case_member.c.case_id)).all()
    assert len({row.feedback_id for row in by_case}) == len(by_case) > 40


def ledger(folder: Path, name: str, *lines: str) -> Path:
    path = folder / f"ledger_{name}.csv"
    path.write_text("工单号,受理日期,投诉内容,投诉电话,办结日期\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def the_case(work: Workplace) -> sa.Row[Any]:
    with work.engine.connect() as connection:
        return connection.execute(
            sa.select(t.complaint_case, t.triage.c.score).outerjoin_from(t.complaint_case, t.triage)
        ).one()


def test_a_new_limit_holds_for_the_cases_that_are_open_already(work: Workplace, tmp_path: Path) -> None:
    run_daily(work, [ledger(tmp_path, "1", "1,2026-09-25,信用卡年费太高,13800138000,")])
    assert the_case(work).due_on == date(2026, 10, 10)
    rule = replace(work.policy.sla.rule[0], limit=5)
    stricter = replace(work.policy, sla=replace(work.policy.sla, rule=(rule,), version="sla-2"))
    run_daily(replace(work, policy=stricter), [])
    assert the_case(work).due_on == date(2026, 9, 30)
    assert the_case(work).score >= work.policy.triage.floors.due


def test_a_customer_who_writes_again_after_the_answer_opens_the_case_again(work: Workplace, tmp_path: Path) -> None:
    run_daily(work, [ledger(tmp_path, "1", "1,2026-09-01,信用卡年费太高,13800138000,2026-09-05")])
    assert the_case(work).closed_on == date(2026, 9, 5)
    run_daily(work, [ledger(tmp_path, "2", "2,2026-09-20,信用卡年费还是太高,13800138000,")])
    assert (the_case(work).closed_on, the_case(work).events) == (None, 2)


def test_the_gravest_thing_a_case_speaks_of_gives_its_theme_whenever_it_was_said(
    work: Workplace, tmp_path: Path
) -> None:
    lines = ("1,2026-09-20,信用卡客服态度恶劣，说话不耐烦,13800138000,", "2,2026-09-25,信用卡年费太高,13800138000,")
    run_daily(work, [ledger(tmp_path, "1", *lines)])
    told = {row.leaf: severity(row.leaf, policy=work.policy.triage) for row in current_predictions(work)}
    assert told == {"service.attitude": 0.3, "pricing.fee": 0.4}
    assert (the_case(work).events, the_case(work).theme) == (2, "credit_card/pricing.fee")


def test_a_correction_of_the_text_that_makes_it_no_complaint_takes_it_out_of_its_case(
    work: Workplace, tmp_path: Path
) -> None:
    work = replace(work, policy=replace(work.policy, cases=no_ledger(work.policy.cases)))
    run_daily(work, [ledger(tmp_path, "1", "1,2026-09-20,信用卡年费太高要求退还,13800138000,")])
    assert the_case(work).events == 1
    run_daily(work, [ledger(tmp_path, "2", "1,2026-09-20,感谢柜员小李，服务热情周到,13800138000,")])
    assert rows(work, t.complaint_case) == rows(work, t.case_member) == rows(work, t.triage) == []


def test_an_update_that_leaves_the_text_alone_is_not_classified_again(work: Workplace, tmp_path: Path) -> None:
    run_daily(work, [ledger(tmp_path, "1", "1,2026-09-20,信用卡年费太高,13800138000,")])
    day = run_daily(work, [ledger(tmp_path, "2", "1,2026-09-20,信用卡年费太高,13800138000,2026-09-22")])
    assert (day.taken_in[0].counts.updated, day.classified) == (1, 0)
    assert the_case(work).closed_on == date(2026, 9, 22)


def current_predictions(work: Workplace) -> list[Any]:
    with work.engine.connect() as connection:
        return list(connection.execute(sa.select(t.prediction).where(t.prediction.c.current)))


def no_ledger(policy: CasesPolicy) -> CasesPolicy:
    return replace(policy, opens=replace(policy.opens, always=()))


def test_reclassifying_keeps_the_earlier_predictions_and_is_done_once(work: Workplace, inbox: Path) -> None:
    run_daily(work, [inbox])
    predictor = load_predictor(work.settings)

    class Renamed:
        name = "another"

        def predict(self, texts: Sequence[MaskedText]) -> list[Prediction]:
            return [replace(item, release="another") for item in predictor.predict(texts)]

    assert reclassify(work, Renamed()) == 93
    assert reclassify(work, Renamed()) == 0
    assert {row.release for row in current_predictions(work)} == {"another"}
    with work.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(t.prediction)) == 2 * 93


def test_an_amount_that_no_small_number_holds_can_be_stored(work: Workplace, tmp_path: Path) -> None:
    run_daily(work, [ledger(tmp_path, "1", "1,2026-09-20,公司账户里4800万元被冻结,13800138000,")])
    with work.engine.connect() as connection:
        assert connection.scalar(sa.select(t.text_facts.c.amount_fen)) == 4_800_000_000


def test_a_source_that_cannot_be_reached_stands_in_nobody_elses_way(
    work: Workplace, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_URL", "postgresql+psycopg://me:secret@127.0.0.1:1/none?connect_timeout=2")
    feed = Feed("crm", "hotline", url="CRM_URL", query="SELECT 1 AS id, 'x' AS content")
    work = replace(work, settings=replace(work.settings, feeds=(*work.settings.feeds, feed)))
    (inbox / "exposure.csv").write_text("nothing of use\n", encoding="utf-8")
    day = run_daily(work, [inbox])
    assert {item.file for item in day.taken_in if item.error} == {"crm", "exposure.csv"}
    assert day.classified == 93


def test_names_and_numbers_of_people_in_a_file_name_are_not_stored(work: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "投诉人王建国13800138000.csv"
    path.write_text("编号,评论内容\n1,年费太高\n", encoding="utf-8")
    run_daily(work, [path])
    assert not any("王建国" in str(row) or "13800138000" in str(row) for row in everything(work).items())


def test_repeats_of_one_customer_and_the_same_letter_share_a_case(work: Workplace, inbox: Path) -> None:
    run_daily(work, [inbox])
    with work.engine.connect() as connection:
        whys = set(connection.scalars(sa.select(t.case_member.c.why)))
        events = connection.scalar(sa.select(sa.func.max(t.complaint_case.c.events)))
    assert any("同一客户" in why for why in whys)
    assert any("内容基本相同" in why for why in whys)
    assert events is not None and events > 1


def test_every_open_case_with_a_clock_is_scored_with_parts_that_add_up(work: Workplace, inbox: Path) -> None:
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


def test_what_the_ledger_registers_of_amount_and_people_counts(work: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "ledger_1.csv"
    path.write_text(
        "工单号,受理日期,投诉内容,投诉金额(万元),投诉人数\n1,2026-09-20,信用卡年费太高,12.26,7\n", encoding="utf-8"
    )
    run_daily(work, [path])
    case = the_case(work)
    assert case.customers == 7
    with work.engine.connect() as connection:
        parts = json.loads(connection.scalar(sa.select(t.triage.c.parts)) or "")
    told = {part["name"]: part["reason"] for part in parts}
    assert (told["amount"], told["people"]) == ("涉及金额 122,600 元", "涉及 7 名客户")


def test_whatever_a_model_reads_in_it_a_text_that_cannot_wait_is_a_case(work: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "survey_1.csv"
    path.write_text("编号,提交日期,评价内容\n1,2026-09-20,活着没意思，不想活了\n2,2026-09-20,挺好\n", encoding="utf-8")
    run_daily(work, [path])
    case = the_case(work)
    assert (case.level, case.events) == (3, 1)
