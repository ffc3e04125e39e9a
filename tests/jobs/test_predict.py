"""One file in, one file out."""

import csv
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs import predict, writing
from feedback_nlp.jobs.predict import COLUMNS, predict_file
from feedback_nlp.jobs.workplace import load_predictor
from feedback_nlp.jobs.writing import open_writer
from feedback_nlp.settings import Settings

ROWS = [
    ("7", "手机银行又闪退了，请打13800138000联系我"),
    ("8", ""),
    ("9", "=HYPERLINK(\"http://x\")年费太高了，要求退还，否则我去12378投诉，催收还威胁起诉我"),
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
    assert tuple(rows[0]) == tuple(COLUMNS)
    assert [str(row["id"]) for row in rows] == ["7", "9", "10"]
    assert "13800138000" not in str(rows[0]["text"])
    assert "[手机号]" in str(rows[0]["text"])
    assert [row["kind"] for row in rows] == ["complaint", "complaint", "praise"]
    assert [row["escalation"] or "" for row in rows] == ["", "regulator:threat|collection_abuse:done|legal:quoted", ""]


def test_a_text_that_looks_like_a_formula_is_disarmed_where_a_spreadsheet_would_run_it(
    tmp_path: Path, source: Path, predictor: Predictor
) -> None:
    predict_file(source, tmp_path / "out.csv", predictor=predictor, columns={"text": "客户原话"})
    assert str(read(tmp_path / "out.csv")[1]["text"]).startswith("'=")


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out.jsonl", "out.parquet"])
def test_an_id_that_holds_personal_data_gives_way_to_the_row_number(
    tmp_path: Path, predictor: Predictor, name: str
) -> None:
    ids = ["13800138000", "张伟强13800138000", "１３８ 0013 8000", "GD20260930-001", ""]
    lines = [("编号", "客户原话"), *((each, f"第{n}次登录闪退") for n, each in enumerate(ids))]
    source = tmp_path / "in.csv"
    source.write_text("".join(f"{one},{two}\n" for one, two in lines), encoding="utf-8")
    predict_file(source, tmp_path / name, predictor=predictor, columns={"text": "客户原话", "source_id": "编号"})
    assert [str(row["id"]) for row in read(tmp_path / name)] == ["2", "3", "4", "GD20260930-001", "6"]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out.jsonl", "out.parquet"])
@pytest.mark.parametrize("good", [0, 3])
def test_a_file_that_begins_with_rejects_alone_is_written(
    tmp_path: Path, predictor: Predictor, monkeypatch: pytest.MonkeyPatch, name: str, good: int
) -> None:
    monkeypatch.setattr(predict, "CHUNK_ROWS", 5)
    lines = [("编号", "客户原话"), *((n, "") for n in range(10)), *((f"G{n}", "年费太高了") for n in range(good))]
    source = tmp_path / "in.csv"
    source.write_text("".join(f"{one},{two}\n" for one, two in lines), encoding="utf-8")
    result = predict_file(source, tmp_path / name, predictor=predictor, columns={"text": "客户原话"})
    assert (len(result.rejects), result.predicted) == (10, good)
    assert [row["id"] for row in read(tmp_path / name)] == [f"G{n}" for n in range(good)]


@pytest.mark.parametrize("chunks", [[], [[]], [[], [("7", 0.5, True)]], [[("7", 0.5, True)], [], [("8", 1.0, False)]]])
def test_a_parquet_file_has_the_same_schema_whatever_was_written(
    tmp_path: Path, chunks: list[list[tuple[str, float, bool]]]
) -> None:
    with open_writer(tmp_path / "a.parquet", {"id": str, "confidence": float, "review": bool}) as write:
        for chunk in chunks:
            write(chunk)
    table = pq.read_table(tmp_path / "a.parquet")
    assert [str(kind) for kind in table.schema.types] == ["string", "double", "bool"]
    assert [tuple(row.values()) for row in table.to_pylist()] == [line for chunk in chunks for line in chunk]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EXCEL_ROWS", 3)  # the header is one
    with open_writer(tmp_path / "full.xlsx", {"id": str}) as write:
        write([("1",), ("2",)])
    with (
        pytest.raises(OperatorError, match="more rows than an Excel sheet holds"),
        open_writer(tmp_path / "over.xlsx", {"id": str}) as write,
    ):
        write([("1",), ("2",), ("3",)])
    assert [path.name for path in tmp_path.iterdir()] == ["full.xlsx"]


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
