"""Which feedback counts in cases, and as whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.records import Identifier, MaskedText

PRAISE = "praise"
"""The kind that names no problem even where it speaks of a grave one: thanks for a fraud that was stopped."""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One piece of feedback as `join` sees it."""

    feedback_id: str
    received_on: date
    theme: str  # "business/leaf"
    people: frozenset[str]  # "type:hmac" of the identifiers that name the customer, see `people_of`
    bands: tuple[str, ...]  # see `duplicates.bands`
    text: MaskedText = field(repr=False)
    case_id: str | None = None  # of an event that has its place


def counts(kind: str, *, leaf: str, source_kind: str, policy: CasesPolicy) -> bool:
    """Tell whether feedback of this kind, first leaf and source counts in cases."""
    opens = policy.opens
    return (
        kind in opens.kinds
        or source_kind in opens.always
        or (source_kind in opens.sources and kind not in opens.unless_kinds)
        or (leaf in opens.leaves and kind != PRAISE)
    )


def people_of(identifiers: Iterable[Identifier], *, policy: CasesPolicy) -> frozenset[str]:
    """Keep the identifiers that name the customer.

    A customer column says who wrote. A number in a text may be the collector's or the payee's, so only the types the
    policy names (identity cards: people give their own) count from there.
    """
    return frozenset(
        f"{found.type}:{found.hmac}"
        for found in identifiers
        if found.type in (policy.people.columns if found.column else policy.people.text)
    )
