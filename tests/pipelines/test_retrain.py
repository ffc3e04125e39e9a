"""The retraining flow as a schedule starts it: a candidate, its figures as artifacts, and a promotion that waits."""

import shlex
import sqlite3
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.jobs.bank import open_bank, people_decide, write_bank
from tests.pipelines.process import start

ROOT = Path(__file__).parents[2]
SECRET = "一直提示验证码错误"  # words of a customer that must not reach Prefect
SETTINGS = """
[retrain]
model = "linear"
least_labels = {least}
data = ["mine.jsonl"]
dev = ["mine-dev.jsonl"]
"""

Done = tuple[Path, subprocess.CompletedProcess[str]]


def retrain(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return start([str(ROOT / "pipelines" / "retrain.py"), "--today", "2026-03-01", *options], folder)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an installation with a default release and 60 decisions since it was made."""
    folder = tmp_path_factory.mktemp("flow")
    settings = write_bank(folder)
    (folder / "feedback.toml").write_text(SETTINGS.format(least=60), encoding="utf-8")
    (folder / "patient.toml").write_text(SETTINGS.format(least=61), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
        work = open_bank(settings, date(2026, 3, 1))
    people_decide(work, range(90, 150), on=datetime(2026, 2, 10, 12))
    work.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def done(bank: Path) -> Done:
    return bank, retrain(bank)


def artifacts(folder: Path) -> dict[str, str]:
    """Give the latest artifact of each key as Prefect shows it."""
    with sqlite3.connect(folder / "prefect" / "prefect.db") as connection:
        found = dict(connection.execute("select key, data from artifact order by created").fetchall())
    connection.close()
    return {key: str(data).encode().decode("unicode_escape") for key, data in found.items()}


def test_the_flow_ends_well_with_a_candidate_that_is_not_the_default(done: Done) -> None:
    folder, result = done
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert (folder / "models" / "retrained-2026-03-01" / "manifest.json").is_file()
    assert (folder / "models" / "default").read_text(encoding="utf-8").strip() == "small"


def test_the_artifacts_show_figures_and_the_command_that_promotes(done: Done) -> None:
    told = artifacts(done[0])
    assert "feedback-nlp promote retrained-2026-03-01" in told["candidate"]
    assert "60 decisions of people since small was made on 2026-01-02" in told["candidate"]
    assert "| facet | texts |" in told["candidate"] and "| leaves |" in told["candidate"]
    assert "| retrained-2026-03-01 | small |" in told["comparison"]


def test_prefect_keeps_no_word_of_a_customer(done: Done) -> None:
    kept = [path for path in (done[0] / "prefect").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        for encoding in ("utf-8", "gb18030", "utf-16-le", "unicode_escape"):
            assert SECRET.encode(encoding) not in content, path


def test_the_command_it_prints_is_the_one_that_works(done: Done) -> None:
    folder, result = done
    (command,) = [line for line in result.stdout.splitlines() if line.startswith("feedback-nlp promote")]
    promoted = start(["-m", "feedback_nlp.cli", *shlex.split(command)[1:], "--by", "test"], folder)
    assert promoted.returncode == 0, promoted.stderr
    assert "default: retrained-2026-03-01 (before: small)" in promoted.stdout
    (folder / "models" / "default").write_text("small\n", encoding="utf-8")


def test_too_few_new_labels_end_the_run_well_and_say_so(done: Done) -> None:
    folder, _ = done
    before = sorted((folder / "models").iterdir())
    result = retrain(folder, "--config", "patient.toml")
    assert (result.returncode, result.stderr) == (0, "")
    assert "too few new labels" in result.stdout and "at least 61" in result.stdout
    assert "Too few new labels" in artifacts(folder)["candidate"]
    assert sorted((folder / "models").iterdir()) == before


def test_settings_that_do_not_work_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text('[retrain]\nmodel = "bert"\n', encoding="utf-8")
    result = retrain(tmp_path)
    assert result.returncode == 2
    assert "wide-and-deep or linear" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
