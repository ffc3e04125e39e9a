from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from feedback_nlp.report.summary import Summary, build


@pytest.fixture(scope="session")
def frames() -> SimpleNamespace:
    """Give the functions of frames.py, which the benchmarks use too."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("frames.py"))))


@pytest.fixture(scope="session")
def full(frames: SimpleNamespace) -> dict[str, Any]:
    return frames.everything(600)


@pytest.fixture(scope="session")
def nothing(frames: SimpleNamespace) -> dict[str, Any]:
    return frames.nothing()


@pytest.fixture(scope="session")
def summarise(frames: SimpleNamespace) -> Any:
    def make(data: dict[str, Any], **changed: Any) -> Summary:
        told = {**data, **changed}
        given = {name: told[name] for name in ("items", "batches", "exposure")}
        stamp = told.get("stamp", frames.stamp())
        return build(told["events"], standing=frames.standing(told), **given, stamp=stamp)

    return make
