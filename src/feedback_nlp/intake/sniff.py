"""What a file really is, its hash, and samples of it: one pass over the bytes before anything is parsed."""

from __future__ import annotations

import hashlib
import mmap
import zipfile
from dataclasses import dataclass
from pathlib import Path

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.source import policy

TEXT = frozenset({".csv", ".tsv", ".txt"})
JSON = frozenset({".jsonl", ".ndjson", ".json"})
BINARY = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet"})
_BLOCK = 1 << 20

_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3\0", "an SQLite database: give its URL and a query instead"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"BZh", "a bzip2 archive: unpack it first"),
    (b"\xfd7zXZ", "an xz archive: unpack it first"),
    (b"ARROW1", "an Arrow file: save it as Parquet"),
    (b"{\\rtf", "an RTF document"),
)
_HTML = (b"<html", b"<!doctype", b"<table", b"<meta", b"<head", b"<style", b"<body", b"<div", b"mime-version:")


@dataclass(frozen=True)
class Examined:
    """One file as its bytes tell it."""

    path: Path
    kind: str  # text, jsonl, xlsx, xls, xlsb, ods, parquet
    sha256: str
    samples: tuple[
        bytes, ...
    ]  # the start and, spread over the file, pieces with bytes outside ASCII; from even offsets


def examine(path: Path) -> Examined:
    """Hash a file, sample it, and name what it contains; the content decides where it contradicts the name.

    Raises SenderError for what is missing, unreadable, empty, protected or of another kind, and says what to do.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        raise SenderError(f"{path.name}: this is a folder; name the files in it one by one")
    if suffix not in TEXT | JSON | BINARY:
        raise SenderError(
            f"{path.name}: {suffix or 'a name without an ending'} is not read; deliver csv, xlsx, jsonl or parquet"
        )
    try:
        sha256, samples = _run_through(path)
    except FileNotFoundError:
        raise SenderError(f"{path}: there is no such file; check the path") from None
    except PermissionError:
        raise SenderError(f"{path.name}: no permission to read it; ask its owner for read access") from None
    except OSError as error:
        raise SenderError(f"{path.name}: it cannot be read ({error.strerror}); check the disk") from None
    if not samples:
        raise SenderError(f"{path.name}: the file is empty (0 bytes); ask the sender to deliver it again")
    return Examined(path, _kind(path, samples[0]), sha256, samples)


def _run_through(path: Path) -> tuple[str, tuple[bytes, ...]]:
    limits, digest, later = policy()["encoding"], hashlib.sha256(), list[bytes]()
    start = b""
    with path.open("rb") as file:
        stride = max(1, path.stat().st_size // _BLOCK // limits["windows"])
        for index, block in enumerate(iter(lambda: file.read(_BLOCK), b"")):
            digest.update(block)
            start = start or block[: limits["first_bytes"]]
            rest = block[limits["first_bytes"] :] if index == 0 else block
            if (index % stride == 0 or not later) and not rest.isascii() and len(later) < 2 * limits["windows"]:
                at = next(place for place in range(0, len(rest), 4096) if not rest[place : place + 4096].isascii())
                later.append(rest[at : at + limits["window_bytes"]])
    return digest.hexdigest(), (start, *later) if start else ()


def _kind(path: Path, head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    # "MZ" may also begin a text: what is letters only needs a NUL behind it.
    signs = [what for magic, what in _FOREIGN if head.startswith(magic) and (not magic.isalnum() or b"\0" in head)]
    if found := next(iter(signs), None):
        raise SenderError(
            f"{path.name}: this is {found if ':' in found else found + ': export the data as csv or xlsx'}"
        )
    _refuse_markup(path, head)
    suffix = path.suffix.lower()
    if suffix in BINARY and (suffix == ".parquet" or b"\0\0\0" in head[:512]):
        raise SenderError(
            f"{path.name}: the file is damaged or no {suffix[1:]} at all; ask the sender to save it again"
        )
    return "jsonl" if suffix in JSON else "text"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {each.filename: each.file_size for each in archive.infolist()}
            is_ods = "mimetype" in sizes and b"opendocument.spreadsheet" in archive.read("mimetype")
            locked = is_ods and b"encryption-data" in archive.read("META-INF/manifest.xml")
    except (zipfile.BadZipFile, KeyError, RuntimeError, OSError):
        raise SenderError(f"{path.name}: the workbook is damaged; open it in Excel and save it again as xlsx") from None
    if locked:
        raise SenderError(_locked(path))
    limit = policy()["limits"]["workbook_bytes"]
    if sum(sizes.values()) > limit:
        raise SenderError(
            f"{path.name}: the workbook holds more than {limit >> 20} MB unpacked; save the sheet as csv (UTF-8)"
        )
    if is_ods:
        return "ods"
    kinds = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb"}
    if kind := next((kinds[name] for name in sizes if name in kinds), None):
        return kind
    raise SenderError(
        f"{path.name}: this is a zip archive or another Office document, no workbook: unpack it or save as xlsx"
    )


def _ole_kind(path: Path) -> str:
    limit = policy()["limits"]["workbook_bytes"]
    if path.stat().st_size > limit:
        raise SenderError(f"{path.name}: the workbook is larger than {limit >> 20} MB; save the sheet as csv (UTF-8)")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise SenderError(_locked(path))
        if any(content.find(stream.encode("utf-16-le")) >= 0 for stream in ("Workbook", "Book")):
            return "xls"
    raise SenderError(f"{path.name}: this is an old Office document, no workbook: save the data as xlsx")


def _locked(path: Path) -> str:
    return f"{path.name}: the workbook is protected by a password; remove it in Excel (File, Info) and save again"


def _refuse_markup(path: Path, head: bytes) -> None:
    start = head[:4096].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n").lower()
    if start.startswith(_HTML) or (start.startswith(b"<?xml") and b"<html" in start):
        raise SenderError(
            f"{path.name}: this is a web page (HTML) saved under another name; open it in Excel and save it as xlsx"
        )
    if start.startswith(b"<?xml"):
        raise SenderError(f"{path.name}: this is XML, not a table; open it in Excel and save it as xlsx")
