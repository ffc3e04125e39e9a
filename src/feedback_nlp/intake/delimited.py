"""Read csv, tsv and txt: delimiter found, one bad record rejected without shifting or losing its neighbours."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import IO

from feedback_nlp.intake.columns import is_known, looks_like_name, plain
from feedback_nlp.intake.encoding import open_text
from feedback_nlp.intake.header import Header, find_header
from feedback_nlp.intake.rows import Broken, Records, Table, is_empty
from feedback_nlp.intake.sniff import Examined
from feedback_nlp.intake.source import Source, policy

DELIMITERS = (",", "\t", ";", "|")
_ONE_COLUMN = "\x1f"  # with a single column no comma can separate anything


def open_delimited(examined: Examined, *, source: Source, encoding: str) -> Table:
    """Find delimiter and header of a text table."""
    path = str(examined.path)
    delimiter, header = _delimiter(path, encoding=encoding, source=source)
    width = len(header.names)

    def records() -> Records:
        for number, values in _records(path, encoding=encoding, delimiter=delimiter, width=width):
            if number > header.last + 1 and (isinstance(values, Broken) or not is_empty(values)):
                yield number, _fitted(values, width)

    return Table("csv", header, header.last + 1, records, encoding)


def _delimiter(path: str, *, encoding: str, source: Source) -> tuple[str, Header]:
    """Choose the delimiter that makes most headers known, then the one that cuts the rows alike."""
    best: tuple[tuple[float, ...], str, Header] | None = None
    for delimiter in DELIMITERS:
        found = list(
            islice(
                _records(path, encoding=encoding, delimiter=delimiter, width=None), policy()["header"]["sample_rows"]
            )
        )
        rows = [[] if isinstance(values, Broken) else values for _, values in found]
        header = find_header(rows, source=source)
        score = _alike(rows[header.last + 1 :], header=header)
        explicit = {plain(name) for name in source.columns.values()}
        known = sum(is_known(name) or plain(name) in explicit for name in header.names)
        candidate = ((known, score * (len(header.names) > 1), -DELIMITERS.index(delimiter)), delimiter, header)
        best = candidate if best is None or candidate[0] > best[0] else best
    assert best is not None
    (known_best, score_best, _), delimiter, header = best
    if len(header.names) > 1 and (known_best >= 1 or score_best >= policy()["header"]["min_alike"]):
        return delimiter, header
    return _ONE_COLUMN, _one_column(path, encoding=encoding, source=source)


def _one_column(path: str, *, encoding: str, source: Source) -> Header:
    found = islice(
        _records(path, encoding=encoding, delimiter=_ONE_COLUMN, width=None), policy()["header"]["sample_rows"]
    )
    return find_header([[] if isinstance(values, Broken) else values for _, values in found], source=source)


def _alike(rows: Sequence[Sequence[str]], *, header: Header) -> float:
    """Give the share of rows as wide as the header, 0 where the header itself looks like data."""
    if not all(looks_like_name(name) for name in header.names):
        return 0.0
    full = [row for row in rows if not is_empty(row)]
    return sum(len(row) == len(header.names) for row in full) / len(full) if full else 1.0


def _fitted(values: Sequence[str] | Broken, width: int) -> Sequence[str] | Broken:
    """Pass a row on only if it has the columns of the header; a row that is cut or shifted says nothing reliable."""
    if isinstance(values, Broken) or len(values) == width:
        return values
    if len(values) > width and is_empty(values[width:]):
        return values[:width]
    return Broken(f"有 {len(values)} 列，表头有 {width} 列：检查引号和分隔符")


class _Lines:
    """The physical lines of a file; those of the record being read can be given back."""

    def __init__(self, file: IO[str], longest: int) -> None:
        self._read, self._longest = partial(file.readline, longest), longest
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(line) >= self._longest and line[-1] not in "\r\n":
            while (rest := self._read()) and rest[-1] not in "\r\n":
                pass
            raise csv.Error("field larger than field limit")
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._ahead.extendleft(reversed(lines))


def _records(
    path: str, *, encoding: str, delimiter: str, width: int | None
) -> Iterator[tuple[int, list[str] | Broken]]:
    """Run through the records; number counts all of them, blank lines too, as a spreadsheet would show them."""
    longest = policy()["limits"]["field_chars"]
    csv.field_size_limit(longest)
    with open_text(path, encoding=encoding) as file:
        lines = _Lines(file, 2 * longest)
        number = 0
        while True:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            lines.taken.clear()
            try:
                for values in reader:
                    number += 1
                    yield number, values
                    lines.taken.clear()
                return
            except csv.Error as error:
                number += 1
                yield number, Broken(_reason(error))
                lines.give_back(_intact(lines.taken, delimiter=delimiter, width=width))


def _intact(lines: Sequence[str], *, delimiter: str, width: int | None) -> Sequence[str]:
    """Find what an unclosed quote has swallowed: the lines from the first that is a whole record by itself."""
    for index in range(1, len(lines)):
        try:
            alone = list(csv.reader([lines[index]], delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        if width is not None and len(alone) == 1 and len(alone[0]) == width:
            return lines[index:]
    return ()


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"一格内容超过 {policy()['limits']['field_chars']} 个字符，或引号没有闭合"
    if "unexpected end" in str(error):
        return "引号没有闭合"
    return "引号不成对，或引号后有多余的字符"
