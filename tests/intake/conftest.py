from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

from feedback_nlp.intake import Source
from feedback_nlp.records import RawFeedback, Reject

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def source() -> Source:
    return Source("feed", "other")


@pytest.fixture
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    def write(
        rows: Iterable[Sequence[object]], *, name: str = "feed.csv", encoding: str = "utf-8", delimiter: str = ","
    ) -> Path:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(rows)
        path = tmp_path / name
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return write


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[..., Path]:
    def write(
        *sheets: tuple[str, Sequence[Sequence[object]]], merge: Sequence[str] = (), name: str = "feed.xlsx"
    ) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        for title, rows in sheets:
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
            for area in merge:
                sheet.merge_cells(area)
        book.save(path := tmp_path / name)
        return path

    return write


@pytest.fixture
def split() -> Callable[[Iterable[RawFeedback | Reject]], tuple[list[RawFeedback], list[Reject]]]:
    def apart(rows: Iterable[RawFeedback | Reject]) -> tuple[list[RawFeedback], list[Reject]]:
        everything = list(rows)
        return [r for r in everything if isinstance(r, RawFeedback)], [r for r in everything if isinstance(r, Reject)]

    return apart
