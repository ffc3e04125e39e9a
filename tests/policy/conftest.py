"""A bank's own copy of the policy."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the policy files that come with the package."""
    for source in files("feedback_nlp.policy").iterdir():
        if source.name.endswith(".toml"):
            shutil.copy(str(source), tmp_path)
    return tmp_path
