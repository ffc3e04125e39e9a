"""Set up an installation, and check one."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from feedback_nlp.errors import FeedbackError, OperatorError
from feedback_nlp.jobs.workplace import load_predictor
from feedback_nlp.policy import load as load_policy
from feedback_nlp.settings import CONFIG_NAME, Settings, hmac_key
from feedback_nlp.store.open import describe, known_key, open_store
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.identity import key_id

EXTRAS = {"prefect": "flow", "psycopg": "postgres"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the doctor looked at."""

    name: str
    ok: bool
    says: str
    needed: bool = True  # False: only some installations need it


def write_installation(folder: Path, *, missing: bool = False) -> list[Path]:
    """Write feedback.toml and copies of policy and taxonomy for editing; never overwrite anything.

    ``missing`` writes only the files that are not there, as after an update that brought new ones; without it a folder
    that holds any of them is refused.
    """
    package = files("feedback_nlp")
    targets = {folder / CONFIG_NAME: package / CONFIG_NAME}
    for item in (package / "policy").iterdir():
        if item.name.endswith(".toml"):
            targets[folder / "policy" / item.name] = item
    targets[folder / "policy" / "taxonomy.toml"] = package / "taxonomy" / "taxonomy.toml"
    standing = [path for path in targets if path.exists()]
    if standing and not missing:
        raise OperatorError(
            f"{standing[0]} exists already; `init` overwrites nothing: choose an empty folder, "
            "or add what an update brought with `init --missing`"
        )
    targets = {path: resource for path, resource in targets.items() if path not in standing}
    (folder / "policy").mkdir(parents=True, exist_ok=True)
    for path, resource in targets.items():
        with as_file(resource) as source:
            shutil.copyfile(source, path)
    return sorted(targets)


def examine(settings: Settings) -> list[Check]:
    """Look at everything a run needs, and say what is missing and what to do."""
    checks = [
        _check("Python", lambda: f"{sys.version.split()[0]}"),
        _check("policy", lambda: ", ".join(load_policy(settings.policy).versions.values())),
        _check("taxonomy", lambda: f"version {load_taxonomy(settings.taxonomy).version}"),
        _check("model release", lambda: load_predictor(settings).name),
        _check("store", lambda: _store(settings)),
        _check("HMAC key", lambda: _key(settings)),
        _check("report folder", lambda: _writable(settings.reports)),
    ]
    return checks + [_optional(module, extra) for module, extra in EXTRAS.items()]


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except FeedbackError as error:
        return Check(name, False, str(error))


def _key(settings: Settings) -> str:
    key, warning = hmac_key(settings)
    engine = open_store(settings.store_url)
    known = known_key(engine)
    engine.dispose()
    if known not in (None, key_id(key)):
        raise OperatorError(
            f"key {key_id(key)} is not the one the store was filled with ({known}); set FEEDBACK_NLP_KEY"
        )
    return warning or "from the environment"


def _store(settings: Settings) -> str:
    open_store(settings.store_url).dispose()
    return describe(settings.store_url)


def _writable(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OperatorError(f"cannot write to {folder}: {error.strerror}") from error
    return str(folder)


def _optional(module: str, extra: str) -> Check:
    try:
        importlib.import_module(module)
    except ImportError:
        return Check(
            module, False, f"not installed; `pip install 'feedback-nlp[{extra}]'` if you need it", needed=False
        )
    return Check(module, True, "installed", needed=False)
