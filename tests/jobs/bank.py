"""A small installation with a release of its own and people who decide, for what is made of decisions."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from tests.jobs.doubtful import SURE, classify, deliver, letter, settle
from tests.train.rows import record, write_rows

from feedback_nlp.jobs.review import decide
from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import LINEAR, Retrain, Settings
from feedback_nlp.taxonomy import load
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.release import Order, train_release

MADE = date(2026, 1, 2)  # the day of the default release
KNOWN, MEASURING, FIRST = 60, 30, 200  # rows to learn from, rows to measure on, number of the first letter


def write_bank(folder: Path) -> Settings:
    """Write labelled files and train the default release of an installation."""
    rows = [record(number) for number in range(KNOWN + MEASURING)]
    mine = write_rows(folder / "mine.jsonl", rows[:KNOWN])
    dev = write_rows(folder / "mine-dev.jsonl", rows[KNOWN:])
    models = folder / "models"
    order = Order("small", MADE, (mine,), (dev,))
    train_release(order, out=models, fingerprint=fingerprint(), taxonomy=load(), say=lambda _: None)
    (models / "default").write_text("small\n", encoding="utf-8")
    wanted = Retrain(model=LINEAR, least_labels=40, data=(mine,), dev=(dev,))
    return Settings(folder, f"sqlite:///{folder / 'feedback.db'}", reports=folder / "reports", retrain=wanted)


def open_bank(settings: Settings, today: date) -> Workplace:
    """Open the installation on a day."""
    return open_workplace(settings, today=today, create_key=True)


def people_decide(work: Workplace, numbers: range, *, on: datetime) -> None:
    """Store letters, let a release read them, and let a person decide each as it is labelled."""
    rows = [record(number) for number in numbers]
    letters = [letter(FIRST + number, row["text"]) for number, row in zip(numbers, rows, strict=True)]
    deliver(work, *letters, batch=f"b{numbers.start}", on=on.date())
    for item in letters:
        classify(work, item.id, replace(SURE, release="small"))
    settle(work)
    for item, row in zip(letters, rows, strict=True):
        labels = {name: row[name] for name in ("kind", "business", "touchpoint", "sentiment", "leaves", "demand")}
        decide(work, item.id, author="周文", labels=labels, now=on)
