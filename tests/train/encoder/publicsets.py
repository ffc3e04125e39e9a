"""Public sets for tests: made, small, in the layout and with the columns of the real ones."""

import csv
from pathlib import Path
from random import Random

GOOD, BAD = ("很好", "喜欢", "推荐", "满意"), ("很差", "失望", "退货", "垃圾")
SIGNS = "吃喝看听说跑跳笑哭睡醒坐站躺走飞唱写读画擦洗扫推拉提抱背"


def text(number: int, good: bool) -> str:
    """Make a short review that says clearly what it thinks; different numbers give texts that are not near."""
    lot = Random(number)
    word = lot.choice(GOOD if good else BAD)
    return f"{''.join(lot.choices(SIGNS, k=9))}{word}，{''.join(lot.choices(SIGNS, k=6))}也{word}"


def write(path: Path, header: str, rows: list[tuple[object, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])
    return path


def write_sets(folder: Path) -> Path:
    """Write waimai, ChnSentiCorp, BDCI and the car forum; no text stands twice but what the tests put there."""
    pairs = [(number % 2, text(number, bool(number % 2))) for number in range(600)]
    write(folder / "waimai_10k/waimai_10k.csv", "label,review", pairs[:200])
    for part, rows in (("train", pairs[200:300]), ("dev", pairs[300:320]), ("test", pairs[320:360])):
        write(folder / f"chnsenticorp_uer/{part}.csv", "label,text_a", rows)
    forum = [(number, words, "O", label) for number, (label, words) in enumerate(pairs[360:460])]
    write(folder / "bdci2021_529_bank/train.csv", "id,text,BIO_anno,class", forum)
    cars = [
        (f"c{number // 2}", text(460 + number // 2, True), ("油耗", "动力")[number % 2], number % 2, "")
        for number in range(80)
    ]
    write(
        folder / "bdci2018_car_topic_sentiment/train.csv",
        "content_id,content,subject,sentiment_value,sentiment_word",
        cars,
    )
    return folder
