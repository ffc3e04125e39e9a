"""One file in, one file out."""

import csv
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.predict import COLUMNS, predict_file
from feedback_nlp.jobs.workplace import load_predictor
from feedback_nlp.settings import Settings

ROWS = [
    ("7", "手机银行又闪退了，请打13800138000联系我"),
    ("8", ""),
    ("9", "=HYPERLINK(\"http://x\")年费太高了，要求退还"),
    ("10", "柜员小李态度特别好，谢谢"),
]  # fmt: skip


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return load_predictor(Settings(folder=Path(), store_url=""))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([("编号", "客户原话"), *ROWS])
    return path


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))  # type: ignore[arg-type]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    header, *lines = openpyxl.load_workbook(path).active.iter_rows(values_only=True)  # type: ignore[union-attr]
    return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out.jsonl", "out.parquet"])
def test_every_format_holds_the_same_rows_in_the_order_of_the_source(
    tmp_path: Path, source: Path, predictor: Predictor, name: str
) -> None:
    result = predict_file(source, tmp_path / name, predictor=predictor, columns={"text": "客户原话"})
    rows = read(tmp_path / name)
    assert (result.rows, result.predicted, len(result.rejects)) == (4, 3, 1)
    assert result.rejects[0].row == 3
    assert tuple(rows[0]) == COLUMNS
    assert [str(row["id"]) for row in rows] == ["7", "9", "10"]
    assert "13800138000" not in str(rows[0]["text"])
    assert "[手机号]" in str(rows[0]["text"])
    assert [row["kind"] for row in rows] == ["complaint", "complaint", "praise"]


def test_a_text_that_looks_like_a_formula_is_disarmed_where_a_spreadsheet_would_run_it(
    tmp_path: Path, source: Path, predictor: Predictor
) -> None:
    predict_file(source, tmp_path / "out.csv", predictor=predictor, columns={"text": "客户原话"})
    assert str(read(tmp_path / "out.csv")[1]["text"]).startswith("'=")


def test_a_target_that_cannot_be_written_is_refused_and_nothing_half_written_stays(
    tmp_path: Path, source: Path, predictor: Predictor
) -> None:
    with pytest.raises(OperatorError, match=r"\.txt"):
        predict_file(source, tmp_path / "out.txt", predictor=predictor, columns={})
    with pytest.raises(OperatorError, match="same file"):
        predict_file(source, source, predictor=predictor, columns={})
    with pytest.raises(SenderError, match="没有的列"):
        predict_file(source, tmp_path / "out.csv", predictor=predictor, columns={"text": "没有的列"})
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
