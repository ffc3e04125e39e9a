from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.records import Reject

HEADER = ["工单号", "受理日期", "投诉内容", "评分"]


@pytest.mark.parametrize("name", ["ledger.xls", "ledger.ods"])
def test_old_excel_and_open_document_are_read(name: str, fixtures: Path, source: Source) -> None:
    delivery = open_delivery(fixtures / name, source=source)
    first, second = delivery.rows()
    assert (delivery.format, delivery.header_row, delivery.encoding) == (name[-3:], 2, None)
    assert (first.row, first.source_id, first.received_at, first.rating) == (
        3,
        "20260405001",
        datetime(2026, 4, 5, 9, 30),
        2.0,
    )  # type: ignore[union-attr]
    assert (second.row, second.text, second.received_at) == (4, "手机银行转账失败，钱却扣了。", datetime(2026, 4, 6))  # type: ignore[union-attr]


def test_numbers_dates_and_texts_of_excel_are_read(write_xlsx: Callable[..., Path], source: Source) -> None:
    rows = [
        HEADER,
        [20240123.0, datetime(2026, 4, 5, 12, 30), "好", 5],
        ["007", date(2026, 4, 5), "好", "4星"],
        [3, 46117, "好", None],
        [4, "2026年4月5日", 666, 4.5],
        [5, timedelta(hours=3), "好", 5],
        [110101199003077777, None, "好", True],
        [110101199003077777, None, "好", None],
    ]
    found = list(open_delivery(write_xlsx(("a", rows)), source=source).rows())
    good = [row for row in found if not isinstance(row, Reject)]
    assert [row.source_id for row in good] == ["20240123", "007", "3", "4", None]
    assert [row.received_at for row in good] == [datetime(2026, 4, 5, 12, 30), *[datetime(2026, 4, 5)] * 3, None]
    assert [row.rating for row in good] == [5.0, 4.0, None, 4.5, None]
    assert good[3].text == "666"
    assert good[4].extra["工单号"].startswith("1.10101199003")  # kept to be seen, not taken for an id
    assert [(row.row, row.column) for row in found if isinstance(row, Reject)] == [(6, "受理日期"), (7, "评分")]


def test_the_1904_calendar_is_respected(tmp_path: Path, source: Source) -> None:
    book = xlsxwriter.Workbook(path := tmp_path / "mac.xlsx", {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["text", "date"])
    sheet.write(1, 0, "好")
    sheet.write_datetime(1, 1, datetime(2026, 4, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    (record,) = open_delivery(path, source=source).rows()
    assert record.received_at == datetime(2026, 4, 5)  # type: ignore[union-attr]


def test_rows_are_numbered_as_excel_shows_them_wherever_the_table_stands(tmp_path: Path, source: Source) -> None:
    book = xlsxwriter.Workbook(path := tmp_path / "feed.xlsx")
    sheet = book.add_worksheet()
    for row, values in {4: ["编号", "内容"], 5: ["1", "好"], 8: ["2", "差"]}.items():
        sheet.write_row(row, 2, values)
    for row in range(9, 60):
        sheet.write_blank(row, 2, None, book.add_format({"bold": True}))
    sheet.write(70, 2, "  ")
    book.close()
    delivery = open_delivery(path, source=source)
    assert delivery.header_row == 5
    assert [(row.row, row.source_id) for row in delivery.rows()] == [(6, "1"), (9, "2")]  # type: ignore[union-attr]


def test_the_sheet_with_the_feedback_is_chosen(write_xlsx: Callable[..., Path], source: Source) -> None:
    about, data = ("说明", [["本表由消保部制作"], ["口径", "受理日期"]]), ("明细", [HEADER, ["1", None, "好", 5]])
    (record,) = open_delivery(write_xlsx(about, data), source=source).rows()
    assert record.text == "好"  # type: ignore[union-attr]


def test_several_sheets_with_feedback_ask_for_a_choice(write_xlsx: Callable[..., Path], source: Source) -> None:
    path = write_xlsx(("1月", [HEADER, ["1", None, "好", 5]]), ("2月", [HEADER, ["2", None, "差", 1]]))
    with pytest.raises(SenderError, match=r"several sheets hold feedback \(1月, 2月\).*sheet ="):
        open_delivery(path, source=source)
    (record,) = open_delivery(path, source=Source("feed", "other", sheet="2月")).rows()
    assert record.source_id == "2"  # type: ignore[union-attr]
    with pytest.raises(SenderError, match="no sheet '3月'; the sheets are: 1月, 2月"):
        open_delivery(path, source=Source("feed", "other", sheet="3月"))


@pytest.mark.parametrize("start", [0, 1, 2, 5])
def test_a_workbook_can_be_read_from_a_row_on(start: int, write_xlsx: Callable[..., Path], source: Source) -> None:
    delivery = open_delivery(
        write_xlsx(("a", [HEADER, ["1", None, "好", 5], [], ["2", None, None, 5], ["3", None, "差", 1]])), source=source
    )
    assert list(delivery.rows(start)) == list(delivery.rows())[start:]
