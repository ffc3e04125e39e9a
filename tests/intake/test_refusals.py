from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import Source, open_delivery

OOXML = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"text\n", "no data rows"),
        ("a.csv", b"id,text\n\n,\n", "no data rows"),
        ("a.csv", b"\n \n\n", "no row could be read|no data rows"),
        ("a.jsonl", b"\n\n", "no row could be read|no data rows"),
        ("a.csv", "编号,日期\n1,2026-04-05\n".encode(), "the columns are: 编号, 日期.*columns = {"),
        ("a.csv", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        ("a.txt", b"MZ\x90\0\x03\0\0\0", "Windows program"),
        ("a.csv", b"\x1f\x8b\x08\0", "gzip"),
        ("a.csv", bytes(range(256)) * 40, "no text file|encoding"),
        ("a.xls", b"<html><table><tr><td>text</td></tr></table></html>", "web page.*save it as xlsx"),
        ("a.xls", "\ufeff<!DOCTYPE html><html></html>".encode("utf-16-le"), "web page"),
        ("a.xls", b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "web page"),
        ("a.xls", OOXML.encode(), "XML.*save it as xlsx"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xlsx", b"\0" * 600, "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\0" * 600, "damaged"),
        ("a.parquet", b"PAR1 broken PAR1", "damaged"),
        ("a.parquet", b"text\ngood\n", "damaged or no parquet"),
        ("a.docx", b"PK", "is not read; deliver csv"),
        ("a", b"text\ngood\n", "without an ending"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    name: str, content: bytes, message: str, tmp_path: Path, source: Source
) -> None:
    (path := tmp_path / name).write_bytes(content)
    with pytest.raises(SenderError, match=message) as caught:
        open_delivery(path, source=source)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["encrypted.xlsx", "encrypted.xls", "encrypted.ods"])
def test_a_password_is_named_as_the_reason(name: str, fixtures: Path, source: Source) -> None:
    with pytest.raises(SenderError, match=f"{name}: the workbook is protected by a password; remove it"):
        open_delivery(fixtures / name, source=source)


def test_a_missing_file_a_folder_and_a_forbidden_file_are_refused(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SenderError, match="there is no such file"):
        open_delivery(tmp_path / "none.csv", source=source)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SenderError, match=r"folder\.csv: this is a folder"):
        open_delivery(tmp_path / "folder.csv", source=source)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    (path := tmp_path / "mine.csv").write_text("text\ngood\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SenderError, match=r"mine\.csv: no permission"):
        open_delivery(path, source=source)


def test_archives_documents_and_databases_are_told_from_workbooks(tmp_path: Path, source: Source) -> None:
    with zipfile.ZipFile(archive := tmp_path / "a.csv", "w") as file:
        file.writestr("word/document.xml", "x")
    with pytest.raises(SenderError, match="zip archive or another Office document"):
        open_delivery(archive, source=source)
    with sqlite3.connect(database := tmp_path / "b.csv") as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with pytest.raises(SenderError, match="SQLite database: give its URL"):
        open_delivery(database, source=source)


def test_a_workbook_too_large_to_load_is_refused_before_it_is_loaded(tmp_path: Path, source: Source) -> None:
    with (
        zipfile.ZipFile(path := tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as file,
        file.open("xl/workbook.xml", "w") as out,
    ):
        for _ in range(201):
            out.write(b"\0" * (1 << 20))
    with pytest.raises(SenderError, match="more than 200 MB unpacked; save the sheet as csv"):
        open_delivery(path, source=source)


@pytest.mark.parametrize(
    ("made", "called", "kind"), [("xlsx", "a.csv", "xlsx"), ("csv", "a.xls", "csv"), ("csv", "a.xlsx", "csv")]
)
def test_the_content_decides_where_the_name_is_wrong(
    made: str,
    called: str,
    kind: str,
    write_xlsx: Callable[..., Path],
    write_csv: Callable[..., Path],
    tmp_path: Path,
    source: Source,
) -> None:
    rows = [["id", "text"], ["1", "好"]]
    shutil.move(
        write_xlsx(("a", rows)) if made == "xlsx" else write_csv(rows, encoding="gb18030"),
        path := tmp_path / "x" / called,
    ) if (tmp_path / "x").mkdir() is None else None
    delivery = open_delivery(path, source=source)
    assert (delivery.format, delivery.file) == (kind, called)
    assert len(list(delivery.rows())) == 1


def test_a_text_that_begins_like_a_program_is_a_text(tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "a.csv").write_text("MZ,text\n1,好\n", encoding="utf-8")
    assert len(list(open_delivery(path, source=source).rows())) == 1
