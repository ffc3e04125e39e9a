"""The quick path: what is new reaches a person within one run, whatever else goes wrong."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from tests.jobs.stored import NOW, TODAY, store_grave

from feedback_nlp.jobs import urgent
from feedback_nlp.jobs.alerts import raise_alerts
from feedback_nlp.jobs.urgent import run_urgent
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.settings import Settings
from feedback_nlp.store.open import connect, only_run

THREAT = "客户称信用卡欠款被催收天天打电话，自己实在活不下去了，再逼他就从楼上跳下去，要求停止催收，电话13800138000。"
CALM = "客户来电反映信用卡年费重复收取，要求退还。"


@pytest.fixture
def hotline(tmp_path: Path) -> Path:
    """Give a folder with a file of the hotline: one threat among calm calls."""
    folder = tmp_path / "calls"
    folder.mkdir()
    with (folder / "hotline_20260930.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("工单号", "受理日期", "投诉内容", "被投诉机构"))
        for number, text in enumerate([CALM, THREAT, CALM]):
            writer.writerow((f"RX{number}", "2026-09-30", text, "城东支行"))
    return folder


def files(work: Workplace) -> list[Path]:
    return sorted((work.settings.reports.parent / "alerts").glob("*.json"))


def test_a_threat_in_a_file_of_the_hotline_lies_in_the_folder_when_the_run_ends(work: Workplace, hotline: Path) -> None:
    done = run_urgent(work, [hotline], now=NOW)
    assert (done.problems, done.looked.classified, done.looked.busy) == ((), 3, None)
    (file,) = files(work)
    (alert,) = json.loads(file.read_text("utf-8"))["alerts"]
    assert (alert["rule"], alert["level"]) == ("self-harm", 3)
    assert "活不下去" in alert["message"] and "城东支行" in alert["message"]
    assert "13800138000" not in file.read_text("utf-8") and "要求停止催收" not in file.read_text("utf-8")


def test_a_second_run_finds_nothing_new_and_does_not_even_load_the_model(
    work: Workplace, hotline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_urgent(work, [hotline], now=NOW)

    def refuse(_settings: Settings) -> None:
        pytest.fail("the model was loaded for nothing")

    monkeypatch.setattr(urgent, "load_predictor", refuse)
    done = run_urgent(work, [hotline], now=NOW)
    assert (done.problems, done.looked.classified, done.raised.new) == ((), 0, 0)
    assert [sent.alerts for sent in done.delivered.outlets] == [0]
    assert len(files(work)) == 1


def test_while_another_run_holds_the_store_what_is_stored_is_sent_all_the_same(
    work: Workplace, hotline: Path, store_url: str
) -> None:
    store_grave(work)
    other = connect(store_url)
    with only_run(other):
        done = run_urgent(work, [hotline], now=NOW)
    other.dispose()
    assert done.looked.busy and "another run" in done.looked.busy
    assert (done.problems, done.looked.taken_in) == ((), ())
    assert len(files(work)) == 1


def test_a_delivery_that_cannot_be_read_stands_in_no_ones_way(work: Workplace, hotline: Path) -> None:
    (hotline / "ledger_broken.csv").write_bytes(b"%PDF-1.7 no table")
    done = run_urgent(work, [hotline], now=NOW)
    assert len(done.problems) == 1 and "ledger_broken.csv" in done.problems[0]
    assert len(files(work)) == 1


@pytest.mark.parametrize("broken", ["release", "inbox"])
def test_what_an_operator_has_to_put_right_is_said_and_what_is_stored_is_sent(
    work: Workplace, hotline: Path, broken: str
) -> None:
    store_grave(work)
    settings = replace(work.settings, release="not-there") if broken == "release" else work.settings
    inbox = hotline if broken == "release" else hotline / "not-there"
    done = run_urgent(replace(work, settings=settings), [inbox], now=NOW)
    assert len(done.problems) == 1 and "not-there" in done.problems[0]
    assert len(files(work)) == 1


def test_what_the_daily_run_stores_the_next_urgent_run_does_not_raise_twice(
    open_work: Callable[..., Workplace], hotline: Path
) -> None:
    work = open_work(TODAY)
    first = run_urgent(work, [hotline], now=NOW)
    assert raise_alerts(work, now=NOW).new == 0
    assert first.raised.new == sum(first.raised.open.values())


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (OperationalError("insert", {"text": "来信"}, RuntimeError("来信")), "the database failed (RuntimeError)"),
        (FileNotFoundError(2, "No such file or directory", "ledger_某人.csv"), "No such file or directory"),
    ],
)
def test_a_disk_or_database_that_fails_while_looking_keeps_nobody_from_being_warned(
    work: Workplace, hotline: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, says: str
) -> None:
    store_grave(work)

    def fail(_work: Workplace) -> int:
        raise failure

    monkeypatch.setattr(urgent, "settle", fail)
    done = run_urgent(work, [hotline], now=NOW)
    (problem,) = done.problems
    assert says in problem and "来信" not in problem and "某人" not in problem
    assert (len(done.looked.taken_in), done.looked.classified) == (1, 4)  # three calls and the stored letter
    assert len(files(work)) == 1
