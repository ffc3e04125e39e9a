"""Read the lists and limits that lie in ``text/lexicon``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any


def lines(name: str) -> list[str]:
    """Give the lines of a list file; ``#`` begins a remark, empty lines are skipped."""
    return [kept for line in _file(name).splitlines() if (kept := line.partition("#")[0].strip())]


def entries(name: str) -> list[str]:
    """Give the words of a list file, parted by white space, in their order."""
    return [word for line in lines(name) for word in line.split()]


@lru_cache(maxsize=8)
def table(name: str) -> dict[str, Any]:
    """Give a TOML file as it stands."""
    return tomllib.loads(_file(name))


@lru_cache(maxsize=1)
def limits() -> dict[str, int]:
    """Give the lengths at which text is bounded or cut, in characters."""
    return dict(table("rules.toml")["limits"])


def _file(name: str) -> str:
    return files("feedback_nlp.text").joinpath("lexicon", name).read_text(encoding="utf-8")
