"""Time and memory of the overview, the page and the workbook: `python benchmarks/report.py [ROWS]`.

The frames are the fictional bank of tests/report/frames.py; the details are repeated in chunks, so that they stream
as they do from the store.
"""

import resource
import runpy
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pandas as pd

from feedback_nlp.report.page import render_page
from feedback_nlp.report.summary import build
from feedback_nlp.report.workbook import write_workbook

T = TypeVar("T")
CHUNK = 5000
FRAMES = runpy.run_path(str(Path(__file__).parents[1] / "tests" / "report" / "frames.py"))


def main(rows: int) -> None:
    """Run every step once and print what it took."""
    chunk = FRAMES["details"](CHUNK)
    events = pd.concat([_copy(FRAMES["events"](chunk), at) for at in range(-(-rows // CHUNK))]).head(rows)
    cases = FRAMES["priorities"](chunk, n=2000)
    data = {
        "priorities": cases,
        **{name: FRAMES[name](cases) for name in ("clocks", "history", "alerts")},
        **{name: FRAMES[name]() for name in ("states", "groups", "reviews", "items", "batches", "rejects", "exposure")},
        "details": _details(chunk, rows),
    }
    given = {name: data[name] for name in ("items", "batches", "exposure")} | {"standing": FRAMES["standing"](data)}
    summary = _timed("summary", lambda: build(events, **given, stamp=FRAMES["stamp"]()), rows)
    page = _timed("page", lambda: render_page(summary, cases, data["items"]), rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        _timed("workbook", lambda: write_workbook(path, summary, FRAMES["lists"](data)), rows)
        print(f"page {len(page) / 1024:.0f} KiB, workbook {path.stat().st_size / 2**20:.1f} MiB")
    print(f"{rows} rows, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _copy(events: pd.DataFrame, at: int) -> pd.DataFrame:
    return events.assign(**{name: f"{at}-" + events[name].astype(str) for name in ("feedback_id", "case_id")})


def _details(chunk: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    for start in range(0, rows, CHUNK):
        yield chunk.head(rows - start)


def _timed(step: str, run: Callable[[], T], rows: int) -> T:
    start = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - start
    print(f"{step:10} {seconds:7.2f} s  {rows / seconds:10,.0f} rows/s")
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
