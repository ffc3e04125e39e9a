"""Read one JSON object per line; the keys of all objects together are the columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.columns import Roles, add_late, may_be_name, plain
from feedback_nlp.intake.encoding import BROKEN, open_text
from feedback_nlp.intake.header import Header
from feedback_nlp.intake.rows import Broken, Table, converter, is_empty
from feedback_nlp.intake.sniff import Examined
from feedback_nlp.intake.source import Source, policy
from feedback_nlp.records import RawFeedback, Reject

_SAMPLE = 1000  # lines whose keys make the mapping
_OTHER = "其他列"


def starts_like_json(examined: Examined, *, encoding: str) -> bool:
    """Tell whether a text file without a telling name holds JSON lines."""
    with open_text(str(examined.path), encoding=encoding) as file:
        line = next((line for line in islice(file, 100) if line.strip()), "")
    return line.lstrip().startswith("{") and not isinstance(_parsed(line), Broken)


def open_jsonl(examined: Examined, *, source: Source, encoding: str) -> Table:
    """Collect the keys of the first lines; later ones join row by row, see ``keyed_converter``."""
    _refuse_array(examined, encoding=encoding)
    named = frozenset(map(plain, source.columns.values()))

    def records() -> Iterator[tuple[int, Any]]:
        for number, record in _records(str(examined.path), encoding=encoding):
            yield number, record if isinstance(record, Broken) else _with_safe_keys(record, named=named)

    keys: dict[str, None] = {}
    for _, record in islice(records(), _SAMPLE):
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
    names = tuple(keys)
    # The cells of a row are the object itself: its keys travel with it.
    return Table("jsonl", Header(0, 0, names, names), None, records, encoding)


def keyed_converter(roles: Roles, *, source: Source, file: str) -> Callable[[int, Any], RawFeedback | Reject]:
    """Plan once per set of keys, so that a row may lack keys or bring new ones."""

    @lru_cache(maxsize=256)
    def plan(keys: tuple[str, ...]) -> Callable[[int, Any], RawFeedback | Reject]:
        return converter(add_late(keys, roles=roles, source=source), source=source, file=file)

    def convert(row: int, record: dict[str, Any]) -> RawFeedback | Reject:
        return plan(tuple(record))(row, tuple(record.values()))

    return convert


def _records(path: str, *, encoding: str) -> Iterator[tuple[int, Any]]:
    longest = 2 * policy()["limits"]["field_chars"]
    with open_text(path, encoding=encoding) as file:
        number = 0
        while line := file.readline(longest):
            number += 1
            if len(line) >= longest and not line.endswith("\n"):
                while (rest := file.readline(longest)) and not rest.endswith("\n"):
                    pass
                yield number, Broken(f"一行超过 {longest} 个字符")
            elif not line.isspace():
                record = _parsed(line)
                if isinstance(record, Broken) or not is_empty(record.values()):
                    yield number, record


def _with_safe_keys(record: dict[str, Any], *, named: frozenset[str]) -> dict[str, Any]:
    """Rename keys that may hold a person's words or number, unless the settings name them: keys are stored unmasked."""
    odd = [key for key in record if not may_be_name(key) and plain(key) not in named]
    renamed = {key: f"{_OTHER}{place if place > 1 else ''}" for place, key in enumerate(odd, start=1)}
    return {renamed.get(key, key): value for key, value in record.items()} if odd else record


def _parsed(line: str) -> dict[str, Any] | Broken:
    if BROKEN in line:
        return Broken("有无法按文件编码解码的字节")
    try:
        record = json.loads(line.strip().strip("\ufeff"))
        if "\\ud" in line or "\\uD" in line:
            json.dumps(record, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        return Broken("不是有效的 JSON")
    return record if isinstance(record, dict) else Broken("不是 JSON 对象")


def _refuse_array(examined: Examined, *, encoding: str) -> None:
    with open_text(str(examined.path), encoding=encoding) as file:
        start = file.read(4096).lstrip("\ufeff \t\r\n")
    if start.startswith("[") or start in {"{"} or start.startswith(("{\n", "{\r")):
        raise SenderError(f"{examined.path.name}: this is one JSON document; write one object per line (jsonl)")
