"""The urgent flow as an operator or a schedule starts it: a process, its output, its exit code, its files."""

import json
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock
from tests.pipelines.process import start

ROOT = Path(__file__).parents[2]
SECRET = "孩子的学费都拿不出来"  # words of a customer that must not reach Prefect
ROWS = (
    "工单号,受理日期,投诉内容,被投诉机构",
    f"RX1,2026-09-30,客户来电称被催收逼得活不下去了，{SECRET}，再逼他就从楼上跳下去，要求停止催收。,城东支行",
    "RX2,2026-09-30,客户来电反映信用卡年费重复收取，要求退还。,城东支行",
)


def urgent(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return start([str(ROOT / "pipelines" / "urgent.py"), "inbox", "--today", "2026-09-30", *options], folder)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("flow")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "hotline_20260930.csv").write_text("\n".join(ROWS), encoding="utf-8")
    return folder, urgent(folder)


def test_the_flow_puts_the_threat_into_the_folder_and_says_so(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, result = done
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "level 3: 1" in result.stdout and "folder: 1" in result.stdout
    (file,) = (folder / "alerts").glob("*.json")
    assert [row["rule"] for row in json.loads(file.read_text("utf-8"))["alerts"]] == ["self-harm"]


def test_neither_prefect_nor_the_alert_holds_the_customers_words(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    kept = [path for name in ("prefect", "alerts") for path in (done[0] / name).rglob("*") if path.is_file()]
    assert len(kept) > 2
    for path in kept:
        content = path.read_bytes()
        for encoding in ("utf-8", "gb18030", "utf-16-le", "unicode_escape"):
            assert SECRET.encode(encoding) not in content, path


def test_again_and_while_another_run_works_it_ends_well_and_sends_nothing_twice(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = done
    with FileLock(folder / "feedback.db.lock"):
        result = urgent(folder)
    assert result.returncode == 0, result.stderr
    assert "another run is working" in result.stderr
    assert "folder: 0" in result.stdout
    assert len(list((folder / "alerts").glob("*.json"))) == 1


def test_an_outlet_that_fails_makes_the_run_fail_in_one_sentence(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = done
    (folder / "hook.toml").write_text('[alerts]\nwebhook = "HOOK_URL_OF_THIS_TEST"\n', encoding="utf-8")
    result = urgent(folder, "--config", "hook.toml")
    assert result.returncode == 2
    assert "HOOK_URL_OF_THIS_TEST" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout


def test_settings_that_do_not_work_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "feedback.toml").write_text('[alerts]\nfoldr = "x"\n')
    result = urgent(tmp_path)
    assert result.returncode == 2
    assert "unknown key 'foldr'" in result.stderr
    assert "Traceback" not in result.stderr + result.stdout


def test_telemetry_is_off_before_prefect_reads_its_settings(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'pipelines')!r})\n"
        "import urgent\n"
        "from prefect.settings import get_current_settings\n"
        "server = get_current_settings().server\n"
        "print(server.analytics_enabled, server.services.scheduler.enabled, server.ephemeral.startup_timeout_seconds)\n"
    )
    assert start(["-c", script], tmp_path).stdout.split() == ["False", "False", "120"]
