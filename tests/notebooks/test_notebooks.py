"""The notebooks run on small data, hold no output, and define nothing that the package should."""

import ast
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from tests.train.rows import record, write_rows

from feedback_nlp.classify.release import read_manifest
from feedback_nlp.taxonomy import load
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.release import Order, train_release

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOY = ROOT / "tests" / "data" / "toy-encoder"
LONGEST_SECONDS = 600  # of one cell, on a machine that does much else
Run = Callable[..., str]


def cells(path: Path, kind: str) -> list[Any]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give labelled files and two releases, of which one has learned from a third only."""
    folder = tmp_path_factory.mktemp("notebooks")
    rows = [record(number) for number in range(150)]
    write_rows(folder / "train.jsonl", rows[:120])
    write_rows(folder / "few.jsonl", rows[:40])
    write_rows(folder / "dev.jsonl", rows[120:])
    for name, data in (("first", "few"), ("second", "train")):
        order = Order(name, date(2026, 1, 2), (folder / f"{data}.jsonl",), (folder / "dev.jsonl",))
        train_release(order, out=folder / "models", fingerprint=fingerprint(), taxonomy=load(), say=lambda _: None)
    (folder / "models" / "default").write_text("first\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(bank: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a notebook with other parameters and gives what it shows."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(bank / "ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")

    def ran(number: int, **parameters: Any) -> str:
        book = nbformat.read(NOTEBOOKS[number - 1], as_version=4)
        at = next(at for at, cell in enumerate(book.cells) if "parameters" in cell.metadata.get("tags", []))
        lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
        book.cells.insert(at + 1, nbformat.v4.new_code_cell(lines))
        NotebookClient(
            book, timeout=LONGEST_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(bank)}}
        ).execute()
        outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
        return "\n".join(str(one.get("text") or one.get("data", {}).get("text/plain", "")) for one in outputs)

    return ran


def test_there_are_four_in_the_order_of_the_work() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_in_two_sentences_what_it_is_for(path: Path) -> None:
    title, about, *_ = cells(path, "markdown")[0].source.split("\n\n")
    assert title.lower().replace("-", " ") == f"# {path.stem}".replace("_", " ")
    assert len(re.findall(r"[.!?](?:\s|$)", about)) == 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_output(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_the_package_and_defines_nothing(path: Path) -> None:
    tree = ast.parse("\n".join(cell.source for cell in cells(path, "code")))
    made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree) if isinstance(node, made)]
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported - sys.stdlib_module_names == {"pandas", "feedback_nlp"}


def test_the_labels_are_counted_and_doubted(run: Run, bank: Path) -> None:
    told = run(1, train=str(bank / "train.jsonl"), dev=str(bank / "dev.jsonl"))
    assert "信用卡" in told and "pricing.fee" in told


def test_a_release_is_fine_tuned_and_reads(run: Run, bank: Path) -> None:
    files = {"train": [str(bank / "train.jsonl")], "dev": [str(bank / "dev.jsonl")]}
    told = run(2, **files, base=str(TOY), name="toy", models=str(bank / "models"), epochs=1)
    assert read_manifest(bank / "models" / "toy")["model"] == "wide-and-deep"
    assert "weight of encoder" in told and "手机银行" in told


def test_the_errors_are_shown_down_to_the_text(run: Run, bank: Path) -> None:
    told = run(3, data=[str(bank / "dev.jsonl")], models=str(bank / "models"))
    assert "first" in told and "recall" in told and "30 texts" in told


def test_nothing_is_promoted_unless_somebody_says_so(run: Run, bank: Path) -> None:
    asked = {"candidate": "second", "data": [str(bank / "dev.jsonl")], "models": str(bank / "models")}
    pointer = bank / "models" / "default"
    assert "second beside first on 30 texts" in run(4, **asked)
    assert pointer.read_text(encoding="utf-8").strip() == "first"
    assert "default: second (before: first)" in run(4, **asked, promote_it=True, by="周文")
    assert pointer.read_text(encoding="utf-8").strip() == "second"
