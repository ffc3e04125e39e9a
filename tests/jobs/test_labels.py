"""Labels out of the store and back: as JSON lines and in Excel."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.jobs.doubtful import DOUBTFUL, NOW, THREAT, classify, deliver, letter, settle, table, waiting

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.labelling import write_wanted
from feedback_nlp.jobs.labels import export_labels, import_labels
from feedback_nlp.jobs.review import decide
from feedback_nlp.jobs.review_sheet import ImportResult
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.train.corpus import read_labelled

Edit = Callable[[Path, Mapping[str, Mapping[str, Any]]], None]


@pytest.fixture(autouse=True)
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nobody by chance."""
    monkeypatch.setattr("feedback_nlp.classify.review.drawn", lambda feedback_id, *, share: False)


@pytest.fixture
def decided(work: Workplace) -> list[str]:
    """Give three texts that people have decided: confirmed, corrected, corrected twice."""
    ids = [waiting(work, number, DOUBTFUL, *([THREAT] if number == 1 else [])) for number in (1, 2, 3)]
    decide(work, ids[0], author="周文", now=NOW)
    decide(work, ids[1], author="李想", labels={"business": "loan"}, now=NOW)
    decide(work, ids[2], author="李想", labels={"leaves": ["other.general"]}, now=NOW)
    decide(work, ids[2], author="周文", labels={"demand": []}, now=NOW)
    return ids


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    return (result.confirmed, result.corrected, result.skipped, result.untouched, result.repeated)


def edit_lines(path: Path, edits: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    told = [row | edits.get(row["id"], {}) for row in rows]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told), encoding="utf-8")


def edit_sheet(path: Path, edits: Mapping[str, Mapping[str, Any]]) -> None:
    book = openpyxl.load_workbook(path)
    places = {cell.value: cell.column for cell in book["复核"][2]}
    for row in book["复核"].iter_rows(min_row=3):
        for header, value in edits.get(str(row[places["反馈号"] - 1].value), {}).items():
            row[places[header] - 1].value = value
    book.save(path)


def test_decisions_are_labels_that_training_reads(work: Workplace, decided: list[str], tmp_path: Path) -> None:
    gone = waiting(work, 4)
    decide(work, gone, author="周文", now=NOW)
    deliver(work, letter(4, "这一条后来改写了，不再是原来的意思"), batch="b9")
    path = tmp_path / "labels.jsonl"
    assert export_labels(work, path) == 3
    rows = {row.id: row for row in read_labelled(path, taxonomy=work.taxonomy)}
    assert rows.keys() == {*decided}
    assert rows[decided[1]].labels["business"] == ("loan",)
    assert (rows[decided[2]].labels["leaves"], rows[decided[2]].labels["demand"]) == (("other.general",), ())
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["escalation"] == [{"kind": "regulator", "modality": "threat"}]
    assert lines[2]["decided_at"] == "2026-09-30T09:00:00"


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.xlsx"])
def test_names_of_people_go_along_only_where_asked_for(
    work: Workplace, decided: list[str], tmp_path: Path, name: str
) -> None:
    def everything(path: Path) -> str:
        if path.suffix == ".jsonl":
            return path.read_text(encoding="utf-8")
        return str([list(sheet.values) for sheet in openpyxl.load_workbook(path)])

    export_labels(work, tmp_path / name)
    assert "周文" not in everything(tmp_path / name) and "李想" not in everything(tmp_path / name)
    export_labels(work, tmp_path / f"with-{name}", people=True)
    assert "周文" in everything(tmp_path / f"with-{name}") and "李想" in everything(tmp_path / f"with-{name}")


