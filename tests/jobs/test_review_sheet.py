"""The sheet 复核 from the queue to a person and back."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from tests.jobs.doubtful import DOUBTFUL, NOW, THREAT, classify, deliver, letter, settle, table, waiting

from feedback_nlp.errors import SenderError
from feedback_nlp.jobs.review import decide, next_tasks
from feedback_nlp.jobs.review_sheet import ImportResult, export_sheet, import_sheet
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t

Edit = Mapping[str, object]
HEADER = 2


@pytest.fixture(autouse=True)
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nobody by chance."""
    monkeypatch.setattr("feedback_nlp.classify.review.drawn", lambda feedback_id, *, share: False)


@pytest.fixture
def sheet(work: Workplace, tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes the sheet and fills it in as a person would: feedback id → header → value."""

    def filled(edits: Mapping[str, Edit]) -> Path:
        path = tmp_path / "复核.xlsx"
        export_sheet(work, path)
        book = openpyxl.load_workbook(path)
        page = book["复核"]
        places = {cell.value: cell.column for cell in page[HEADER]}
        rows = {row[places["反馈号"] - 1].value: row for row in page.iter_rows(min_row=HEADER + 1)}
        for feedback_id, edit in edits.items():
            for header, value in edit.items():
                rows[feedback_id][places[header] - 1].value = value
        book.save(path)
        return path

    return filled


def confirmed(**changes: object) -> dict[str, object]:
    return {"结论": "确认", "复核人": "周文", **changes}


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    return (result.confirmed, result.corrected, result.skipped, result.untouched, result.repeated)


def test_a_sheet_goes_out_is_filled_in_and_comes_back(work: Workplace, sheet: Callable[..., Path]) -> None:
    ids = [waiting(work, number, DOUBTFUL, THREAT) for number in range(1, 6)]
    path = sheet(
        {
            ids[0]: confirmed(),
            ids[1]: {
                "业务": "借记卡", "原因2": None, "诉求1": "explain", "升级": "监管投诉（询问）、media:threat",
                "结论": "更正", "复核人": 10023, "备注": "客户电话13812345678",
            },
            ids[2]: {"结论": "跳过"},
            ids[3]: {"升级": "无", "结论": "更正", "复核人": "李想"},
        }
    )  # fmt: skip
    result = import_sheet(work, path, now=NOW)
    assert (result.problems, result.conflicts) == ((), ())
    assert counts(result) == (1, 2, 1, 1, 0)
    assert result.applied == 3
    rows = {row.feedback_id: row for row in table(work, t.prediction) if row.current}
    assert (rows[ids[1]].business, rows[ids[1]].leaves, rows[ids[1]].demand) == ("debit_card", "pricing.fee", "explain")
    stored = {row.feedback_id: row for row in table(work, t.review_decision)}
    assert (stored[ids[1]].author, stored[ids[1]].note) == ("10023", "客户电话[手机号]")
    assert '"escalation": ["regulator:asked", "media:threat"]' in stored[ids[1]].labels
    assert '"escalation": []' in stored[ids[3]].labels
    assert [task.feedback_id for task in next_tasks(work)] == [ids[2], ids[4]]


def test_the_same_sheet_again_applies_nothing_twice(work: Workplace, sheet: Callable[..., Path]) -> None:
    ids = [waiting(work, number) for number in (1, 2)]
    path = sheet({ids[0]: confirmed(备注="看过"), ids[1]: {"业务": "贷款", "结论": "更正", "复核人": "周文"}})
    import_sheet(work, path, now=NOW)
    before = table(work, t.review_decision)
    again = import_sheet(work, path, now=NOW + timedelta(days=1))
    assert counts(again) == (0, 0, 0, 0, 2)
    assert (again.problems, again.conflicts) == ((), ())
    assert table(work, t.review_decision) == before


def test_what_somebody_else_has_decided_since_is_a_conflict_that_names_them(
    work: Workplace, sheet: Callable[..., Path]
) -> None:
    id = waiting(work)
    path = sheet({id: {"业务": "贷款", "结论": "更正", "复核人": "周文"}})
    decide(work, id, author="李想", now=NOW)
    result = import_sheet(work, path, now=NOW)
    [conflict] = result.conflicts
    assert (conflict.row, conflict.who, conflict.at) == (3, "李想", NOW)
    assert "李想已于2026-09-30 09:00" in conflict.reason
    assert (result.applied, result.repeated) == (0, 0)
    assert len(table(work, t.review_decision)) == 1


def test_a_text_that_has_changed_since_is_a_conflict(work: Workplace, sheet: Callable[..., Path]) -> None:
    id = waiting(work)
    path = sheet({id: confirmed()})
    deliver(work, letter(1, "年费已退，但客服态度仍然不好"), batch="ledger_0930")
    [conflict] = import_sheet(work, path, now=NOW).conflicts
    assert "2026-09-30接收的“ledger_0930.csv”更新" in conflict.reason
    classify(work, id, DOUBTFUL)
    settle(work)
    assert [each.row for each in import_sheet(work, path, now=NOW).conflicts] == [3]
    assert table(work, t.review_decision) == []


def test_an_update_that_leaves_the_text_alone_is_none(work: Workplace, sheet: Callable[..., Path]) -> None:
    id = waiting(work)
    path = sheet({id: confirmed()})
    deliver(work, letter(1, status="已办结"), batch="b2")
    assert import_sheet(work, path, now=NOW).confirmed == 1
    assert [row.version for row in table(work, t.review_decision)] == [2]


@pytest.mark.parametrize(
    ("edit", "column", "reason"),
    [
        (confirmed(业务="火星业务"), "业务", "业务“火星业务”不在可选项中"),
        ({"原因2": "乱写", "结论": "更正", "复核人": "周文"}, "原因2", "“乱写”不在可选项中"),
        ({"类型": None, "结论": "更正", "复核人": "周文"}, "类型", "类型必须正好一个"),
        ({"原因1": "无实质内容", "结论": "更正", "复核人": "周文"}, "原因1", "只能单独使用"),
        ({"业务": "贷款"}, "结论", "改了业务，却没有填结论"),
        (confirmed(业务="贷款"), "结论", "结论是“确认”，却改了业务"),
        ({"结论": "更正", "复核人": "周文"}, "结论", "没有改动任何标签"),
        ({"结论": "可以", "复核人": "周文"}, "结论", "结论“可以”看不懂"),
        ({"结论": "确认"}, "复核人", "缺少复核人"),
    ],
)
def test_a_row_that_cannot_be_read_says_where_and_why(
    work: Workplace, sheet: Callable[..., Path], edit: Edit, column: str, reason: str
) -> None:
    ids = [waiting(work, number) for number in (1, 2)]
    result = import_sheet(work, sheet({ids[0]: edit, ids[1]: confirmed()}), now=NOW)
    [problem] = result.problems
    assert (problem.file, problem.row, problem.column) == ("复核.xlsx", 3, column)
    assert reason in problem.reason
    assert result.confirmed == 1  # the others go on


def test_who_imports_stands_in_where_nobody_signed(work: Workplace, sheet: Callable[..., Path]) -> None:
    id = waiting(work)
    import_sheet(work, sheet({id: {"结论": "确认"}}), now=NOW, author="王岚")
    assert [row.author for row in table(work, t.review_decision)] == ["王岚"]


def test_rows_in_another_order_and_columns_hidden_or_added_do_not_matter(
    work: Workplace, sheet: Callable[..., Path], tmp_path: Path
) -> None:
    ids = [waiting(work, number) for number in (1, 2)]
    book = openpyxl.load_workbook(sheet({ids[1]: confirmed()}))
    rows = list(book["复核"].iter_rows(min_row=HEADER, values_only=True))
    moved = openpyxl.Workbook()
    page = moved.create_sheet("复核", 0)
    page.append(["某人在上面加了一行"])
    for row in (rows[0], *reversed(rows[1:])):
        page.append([None, *row])
    moved.save(tmp_path / "moved.xlsx")
    assert counts(import_sheet(work, tmp_path / "moved.xlsx", now=NOW)) == (1, 0, 0, 1, 0)


def test_a_file_that_is_no_review_sheet_is_refused_in_one_sentence(work: Workplace, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("nothing", encoding="utf-8")
    with xlsxwriter.Workbook(tmp_path / "other.xlsx") as book:
        book.add_worksheet("别的")
    with xlsxwriter.Workbook(tmp_path / "cut.xlsx") as book:
        book.add_worksheet("复核").write_row(0, 0, ["反馈号", "结论"])
    for name, says in (
        ("text", "no workbook"),
        ("other", "no sheet 复核"),
        ("cut", "版本、复核序号、原标签、复核人、备注"),
    ):
        with pytest.raises(SenderError, match=says):
            import_sheet(work, tmp_path / f"{name}.xlsx", now=NOW)


def test_changed_key_columns_are_refused_by_row(work: Workplace, sheet: Callable[..., Path]) -> None:
    id = waiting(work)
    with pytest.raises(SenderError, match="row 3"):
        import_sheet(work, sheet({id: confirmed(版本="甲")}), now=NOW)


def test_a_feedback_id_that_is_not_stored_is_a_problem_of_its_row(work: Workplace, sheet: Callable[..., Path]) -> None:
    id = waiting(work)
    [problem] = import_sheet(work, sheet({id: confirmed(反馈号="f" * 20)}), now=NOW).problems
    assert problem.column == "反馈号"


def test_the_sheet_lists_the_most_pressing_first_and_no_more_than_asked(work: Workplace, tmp_path: Path) -> None:
    waiting(work, 1)
    grave = waiting(work, 2, DOUBTFUL, THREAT)
    assert export_sheet(work, tmp_path / "one.xlsx", limit=1) == 1
    page = openpyxl.load_workbook(tmp_path / "one.xlsx")["复核"]
    header = [cell.value for cell in page[HEADER]]
    rows = [dict(zip(header, row, strict=True)) for row in page.iter_rows(min_row=HEADER + 1, values_only=True)]
    assert [row["反馈号"] for row in rows] == [grave]


def test_an_empty_queue_makes_an_empty_sheet_that_comes_back_as_nothing(work: Workplace, tmp_path: Path) -> None:
    assert export_sheet(work, tmp_path / "empty.xlsx") == 0
    assert counts(import_sheet(work, tmp_path / "empty.xlsx", now=NOW)) == (0, 0, 0, 0, 0)
