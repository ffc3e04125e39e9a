"""Cases for a bank of a million rows a year: time of each 100,000 and peak memory.

    python benchmarks/million.py 1000000 [URL]

Rows are written as if taken in and classified: no model, no file. They arrive in order of their day, 100,000 at a time.
Half are short remarks that are no case, 30 % carry a customer number, 5 % are of customers who write again, 2 % are
copies of 200 letters, each sent for a month, the greatest thousands of times, and one row in 500 came through the
same switchboard. Nineteen in twenty cases are closed within 15 days.
Without a URL the store is a new SQLite file.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from feedback_nlp import taxonomy
from feedback_nlp.jobs import casework, groups, scoring
from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import Settings
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

TRAIN = Path(__file__).parents[1] / "data" / "labelled" / "train.jsonl"
FIRST = date(2025, 1, 1)
SLICE, CHUNK = 100_000, 5_000
LETTERS, LETTER_DAYS = 200, 30
Row = dict[str, Any]


def main(rows: int, url: str | None = None) -> None:
    """Fill the store slice by slice; after each one put it into cases, score them and look for groups."""
    os.environ["FEEDBACK_NLP_KEY"] = "benchmark" * 4
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), url or f"sqlite:///{folder}/feedback.db")
        jobs = {"settle": casework, "find_groups": groups, "score_cases": scoring}
        steps = {name: getattr(module, name) for name, module in jobs.items()}
        print("| rows | fill s | " + " | ".join(f"{name} s" for name in steps) + " | of which CPU s | peak MB |")
        print("|---:" * (len(steps) + 4) + "|", flush=True)
        draw, everything = random.Random(20261124), []
        for start in range(0, rows, SLICE):
            stop = min(start + SLICE, rows)
            work = open_workplace(settings, today=day_of(stop - 1, rows), create_key=True)
            seconds = {"fill": timed(fill, work, synthetic(range(start, stop), rows, draw))}
            before = time.process_time()
            seconds |= {name: timed(step, work) for name, step in steps.items()}
            seconds["cpu"] = time.process_time() - before
            line(f"{stop:,}", *seconds.values())
            everything.append(seconds)
        line("together", *map(sum, zip(*(each.values() for each in everything), strict=True)))
        line("once more", 0.0, *(timed(step, work) for step in steps.values()), 0.0)


def timed(step: Any, *arguments: Any) -> float:
    """Run a step and give the seconds it took."""
    start = time.perf_counter()
    step(*arguments)
    return time.perf_counter() - start


def line(name: str, *seconds: float) -> None:
    """Print one row of the table."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | " + " | ".join(f"{each:.1f}" for each in seconds) + f" | {memory:.0f} |", flush=True)


def fill(work: Workplace, rows: Iterator[tuple[Row, Row, list[Row]]]) -> None:
    """Store feedback, predictions and identifiers."""
    blank = {"source": "synthetic", "file": "-", "input_hash": "", "mapping": "{}", "rows_read": 0, "new": 0}
    batch = blank | {"id": "synthetic", "updated": 0, "duplicate": 0, "rejected": 0, "taken_in_on": FIRST}
    with work.engine.begin() as connection:
        upsert(connection, t.batch, [batch])
    while chunk := [row for _, row in zip(range(CHUNK), rows, strict=False)]:
        with work.engine.begin() as connection:
            connection.execute(t.feedback.insert(), [feedback for feedback, _, _ in chunk])
            connection.execute(t.prediction.insert(), [prediction for _, prediction, _ in chunk])
            connection.execute(t.identifier.insert(), [each for _, _, found in chunk for each in found])


