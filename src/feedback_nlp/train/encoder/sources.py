"""Texts out of files, one at a time: nothing holds a file's texts at once."""

from __future__ import annotations

import csv
import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from feedback_nlp.errors import TrainerError

KINDS = (".txt", ".csv", ".jsonl")


def read_texts(path: Path, *, column: str = "text") -> Iterator[str]:
    """Give the raw texts of a file, also of one packed with xz: every line of .txt, a column of .csv or .jsonl.

    Raises TrainerError for another kind of file, one that cannot be read, and one without the column.
    """
    kind = path.with_suffix("").suffix if path.suffix == ".xz" else path.suffix
    if kind not in KINDS:
        raise TrainerError(f"{path}: not one of {', '.join(KINDS)} (.xz); convert it")
    reader = {".txt": _lines, ".csv": _cells, ".jsonl": _fields}[kind]
    try:
        with _opened(path) as stream:
            yield from reader(stream, path, column)
    except UnicodeDecodeError as error:
        raise TrainerError(f"{path}: not UTF-8; save it as UTF-8") from error
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise TrainerError(f"{path}: cannot be read ({error}); name a file that is whole") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig", newline="" if path.suffix == ".csv" else None)


def _lines(stream: TextIO, path: Path, column: str) -> Iterator[str]:
    return (line.rstrip("\n") for line in stream)


def _cells(stream: TextIO, path: Path, column: str) -> Iterator[str]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a letter may be longer than the module's 128 kB
    rows = csv.DictReader(stream)
    if column not in (rows.fieldnames or ()):
        raise TrainerError(f"{path}: has no column '{column}'; it has {', '.join(rows.fieldnames or ())}")
    return (row[column] or "" for row in rows)


def _fields(stream: TextIO, path: Path, column: str) -> Iterator[str]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            yield str(json.loads(line)[column])
        except (ValueError, KeyError, TypeError) as error:
            raise TrainerError(f"{path}, line {number}: no JSON object with '{column}'; put the line right") from error
