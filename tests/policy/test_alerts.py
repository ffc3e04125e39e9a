"""What a bank may not decide about alerts."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from feedback_nlp import policy, taxonomy
from feedback_nlp.errors import OperatorError


def changed(folder: Path, old: str, new: str, *, file: str = "alerts.toml") -> Path:
    for source in files("feedback_nlp.policy").iterdir():
        if source.name.endswith(".toml"):
            shutil.copy(str(source), folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\nby_person = true", "\nby_person = false", "'self_harm' needs rules"),
        ("\nby_person = true", "\nby_person = true\non = false", "'self_harm' needs rules"),
        ('kinds = ["violence"]', 'kinds = ["legal"]', "'violence' needs rules"),
        ("level = 3", "level = 2", "'self_harm' needs rules"),
        ("send_from = 2", "send_from = 4", "a level from 1 to 3"),
        ("digest = 200", "digest = 0", "digest is at least 1"),
        ('id = "violence"', 'id = "self-harm"', "'self-harm' stands there twice"),
        ('when = "burst"', 'when = "bursts"', "'bursts' is none of"),
        ("level = 3", "level = 4", "level 1 to 3"),
        ('when = "burst"', 'when = "burst"\nby_person = true', "by_person goes with"),
        ("days = 30", "days = 0", "'self-harm': by_person needs days"),
    ],
)
def test_a_policy_that_would_leave_people_unwarned_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        policy.load(changed(tmp_path, old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("alerts.toml", 'kinds = ["group"]', 'kinds = ["gruop"]', "kind 'gruop' is not in escalation.toml"),
        ("escalation.toml", "threat = 3, done = 3, fact = 3", "threat = 1, done = 3, fact = 3", "'self_harm': level 1"),
        ("escalation.toml", "threat = 3, done = 3, fact = 2", "threat = 3, done = 2, fact = 2", "'violence': level 2"),
    ],
)
def test_a_policy_whose_two_files_do_not_fit_is_refused(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    loaded = policy.load(changed(tmp_path, old, new, file=file))
    with pytest.raises(OperatorError, match=message):
        policy.check_labels(loaded, labels=taxonomy.load().names)
