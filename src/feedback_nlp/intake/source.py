"""What the data team says about a feed, and the policy that recognises its columns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from feedback_nlp.errors import OperatorError
from feedback_nlp.records import RawFeedback

DELIVERED = frozenset({"source", "source_kind", "file", "row", "identifiers", "extra"})
"""Fields of ``RawFeedback`` that intake fills itself; every other one may be mapped to a column."""


@cache
def policy() -> dict[str, Any]:
    """Give headers.toml."""
    return tomllib.loads((files("feedback_nlp.intake") / "headers.toml").read_text("utf-8"))


@cache
def canonical_fields() -> tuple[str, ...]:
    """List what a column can be mapped to: fields of ``RawFeedback``, then the customer columns by type.

    >>> canonical_fields()[:3]
    ('text', 'source_id', 'received_at')
    """
    own = (each.name for each in fields(RawFeedback) if each.name not in DELIVERED)
    return (*own, *policy()["customer"])


@dataclass(frozen=True)
class Source:
    """One feed, as ``feedback.toml`` describes it."""

    name: str  # stable: part of the identity of every record
    kind: str  # ledger, hotline, letter, survey, app_review, social, other
    columns: Mapping[str, str] = field(default_factory=dict)  # canonical field → header; wins over what is recognised
    encoding: str | None = None  # None: detected
    sheet: str | None = None  # None: the only sheet with a text column

    def __post_init__(self) -> None:
        """Refuse names that no column can be mapped to."""
        if unknown := sorted(set(self.columns) - set(canonical_fields())):
            raise OperatorError(
                f"source {self.name!r}: columns names {', '.join(unknown)}, which is no field; "
                f"use one of: {', '.join(canonical_fields())}"
            )
