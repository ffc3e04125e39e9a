"""Measuring, promoting and rolling back, as a person meets them on the command line."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from tests.train.rows import record, write_rows
from typer.testing import CliRunner

from feedback_nlp.classify.release import find, read_manifest, write_release
from feedback_nlp.cli import app
from feedback_nlp.errors import FeedbackError
from feedback_nlp.jobs import evaluating

SHIPPED = find("default").name


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with texts, and a copy of a shipped release whose business labels are turned round."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluating, "find_spec", lambda _: None)  # SnowNLP takes seconds to load
    write_rows(tmp_path / "ours.jsonl", [record(number) for number in range(120)])
    folder = tmp_path / "models" / "ours"
    shutil.copytree(find("linear-v1"), folder)
    manifest = read_manifest(folder)
    labels = {**manifest["labels"], "business": manifest["labels"]["business"][::-1]}
    write_release(folder, {**manifest, "name": "ours", "labels": labels}, files={})
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, FeedbackError):
        raise result.exception
    return result


def test_a_release_is_measured_beside_another(bank: Path) -> None:
    measured = run("evaluate", "ours", "ours.jsonl", "--against", "linear-v1", "--out", "page")
    assert "ours on 120 texts" in measured.stdout and "ours beside linear-v1 on 120 texts" in measured.stdout
    assert "wrote page/evaluation.html" in measured.stderr
    assert max(map(len, measured.stdout.splitlines())) <= 120
    assert (bank / "page" / "evaluation.html").is_file()


def test_a_worse_release_is_refused_promoted_with_a_reason_and_rolled_back(bank: Path) -> None:
    refused = run("promote", "ours", "--data", "ours.jsonl", "--by", "张三")
    assert "business, accuracy" in str(refused.exception) and "--override --reason" in str(refused.exception)
    assert not (bank / "models" / "default").exists()

    forced = ("promote", "ours", "--data", "ours.jsonl", "--override", "--reason", "演练", "--by", "张三")
    assert f"default: ours (before: {SHIPPED})" in run(*forced).stdout
    assert (bank / "models" / "default").read_text() == "ours\n"
    assert f"default: {SHIPPED} (before: ours)" in run("rollback", "--by", "李四").stdout
    lines = (bank / "models" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(json.loads(line)["result"], json.loads(line)["by"]) for line in lines] == [
        ("overridden", "张三"),
        ("rolled back", "李四"),
    ]