def day_of(number: int, rows: int) -> date:
    """Spread the rows over one year."""
    return FIRST + timedelta(365 * number // rows)


def synthetic(numbers: range, rows: int, draw: random.Random) -> Iterator[tuple[Row, Row, list[Row]]]:
    """Draw feedback with its prediction and identifiers, in order of its day."""
    originals = [json.loads(line)["text"] for line in TRAIN.read_text(encoding="utf-8").splitlines()]
    clauses = [clause for text in originals for clause in re.split(r"(?<=[，。！？\s])", text) if clause.strip()]
    own = random.Random(1)
    letters = ["".join(own.choices(clauses, k=20)) for _ in range(LETTERS)]
    active = [(365 - LETTER_DAYS) * own.random() for _ in letters]  # the day on which each wave begins
    labels = taxonomy.load()
    businesses, leaves = labels.labels("business"), labels.labels("leaves")
    for n in numbers:
        remark, copied = draw.random() < 0.5, draw.random() < 0.04  # of those that are no remark: 2 % of all
        writer = draw.randint(1, rows // 40) if draw.random() < 0.1 else n + rows
        if remark:
            text = draw.choice(clauses)
        elif copied:
            going = [k for k in range(LETTERS) if active[k] <= 365 * n / rows < active[k] + LETTER_DAYS] or [0]
            text = (
                letters[draw.choices(going, [1 / (k + 1) for k in going])[0]]
                + f"客户{n}，金额{draw.randint(1, 9999)}元"
            )
        else:
            text = "".join(draw.choices(clauses, k=draw.randint(3, 12)))
        yield rows_of(
            hashlib.sha256(f"feedback {n}".encode()).hexdigest()[:20],
            day=day_of(n, rows),
            text=text,
            label=("praise" if remark else "complaint", draw.choice(businesses), draw.choice(leaves)),
            closed=None if remark or draw.random() < 0.05 else day_of(n, rows) + timedelta(draw.randint(1, 15)),
            who=identifiers(n, writer, draw),
            place=(
                "app_review" if remark else draw.choice(("ledger", "hotline")),
                None if remark else f"第{draw.randint(1, 40)}分行",
            ),
        )


def identifiers(n: int, writer: int, draw: random.Random) -> list[tuple[str, str]]:
    """Give (type, keyed hash) of who wrote: nearly a third carry a customer number, a few a switchboard's telephone."""
    who = [("客户号", f"customer {writer}")] if draw.random() < 0.3 else []
    who += [("手机号", "switchboard" if n % 500 == 0 else f"telephone {writer}")] if draw.random() < 0.3 else []
    return [(kind, hashlib.sha256(name.encode()).hexdigest()[:32]) for kind, name in who]


def rows_of(
    name: str,
    *,
    day: date,
    text: str,
    label: tuple[str, str, str],
    closed: date | None,
    who: list[tuple[str, str]],
    place: tuple[str, str | None],
) -> tuple[Row, Row, list[Row]]:
    """Write out the rows of one feedback."""
    feedback: Row = dict.fromkeys(column.name for column in t.feedback.c)
    feedback |= {"id": name, "version": 1, "settled_version": 0, "settled_by": "", "batch_id": "synthetic"}
    feedback |= {"content": name, "counted_on": day, "received_at": datetime(day.year, day.month, day.day, 9)}
    feedback |= {"closed_at": datetime(closed.year, closed.month, closed.day, 17) if closed else None}
    feedback |= {"source": place[0], "source_kind": place[0], "org": place[1], "text": text, "flags": "", "extra": "{}"}
    prediction: Row = {"feedback_id": name, "version": 1, "release": "synthetic", "current": True}
    prediction |= {"kind": label[0], "business": label[1], "leaf": label[2], "leaves": label[2], "demand": ""}
    prediction |= {"touchpoint": "unknown", "sentiment": "negative", "scores": "{}", "confidence": 0.9, "review": False}
    prediction |= {"evidence": "{}", "taxonomy": 1, "predicted_on": day}
    found = [{"feedback_id": name, "type": kind, "hmac": hmac, "from_column": True} for kind, hmac in who]
    return feedback, prediction, found


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:3])
