"""A run that is killed anywhere and run again leaves the tables of a run that was not."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.jobs.inbox import write_inbox


def results(inbox: Path, template: str, ks: list[int]) -> list[dict[str, Any]]:
    """Run killer.py; single-threaded, because it forks."""
    environ = os.environ | {"FEEDBACK_NLP_KEY": "k" * 32, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("killer.py")), str(inbox), template, *map(str, ks)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_kills(inbox: Path, template: str, ks: list[int], whole: dict[str, Any]) -> None:
    for result in results(inbox, template, ks):
        assert result["first"] == -9, f"the run was not killed after statement {result['k']}"
        assert result["tables"] == whole["tables"], f"killed after statement {result['k']}"


def test_fifty_kills_on_sqlite_change_no_table(tmp_path: Path) -> None:
    inbox, template = write_inbox(tmp_path / "inbox"), f"sqlite:///{tmp_path}/KILLED/feedback.db"
    (whole,) = results(inbox, template, [0])
    ks = random.Random(20260930).sample(range(1, whole["first"]), 50)
    check_kills(inbox, template, sorted(ks), whole)


def test_kills_on_postgresql_change_no_table(tmp_path: Path, postgres_url: str) -> None:
    inbox = write_inbox(tmp_path / "inbox")
    template = sa.make_url(postgres_url).set(database="kill_KILLED").render_as_string(hide_password=False)
    _create(postgres_url, [0])
    (whole,) = results(inbox, template, [0])
    ks = sorted(random.Random(20260930).sample(range(1, whole["first"]), 8))
    _create(postgres_url, ks)
    check_kills(inbox, template, ks, whole)


def _create(server: str, ks: list[int]) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for k in ks:
            connection.exec_driver_sql(f"CREATE DATABASE kill_{k}")
    engine.dispose()
