"""What the README says works."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from feedback_nlp.cli import app
from feedback_nlp.records import RawFeedback
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
    blocks = re.findall(r"```toml\n(.*?)```", readme.read_text(encoding="utf-8"), flags=re.S)
    assert len(blocks) == 1
    path = tmp_path / "feedback.toml"
    path.write_text(blocks[0], encoding="utf-8")
    settings = load(path, environ={})
    shown = re.findall(r'^(name|kind|pattern) = "([^"]+)"', blocks[0], flags=re.M)
    assert len(shown) == 3
    (feed,) = settings.feeds
    assert {key: getattr(feed, key) for key, _ in shown} == dict(shown)
    assert settings.feed_for(Path("台账_2026Q4.xlsx")) is feed
    assert set(feed.columns) <= {field.name for field in fields(RawFeedback)}
    assert feed.columns["text"] == "投诉内容"


def test_both_readmes_show_the_same_commands_in_the_same_order() -> None:
    blocks = [
        re.findall(r"^(make \w+|pip install [^ #]+|feedback-nlp [^ #]+)", path.read_text("utf-8"), flags=re.M)
        for path in READMES
    ]
    assert blocks[0] == blocks[1] != []
