"""Rows per second of each step of the text room, on texts of the labelled corpus' train part.

    python benchmarks/text.py [ROWS]

Rows are the corpus over and over; no step remembers long texts, so repetition makes none faster.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from feedback_nlp.records import RawFeedback
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.mask import mask
from feedback_nlp.text.normalize import bound_runs, name_emoji, normalize, repair, to_simplified
from feedback_nlp.text.prepare import prepare, prepare_feedback
from feedback_nlp.text.segment import clauses, segment, tokenizer, words

CORPUS = Path(__file__).parent.parent / "data" / "labelled" / "train.jsonl"
KEY = b"benchmark"


def main(rows: int) -> None:
    """Print one line a step: what it is, rows per second, microseconds a row."""
    corpus = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    texts = list(islice(cycle(corpus), rows))
    print(f"{rows} texts, {sum(map(len, texts)) / rows:.0f} characters on average")
    show_load("tokenizer and lexicon", tokenizer)
    show_load("everything else (probes of the fingerprint)", fingerprint)
    clean = [prepare(text).text for text in texts]
    for step in (repair, normalize, to_simplified, name_emoji, bound_runs, mask, prepare):
        show(step.__name__, step, texts)
    for step in (segment, words, clauses):
        show(step.__name__, step, clean)
    show("prepare_feedback, 7 more columns", _whole_row, texts)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def show_load(name: str, load: Callable[[], object]) -> None:
    """Time the first call."""
    started = time.perf_counter()
    load()
    print(f"load {name}: {time.perf_counter() - started:.2f} s")


def show(name: str, step: Callable[[str], object], texts: list[str]) -> None:
    """Time one step over all texts."""
    started = time.perf_counter()
    for text in texts:
        step(text)
    seconds = time.perf_counter() - started
    print(f"{name:32} {len(texts) / seconds:9,.0f} rows/s {seconds / len(texts) * 1e6:7.1f} µs")


def _whole_row(text: str) -> object:
    row = RawFeedback(
        source="bench",
        source_kind="ledger",
        file="bench.csv",
        row=1,
        text=text,
        source_id=f"GD{hash(text)}",
        org="江宁支行",
        product="信用卡",
        status="已办结",
        identifiers=(("手机号", f"138{hash(text) % 10**8:08d}"),),
        extra={"是否有责": "否", "投诉等级": "普通", "处理意见": "已联系客户并说明情况，客户表示认可。", "备注": "无"},
    )
    return prepare_feedback(row, key=KEY)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)
