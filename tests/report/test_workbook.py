"""The workbook is read back with openpyxl, which shares no code with what wrote it."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pandas as pd
import pytest

from feedback_nlp.errors import OperatorError
from feedback_nlp.report import workbook
from feedback_nlp.report.cells import CUT
from feedback_nlp.report.rules import word
from feedback_nlp.report.workbook import SHEETS, write_workbook

HOSTILE = [
    '=HYPERLINK("http://bad.example","退款")',
    "+86 打不通",
    "-1分差评",
    "@SUM(A1)",
    "\t=1+1",
    "\r=cmd|' /C calc'!A0",
    "＝1+1",
    "含\x00控制\x1f符",
    "_x003D_1+1",
    "http://example.com 打不开",
    "{=SUM(A1)}",
    "账" * 40_000,
]


@pytest.fixture
def write(tmp_path: Path, summarise: Any, frames: SimpleNamespace) -> Any:
    def make(data: dict[str, Any], **changed: Any) -> Path:
        told = {**data, **changed}
        path = tmp_path / "报告.xlsx"
        write_workbook(path, summarise(told), frames.lists(told))
        assert [file.name for file in tmp_path.iterdir()] == ["报告.xlsx"]
        return path

    return make


def cells(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def records(path: Path, sheet: str) -> list[dict[str, Any]]:
    head, *rows = cells(path, sheet)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_sheets_stand_in_order_with_frozen_headers_and_filters(write: Any, full: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(write(full))
    assert tuple(book.sheetnames) == SHEETS
    assert SHEETS == ("概览", "优先级", "期限", "群体诉求", "事件记录", "分类明细", "改进跟踪", "拒收记录")
    for sheet in book.worksheets[1:]:
        assert str(sheet.freeze_panes).endswith("2") and sheet.auto_filter.ref.startswith("A1:")
        assert sheet["A1"].font.name == "微软雅黑" and sheet["A1"].font.bold


def test_every_piece_of_feedback_stands_in_the_details_in_chinese(write: Any, full: dict[str, Any]) -> None:
    told, rows = records(write(full), "分类明细"), full["rows"]
    assert [one["反馈号"] for one in told] == rows["feedback_id"].tolist()
    assert [one["内容（已脱敏）"] for one in told] == rows["text"].tolist()
    assert told[0]["日期"] == rows["day"][0].to_pydatetime()
    assert {one["类型"] for one in told} == {"投诉", "表扬", "咨询", "建议"}
    assert {one["诉求"] for one in told} >= {"退款减免、道歉问责", "修复改进", None}
    assert {one["模型拿不准"] for one in told} == {"是", None}
    assert {one["升级"] for one in told} >= {"监管投诉·扬言", "资金安全·情况", None}
    assert {one["需求类别"] for one in told} == {"基本需求", "成长需求", "情感需求、基本需求"}
    assert {one["风险类型"] for one in told} == {"信息泄露", "服务中断", "合规、服务质量下降", None}
    assert {one["标签来源"] for one in told} == {"模型", "人工复核"}
    assert [one["标签来源"] == "人工复核" for one in told] == rows["by_person"].tolist()


def test_a_managers_sum_of_the_points_is_the_score_or_below_the_floor(write: Any, full: dict[str, Any]) -> None:
    told = records(write(full), "优先级")
    points = [title for title in told[0] if "满分" in title]
    assert len(points) == 6 and sum(float(title.split("满分 ")[1]) for title in points) == 100
    for one in told:
        assert sum(one[title] for title in points) == pytest.approx(one["得分合计"])
        assert (
            one["最终分数"]
            == one["分数"]
            == pytest.approx(90 if "3 级" in (one["保底规则"] or "") else 85 if one["保底规则"] else one["得分合计"])
        )
    order = [(str(one["级别"])[:1] in "32", one["分数"]) for one in told]
    assert order == sorted(order, reverse=True) and [one["名次"] for one in told] == list(range(1, len(told) + 1))


def test_a_part_switched_off_gets_no_column(write: Any, full: dict[str, Any], frames: SimpleNamespace) -> None:
    off = frames.part("customer_value", 0.0, 0.0, "")
    changed = full["priorities"].assign(parts=[[*parts, off] for parts in full["priorities"]["parts"]])
    assert not any("客户价值" in title for title in cells(write(full, priorities=changed), "优先级")[0])


def test_late_limits_are_red_near_ones_amber_and_closed_cases_plain(write: Any, full: dict[str, Any]) -> None:
    due = [date(2026, 11, 23), date(2026, 11, 26), date(2026, 12, 24), date(2026, 11, 1), None]
    closed = [None, None, None, date(2026, 11, 2), None]
    scores = [50.0, 49.0, 48.0, 47.0, 46.0]
    some = full["priorities"].head(5).assign(due_on=due, closed_on=closed, score=scores, level=0, provisional=False)
    sheet = openpyxl.load_workbook(write(full, priorities=some))["优先级"]
    column = [cell.value for cell in sheet[1]].index("办结期限")
    found = [(row[column].value, row[column].fill.fgColor.rgb, row[column + 1].value) for row in sheet.iter_rows(2)]
    assert [(value, left) for value, _, left in found] == [
        (datetime(2026, 11, 23), -1),
        (datetime(2026, 11, 26), 2),
        (datetime(2026, 12, 24), 30),
        (datetime(2026, 11, 1), None),
        (None, None),
    ]
    assert [color for _, color, _ in found] == ["FFF8C9C4", "FFFDE7B0", "00000000", "00000000", "00000000"]


def test_every_case_says_what_it_may_come_to_where_it_stands_and_whose_it_is(write: Any, full: dict[str, Any]) -> None:
    told = {one["案件号"]: one for one in records(write(full), "优先级")}
    for case in full["priorities"].to_dict("records"):
        case = {name: None if value != value else value for name, value in case.items()}  # NaN is not itself
        one = told[case["case_id"]]
        assert one["级别"] == {0: None, 2: "2级 紧急", 3: "3级 特急"}[case["level"]]
        assert one["处理状态"] == {"received": "已接收", "accepted": "受理", "investigating": "调查"}[case["state"]]
        assert (one["部门"], one["责任岗位"]) == (case["department"] or "没有归口", case["owner"])
        group = case["group_id"]
        assert (one["群诉"], one["群诉号"]) == ("是" if group else None, group)
        assert one["期限依据"] == ("投诉处理决定15日" if case["rule"] else None)
        assert ("自伤自杀·扬言" in (one["升级苗头"] or "")) == ("self_harm:threat" in case["kinds"])


def test_a_limit_beyond_the_calendar_is_a_day_that_says_it_may_move(write: Any, full: dict[str, Any]) -> None:
    some = (
        full["priorities"].head(2).assign(due_on=date(2027, 3, 1), provisional=[True, False], level=0, score=[9.0, 8.0])
    )
    sheet = openpyxl.load_workbook(write(full, priorities=some))["优先级"]
    column = [cell.value for cell in sheet[1]].index("办结期限")
    cells_ = [row[column] for row in sheet.iter_rows(2)]
    assert [cell.value for cell in cells_] == [datetime(2027, 3, 1)] * 2
    assert ["暂定" in cell.number_format for cell in cells_] == [True, False]


def test_every_clock_stands_with_the_rule_behind_it(write: Any, full: dict[str, Any]) -> None:
    started, now = datetime(2026, 11, 4), datetime(2026, 11, 24, 15, 30)  # now: that of the stamp
    due = [datetime(2026, 11, 24, 15, 0), datetime(2026, 11, 24, 16, 0), datetime(2026, 12, 4, 23, 59)]
    clocks = full["clocks"].head(3).assign(
        rule=["cb-transfer", "cb-simple", "delivered"], started_at=started, due_at=due,
        provisional=[False, False, True], paused=[False, True, False], paused_days=[0, 3, 2],
        extended=[True, False, False], event="answer",
    )  # fmt: skip
    path = write(full, clocks=clocks)
    told = records(path, "期限")
    assert [one["核实"] for one in told] == ["未核实", "已核实", "台账所定"]
    assert [one["期限"] for one in told][2] == "台账办结期限" and "2020年第3号" in told[1]["依据（规定出处）"]
    assert [one["剩余天数"] for one in told] == [0, 0, 10]
    assert [one["暂停"] for one in told] == [None, "暂停中\n已停 3 天", "曾停 2 天"]
    assert [one["延期"] for one in told] == ["是", None, None] and told[0]["须完成"] == "答复客户"
    assert told[0]["已用"] == pytest.approx((now - started) / (due[0] - started)) and told[0]["已用"] > 1
    sheet = openpyxl.load_workbook(path)["期限"]
    column = [cell.value for cell in sheet[1]].index("到期")
    found = [(row[column].fill.fgColor.rgb, "暂定" in row[column].number_format) for row in sheet.iter_rows(2)]
    assert found == [("FFF8C9C4", False), ("FFFDE7B0", False), ("00000000", True)]


def test_group_complaints_stand_beside_an_ordinary_time(write: Any, full: dict[str, Any]) -> None:
    told = records(write(full), "群体诉求")[0]
    assert (told["机构"], told["原因"]) == ("青山湖支行", "电子渠道（综合） · 崩溃卡顿")
    assert (told["历时天数"], told["客户数"], told["平常客户数"], told["未结案件"]) == (11, 16, 2.4, 9)
    assert told["偶然可能"] == "不到百万分之一"


def test_the_history_names_steps_states_and_people(write: Any, full: dict[str, Any]) -> None:
    told, given = records(write(full), "事件记录"), full["history"]
    assert [one["案件号"] for one in told] == given["case_id"].tolist()
    assert {one["操作人"] for one in told} == {"台账员李某", "台账", "0472"}
    last = next(one for one in told if one["动作"] == "反馈")
    assert (last["原状态"], last["新状态"], last["附记"]) == ("调查", "反馈", "告知客户：2026-11-23")


def test_clocks_beyond_the_list_are_counted(write: Any, full: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(workbook.rules(), listed_clocks=5)
    monkeypatch.setattr(workbook, "rules", lambda: few)
    path = write(full)
    assert len(records(path, "期限")) == 5
    missing = f"期限”列不下全部：另有 {len(full['clocks']) - 5} 行"
    assert any(missing in str(row[0]) for row in cells(path, "概览"))


def test_hostile_texts_stay_texts(write: Any, full: dict[str, Any]) -> None:
    rows = full["rows"].head(len(HOSTILE)).assign(text=HOSTILE, org=HOSTILE, reply=HOSTILE)
    cases = full["priorities"].head(len(HOSTILE)).assign(excerpt=HOSTILE, orgs=HOSTILE, floor=HOSTILE)
    items = full["items"].head(1).assign(title=HOSTILE[0], owner=HOSTILE[3])
    rejects = full["rejects"].head(1).assign(reason=HOSTILE[4], file=HOSTILE[0])
    batches = full["batches"].head(1).assign(file=HOSTILE[0], source=HOSTILE[1])
    groups = full["groups"].head(1).assign(org=HOSTILE[0])
    alerts = full["alerts"].assign(message=HOSTILE[0], rule=HOSTILE[1], acknowledged_by=HOSTILE[2])
    history = full["history"].head(1).assign(note=HOSTILE[0], actor=HOSTILE[1], details=[{HOSTILE[0]: HOSTILE[3]}])
    clocks = full["clocks"].head(1).assign(org=HOSTILE[0], department=HOSTILE[1], rule=HOSTILE[3])
    new = {"groups": groups, "alerts": alerts, "history": history, "clocks": clocks}
    path = write(full, rows=rows, priorities=cases, items=items, rejects=rejects, batches=batches, **new)
    told = [one["内容（已脱敏）"] for one in records(path, "分类明细")]
    assert told[:5] == ["'" + text for text in HOSTILE[:5]] and told[6] == "'＝1+1"
    # Excel reads _x005F_ as the underscore that keeps _x003D_ from meaning "="; openpyxl shows what is written.
    assert told[7:11] == ["含控制符", "_x005F_x003D_1+1", "http://example.com 打不开", "{=SUM(A1)}"]
    assert told[11].endswith(CUT) and len(told[11]) == 32_767
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f" and cell.hyperlink is None
            assert not str(cell.value or "").startswith(("=", "+86", "-1分", "@", "\t", "\r", "＝")), cell.coordinate
    with zipfile.ZipFile(path) as parts:
        assert all("<f>" not in parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
        assert not any(name.endswith((".bin", "externalLink1.xml")) for name in parts.namelist())


def test_nothing_at_all_is_a_workbook_that_says_so(write: Any, nothing: dict[str, Any]) -> None:
    path = write(nothing, details=iter(()))
    for sheet in SHEETS[1:]:
        head, *rows = cells(path, sheet)
        assert head[0] and [row[0] for row in rows] == ["暂无"]
    assert sum(row[0] == "暂无" for row in cells(path, "概览")) >= 8


def test_the_overview_repeats_the_figures_of_the_summary(write: Any, summarise: Any, full: dict[str, Any]) -> None:
    rows, summary = cells(write(full), "概览"), summarise(full)
    firsts = {row[0]: row for row in rows}
    assert firsts["反馈件数"][1:3] == (summary.feedback.events, summary.feedback.previous_events)
    assert firsts["崩溃卡顿"][1] == next(line.n for line in summary.leaves if line.label == "system.crash")
    assert firsts["投诉台账_2026Q4.xlsx"][1:7] == (1310, 1254, 21, 32, 3, "相符")
    assert any("模型预测" in str(row[0]) and "linear-2026.11" in str(row[0]) for row in rows)


def test_rows_beyond_excels_limit_are_left_out_and_counted(
    write: Any, full: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "EXCEL_ROWS", 101)
    path = write(full)
    assert len(cells(path, "分类明细")) == 101
    assert any(f"分类明细”列不下全部：另有 {len(full['rows']) - 100} 行" in str(row[0]) for row in cells(path, "概览"))


def test_a_shortened_priority_list_says_how_many_are_missing(
    write: Any, summarise: Any, full: dict[str, Any], tmp_path: Path, frames: SimpleNamespace
) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, summarise(full), frames.lists({**full, "priorities": full["priorities"].head(10)}))
    missing = len(full["priorities"]) - 10
    assert any(f"优先级”列不下全部：另有 {missing} 行" in str(row[0]) for row in cells(path, "概览"))


def test_the_same_input_gives_the_same_bytes(write: Any, full: dict[str, Any]) -> None:
    one, other = (hashlib.sha256(write(full).read_bytes()).hexdigest() for _ in range(2))
    assert one == other


def test_a_source_that_breaks_leaves_the_old_workbook(write: Any, full: dict[str, Any], tmp_path: Path) -> None:
    old = write(full).read_bytes()

    def broken() -> Iterator[pd.DataFrame]:
        yield full["rows"]
        raise OperatorError("the database went away")

    with pytest.raises(OperatorError, match="went away"):
        write(full, details=broken())
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [old]


def test_a_workbook_that_is_open_elsewhere_is_a_clear_error(
    write: Any, full: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(target))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OperatorError, match=r"报告\.xlsx.*close it in Excel"):
        write(full)


def test_every_part_of_the_triage_has_a_chinese_name() -> None:
    from feedback_nlp.priority.triage import PARTS

    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", word("part", name)) for name in PARTS)
