"""The work list is read back with openpyxl, which shares no code with what wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from feedback_nlp.report import worklist_columns as cols
from feedback_nlp.report.lines import BranchLine, CaseLine, ClockLine
from feedback_nlp.report.worklist import ItemLine, WorkList, write_lists, write_worklist

CASE = CaseLine(
    case_id="01" + "ca" * 9,
    seq=3,
    level=0,
    level_name="一般",
    score=88.5,
    state="accepted",
    state_name="受理",
    opened_on=date(2026, 9, 20),
    due_on=date(2026, 10, 5),
    days_left=5,
    marks=("暂定", "未核实"),
    closed_on=None,
    theme="credit_card/pricing.fee",
    theme_name="信用卡 · 手续费年费",
    org="城东支行",
    reasons=("距办结期限还有 2 天，不低于 85 分", "手续费年费 +10.0"),
    excerpt="=1+1 年费太高",
    events=2,
    complaints=2,
    customers=1,
    source_ids=("GD1", "GD2"),
    process="收费",
    department="信用卡中心",
    owner="产品经理",
    assignee=None,
    group_id=None,
    kinds=(),
    kind_names=(),
    cues=(),
    answer_by=None,
    steps={"investigate": "调查", "respond": "反馈"},
)
URGENT = replace(
    CASE,
    case_id="02" + "ca" * 9,
    level=3,
    level_name="3级 特急",
    score=None,
    due_on=None,
    days_left=None,
    kind_names=("自伤自杀·扬言",),
    cues=("跳楼",),
    answer_by=datetime(2026, 9, 30, 10, 30),
    steps={"contact": "联系客户"},
)
CLOCK = ClockLine(
    case_id=CASE.case_id,
    rule="cb-simple",
    rule_name="投诉处理决定15日",
    source="规定",
    verified=False,
    event="answer",
    event_name="答复客户",
    started_at=datetime(2026, 9, 20),
    due_at=datetime(2026, 9, 25, 23, 59, 59),
    stopped_at=None,
    days_left=-5,
    share=1.31,
    overdue=True,
    marks=("未核实",),
    level=0,
    level_name="一般",
    state_name="受理",
    theme_name=CASE.theme_name,
    org="城东支行",
    department="信用卡中心",
    owner="产品经理",
    assignee="李四",
)
ITEM = ItemLine("77eeeeee 年费扣收前短信提醒", "信用卡 · 手续费年费", "产品经理", date(2026, 8, 1), "本季已有 12 件")
FULL = WorkList(
    made_at=datetime(2026, 9, 30, 9),
    cases=[URGENT, CASE],
    waiting=[replace(CASE, closed_on=date(2026, 9, 28), due_on=None, days_left=None)],
    urgent=[URGENT],
    clocks=[CLOCK],
    branches=[BranchLine("城东支行", 1, 0, 0, 1)],
    items=[ITEM],
    choices={cols.REASON: ["外部鉴定"], cols.RULE: ["情况复杂，延长到30日"]},
    words={"levels": "特急、紧急、关注、一般", "urgent": "特急、紧急"},
    left_out={"处理": 12},
)


@pytest.fixture
def book(tmp_path: Path) -> Any:
    write_worklist(tmp_path / "清单.xlsx", FULL)
    assert [file.name for file in tmp_path.iterdir()] == ["清单.xlsx"]
    return openpyxl.load_workbook(tmp_path / "清单.xlsx")


def lines(sheet: Any, top: int = 1) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(min_row=top, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def drop_downs(sheet: Any, row: int) -> dict[str, str]:
    """Give header → list of choices of the cells in a row, as a spreadsheet offers them."""
    header = {cell.column_letter: cell.value for cell in sheet[2]}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        for letter, title in header.items():
            if rule.type == "list" and f"{letter}{row}" in rule.sqref:
                found[title] = rule.formula1
    return found


def test_the_sheets_stand_in_the_order_of_a_day(book: Any) -> None:
    assert book.sheetnames == ["处理", "待闭环", "期限", "机构", "升级", "改进事项", "说明"]
    assert book.active.title == "处理"


def test_a_row_shows_the_case_and_has_room_for_the_next_step(book: Any) -> None:
    urgent, ordinary = lines(book["处理"], top=2)
    assert (urgent["级别"], urgent["分数"], urgent["期限"]) == ("3级 特急", None, None)
    assert (ordinary["级别"], ordinary["分数"], ordinary["剩余天数"]) == ("一般", 88.5, 5)
    assert ordinary["期限"] == datetime(2026, 10, 5)
    assert ordinary["期限说明"] == "暂定、未核实"
    assert ordinary["来源单号"] == "GD1、GD2"
    assert ordinary["可选动作"] == "调查、反馈"
    assert (ordinary["案件号"], ordinary["序号"]) == (CASE.case_id, 3)
    assert all(ordinary[column.title] is None for column in cols.INPUT)


def test_each_row_offers_its_own_legal_steps_only(book: Any) -> None:
    assert drop_downs(book["处理"], 3)["动作"] == '"联系客户"'
    assert drop_downs(book["处理"], 4)["动作"] == '"调查,反馈"'


def test_the_other_drop_downs_offer_what_an_import_understands(book: Any) -> None:
    found = drop_downs(book["处理"], 4)
    assert found["暂停原因"] == '"外部鉴定"'
    assert found["延长依据"] == '"情况复杂，延长到30日"'
    assert found["改进事项"].lstrip("=") == "'改进事项'!$A$2:$A$2"
    assert book["改进事项"]["A2"].value == ITEM.choice


def test_what_waits_for_its_loop_to_be_closed_has_a_sheet_of_its_own(book: Any) -> None:
    (row,) = lines(book["待闭环"], top=2)
    assert (row["答复日期"], row["案件号"]) == (datetime(2026, 9, 28), CASE.case_id)
    assert drop_downs(book["待闭环"], 3)["动作"] == '"调查,反馈"'


def test_a_text_that_looks_like_a_formula_is_no_formula(book: Any) -> None:
    cell = next(cell for cell in book["处理"][4] if str(cell.value).startswith("'="))
    assert cell.data_type == "s"


def test_danger_and_what_is_overdue_are_red(book: Any) -> None:
    assert book["处理"]["A3"].fill.start_color.rgb == book["期限"]["B2"].fill.start_color.rgb == "FFF8C9C4"
    assert book["处理"]["A4"].fill.fill_type is None


def test_the_urgent_sheet_names_kind_cue_and_time_to_answer(book: Any) -> None:
    (row,) = lines(book["升级"])
    assert (row["苗头"], row["客户原话中的词"]) == ("自伤自杀·扬言", "跳楼")
    assert row["须在此前联系客户"] == datetime(2026, 9, 30, 10, 30)


def test_the_guide_says_how_to_send_it_back_and_what_is_missing(book: Any) -> None:
    told = "\n".join(str(row[0]) for row in book["说明"].iter_rows(values_only=True) if row[0])
    for words in ("feedback-nlp cases import", "feedback-nlp review import", "暂定", "未核实", "特急、紧急"):
        assert words in told
    assert "“处理”还有 12 行没有列出" in told
    assert "{" not in told


def test_the_guide_names_every_column_that_is_filled_in(book: Any) -> None:
    told = "".join(str(row[0]) for row in book["说明"].iter_rows(values_only=True))
    assert [column.title for column in cols.INPUT if column.title not in told] == []


def test_an_empty_list_says_so_and_opens(tmp_path: Path) -> None:
    nothing = replace(FULL, cases=[], waiting=[], urgent=[], clocks=[], branches=[], items=[], left_out={})
    write_worklist(tmp_path / "空.xlsx", nothing)
    book = openpyxl.load_workbook(tmp_path / "空.xlsx")
    assert book["处理"]["A3"].value == book["期限"]["A2"].value == "暂无"


def test_plain_lists_have_a_sheet_each(tmp_path: Path) -> None:
    path = tmp_path / "期限.xlsx"
    write_lists(path, {"期限": (cols.CLOCKS, [CLOCK]), "机构": (cols.BRANCHES, FULL.branches)}, made_at=FULL.made_at)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["期限", "机构"]
    (row,) = lines(book["期限"])
    assert (row["期限"], row["期限说明"], row["剩余天数"]) == ("投诉处理决定15日", "未核实", -5)


def test_a_drop_down_that_excel_cannot_hold_is_left_out(tmp_path: Path) -> None:
    wide = replace(FULL, choices={cols.REASON: ["很长的原因" * 60], cols.RULE: ["一,二"]})
    write_worklist(tmp_path / "宽.xlsx", wide)
    found = drop_downs(openpyxl.load_workbook(tmp_path / "宽.xlsx")["处理"], 4)
    assert "暂停原因" not in found and "延长依据" not in found
