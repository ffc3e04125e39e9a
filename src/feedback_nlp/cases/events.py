"""Which feedback counts in cases, and as whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from feedback_nlp.cases.amounts import LARGEST_FEN
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.records import Identifier, MaskedText

MOST_PEOPLE = 10**6
"""A number above it is no number of people."""
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
    category: str | None = None  # the business as the bank's own people registered it
    product: str | None = None  # as the source names it


def counts(kind: str, *, leaf: str, level: int, source_kind: str, policy: CasesPolicy) -> bool:
    """Tell whether feedback of this kind, first leaf, level of escalation and source counts in cases."""
    opens = policy.opens
    return (
        kind in opens.kinds
        or level >= opens.level
        or source_kind in opens.always
        or (source_kind in opens.sources and kind not in opens.unless_kinds)
        or (leaf in opens.leaves and kind != PRAISE)
    )


def is_complaint(kind: str, *, source_kind: str, policy: CasesPolicy) -> bool:
    """Tell whether an event of a case is a complaint: the model says so, or a person did when it was registered."""
    return kind in policy.opens.kinds or source_kind in policy.opens.always


def category_of(extra: Mapping[str, str], *, policy: CasesPolicy) -> str | None:
    """Give the business that the source itself has registered, from the columns beyond ours.

    >>> from feedback_nlp import policy
    >>> category_of({"客户级别": "金卡", "业务类别": " 支付结算 "}, policy=policy.load().cases)
    '支付结算'
    """
    found = (extra.get(column, "").strip() for column in policy.repeat.category_columns)
    return next(filter(None, found), None)


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


def registered_amount(extra: Mapping[str, str], *, policy: CasesPolicy) -> int | None:
    """Give the amount that the source itself has registered, in fen; None where it names none, or no number.

    >>> from feedback_nlp import policy
    >>> registered_amount({"投诉金额(万元)": "12.26"}, policy=policy.load().cases)
    12260000
    """
    for column, yuan in policy.registered.amount_columns.items():
        number = _number(extra.get(column, ""))
        if number is not None and 0 < number * yuan * 100 <= LARGEST_FEN:
            return int(number * yuan * 100)
    return None


def registered_people(extra: Mapping[str, str], *, policy: CasesPolicy) -> int | None:
    """Give how many people complain, as the source itself has registered it."""
    numbers = (_number(extra.get(column, "")) for column in policy.registered.people_columns)
    return next((int(number) for number in numbers if number is not None and 0 < number < MOST_PEOPLE), None)


def _number(written: str) -> Decimal | None:
    try:
        number = Decimal(written.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
