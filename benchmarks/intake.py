"""Rows per second and peak memory of intake, per format: ``python benchmarks/intake.py [rows …]``.

Writing and reading run in processes of their own: peak memory never falls again, and a child inherits it.
Short reviews, five columns.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from sqlalchemy import create_engine, text

from feedback_nlp.intake import Delivery, Source, open_delivery, open_query

COLUMNS = ("id", "date", "rating", "channel", "text")
FORMATS = ("csv utf-8", "csv gb18030", "jsonl", "parquet", "sql", "xlsx")


def rows(count: int) -> Iterator[tuple[str, str, str, str, str]]:
    for n in range(count):
        yield (
            f"R{n}",
            f"2026-0{n % 9 + 1}-1{n % 10} 09:{n % 60:02}:00",
            str(n % 5 + 1),
            "手机银行",
            f"更新以后打不开，第{n}次登录还是闪退，客服没人接",
        )


def write(kind: str, path: Path, count: int) -> None:
    if kind.startswith("csv"):
        with path.open("w", encoding=kind.split()[1]) as file:
            file.writelines(",".join(row) + "\n" for row in (COLUMNS,))
            file.writelines(",".join(row) + "\n" for row in rows(count))
    elif kind == "jsonl":
        with path.open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n" for row in rows(count)
            )
    elif kind == "parquet":
        columns = zip(*rows(count), strict=True)
        pq.write_table(pa.table(dict(zip(COLUMNS, map(list, columns), strict=True))), path, row_group_size=10_000)
    elif kind == "xlsx":
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet = book.add_worksheet()
        for at, row in enumerate([COLUMNS, *rows(count)]):
            sheet.write_row(at, 0, row)
        book.close()
    else:
        with create_engine(f"sqlite:///{path}").begin() as connection:
            connection.execute(text(f"CREATE TABLE t ({', '.join(COLUMNS)})"))
            values = [dict(zip(COLUMNS, row, strict=True)) for row in rows(count)]
            connection.execute(text(f"INSERT INTO t VALUES ({', '.join(':' + name for name in COLUMNS)})"), values)


def deliver(kind: str, path: Path) -> Delivery:
    source = Source("bench", "app_review")
    return (
        open_query(f"sqlite:///{path}", "SELECT * FROM t", source=source)
        if kind == "sql"
        else open_delivery(path, source=source)
    )


def measure(kind: str, path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    count = sum(1 for _ in deliver(kind, path).rows())
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    speed, added = count / seconds, (peak - before) / 1024
    print(f"{kind:12} {count:>9,} rows {speed:>9,.0f} rows/s {peak / 1024:>6.0f} MB peak ({added:+.0f} MB)")


def main(counts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind in FORMATS:
            for count in counts:
                path = Path(folder) / f"{count}.{'db' if kind == 'sql' else kind.split()[0]}"
                path.unlink(missing_ok=True)
                for step in ("--write", "--read"):
                    subprocess.run([sys.executable, __file__, step, kind, str(path), str(count)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--read"]:
        measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main([int(each) for each in sys.argv[1:]] or [10_000, 100_000])
