"""The sheet 复核 as a spreadsheet sees it."""

import json
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from feedback_nlp import taxonomy
from feedback_nlp.classify.answers import Vocabulary, vocabulary
from feedback_nlp.policy import load
from feedback_nlp.report import review_columns as cols
from feedback_nlp.report.review_sheet import FIRST_ROW, HEADER_ROW, write_sheet

LABELS = {
    "kind": ("complaint",), "business": ("credit_card",), "touchpoint": ("phone",), "sentiment": ("negative",),
    "leaves": ("pricing.fee", "service.attitude"), "demand": (), "escalation": ("regulator:threat", "media:threat"),
}  # fmt: skip
ROW = {
    "feedback_id": "0123456789abcdef0123", "version": 2, "seq": 0, "why": "有2级升级苗头\n模型把握不足",
    "text": "=HYPERLINK(1)信用卡扣了年费", "labels": LABELS, "confidence": 0.41, "evidence": "扣了年费", "org": None,
    "day": date(2026, 9, 1), "source_id": "GD1", "case_id": None, "score": 61.3, "due_on": date(2026, 9, 20),
}  # fmt: skip


@pytest.fixture
def words() -> Vocabulary:
    policy = load()
    return vocabulary(taxonomy.load(), escalation=policy.escalation, review=policy.review)


def book(path: Path, words: Vocabulary, *rows: dict[str, object], constant_memory: bool = False) -> openpyxl.Workbook:
    options = {"constant_memory": constant_memory, "strings_to_formulas": False}
    with xlsxwriter.Workbook(path / "review.xlsx", options) as written:
        write_sheet(written, pd.DataFrame(list(rows), columns=list(ROW), dtype=object), words=words)
    return openpyxl.load_workbook(path / "review.xlsx")


def cells(sheet: openpyxl.worksheet.worksheet.Worksheet, row: int = FIRST_ROW + 1) -> dict[str, object]:
    header = [cell.value for cell in sheet[HEADER_ROW + 1]]
    return dict(zip(header, [cell.value for cell in sheet[row]], strict=True))


@pytest.mark.parametrize("constant_memory", [False, True])
def test_a_row_shows_why_and_what_and_labels_in_chinese(
    tmp_path: Path, words: Vocabulary, constant_memory: bool
) -> None:
    row = cells(book(tmp_path, words, ROW, constant_memory=constant_memory)["复核"])
    assert row["为什么要看"] == "有2级升级苗头\n模型把握不足"
    assert [row[name] for name in ("类型", "业务", "原因1", "原因2", "原因3", "诉求1")] == [
        "投诉", "信用卡", "手续费年费", "服务态度", None, None,
    ]  # fmt: skip
    assert row["升级"] == "监管投诉（扬言）、舆情（扬言）"
    assert [row[name] for name in (cols.VERDICT, cols.AUTHOR, cols.NOTE)] == [None, None, None]
    assert (row[cols.ID], row[cols.VERSION], row[cols.SEQ]) == ("0123456789abcdef0123", 2, 0)
    assert json.loads(str(row[cols.WAS])) == {facet: list(labels) for facet, labels in LABELS.items()}


def test_a_text_that_looks_like_a_formula_is_harmless(tmp_path: Path, words: Vocabulary) -> None:
    assert str(cells(book(tmp_path, words, ROW)["复核"])["内容（已脱敏）"]).startswith("'=HYPERLINK")


def test_every_label_can_be_chosen_from_a_list_on_the_hidden_sheet(tmp_path: Path, words: Vocabulary) -> None:
    found = book(tmp_path, words, ROW, {**ROW, "feedback_id": "b" * 20})
    sheet, lists = found["复核"], found["选项"]
    assert lists.sheet_state == "hidden"
    header = {cell.column_letter: cell.value for cell in sheet[HEADER_ROW + 1]}
    choices = {}
    for validation in sheet.data_validations.dataValidation:
        letter = str(validation.sqref).split(":")[0].rstrip("0123456789")
        assert str(validation.sqref) == f"{letter}{FIRST_ROW + 1}:{letter}{FIRST_ROW + 2}"
        name, area = validation.formula1.split("!")
        assert name.strip("'") == "选项"
        choices[header[letter]] = [cell[0].value for cell in lists[area.replace("$", "")]]
    assert choices["业务"] == list(taxonomy.load().names["business"].values())
    assert choices["原因1"] == choices["原因3"] == list(taxonomy.load().names["leaves"].values())
    assert choices["结论"] == ["确认", "更正", "跳过"]
    assert choices["升级"][0] == "无"
    assert {"监管投诉（扬言）", "自伤自杀（扬言）"} <= set(choices["升级"])
    assert len(choices) == 4 + 3 + 3 + 1 + 1


def test_only_what_a_reviewer_fills_in_can_be_changed(tmp_path: Path, words: Vocabulary) -> None:
    sheet = book(tmp_path, words, ROW)["复核"]
    assert sheet.protection.sheet
    header = [cell.value for cell in sheet[HEADER_ROW + 1]]
    open_ = {name for name, cell in zip(header, sheet[FIRST_ROW + 1], strict=True) if not cell.protection.locked}
    assert open_ == {column.title for column in cols.filled(facets=words.facets)}
    assert sheet.column_dimensions[sheet[HEADER_ROW + 1][-1].column_letter].hidden
    assert sheet.freeze_panes == "D3"


def test_a_facet_nobody_has_looked_at_stays_empty_and_one_of_none_says_so(tmp_path: Path, words: Vocabulary) -> None:
    unseen = {facet: labels for facet, labels in LABELS.items() if facet != "escalation"}
    assert cells(book(tmp_path, words, {**ROW, "labels": unseen})["复核"])["升级"] is None
    assert cells(book(tmp_path, words, {**ROW, "labels": {**unseen, "escalation": ()}})["复核"])["升级"] == "无"


def test_without_tasks_the_sheet_says_so(tmp_path: Path, words: Vocabulary) -> None:
    assert book(tmp_path, words)["复核"].cell(FIRST_ROW + 1, 2).value == "暂无"


def test_a_long_text_gets_a_higher_row_up_to_what_a_sheet_can_show(tmp_path: Path, words: Vocabulary) -> None:
    rows = [{**ROW, "text": "很长" * n} for n in (5, 200, 5000)]
    sheet = book(tmp_path, words, *rows)["复核"]
    heights = [sheet.row_dimensions[FIRST_ROW + n].height for n in (1, 2, 3)]
    assert heights[0] < heights[1] < heights[2] <= 409
