"""What the README says works."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from feedback_nlp.cli import app
from feedback_nlp.settings import load

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_named_exists_and_every_command_is_named(readme: Path) -> None:
    named = set(re.findall(r"feedback-nlp ([a-z]+)\b", readme.read_text(encoding="utf-8")))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]  # a group has commands


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_settings_shown_are_settings(readme: Path, tmp_path: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", readme.read_text(encoding="utf-8"), flags=re.S):
        path = tmp_path / "feedback.toml"
        path.write_text(block, encoding="utf-8")
        assert load(path, environ={}).feeds == tuple(load(path, environ={}).feeds)
        assert tomllib.loads(block)


def test_both_readmes_show_the_same_commands_in_the_same_order() -> None:
    blocks = [
        re.findall(r"^(make \w+|pip install [^ #]+|feedback-nlp [^ #]+)", path.read_text("utf-8"), flags=re.M)
        for path in READMES
    ]
    assert blocks[0] == blocks[1] != []