def test_labels_go_to_nothing_else(work: Workplace, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"\.jsonl or \.xlsx"):
        export_labels(work, tmp_path / "labels.csv")


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.xlsx"])
def test_what_went_out_and_comes_back_changes_nothing(
    work: Workplace, decided: list[str], tmp_path: Path, name: str
) -> None:
    export_labels(work, tmp_path / name)
    before = table(work, t.review_decision), table(work, t.prediction)
    result = import_labels(work, tmp_path / name, now=NOW, author="王五")
    assert counts(result) == (0, 0, 0, 3, 0)
    assert (result.problems, result.conflicts) == ((), ())
    assert (table(work, t.review_decision), table(work, t.prediction)) == before
    export_labels(work, tmp_path / f"again-{name}")
    if name.endswith("jsonl"):
        assert (tmp_path / f"again-{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_an_edited_line_becomes_a_decision_and_twice_is_once(
    work: Workplace, decided: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "labels.jsonl"
    export_labels(work, path)
    edits: dict[str, dict[str, Any]] = {
        decided[0]: {"business": "借记卡", "leaves": ["收费/年费不存在"]},
        decided[1]: {
            "business": "借记卡",
            "escalation": ["监管投诉（询问）"],
            "reviewer": "赵六",
            "note": "电话13812345678",
        },
        decided[2]: {"demand": ["退款", "explain"]},
    }
    edits[decided[2]]["demand"] = ["fix", "explain"]
    edit_lines(path, edits)
    result = import_labels(work, path, now=NOW, author="王五")
    assert counts(result) == (0, 2, 0, 0, 0)
    [problem] = result.problems
    assert (problem.row, problem.column) == (1, "原因") and "收费/年费不存在" in problem.reason
    last = {row.feedback_id: row for row in table(work, t.review_decision)}  # in order of id and number
    stored = json.loads(last[decided[1]].labels)
    assert (stored["business"], stored["escalation"]) == (["debit_card"], ["regulator:asked"])
    assert (last[decided[1]].author, last[decided[1]].seq, last[decided[1]].note) == ("赵六", 2, "电话[手机号]")
    assert (last[decided[2]].author, json.loads(last[decided[2]].labels)["demand"]) == ("王五", ["fix", "explain"])
    before = table(work, t.review_decision)
    assert counts(import_labels(work, path, now=NOW, author="别人")) == (0, 0, 0, 0, 2)
    assert table(work, t.review_decision) == before


def test_an_edited_sheet_becomes_decisions_with_or_without_a_verdict(
    work: Workplace, decided: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "labels.xlsx"
    export_labels(work, path)
    edit_sheet(
        path,
        {
            decided[0]: {"业务": "贷款"},
            decided[1]: {"原因2": None, "升级": "无", "结论": "更正", "复核人": 10023},
            decided[2]: {"业务": "贷款", "结论": "跳过"},
        },
    )
    result = import_labels(work, path, now=NOW, author="王五")
    assert (counts(result), result.problems, result.conflicts) == ((0, 2, 1, 0, 0), (), ())
    last = {row.feedback_id: row for row in table(work, t.review_decision)}
    assert (last[decided[0]].author, json.loads(last[decided[0]].labels)["business"]) == ("王五", ["loan"])
    assert (last[decided[1]].author, json.loads(last[decided[1]].labels)["leaves"]) == ("10023", ["pricing.fee"])
    assert counts(import_labels(work, path, now=NOW, author="王五")) == (0, 0, 1, 0, 2)


@pytest.mark.parametrize(("name", "column"), [("labels.jsonl", "text"), ("labels.xlsx", "内容（已脱敏）")])
def test_a_changed_text_is_refused_and_an_updated_one_is_a_conflict(
    work: Workplace, decided: list[str], tmp_path: Path, name: str, column: str
) -> None:
    path, edit = tmp_path / name, edit_lines if name.endswith("jsonl") else edit_sheet
    export_labels(work, path)
    business = "business" if edit is edit_lines else "业务"
    edit(path, {decided[0]: {column: "换了内容", business: "贷款"}, decided[1]: {business: "借记卡"}})
    deliver(work, letter(2, "年费已退，但客服态度仍然不好"), batch="ledger_0930")
    result = import_labels(work, path, now=NOW, author="王五")
    assert counts(result) == (0, 0, 0, 1, 0)
    assert [(item.column, item.reason[:6]) for item in result.problems] == [("text", "内容与库中的")]
    assert ["“ledger_0930.csv”更新" in item.reason for item in result.conflicts] == [True]


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.xlsx"])
def test_what_somebody_decided_meanwhile_is_a_conflict_but_not_where_the_row_asks_for_nothing(
    work: Workplace, decided: list[str], tmp_path: Path, name: str
) -> None:
    path, edit = tmp_path / name, edit_lines if name.endswith("jsonl") else edit_sheet
    export_labels(work, path)
    edit(path, {decided[0]: {"business" if edit is edit_lines else "业务": "贷款"}})
    decide(work, decided[0], author="李想", labels={"business": "debit_card"}, now=NOW)
    decide(work, decided[1], author="李想", labels={"business": "debit_card"}, now=NOW)
    result = import_labels(work, path, now=NOW, author="王五")
    assert [(item.feedback_id, item.who) for item in result.conflicts] == [(decided[0], "李想")]
    assert counts(result) == (0, 0, 0, 2, 0)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("not json", "-", "不是JSON对象"),
        ('{"text": "没有编号"}', "id", "缺少id"),
        (
            '{"id": "00000000000000000001", "text": "信用卡扣了年费，客服态度很差", "kind": "投诉"}',
            "business",
            "缺少business",
        ),
        ('{"id": "ffff", "text": "x", "kind": "投诉"}', "business", "缺少business"),
        ('{"id": "00000000000000000001", "text": "x", "kind": "怪事"}', "类型", "“怪事”不在可选项中"),
        ('{"id": "00000000000000000001", "text": "x", "kind": 3}', "类型", "看不懂"),
        ('{"id": "00000000000000000001", "text": "x", "seq": "二"}', "seq", "被改动过"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(
    work: Workplace, tmp_path: Path, line: str, column: str, reason: str
) -> None:
    waiting(work, 1)
    path = tmp_path / "bad.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    [problem] = import_labels(work, path, now=NOW, author="王五").problems
    assert (problem.row, problem.column) == (2, column) and reason in problem.reason
    assert table(work, t.review_decision) == []


def test_the_same_id_twice_in_a_file_counts_once(work: Workplace, decided: list[str], tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    export_labels(work, path)
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    result = import_labels(work, path, now=NOW, author="王五")
    assert (counts(result), [problem.row for problem in result.problems]) == ((0, 0, 0, 3, 0), [4, 5, 6])


def test_files_that_hold_no_labels_are_refused_in_one_sentence(work: Workplace, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(SenderError, match="no sheet 复核"):
        import_labels(work, tmp_path / "other.xlsx", now=NOW)
    with pytest.raises(OperatorError, match=r"\.jsonl or \.xlsx"):
        import_labels(work, tmp_path / "labels.csv", now=NOW)
    (tmp_path / "gb.jsonl").write_bytes("投诉".encode("gb18030"))
    with pytest.raises(SenderError, match="not UTF-8"):
        import_labels(work, tmp_path / "gb.jsonl", now=NOW)


@pytest.mark.parametrize("name", ["next.jsonl", "next.xlsx"])
def test_what_is_wanted_goes_out_as_a_proposal_and_comes_back_as_decisions(
    work: Workplace, tmp_path: Path, name: str
) -> None:
    texts = ("信用卡扣了年费，客服态度很差", "手机银行登录不上一直转圈", "网点排队两个小时没有人管")
    for number, text in enumerate(texts, start=1):
        deliver(work, letter(number, text), batch=f"b{number}")
        classify(work, letter(number).id, replace(DOUBTFUL, confidence=0.2 * number))
    settle(work, [THREAT])
    decide(work, letter(1).id, author="周文", now=NOW)
    found = write_wanted(work, tmp_path / name, data=[], limit=5)
    assert [choice.candidate.id for choice in found.choices] == [letter(2).id, letter(3).id]
    assert counts(import_labels(work, tmp_path / name, now=NOW, author="王五")) == (0, 0, 0, 2, 0)
    if name.endswith("jsonl"):
        line = json.loads((tmp_path / name).read_text(encoding="utf-8").splitlines()[0])
        assert line["proposed"]["escalation"] == [{"kind": "regulator", "modality": "threat"}]
        edit_lines(tmp_path / name, {letter(2).id: line["proposed"], letter(3).id: line["proposed"] | {"kind": "咨询"}})
    else:
        edit_sheet(tmp_path / name, {letter(2).id: {"结论": "确认"}, letter(3).id: {"类型": "咨询"}})
    result = import_labels(work, tmp_path / name, now=NOW, author="王五")
    assert (counts(result), result.problems, result.conflicts) == ((1, 1, 0, 0, 0), (), ())
    assert write_wanted(work, tmp_path / name, data=[], limit=5).choices == ()
