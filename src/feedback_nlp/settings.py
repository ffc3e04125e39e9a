"""feedback.toml and the environment, read once into one frozen object.

An unknown key is an error: a misspelt setting that silently does nothing costs a bank more than a refusal.
Secrets come from the environment only: ``FEEDBACK_NLP_KEY`` (the HMAC key), ``FEEDBACK_NLP_STORE_URL`` (a database URL
that holds a password), ``FEEDBACK_NLP_SMTP_USER`` and ``FEEDBACK_NLP_SMTP_PASSWORD``, and the variable that ``webhook``
in ``[alerts]`` names.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from feedback_nlp.errors import OperatorError

CONFIG_NAME = "feedback.toml"
LOCAL_KEY_NAME = ".feedback-key"
SOURCE_KINDS = ("ledger", "hotline", "letter", "survey", "app_review", "social", "other")
DEEP, LINEAR = "wide-and-deep", "linear"
"""Kinds of releases: an encoder beside a linear model, which needs the extra ``train``; the linear model alone."""
LAST_PORT = 65535
SHORTEST_KEY = 16  # characters; below this a keyed hash of an 11-digit phone number can be searched through


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of feedback: a file name pattern, or a query on a database."""

    name: str
    kind: str = "other"
    pattern: str | None = None  # file name pattern, e.g. "ledger_*.xlsx"
    columns: Mapping[str, str] = field(default_factory=dict)  # our field → the column's header
    encoding: str | None = None
    sheet: str | None = None
    url: str | None = None  # name of the environment variable that holds the database URL
    query: str | None = None
    watermark: str | None = None  # column that only grows


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server that sends alerts; its user and password come from the environment."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 25  # 465: encrypted from the first byte
    starttls: bool = True  # False only inside the bank's own network


@dataclass(frozen=True, slots=True)
class Alerts:
    """Where alerts go."""

    folder: Path | None = None
    mail: Mail | None = None
    webhook: str | None = None  # name of the environment variable that holds the URL


@dataclass(frozen=True, slots=True)
class Retrain:
    """How candidates are made from what people decide."""

    model: str = DEEP
    base: str = ""  # encoder to start from: a folder below models, a local folder, a hub name; "": the shipped one
    least_labels: int = 200  # decisions since the default was made; fewer are not worth a run
    held_out: float = 0.2  # share of the decisions that measures and is never learned from
    data: tuple[Path, ...] = ()  # labelled files to learn from as well; none: the corpus of a checkout
    dev: tuple[Path, ...] = ()  # labelled files to measure on as well; none: the corpus' dev part
    epochs: int | None = None  # None: as in the recipe


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation decides."""

    folder: Path  # relative paths below start here
    store_url: str
    release: str = "default"  # folder below models, or "default": what models/default names
    models: Path | None = None  # own releases; None: models beside the settings file, then those of the package
    policy: Path | None = None  # None: the policy that comes with the package
    taxonomy: Path | None = None
    reports: Path = Path("reports")
    chunk_rows: int = 2000  # rows per transaction and per call of the model
    feeds: tuple[Feed, ...] = ()
    alerts: Alerts = Alerts()
    retrain: Retrain = Retrain()

    @property
    def outlets(self) -> Alerts:
        """Give where alerts go; where nothing is named, a folder beside the reports."""
        return self.alerts if self.alerts != Alerts() else Alerts(folder=self.reports.parent / "alerts")

    @property
    def own_models(self) -> Path:
        """Give the folder of this installation's own releases; it need not exist."""
        return self.models or self.folder / "models"

    def feed_for(self, path: Path) -> Feed:
        """Find the feed a file belongs to; without a matching pattern, one named after the file.

        Digits and separators at the end are a delivery's date, not the feed's name.
        """
        for feed in self.feeds:
            if feed.pattern and fnmatch(path.name, feed.pattern):
                return feed
        name = path.stem.rstrip("0123456789-_.Qq年月日季度第 ") or path.stem
        kinds = {kind: kind for kind in SOURCE_KINDS} | {"app": "app_review", "review": "app_review"}
        return Feed(name=name, kind=next((kind for hint, kind in kinds.items() if hint in name.lower()), "other"))


