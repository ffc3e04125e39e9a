"""Which labels a person looks at, in which order, and the sentences that say why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feedback_nlp.policy.escalation import MODALITIES

REASONS = ("escalation", "changed", "disagreement", "low_confidence", "audit")
FACETS = ("kind", "business", "touchpoint", "sentiment", "leaves", "demand", "escalation")
_FILLED = {
    "escalation": ("level", "kinds"),
    "changed": ("author", "day"),
    "low_confidence": ("confidence", "facet", "label", "score"),
    "audit": (),
}
"""What each sentence may speak of."""


def _refuse_unfilled(where: str, sentence: str, words: Iterable[str]) -> None:
    known = tuple(words)
    try:
        sentence.format(**dict.fromkeys(known, ""))
    except (KeyError, IndexError, ValueError) as error:
        named = "、".join(known) or "nothing"
        raise ValueError(f"{where}: '{sentence}' may speak of {named} in braces only ({error})") from error


def _refuse_other_keys(where: str, found: Iterable[str], wanted: Iterable[str]) -> None:
    if set(found) != set(wanted):
        raise ValueError(f"{where} needs exactly {', '.join(wanted)}; found {', '.join(found)}")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a model and a rule cannot both be right about; all conditions that are given hold at once."""

    id: str
    says: str
    hit_kinds: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    least_level: int = 0
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    without_reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that would hold for every text, and a sentence that cannot be filled."""
        if not (self.needs_hit or self.kinds or self.sentiments or self.without_reasons):
            raise ValueError(f"disagreement '{self.id}' names no condition")
        if not 0 <= self.least_level <= 3:
            raise ValueError(f"disagreement '{self.id}': least_level lies between 0 and 3, found {self.least_level}")
        strangers = set(self.modalities).difference(MODALITIES)
        if strangers:
            raise ValueError(f"disagreement '{self.id}': '{strangers.pop()}' is none of {', '.join(MODALITIES)}")
        _refuse_unfilled(f"disagreement '{self.id}'", self.says, ("kinds", "kind", "sentiment", "leaves"))

    @property
    def needs_hit(self) -> bool:
        """Say whether a cue of escalation must have been found."""
        return bool(self.hit_kinds or self.modalities or self.least_level)


@dataclass(frozen=True, slots=True)
class Registered:
    """A ledger's own category, beside the model's business."""

    columns: tuple[str, ...]  # headers of the ledger, in `feedback.extra`
    unless: tuple[str, ...]  # businesses of the model that such ledgers do not know
    says: str

    def __post_init__(self) -> None:
        """Refuse a sentence that cannot be filled."""
        _refuse_unfilled("registered", self.says, ("registered", "business"))


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """``review.toml``."""

    version: str
    order: tuple[str, ...]  # reasons, the one to be looked at first in front
    escalation_level: int
    doubt_below: float  # calibrated, 0 to 1: of what a release marks for review, only what it is less sure of waits
    audit_share: float  # 0 to 1
    says: Mapping[str, str]  # reason → sentence
    facet: Mapping[str, str]  # facet → its Chinese name
    disagreement: tuple[Disagreement, ...]
    registered: Registered

    def __post_init__(self) -> None:
        """Refuse unknown reasons and facets, shares outside 0 to 1, sentences that cannot be filled."""
        _refuse_other_keys("order", self.order, REASONS)
        _refuse_other_keys("facet", self.facet, FACETS)
        _refuse_other_keys("says", self.says, _FILLED)
        if len(self.order) != len(REASONS):
            raise ValueError("order names a reason twice")
        for name in ("doubt_below", "audit_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} lies between 0 and 1, found {getattr(self, name)}")
        if not 1 <= self.escalation_level <= 3:
            raise ValueError(f"escalation_level lies between 1 and 3, found {self.escalation_level}")
        for reason, sentence in self.says.items():
            _refuse_unfilled(f"says.{reason}", sentence, _FILLED[reason])
