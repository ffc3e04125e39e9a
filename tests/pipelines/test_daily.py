"""The flow as an operator starts it: a process, its output, its exit code, its tables."""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.jobs.inbox import write_inbox
from tests.pipelines.process import start

from feedback_nlp.store.open import connect
from feedback_nlp.store.tables import metadata

ROOT = Path(__file__).parents[2]
SECRET = "大堂经理也没有人管"  # words of a customer that must not reach Prefect


def daily(folder: Path) -> subprocess.CompletedProcess[str]:
    return start([str(ROOT / "pipelines" / "daily.py"), "inbox", "--today", "2026-09-30"], folder)


def tables(path: Path) -> dict[str, list[str]]:
    engine = connect(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {
            name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in metadata.tables.items()
            if name != "run"
        }
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("flow")
    write_inbox(folder / "inbox")
    return folder, daily(folder)


def test_the_flow_ends_well_prints_todays_list_and_says_nothing_else(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, result = done
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "今日优先案件" in result.stdout
    assert (folder / "reports" / "feedback_2026-09-30.xlsx").is_file()
    assert (folder / "reports" / "feedback_2026-09-30.html").is_file()


def test_telemetry_and_the_background_services_are_off_before_prefect_reads_its_settings(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'pipelines')!r})\n"
        "import daily\n"
        "from prefect.settings import get_current_settings\n"
        "server = get_current_settings().server\n"
        "print(server.analytics_enabled, server.services.scheduler.enabled, server.ephemeral.startup_timeout_seconds)\n"
    )
    assert start(["-c", script], tmp_path).stdout.split() == ["False", "False", "120"]


def test_the_flow_and_the_command_line_leave_the_same_tables(
    done: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    write_inbox(tmp_path / "inbox")
    result = start(["-m", "feedback_nlp.cli", "run", "inbox", "--today", "2026-09-30", "--no-report"], tmp_path)
    assert result.returncode == 0, result.stderr
    assert tables(tmp_path / "feedback.db") == tables(done[0] / "feedback.db")


def test_prefect_keeps_no_word_of_a_customer(done: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    kept = [path for path in (done[0] / "prefect").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        for encoding in ("utf-8", "gb18030", "utf-16-le", "unicode_escape"):
            assert SECRET.encode(encoding) not in content, path


def test_a_delivery_that_cannot_be_read_fails_the_run_after_everything_else_is_done(tmp_path: Path) -> None:
    inbox = write_inbox(tmp_path / "inbox")
    (inbox / "ledger_broken.csv").write_bytes(b"%PDF-1.7 no table")
    result = daily(tmp_path)
    assert result.returncode == 2
    assert "ledger_broken.csv" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert len(tables(tmp_path / "feedback.db")["feedback"]) == 93


def test_settings_that_do_not_work_are_one_sentence(tmp_path: Path) -> None:
    write_inbox(tmp_path / "inbox")
    (tmp_path / "feedback.toml").write_text('[model]\nrelase = "x"\n')
    result = daily(tmp_path)
    assert result.returncode == 2
    assert "unknown key 'relase'" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
