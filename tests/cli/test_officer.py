"""The officer's commands on a real store: one call each, JSON that a program reads, refusals that say what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from tests.jobs import casebook as book
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import OfficerError
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import open_store

Run = Callable[..., Result]
DAY = ("--today", "2026-09-30")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
    monkeypatch.chdir(tmp_path)
    found = f"sqlite:///{tmp_path / 'feedback.db'}"
    engine = open_store(found)
    book.write(engine, book.Case(1), book.threat(2, score=91.0), book.Case(3, org="城西支行"))
    book.improvement(engine)
    engine.dispose()
    return found


@pytest.fixture
def run(url: str) -> Run:
    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, [*arguments, *DAY])
        if result.exception and not isinstance(result.exception, SystemExit | OfficerError):
            raise result.exception
        return result

    return invoke


def events(url: str) -> list[dict[str, Any]]:
    engine = open_store(url)
    found = book.rows(engine, t.case_event)
    engine.dispose()
    return found


def test_the_list_shows_danger_first(run: Run) -> None:
    told = run("cases", "list").stdout
    assert told.index("02cacaca") < told.index("01cacaca")
    assert "特急" in told and "案件 3 件" in told
    assert "城东" not in run("cases", "list", "--branch", "城西").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("cases", "list"),
        ("cases", "show", "02"),
        ("cases", "move", "01", "受理", "--by", "张三"),
        ("cases", "assign", "01", "李四", "--by", "张三"),
        ("explain", "02"),
        ("clocks", "due"),
        ("review", "next"),
        ("review", "agreement"),
        ("alerts", "list"),
    ],
)
def test_json_is_all_that_stands_on_stdout(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) is not None
    assert result.stdout.lstrip()[0] in "{["


def test_json_names_ids_and_what_people_call_them(run: Run) -> None:
    found = json.loads(run("cases", "list", "--json", "--level", "2").stdout)
    (case,) = found["cases"]
    assert found["total"] == 1
    assert (case["state"], case["state_name"], case["due_on"], case["level"]) == ("received", "已接收", "2026-10-05", 3)


def test_a_case_is_moved_by_chinese_names_and_by_ids(run: Run, url: str) -> None:
    assert "现为“受理”" in run("cases", "move", "01", "受理", "--by", "张三").stdout
    assert run("cases", "move", "01", "respond", "--by", "张三", "--informed", "2026-09-30").exit_code == 0
    done = run("cases", "move", "01", "闭环", "--by", "张三", "--improvement", "77")
    assert "现为“闭环”" in done.stdout
    assert [row["action"] for row in events(url)] == ["accept", "respond", "close"]
    assert "闭环" in run("cases", "list", "--state", "闭环").stdout


def test_who_acts_is_the_login_name_unless_somebody_else_is_named(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "zhangsan")
    run("cases", "assign", "01", "李四")
    run("cases", "assign", "01", "王五", "--by", "赵六")
    assert [row["actor"] for row in events(url)] == ["zhangsan", "赵六"]


def test_a_machine_without_a_login_name_asks_for_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert "--by" in str(run("cases", "assign", "01", "李四").exception)


def test_a_step_that_is_not_allowed_is_refused_with_the_legal_ones(run: Run, url: str) -> None:
    result = run("cases", "move", "01", "闭环", "--by", "张三")
    assert isinstance(result.exception, OfficerError)
    assert "可以：受理" in str(result.exception)
    assert events(url) == []


def test_explain_reads_the_score_aloud(run: Run) -> None:
    told = run("explain", "02").stdout
    for words in ("分数怎么来的", "权重", "自伤自杀·扬言，计 3 级", "投诉处理决定15日"):
        assert words in told


def test_lists_are_written_as_workbooks(run: Run, tmp_path: Path) -> None:
    for command, sheet in {("cases", "list"): "案件", ("clocks", "due"): "期限", ("alerts", "list"): "预警"}.items():
        path = tmp_path / f"{sheet}.xlsx"
        assert run(*command, "--excel", str(path)).exit_code == 0
        assert openpyxl.load_workbook(path).sheetnames[0] == sheet


def test_the_work_list_goes_out_and_comes_back(run: Run, url: str, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    assert "处理 3 件" in run("cases", "export", str(path)).stdout
    workbook = openpyxl.load_workbook(path)
    assert {"处理", "复核", "说明"} <= set(workbook.sheetnames)
    page = workbook["处理"]
    column = next(cell.column for cell in page[2] if cell.value == "动作")
    page.cell(3, column).value = "联系客户"  # without the note it needs
    page.cell(4, column).value = "受理"
    workbook.save(path)
    result = run("cases", "import", str(path), "--by", "张三")
    assert result.exit_code == 2
    assert "登记 1 步" in result.stdout and "处理第 3 行" in result.stderr and "请写明说明" in result.stderr
    assert len(events(url)) == 1
    again = json.loads(run("cases", "import", str(path), "--by", "张三", "--json").stdout)
    assert (len(again["taken"]), again["repeated"], len(again["problems"])) == (0, 1, 1)


def test_a_decision_names_the_facet_it_puts_right(run: Run) -> None:
    done = run("review", "decide", book.Case(1).feedback_id, "--set", "原因=pricing.interest", "--by", "张三")
    assert "更正 原因" in done.stdout
    assert "原因=" in str(run("review", "decide", book.Case(1).feedback_id, "--set", "原因", "--by", "张三").exception)


def test_the_sheet_of_reviews_goes_out_and_comes_back(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "复核.xlsx"
    assert run("review", "export", str(path)).exit_code == 0
    found = json.loads(run("review", "import", str(path), "--by", "张三", "--json").stdout)
    assert (found["confirmed"], found["problems"], found["conflicts"]) == (0, [], [])


def test_what_cannot_wait_becomes_an_alert_that_a_person_closes_with_a_note(run: Run) -> None:
    assert run("urgent").exit_code == 0
    (alert,) = json.loads(run("alerts", "list", "--json").stdout)
    assert (alert["case_id"], alert["level"]) == (book.threat(2).id, 3)
    assert "请写明联系结果" in str(run("alerts", "ack", alert["id"][:6], "--by", "张三").exception)
    assert run("alerts", "ack", alert["id"][:6], "--by", "张三", "--note", "已联系上，情绪平稳").exit_code == 0
    assert json.loads(run("alerts", "list", "--json").stdout) == []


def test_labels_of_people_are_exported(run: Run, tmp_path: Path) -> None:
    run("review", "decide", book.Case(1).feedback_id, "--by", "张三")
    path = tmp_path / "labels.jsonl"
    assert "1 条" in run("labels", "export", str(path)).stdout
    assert json.loads(path.read_text(encoding="utf-8"))["leaves"] == ["pricing.fee"]


def test_an_alert_nobody_knows_is_refused_in_one_sentence(run: Run) -> None:
    assert "没有这条预警" in str(run("alerts", "ack", "zz", "--by", "张三").exception)


@pytest.mark.parametrize("command", ["cases", "clocks", "review", "labels", "alerts"])
def test_every_group_lists_its_commands(command: str) -> None:
    told = CliRunner().invoke(app, [command]).output
    assert "Commands" in told
