from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

COLUMNS = ["feedback_id", "day", "org", "kind", "business", "sentiment", "leaf", "case_id", "customer"]
USUAL = {
    "org": "云港支行",
    "kind": "complaint",
    "business": "loan",
    "sentiment": "negative",
    "leaf": "pricing.fee",
    "case_id": None,
    "customer": None,
}
LABELS = ["org", "kind", "business", "sentiment", "leaf"]


@pytest.fixture
def make_events() -> Callable[..., pd.DataFrame]:
    """Make an events frame of the rows told, each with its day and what is unusual about it."""

    def make(*rows: dict[str, Any]) -> pd.DataFrame:
        told = [{"feedback_id": str(at), **USUAL, **row} for at, row in enumerate(rows)]
        frame = pd.DataFrame(told, columns=COLUMNS)
        return frame.assign(day=pd.to_datetime(frame["day"])).astype(dict.fromkeys(LABELS, "category"))

    return make
