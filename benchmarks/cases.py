"""Time of bands and place on synthetic feedback: `python benchmarks/cases.py [ROWS] [BATCH]`.

Texts are made of clauses of data/labelled/train.jsonl: 2 % are copies of 200 letters, half carry no customer at all,
one in ten a customer who writes again. A dict stands in for the store's index.
"""

import json
import random
import re
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from feedback_nlp import policy, taxonomy
from feedback_nlp.cases.duplicates import bands
from feedback_nlp.cases.events import CaseEvent
from feedback_nlp.cases.join import place
from feedback_nlp.classify.escalation import detect
from feedback_nlp.records import MaskedText

TRAIN = Path(__file__).parents[1] / "data" / "labelled" / "train.jsonl"
CASES, CUES = policy.load().cases, policy.load().escalation


def main(rows: int, batch: int) -> None:
    """Run all batches and print what each step took."""
    spent: defaultdict[str, float] = defaultdict(float)
    index: defaultdict[str, list[CaseEvent]] = defaultdict(list)
    found: set[str] = set()
    feedback = synthetic(rows)
    while texts := list(islice(feedback, batch)):
        start = time.perf_counter()
        events = [replace(each, bands=bands(each.text, policy=CASES)) for each in texts]
        spent["bands"] += time.perf_counter() - start
        known = candidates(events, index)
        start = time.perf_counter()
        placed = place(events, known, policy=CASES)
        spent["place"] += time.perf_counter() - start
        start = time.perf_counter()
        for each in events:
            detect(each.text, policy=CUES)
        spent["detect"] += time.perf_counter() - start
        places = {each.feedback_id: each for each in placed}
        found.update(each.case_id for each in placed)
        for each in events:
            at = places[each.feedback_id]
            for key in (*each.people, *at.bands):
                index[key].append(replace(each, case_id=at.case_id, bands=at.bands))
    for step, seconds in spent.items():
        print(f"{step:10} {seconds:7.1f} s  {1e6 * seconds / rows:7.1f} µs/row")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows} rows, {len(found)} cases, peak {memory:.0f} MB (the stand-in index included)")


def candidates(events: list[CaseEvent], index: defaultdict[str, list[CaseEvent]]) -> list[CaseEvent]:
    """Fetch what a store would: events within the longest window that share a key."""
    oldest = min(each.received_on for each in events) - timedelta(max(CASES.repeat.days, CASES.duplicate.days))
    keys = {key for each in events for key in (*each.people, *each.bands)}
    shared = {old.feedback_id: old for key in keys for old in index[key] if old.received_on >= oldest}
    return list(shared.values())


def synthetic(rows: int) -> Iterator[CaseEvent]:
    """Draw feedback in order of its day, the same on every call."""
    draw = random.Random(20261124)
    originals = [json.loads(line)["text"] for line in TRAIN.read_text(encoding="utf-8").splitlines()]
    clauses = [clause for text in originals for clause in re.split(r"(?<=[，。！？\s])", text) if clause.strip()]
    letters = ["".join(draw.choices(clauses, k=20)) for _ in range(200)]
    leaves, businesses = taxonomy.load().labels("leaves"), taxonomy.load().labels("business")
    for n in range(rows):
        copied = draw.random() < 0.02
        text = draw.choice(letters) if copied else "".join(draw.choices(clauses, k=draw.randint(1, 12)))
        customer = draw.randint(1, rows // 20) if draw.random() < 0.1 else n + rows
        yield CaseEvent(
            feedback_id=f"{n:020d}",
            received_on=date(2026, 1, 1) + timedelta(365 * n // rows),
            theme=f"{draw.choice(businesses)}/{draw.choice(leaves[:5])}",
            people=frozenset({f"客户号:{customer}"}) if draw.random() < 0.5 else frozenset(),
            bands=(),
            text=MaskedText(text),
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in [*sys.argv[1:], "100000", "2000"][:2]))
