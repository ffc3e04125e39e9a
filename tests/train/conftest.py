from datetime import date
from pathlib import Path

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.taxonomy import load
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.release import Order, train_release


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give a training file of 150 rows and a dev file of 30."""
    folder = tmp_path_factory.mktemp("labelled")
    rows = [record(number) for number in range(180)]
    return write_rows(folder / "mine.jsonl", rows[:150]), write_rows(folder / "dev.jsonl", rows[150:])


@pytest.fixture(scope="session")
def release(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small release once."""
    out = tmp_path_factory.mktemp("models")
    order = Order("small", date(2026, 1, 2), (files[0],), (files[1],))
    train_release(order, out=out, fingerprint=fingerprint(), taxonomy=load(), say=lambda _: None)
    return out / "small"
