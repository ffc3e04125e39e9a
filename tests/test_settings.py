"""feedback.toml and the environment."""

from importlib.resources import files
from pathlib import Path

import pytest

from feedback_nlp.errors import OperatorError
from feedback_nlp.settings import LOCAL_KEY_NAME, Alerts, Mail, Retrain, Settings, hmac_key, load


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "feedback.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ={})


def test_the_file_that_init_writes_can_be_read() -> None:
    found = load(Path(str(files("feedback_nlp") / "feedback.toml")), environ={})
    assert [feed.name for feed in found.feeds] == ["ledger", "hotline", "survey", "app_reviews"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[stoer]\nurl = 'x'", "stoer"),
        ("[store]\nurll = 'x'", "urll"),
        ("[[source]]\nname = 'a'\npatern = '*'", "patern"),
        ("[[source]]\npattern = '*'", "needs a name"),
        ("[[source]]\nname = 'a'\nkind = 'leger'\npattern = '*'", "leger"),
        ("[[source]]\nname = 'a'", "pattern"),
        ("[[source]]\nname = 'a'\nquery = 'SELECT 1'", "environment variable"),
        ("[run]\nchunk_rows = 0", "chunk_rows"),
        ("[alerts]\nfoldr = 'x'", "foldr"),
        ("[alerts]\nwebhook = 'https://hook.bank.example/?key=1'", "never the URL itself"),
        ("[alerts]\nmail = 'mail.bank.example'", "expected a table"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = ['c@d']\npassword = 'x'", "unknown key 'password'"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = 'c@d'", "to a list"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = []", "to a list"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = ['c@d\\nBcc: e@f']", "to a list"),
        ("[alerts.mail]\nsender = 'a@b'\nto = ['c@d']", "host is the name"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = ['c@d']\nport = 70000", "port"),
        ("[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = ['c@d']\nstarttls = 'no'", "starttls"),
        ("[retrain]\nmodel = 'bert'", "wide-and-deep or linear"),
        ("[retrain]\nleast_labels = 0", "least_labels"),
        ("[retrain]\nheld_out = 1.0", "held_out"),
        ("[retrain]\ndata = 'own.jsonl'", "list of files"),
        ("[retrain]\nepoch = 3", "unknown key 'epoch'"),
        ("[store\n", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(OperatorError, match=says):
        settings(tmp_path, text)


def test_relative_folders_start_at_the_file_wherever_one_stands(tmp_path: Path) -> None:
    found = settings(tmp_path, "[report]\nfolder = 'out'\n[policy]\nfolder = 'policy'")
    assert found.reports == tmp_path / "out"
    assert found.policy == tmp_path / "policy"


def test_files_for_retraining_lie_below_the_settings_file(tmp_path: Path) -> None:
    found = settings(tmp_path, "[retrain]\nmodel = 'linear'\ndata = ['own.jsonl']\nepochs = 3").retrain
    assert found == Retrain(model="linear", data=(tmp_path / "own.jsonl",), epochs=3)


def test_alerts_lie_beside_the_reports_until_an_outlet_is_named(tmp_path: Path) -> None:
    assert settings(tmp_path, "[report]\nfolder = 'out/reports'").outlets == Alerts(folder=tmp_path / "out" / "alerts")
    assert settings(tmp_path, "[alerts]\nwebhook = 'HOOK'").outlets == Alerts(webhook="HOOK")
    assert settings(tmp_path, "[alerts]\nfolder = 'urgent'").outlets == Alerts(folder=tmp_path / "urgent")
    mail = "[alerts.mail]\nhost = 'm'\nsender = 'a@b'\nto = ['c@d', 'e@f']"
    assert settings(tmp_path, mail).outlets == Alerts(mail=Mail("m", "a@b", ("c@d", "e@f"), port=25, starttls=True))


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        ("ledger_2026Q3.xlsx", "ledger", "ledger"),
        ("app_reviews_20260930.jsonl", "app_reviews", "app_review"),
        ("投诉台账2026年3季度.csv", "投诉台账", "other"),
        ("12378.csv", "12378", "other"),
    ],
)
def test_a_file_of_no_configured_source_is_named_after_itself_without_its_date(file: str, name: str, kind: str) -> None:
    feed = Settings(folder=Path(), store_url="").feed_for(Path(file))
    assert (feed.name, feed.kind) == (name, kind)


def test_the_key_comes_from_the_environment_and_a_short_one_is_refused(tmp_path: Path) -> None:
    where = Settings(folder=tmp_path, store_url="")
    assert hmac_key(where, environ={"FEEDBACK_NLP_KEY": "k" * 32}) == (b"k" * 32, "")
    with pytest.raises(OperatorError, match="shorter"):
        hmac_key(where, environ={"FEEDBACK_NLP_KEY": "1234"})
    with pytest.raises(OperatorError, match="no HMAC key"):
        hmac_key(where, environ={})


def test_a_local_key_is_made_once_for_its_owner_alone_with_a_warning(tmp_path: Path) -> None:
    where = Settings(folder=tmp_path, store_url="")
    key, warning = hmac_key(where, environ={}, create=True)
    assert hmac_key(where, environ={})[0] == key
    assert "trial" in warning
    assert (tmp_path / LOCAL_KEY_NAME).stat().st_mode & 0o077 == 0
