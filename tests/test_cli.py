"""The command line as a person meets it: what it prints, what it writes, how it exits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.jobs.inbox import write_inbox


def start(*arguments: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_NLP")}
    return subprocess.run(
        [sys.executable, "-m", "feedback_nlp.cli", *arguments],
        cwd=folder,
        env=outside | {"COLUMNS": "120"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_init_run_status_report_doctor_in_an_empty_folder(tmp_path: Path) -> None:
    assert start("init", ".", folder=tmp_path).returncode == 0
    assert (tmp_path / "policy" / "triage.toml").is_file()
    write_inbox(tmp_path / "inbox")
    first = start("run", "inbox", "--today", "2026-09-30", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "今日优先案件" in first.stdout
    assert "trial only" in first.stderr  # a local key was made: say so
    assert (tmp_path / "reports" / "feedback_2026-09-30.xlsx").is_file()
    status = start("status", folder=tmp_path)
    assert "93" in status.stdout
    assert "0 to classify" in status.stdout
    assert start("report", "--today", "2026-09-30", folder=tmp_path).returncode == 0
    assert start("doctor", folder=tmp_path).returncode == 0


def test_quiet_says_nothing_but_the_result(tmp_path: Path) -> None:
    write_inbox(tmp_path / "inbox")
    done = start("run", "inbox", "--quiet", "--no-report", folder=tmp_path, FEEDBACK_NLP_KEY="k" * 32)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text("# mine\n")
    done = start("init", ".", folder=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "feedback.toml").read_text() == "# mine\n"
    assert not (tmp_path / "policy").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere.csv"), "no such file"),
        (("run", "empty.csv"), "empty.csv"),
        (("predict", "picture.csv", "out.csv"), "picture.csv"),
        (("run", "--config", "missing.toml"), "missing.toml"),
        (("predict", "good.csv", "out.csv", "--release", "no-such-release"), "no-such-release"),
        (("evaluate", "no-such-release"), "no-such-release"),
        (("train", "--model", "oracle"), "oracle"),
        (("reclassify", "--release", "no-such-release"), "no-such-release"),
    ],
)
def test_what_is_refused_is_one_sentence_without_traceback_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    (tmp_path / "good.csv").write_text("id,text\n1,年费太高\n", encoding="utf-8")
    done = start(*arguments, folder=tmp_path, FEEDBACK_NLP_KEY="k" * 32)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_doctor_names_what_is_missing_and_exits_1(tmp_path: Path) -> None:
    done = start("doctor", folder=tmp_path)
    assert done.returncode == 1
    assert "MISSING HMAC key" in done.stdout
    assert "FEEDBACK_NLP_KEY" in done.stdout


def test_the_password_of_a_store_is_never_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:hunter2@127.0.0.1:1/none?connect_timeout=2"
    for command in ("status", "doctor"):
        done = start(command, folder=tmp_path, FEEDBACK_NLP_STORE_URL=url, FEEDBACK_NLP_KEY="k" * 32)
        assert "hunter2" not in done.stdout + done.stderr
        assert done.returncode in (1, 2)
