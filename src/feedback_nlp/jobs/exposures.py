"""Take in the exposure table: how many outlets and customers stand behind a branch's complaints."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from feedback_nlp.errors import SenderError
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

_HEADERS = {
    "org": ("机构", "机构名称", "网点名称"),
    "quarter": ("季度",),
    "outlets": ("网点数",),
    "customers": ("个人客户数",),
}


def take_in_exposure(work: Workplace, path: Path) -> int:
    """Store exposure.csv (org, quarter like 2026Q3, outlets, customers; or 机构, 季度, 网点数, 个人客户数).

    A branch and quarter delivered again overwrite the earlier figures. Gives the number of rows.
    """
    try:
        frame = pd.read_csv(io.StringIO(_decoded(path)), dtype=str).rename(
            columns={chinese: name for name, known in _HEADERS.items() for chinese in known}
        )
        frame = frame[list(_HEADERS)]
        if not frame["quarter"].str.fullmatch(r"\d{4}Q[1-4]").all():
            raise ValueError("a quarter is written like 2026Q3")
        frame = frame.astype({"outlets": "int64", "customers": "int64"})
        rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    except (KeyError, ValueError) as error:
        wanted = ", ".join(f"{name} ({known[0]})" for name, known in _HEADERS.items())
        raise SenderError(
            f"{path.name}: not an exposure table ({error.args[0]}); it needs the columns {wanted}"
        ) from error
    with work.engine.begin() as connection:
        upsert(connection, t.exposure, rows)
    return len(rows)


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return path.read_text(encoding="gb18030")
