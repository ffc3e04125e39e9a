"""The labels: what one piece of feedback can be about."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from feedback_nlp.errors import OperatorError, TrainerError

FACETS = ("kind", "business", "touchpoint", "sentiment", "leaves", "demand")
SINGLE = FACETS[:4]
"""Facets of which a record carries exactly one label."""
MULTI = FACETS[4:]
"""Facets of which a record carries several labels or none, most important first."""

_TABLES = {**{facet: (facet,) for facet in (*SINGLE, "demand")}, "leaves": ("reason", "leaf")}


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Label ids with their Chinese names, in the order of the file."""

    version: int
    names: Mapping[str, Mapping[str, str]]  # facet → id → Chinese name
    reasons: Mapping[str, str]  # JR/T 0169 投诉原因, the parents of the leaves
    sentiment_values: Mapping[str, int]  # -2 … 2

    def labels(self, facet: str) -> tuple[str, ...]:
        """List a facet's label ids.

        >>> load().labels("kind")
        ('complaint', 'suggestion', 'inquiry', 'praise', 'other')
        """
        return tuple(self.names[facet])

    def name(self, facet: str, label: str) -> str:
        """Give a label's Chinese name; a label that has been retired keeps its id.

        >>> load().name("leaves", "pricing.fee")
        '手续费年费'
        """
        return self.names[facet].get(label, label)

    def check(self, facet: str, label: str) -> None:
        """Refuse a label that the taxonomy does not know."""
        if label not in self.names[facet]:
            raise TrainerError(f"'{label}' is no label of {facet} in taxonomy version {self.version}")


def parent(leaf: str) -> str:
    """Give the reason a leaf belongs to.

    >>> parent("pricing.fee")
    'pricing'
    """
    return leaf.split(".", 1)[0]


@lru_cache(maxsize=4)
def load(path: Path | None = None) -> Taxonomy:
    """Read a taxonomy file; without a path, the one that comes with the package."""
    source = files(__package__).joinpath("taxonomy.toml") if path is None else path
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        return _taxonomy(data)
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise OperatorError(f"{source}: not a taxonomy ({error}); compare it with the one in the package") from error


def _taxonomy(data: dict[str, object]) -> Taxonomy:
    names: dict[str, dict[str, str]] = {}
    for facet, keys in _TABLES.items():
        table: object = data
        for key in keys:
            assert isinstance(table, dict)
            table = table[key]
        assert isinstance(table, dict)
        names[facet] = {label: entry["name"] for label, entry in table.items() if label != "leaf"}
    reason, sentiment = data["reason"], data["sentiment"]
    assert isinstance(reason, dict) and isinstance(sentiment, dict)
    return Taxonomy(
        version=int(str(data["version"])),
        names={facet: names[facet] for facet in FACETS},
        reasons={label: entry["name"] for label, entry in reason.items() if label != "leaf"},
        sentiment_values={label: entry["value"] for label, entry in sentiment.items()},
    )
