"""Start a program as an operator or a schedule does: a process of its own, with a Prefect home of its own."""

import os
import subprocess
import sys
from pathlib import Path


def start(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {
        "FEEDBACK_NLP_KEY": "k" * 32,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "COLUMNS": "120",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
