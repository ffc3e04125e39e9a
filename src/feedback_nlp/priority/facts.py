"""What triage needs to know: small facts read once from each text, and the facts of a case made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from feedback_nlp.classify.escalation import Hit

VULNERABLE = "vulnerable"  # the kind in escalation.toml that counts as a part of its own


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one text, or all texts of a case, say. Stored, so that nobody reads old texts again."""

    amount_fen: int | None = None  # the largest amount of money named
    vulnerable: tuple[str, ...] = ()  # cues of a vulnerable person, as written, each once
    level: int = 0  # highest escalation level, 0 to 3
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as triage sees it."""

    case_id: str
    theme: str  # "business/leaf"
    opened_on: date
    due_on: date | None
    closed: bool
    events: int  # pieces of feedback
    customers: int
    sentiment: int  # the lowest of its events, −2 to 2
    texts: TextFacts = field(default_factory=TextFacts)
    customer_value: float = 0.0  # 0 to 1; its weight is 0 unless a bank decides otherwise


def merge(facts: Iterable[TextFacts]) -> TextFacts:
    """Sum up the texts of a case: the largest amount, the highest level, every cue.

    >>> merge([TextFacts(amount_fen=500, level=1), TextFacts(amount_fen=300, level=2)]).level
    2
    """
    each = tuple(facts)
    return TextFacts(
        amount_fen=max((one.amount_fen for one in each if one.amount_fen is not None), default=None),
        vulnerable=tuple(dict.fromkeys(cue for one in each for cue in one.vulnerable)),
        level=max((one.level for one in each), default=0),
        hits=tuple(hit for one in each for hit in one.hits),
    )
