"""What the words of one feedback say beside its labels: escalation, amounts, dates. Read once, stored for every score.

Text and request are read as one, the request on a line of its own behind the text; places count in that.
What the source registered itself, an amount or a number of people, was read from no words: its place is 0 to 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from feedback_nlp.cases.amounts import Amount, amounts
from feedback_nlp.cases.events import registered_amount, registered_people
from feedback_nlp.cases.moments import Moment, dates
from feedback_nlp.classify.escalation import Hit, detect, level_of
from feedback_nlp.policy import Policy
from feedback_nlp.policy.escalation import EscalationPolicy
from feedback_nlp.priority.facts import VULNERABLE
from feedback_nlp.records import MaskedText
from feedback_nlp.store.save import Row

BY_PERSON = "人工认定"
"""The cue of an escalation that a person named and no rule had found."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one feedback says."""

    hits: tuple[Hit, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[Moment, ...]
    people: int | None = None  # registered: how many complain

    @property
    def level(self) -> int:
        """Give the highest level of escalation, 0 to 3."""
        return max((hit.level for hit in self.hits), default=0)


def words_of(row: Any) -> MaskedText:
    """Give what is read of a row of ``feedback``."""
    return MaskedText(f"{row.text}\n{row.request}" if row.request else row.text)


def read_facts(row: Any, *, decided: Sequence[str] | None, policy: Policy) -> Facts:
    """Read a row of ``feedback``; where a person has decided the escalation ("kind:modality"), that holds."""
    words = words_of(row)
    hits = detect(words, policy=policy.escalation)
    if decided is not None:
        hits = tuple(_as_decided(hits, decided, policy.escalation))
    found, extra = tuple(amounts(words)), json.loads(row.extra)
    fen = registered_amount(extra, policy=policy.cases)
    if fen is not None:
        found = (*found, Amount(fen, 0, 0))
    people = registered_people(extra, policy=policy.cases)
    return Facts(hits, found, tuple(dates(words, received_on=row.counted_on)), people)


def facts_row(row: Any, facts: Facts, policy: Policy) -> Row:
    """Flatten facts into a row of ``text_facts``."""
    vulnerable = dict.fromkeys(hit.cue for hit in facts.hits if hit.kind == VULNERABLE)
    return {
        "feedback_id": row.id,
        "version": row.version,
        "amount_fen": max((amount.fen for amount in facts.amounts), default=None),
        "people": facts.people,
        "vulnerable": "|".join(vulnerable),
        "level": facts.level,
        "hits": _json(facts.hits),
        "amounts": _json(facts.amounts),
        "dates": _json(facts.dates),
        "policy": policy.escalation.version,
    }


def hits_of(stored: str | None) -> list[Hit]:
    """Read the escalation of a row of ``text_facts``; None where its text has not been read yet.

    >>> hits_of('[{"kind": "legal", "cue": "起诉", "start": 0, "end": 2, "modality": "threat", "level": 2}]')[0].meant
    'legal:threat'
    """
    return [Hit(**hit) for hit in json.loads(stored or "[]")]


def _as_decided(hits: Iterable[Hit], decided: Sequence[str], policy: EscalationPolicy) -> Iterable[Hit]:
    found = [hit for hit in hits if hit.meant in decided]
    yield from found
    known = {hit.meant for hit in found}
    for pair in decided:
        if pair not in known:
            kind, modality = pair.split(":", 1)
            yield Hit(kind, BY_PERSON, 0, 0, modality, level_of(kind, modality, policy=policy))


def _json(records: Sequence[Hit] | Sequence[Amount] | Sequence[Moment]) -> str:
    if not records:
        return "[]"
    rows = [{name: getattr(each, name) for name in each.__slots__} for each in records]
    return json.dumps(rows, ensure_ascii=False, default=str)
