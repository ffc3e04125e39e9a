import sys
from pathlib import Path

import pytest
from tests.train.encoder.small import write_config
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import TrainerError


def test_pretrain_and_ship_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path)
    done = CliRunner().invoke(app, ["pretrain", "small.toml"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "checkpoints/small/checkpoint.pt").is_file()
    command = ["pretrain", "small.toml", "--ship", "encoder-small", "--machine", "a laptop", "--today", "2026-01-02"]
    command += ["--note", "a first try", "--note", "to go on"]
    assert CliRunner().invoke(app, command, catch_exceptions=False).exit_code == 0
    card = (tmp_path / "models/encoder-small/CARD.md").read_text(encoding="utf-8")
    assert "a laptop" in card
    assert "- a first try\n- to go on\n" in card


@pytest.mark.parametrize(
    ("job", "command"),
    [
        ("pretraining.pretrain", ["pretrain", "small.toml"]),
        ("probing.intermediate", ["intermediate", "encoder-x", "--public", ".", "--out", "encoder-y"]),
        ("training.finetune", ["finetune", "--data", "mine.jsonl"]),
    ],
)
def test_what_was_stopped_says_how_to_go_on(job: str, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"feedback_nlp.jobs.{job}", stop)
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stderr) == (130, "stopped; to go on, run the same command with --resume\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("e2", r"--out e2: a new encoder has a plain name that begins with encoder-$"),
        ("a/encoder-2", r"--out a/encoder-2: a new encoder has a plain name"),
        ("encoder-2", r"encoder-2: exists already; name another, nothing is written over$"),
    ],
)
def test_an_encoder_that_cannot_be_made_says_which_of_two_reasons_it_is(
    name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "encoder-2").mkdir(parents=True)
    command = ["intermediate", "encoder-x", "--public", ".", "--out", name]
    with pytest.raises(TrainerError, match=reason):
        CliRunner().invoke(app, command, catch_exceptions=False)


def test_without_torch_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TrainerError, match=r"pip install 'feedback-nlp\[train\]'"):
        CliRunner().invoke(app, ["pretrain", str(tmp_path / "small.toml")], catch_exceptions=False)
