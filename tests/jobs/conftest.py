"""An installation with a small inbox."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.jobs.inbox import write_inbox

from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import Feed, Settings

TODAY = date(2026, 9, 30)
FEEDS = (Feed("ledger", "ledger", "ledger_*"), Feed("survey", "survey", "survey_*"))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Give a folder of deliveries."""
    return write_inbox(tmp_path / "inbox")


@pytest.fixture
def open_work(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Workplace]]:
    """Give a function that opens the installation, as a new process would."""
    monkeypatch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
    works: list[Workplace] = []

    def opened(today: date = TODAY) -> Workplace:
        settings = Settings(
            folder=tmp_path, store_url=store_url, reports=tmp_path / "reports", chunk_rows=20, feeds=FEEDS
        )
        works.append(open_workplace(settings, today=today))
        return works[-1]

    yield opened
    for each in works:
        each.engine.dispose()


@pytest.fixture
def work(open_work: Callable[..., Workplace]) -> Workplace:
    """Give the open installation."""
    return open_work()
