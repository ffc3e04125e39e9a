"""Every document's commands, options and links exist; the settings file shows every setting, with its default."""

import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from feedback_nlp.cli import app
from feedback_nlp.settings import Alerts, Feed, Mail, Retrain, load
from feedback_nlp.train.deep.recipe import deep_recipe

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("models/*.md"),
        *ROOT.glob("models/*.toml"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("data/*/README.md"),
        *ROOT.glob("notebooks/*.ipynb"),
        *ROOT.glob("tests/data/*.toml"),
        ROOT / "src/feedback_nlp/feedback.toml",
    ]
)
SHOWN = re.compile(r"feedback-nlp ([a-z][^`\n#\"]*)")  # up to the end of the code, of the line, or to a remark
SETTINGS = (files("feedback_nlp") / "feedback.toml").read_text(encoding="utf-8")


def document(path: Path) -> str:
    return str(path.relative_to(ROOT))


def missing(words: list[str]) -> str:
    """Name what a command line holds that the program does not know."""
    command: Any = get_command(app)
    for word in words:
        if not hasattr(command, "commands") or not word.isalpha():
            break
        if word not in command.commands:
            return word
        command = command.commands[word]
    known = {option for item in command.params for option in item.opts}
    return next((word for word in words if word.startswith("--") and word not in known), "")


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("finetune --base x --resume", ""),
        ("labels export a.jsonl --with-people", ""),
        ("fine", "fine"),
        ("labels exprt a.jsonl", "exprt"),
        ("finetune --bases x", "--bases"),
        ("labels export --resume", "--resume"),
    ],
)
def test_what_the_program_does_not_know_is_found(line: str, unknown: str) -> None:
    assert missing(line.split()) == unknown


@pytest.mark.parametrize("path", DOCUMENTS, ids=document)
def test_every_command_and_option_shown_exists(path: Path) -> None:
    shown = SHOWN.findall(path.read_text(encoding="utf-8"))
    assert {line: word for line in shown if (word := missing(line.split()))} == {}


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.suffix == ".md"], ids=document)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("http") and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("table", [Feed, Alerts, Mail, Retrain])
def test_the_settings_file_shows_every_setting(table: type) -> None:
    shown = set(re.findall(r"^(?:# )?\[?(?:alerts\.)?(\w+)(?: = |\])", SETTINGS, flags=re.M))
    assert {item.name for item in fields(table)} - shown == set()  # type: ignore[arg-type]  # all are dataclasses


def test_the_settings_file_shows_the_defaults_of_retraining(tmp_path: Path) -> None:
    (block,) = re.findall(r"^\[retrain\].*?(?=\n\n)", SETTINGS, flags=re.M | re.S)
    path = tmp_path / "feedback.toml"
    path.write_text(re.sub(r"^# ", "", block, flags=re.M), encoding="utf-8")
    shown, default = load(path, environ={}).retrain, Retrain()
    assert (shown.model, shown.least_labels, shown.held_out) == (default.model, default.least_labels, default.held_out)
    assert (shown.base, shown.epochs) == (deep_recipe().base, deep_recipe().epochs)