def load(config: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; without a file, the defaults of an installation in the current folder."""
    path = config or (Path(environ["FEEDBACK_NLP_CONFIG"]) if "FEEDBACK_NLP_CONFIG" in environ else Path(CONFIG_NAME))
    if not path.exists():
        if config is not None:
            raise OperatorError(f"{path}: no such settings file; `feedback-nlp init` writes one")
        data: dict[str, Any] = {}
    else:
        data = _read(path)
    settings = _settings(data, path)
    url = environ.get("FEEDBACK_NLP_STORE_URL")
    return replace(settings, store_url=url) if url else settings


def hmac_key(settings: Settings, *, environ: Mapping[str, str] = os.environ, create: bool = False) -> tuple[bytes, str]:
    """Give the HMAC key and a warning that is empty when the key comes from the environment.

    With ``create``, an installation without a key gets a local one: right for a trial, wrong for a bank's store,
    because whoever copies the folder holds data and key together.
    """
    value = environ.get("FEEDBACK_NLP_KEY", "")
    if value:
        if len(value) < SHORTEST_KEY:
            raise OperatorError(f"FEEDBACK_NLP_KEY is shorter than {SHORTEST_KEY} characters; use 64 random hex digits")
        return value.encode(), ""
    path = settings.folder / LOCAL_KEY_NAME
    if not path.exists():
        if not create:
            raise OperatorError(
                "no HMAC key: set FEEDBACK_NLP_KEY to the key this store is filled with, or for a new one to 64 random "
                "hex digits from the bank's vault"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    warning = f"using the local key {path}: good for a trial only; in production set FEEDBACK_NLP_KEY from the vault"
    return path.read_text().strip().encode(), warning


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path}: is not UTF-8; save it with the encoding UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"{path}: not readable as TOML ({error})") from error


_KEYS = {
    "store": {"url"},
    "model": {"release", "folder"},
    "policy": {"folder", "taxonomy"},
    "report": {"folder"},
    "run": {"chunk_rows"},
    "alerts": {item.name for item in fields(Alerts)},
    "retrain": {item.name for item in fields(Retrain)},
    "source": {item.name for item in fields(Feed)},
}


def _settings(data: dict[str, Any], path: Path) -> Settings:
    _refuse_unknown(data, _KEYS.keys(), f"{path}")
    for table, keys in _KEYS.items():
        for entry in data.get(table, []) if table == "source" else [data.get(table, {})]:
            _refuse_unknown(entry, keys, f"{path} [{table}]")
    folder = path.resolve().parent
    model, policy = data.get("model", {}), data.get("policy", {})
    return Settings(
        folder=folder,
        store_url=_beside(folder, data.get("store", {}).get("url", "sqlite:///feedback.db")),
        release=model.get("release", "default"),
        models=_below(folder, model.get("folder")),
        policy=_below(folder, policy.get("folder")),
        taxonomy=_below(folder, policy.get("taxonomy")),
        reports=folder / data.get("report", {}).get("folder", "reports"),
        chunk_rows=_positive(data.get("run", {}).get("chunk_rows", 2000), f"{path} [run] chunk_rows"),
        feeds=tuple(_feed(entry, path) for entry in data.get("source", [])),
        alerts=_alerts(data.get("alerts", {}), path),
        retrain=_retrain(data.get("retrain", {}), path),
    )


def _retrain(table: dict[str, Any], path: Path) -> Retrain:
    where, folder = f"{path} [retrain]", path.resolve().parent
    files = {name: table.get(name, []) for name in ("data", "dev")}
    for name, listed in files.items():
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise OperatorError(f'{where} {name}: expected a list of files, such as ["labels/own.jsonl"]')
    found = Retrain(**{**table, **{name: tuple(folder / item for item in listed) for name, listed in files.items()}})
    if found.model not in (DEEP, LINEAR) or not isinstance(found.base, str):
        raise OperatorError(f"{where}: model is {DEEP} or {LINEAR}, base the name or folder of an encoder")
    _positive(found.least_labels, f"{where} least_labels")
    if found.epochs is not None:
        _positive(found.epochs, f"{where} epochs")
    if not isinstance(found.held_out, float) or not 0 < found.held_out < 1:
        raise OperatorError(f"{where} held_out: '{found.held_out}' is no share between 0 and 1")
    return found


def _alerts(table: dict[str, Any], path: Path) -> Alerts:
    webhook, mail = table.get("webhook"), table.get("mail")
    if webhook is not None and not (isinstance(webhook, str) and webhook.isidentifier()):
        raise OperatorError(
            f"{path} [alerts] webhook: name the environment variable that holds the URL, never the URL itself"
        )
    return Alerts(
        folder=_below(path.resolve().parent, table.get("folder")),
        mail=None if mail is None else _mail(mail, f"{path} [alerts.mail]"),
        webhook=webhook,
    )


def _mail(table: Any, where: str) -> Mail:
    if not isinstance(table, dict):
        raise OperatorError(f"{where}: expected a table with host, sender and to")
    _refuse_unknown(table, {item.name for item in fields(Mail)}, where)
    to = table.get("to")
    if not isinstance(to, list) or not to or not all(map(_is_address, [table.get("sender"), *to])):
        raise OperatorError(f'{where}: sender is one address, to a list of them, such as ["name@bank.example"]')
    if not isinstance(table.get("host"), str):
        raise OperatorError(f"{where}: host is the name or address of the mail server")
    mail = Mail(**{**table, "to": tuple(to)})
    if _positive(mail.port, f"{where} port") > LAST_PORT or type(mail.starttls) is not bool:
        raise OperatorError(f"{where}: port is at most {LAST_PORT}, starttls true or false")
    return mail


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value) is not None


def _feed(entry: dict[str, Any], path: Path) -> Feed:
    name, kind = entry.get("name"), entry.get("kind", "other")
    if not name:
        raise OperatorError(f"{path} [[source]]: every source needs a name, it is part of each record's identity")
    if kind not in SOURCE_KINDS:
        raise OperatorError(f"{path} [[source]] {name}: kind '{kind}' is none of {', '.join(SOURCE_KINDS)}")
    if bool(entry.get("query")) == bool(entry.get("pattern")):
        raise OperatorError(f"{path} [[source]] {name}: give either pattern (files) or query (a database)")
    if entry.get("query") and not entry.get("url"):
        raise OperatorError(f"{path} [[source]] {name}: url must name the environment variable with the database URL")
    return Feed(**entry)


def _refuse_unknown(entry: Mapping[str, Any], known: Any, where: str) -> None:
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise OperatorError(f"{where}: unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}")


def _positive(value: Any, where: str) -> int:
    if not isinstance(value, int) or value < 1:
        raise OperatorError(f"{where}: '{value}' is not a positive whole number")
    return value


def _beside(folder: Path, url: str) -> str:
    """Have a relative SQLite path start at the settings file."""
    name = url.removeprefix("sqlite:///")
    return f"sqlite:///{folder / name}" if url.startswith("sqlite:///") and name not in ("", ":memory:") else url


def _below(folder: Path, name: str | None) -> Path | None:
    return None if name is None else folder / name
