"""Rows per second and peak memory of each stage of the daily path, on SQLite.

    python benchmarks/path.py TEXTS.csv 10000 100000

TEXTS.csv has a column ``text`` (say, public app reviews). Rows are its texts repeated with variation: each repetition
adds a clause and a number, so that nothing is cached or equal. Every size runs in a process of its own.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TODAY = date(2026, 9, 30)
TAILS = ("希望尽快改进", "客服电话也打不通", "已经第{n}次反馈了", "更新到{n}.0以后就这样", "排队等了{n}分钟", "请回复")


def write_reviews(texts: Path, target: Path, rows: int) -> None:
    """Write ``rows`` varied app reviews of the last two quarters."""
    with texts.open(encoding="utf-8-sig", newline="") as file:
        source = [line["text"] for line in csv.DictReader(file) if line["text"].strip()]
    random_ = random.Random(0)
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["编号", "评论时间", "评分", "评论内容"])
        for number in range(rows):
            text = source[number % len(source)]
            if number >= len(source):
                text += "，" + random_.choice(TAILS).format(n=random_.randint(2, 60))
            day = TODAY - timedelta(days=random_.randrange(180))
            out.writerow([f"R{number:08d}", day, random_.randint(1, 5), text])


def measure(inbox: Path, rows: int) -> None:
    """Run each stage once and print a line of figures."""
    from feedback_nlp.jobs import casework, classify, improve, report, scoring, takein, workplace
    from feedback_nlp.settings import Feed, Settings

    os.environ["FEEDBACK_NLP_KEY"] = "benchmark" * 4
    folder = inbox.parent
    feeds = (Feed("app_reviews", "app_review", "*.csv"),)
    settings = Settings(folder, f"sqlite:///{folder / 'feedback.db'}", reports=folder / "reports", feeds=feeds)
    stages: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        stages[name] = time.perf_counter() - start
        return result

    predictor = timed("load", lambda: workplace.load_predictor(settings))
    work = workplace.open_workplace(settings, today=TODAY)
    timed("take in", lambda: takein.take_in(work, inbox))
    timed("classify", lambda: classify.classify_new(work, predictor))
    timed("cases", lambda: casework.settle(work))
    timed("triage", lambda: scoring.score_cases(work))
    timed("improve", lambda: improve.open_improvements(work))
    path = sum(seconds for name, seconds in stages.items() if name != "load")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    timed("report", lambda: report.write_reports(work))
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = [f"{rows:,}", *(f"{seconds:.1f}" for seconds in stages.values())]
    print("| " + " | ".join([*cells, f"{rows / path:,.0f}", f"{memory:.0f}", f"{whole:.0f}"]) + " |", flush=True)


def main() -> None:
    """Measure every size in a process of its own."""
    if sys.argv[1] == "--measure":
        return measure(Path(sys.argv[2]), int(sys.argv[3]))
    head = ["rows", "load s", "take in s", "classify s", "cases s", "triage s", "improve s", "report s"]
    head += ["rows/s without report", "peak MB without report", "peak MB"]
    print("| " + " | ".join(head) + " |\n|" + "---:|" * len(head), flush=True)
    for size in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            inbox = Path(folder) / "reviews.csv"
            write_reviews(Path(sys.argv[1]), inbox, int(size))
            subprocess.run([sys.executable, __file__, "--measure", str(inbox), size], check=True)
    return None


if __name__ == "__main__":
    main()
