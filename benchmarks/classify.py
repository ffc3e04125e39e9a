"""Speed and memory of a release on one core, with evidence.

    python benchmarks/classify.py [--release NAME] [--rows N] [--texts FILE] [--record MACHINE]

FILE is a JSONL file with a field ``text``; the default is the labelled corpus' train part, its texts cut into pieces of
about the length of an app review. Texts vary in a number, so that none is read twice. With ``--record`` the figures go
into the release's manifest and card, under the name of the machine.
"""

import argparse
import json
import os
import random
import resource
import time
from itertools import count, cycle, islice
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import find, load
from feedback_nlp.records import MaskedText
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.prepare import prepare
from feedback_nlp.text.segment import clauses, tokenizer
from feedback_nlp.train.release import record

CORPUS = Path(__file__).parent.parent / "data" / "labelled" / "train.jsonl"
BATCH = 2_000
TURNS = 3  # the fastest counts: on a shared machine the others measure the neighbours


def main() -> None:
    """Measure, print, and record where asked."""
    options = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # an encoder takes all cores that it may use
    folder = find(options.release)
    tokenizer()
    stamp = fingerprint()
    started = time.perf_counter()
    predictor = load(folder, fingerprint=stamp)
    loaded = time.perf_counter() - started
    rows = texts(options.texts, options.rows)
    seconds = min(_once(predictor, rows, turn) for turn in range(TURNS))
    found = {
        "rows_per_second": round(len(rows) / seconds),
        "characters": round(sum(map(len, rows)) / len(rows)),
        "load_seconds": round(loaded, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(f"{predictor.name}, {len(rows)} texts: {found}")
    if options.record:
        record(folder, "speed", key=options.record, value=found)


def _once(predictor: Predictor, rows: list[MaskedText], turn: int) -> float:
    fresh = [MaskedText(f"{text}-{turn}") for text in rows]
    started = time.perf_counter()
    for start in range(0, len(fresh), BATCH):
        predictor.predict(fresh[start : start + BATCH])
    return time.perf_counter() - started


def texts(path: Path | None, rows: int) -> list[MaskedText]:
    """Give prepared texts, each with a number of its own."""
    lines = (path or CORPUS).read_text(encoding="utf-8").splitlines()
    found: list[str] = [prepare(json.loads(line)["text"]).text for line in lines]
    if path is None:
        found = [clause for text in found for clause in clauses(text) if len(clause) > 8]
    random.Random(0).shuffle(found)
    return [MaskedText(f"{text}{number}") for number, text in islice(zip(count(), cycle(found)), rows)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", default="default")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--record", metavar="MACHINE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
