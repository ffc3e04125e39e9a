"""The work list there and back: what a person fills in is done once, what cannot be done is reported with its row."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.jobs import casebook as book

from feedback_nlp.errors import SenderError
from feedback_nlp.jobs.desk import move_case
from feedback_nlp.jobs.steps import import_steps
from feedback_nlp.jobs.worklist import export_worklist
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t

NOON = datetime(2026, 9, 30, 12)


@pytest.fixture
def path(work: Workplace, tmp_path: Path) -> Path:
    """Give the list of three open cases, and one that waits to be closed."""
    book.write(work.engine, book.threat(1), book.Case(2), book.Case(3), book.Case(4))
    book.improvement(work.engine)
    move_case(work, "04", "accept", by="张三", now=datetime(2026, 9, 29, 9))
    move_case(work, "04", "respond", by="张三", details={"informed_on": "2026-09-29"}, now=datetime(2026, 9, 29, 10))
    export_worklist(work, tmp_path / "清单.xlsx")
    return tmp_path / "清单.xlsx"


def fill(path: Path, values: dict[int, dict[str, Any]], sheet: str = "处理") -> None:
    """Write values into the rows of some cases, by header."""
    workbook = openpyxl.load_workbook(path)
    page = workbook[sheet]
    header = {cell.value: cell.column for cell in page[2]}
    for row in page.iter_rows(min_row=3):
        case_id = str(row[header["案件号"] - 1].value)
        for title, value in values.get(int(case_id[:2]), {}).items():
            row[header[title] - 1].value = value
    workbook.save(path)


def taken(work: Workplace) -> list[tuple[str, str, str]]:
    rows = book.rows(work.engine, t.case_event)
    return [(row["case_id"][:2], row["action"], row["actor"]) for row in rows if row["recorded_at"] == NOON]


def test_an_untouched_list_does_nothing(work: Workplace, path: Path) -> None:
    result = import_steps(work, path, by="张三", now=NOON)
    assert (len(result.taken), result.untouched, result.problems, result.conflicts) == (0, 4, (), ())


def test_filled_rows_become_steps_once_however_often_they_are_imported(work: Workplace, path: Path) -> None:
    fill(path, {2: {"动作": "受理", "办理人": "李四"}, 3: {"改派给": "王五"}, 1: {"备注": "已转值班经理"}})
    fill(path, {4: {"动作": "闭环", "改进事项": "77eeeeee 年费扣收前短信提醒"}}, sheet="待闭环")
    first = import_steps(work, path, by="张三", now=NOON)
    assert len(first.taken) == 4 and first.problems == first.conflicts == ()
    assert taken(work) == [
        ("01", "note", "张三"),
        ("02", "accept", "李四"),
        ("03", "assign", "张三"),
        ("04", "close", "张三"),
    ]
    before = [book.rows(work.engine, table) for table in (t.case_event, t.complaint_case, t.sla_clock)]
    second = import_steps(work, path, by="张三", now=datetime(2026, 9, 30, 15))
    assert (len(second.taken), second.repeated, second.problems, second.conflicts) == (0, 4, (), ())
    assert [book.rows(work.engine, table) for table in (t.case_event, t.complaint_case, t.sla_clock)] == before


def test_a_step_and_a_new_assignee_are_two_steps_of_one_row(work: Workplace, path: Path) -> None:
    fill(path, {2: {"动作": "受理", "改派给": "王五"}})
    assert len(import_steps(work, path, by="张三", now=NOON).taken) == 2
    assert taken(work) == [("02", "accept", "张三"), ("02", "assign", "张三")]
    assert import_steps(work, path, by="张三", now=NOON).repeated == 1


def test_a_case_that_somebody_moved_meanwhile_is_a_conflict_and_not_applied(work: Workplace, path: Path) -> None:
    fill(path, {2: {"动作": "不予受理", "备注": "不属我行"}, 3: {"动作": "受理"}})
    move_case(work, "02", "accept", by="赵六", now=datetime(2026, 9, 30, 11))
    result = import_steps(work, path, by="张三", now=NOON)
    (conflict,) = result.conflicts
    assert "已被赵六移动" in conflict.reason and conflict.sheet == "处理"
    assert openpyxl.load_workbook(path)["处理"].cell(conflict.row, 12).value == "GD20260002"  # the row as Excel counts
    assert taken(work) == [("03", "accept", "张三")]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"动作": "闭环"}, "不能“闭环”；可以：受理"),
        ({"动作": "完结"}, "没有“完结”这一步"),
        ({"动作": "转办"}, "请写明说明"),
        ({"告知客户日期": "2026-09-30"}, "没有选“动作”"),
        ({"动作": "受理", "告知客户日期": "上周"}, "告知客户日期读不懂"),
        ({"动作": "受理", "改进事项": "zz 没有这件"}, "没有编号以“zz”开头的改进事项"),
        ({"动作": "受理", "序号": "x"}, "请重新查看"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_with_its_reason_and_the_others_go_on(
    work: Workplace, path: Path, cells: dict[str, Any], says: str
) -> None:
    fill(path, {2: cells, 3: {"动作": "受理"}})
    result = import_steps(work, path, by="张三", now=NOON)
    (refused,) = (*result.problems, *result.conflicts)
    assert says in refused.reason
    assert refused.case_id == book.Case(2).id
    assert taken(work) == [("03", "accept", "张三")]


@pytest.mark.parametrize(
    "day", [date(2026, 9, 28), datetime(2026, 9, 28, 0, 0), "2026-09-28", "2026/9/28", "2026年9月28日", 46293]
)
def test_the_day_a_customer_was_told_is_read_as_people_write_it(work: Workplace, path: Path, day: object) -> None:
    fill(path, {4: {"动作": "重新办理", "备注": "客户不认可"}}, sheet="待闭环")
    fill(path, {2: {"动作": "受理"}})
    import_steps(work, path, by="张三", now=NOON)
    again = path.with_name("again.xlsx")
    export_worklist(work, again)
    fill(again, {2: {"动作": "反馈", "告知客户日期": day}})
    (event,) = import_steps(work, again, by="张三", now=NOON).taken
    assert event.details == {"informed_on": "2026-09-28"}


def test_rows_may_be_sorted_and_deleted(work: Workplace, path: Path) -> None:
    fill(path, {3: {"动作": "受理"}})
    workbook = openpyxl.load_workbook(path)
    workbook["处理"].delete_rows(3)
    workbook.save(path)
    assert len(import_steps(work, path, by="张三", now=NOON).taken) == 1


def test_another_workbook_is_refused(work: Workplace, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(["工单号", "内容"])
    workbook.save(other)
    with pytest.raises(SenderError, match="处理"):
        import_steps(work, other, by="张三")
    (tmp_path / "text.xlsx").write_text("no workbook")
    with pytest.raises(SenderError, match="damaged"):
        import_steps(work, tmp_path / "text.xlsx", by="张三")
