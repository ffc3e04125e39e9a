"""Why a person should look at the labels of a text, and how soon."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from feedback_nlp.classify.answers import ESCALATION, Vocabulary
from feedback_nlp.classify.escalation import Hit, summary
from feedback_nlp.policy.review import Disagreement, ReviewPolicy
from feedback_nlp.taxonomy import parent

GRAVEST = 3  # level of escalation
_DOUBTED = ("kind", "business", "leaves")  # what `confidence` and `kind_sure` of a release speak about


class Reason(NamedTuple):
    """One reason why a person should look."""

    reason: str  # one of policy.review.REASONS
    says: str  # a sentence in Chinese


@dataclass(frozen=True, slots=True)
class Reading:
    """What model and rules say of one text, and what is known besides."""

    feedback_id: str
    version: int
    kind: str
    business: str
    leaves: tuple[str, ...]
    sentiment: str
    confidence: float  # calibrated, 0 to 1
    review: bool  # the release is not sure enough
    scores: Mapping[str, float]  # facet:label → calibrated probability
    release: str
    hits: Sequence[Hit] = ()
    registered: Mapping[str, str] = field(default_factory=dict)  # other columns of the ledger: header → value


class Overruled(NamedTuple):
    """A decision that no longer holds: the text has changed since."""

    author: str
    on: date


def reasons(
    reading: Reading, *, policy: ReviewPolicy, words: Vocabulary, overruled: Overruled | None = None
) -> tuple[Reason, ...]:
    """List every reason to look at a text that no person has decided, the one that ranks first in front."""
    found = [*_escalation(reading, policy, words), *_disagreements(reading, policy, words)]
    found += [*_registered(reading, policy, words), *_doubts(reading, policy, words)]
    if overruled:
        says = policy.says["changed"].format(author=overruled.author, day=f"{overruled.on:%Y-%m-%d}")
        found.append(Reason("changed", says))
    if drawn(reading.feedback_id, share=policy.audit_share):
        found.append(Reason("audit", policy.says["audit"]))
    return tuple(sorted(found, key=lambda item: policy.order.index(item.reason)))


def rank(found: Sequence[Reason], reading: Reading, *, policy: ReviewPolicy) -> float:
    """Say how soon to look, the highest first: by the first reason; then by level, then the least sure first."""
    first = len(policy.order) - policy.order.index(found[0].reason)
    level = max((hit.level for hit in reading.hits), default=0) if found[0].reason == "escalation" else 0
    return round(first + (level + 1 - reading.confidence) / (GRAVEST + 2), 6)


def drawn(feedback_id: str, *, share: float) -> bool:
    """Draw a sample by the hash of an id: the same one everywhere and always; a larger share only adds to it.

    >>> drawn("0000", share=1.0), drawn("0000", share=0.0)
    (True, False)
    """
    digest = hashlib.sha256(f"audit:{feedback_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def _escalation(reading: Reading, policy: ReviewPolicy, words: Vocabulary) -> Iterator[Reason]:
    grave = [hit for hit in reading.hits if hit.level >= policy.escalation_level]
    if grave:
        level = max(hit.level for hit in grave)
        says = policy.says["escalation"].format(level=level, kinds=words.joined(ESCALATION, summary(grave)))
        yield Reason("escalation", says)


def _disagreements(reading: Reading, policy: ReviewPolicy, words: Vocabulary) -> Iterator[Reason]:
    parents = {parent(leaf) for leaf in reading.leaves}
    for rule in policy.disagreement:
        hits = [hit for hit in reading.hits if _fits(hit, rule)]
        if (
            (rule.needs_hit and not hits)
            or (rule.kinds and reading.kind not in rule.kinds)
            or (rule.sentiments and reading.sentiment not in rule.sentiments)
            or parents.intersection(rule.without_reasons)
        ):
            continue
        says = rule.says.format(
            kinds=words.joined(ESCALATION, summary(hits)),
            kind=words.name("kind", reading.kind),
            sentiment=words.name("sentiment", reading.sentiment),
            leaves=words.joined("leaves", reading.leaves),
        )
        yield Reason("disagreement", says)


def _fits(hit: Hit, rule: Disagreement) -> bool:
    return (
        hit.level >= rule.least_level
        and (not rule.hit_kinds or hit.kind in rule.hit_kinds)
        and (not rule.modalities or hit.modality in rule.modalities)
    )


def _registered(reading: Reading, policy: ReviewPolicy, words: Vocabulary) -> Iterator[Reason]:
    """Compare with the business a ledger names itself, where it uses a name of the taxonomy."""
    rule = policy.registered
    written = next((reading.registered[name] for name in rule.columns if reading.registered.get(name)), "")
    business = words.name("business", reading.business)
    if written in words.names["business"].values() and written != business and reading.business not in rule.unless:
        yield Reason("disagreement", rule.says.format(registered=written, business=business))


def _doubts(reading: Reading, policy: ReviewPolicy, words: Vocabulary) -> Iterator[Reason]:
    """Ask about what a release marks for review, if it is likelier wrong than the policy bears.

    A release marks whatever it is not almost sure of, often most texts: more than people can read.
    """
    sure = min(reading.confidence, reading.scores.get(f"kind:{reading.kind}", 1.0))
    if not reading.review or (sure >= policy.doubt_below and policy.doubt_below < 1):
        return
    labels = {"kind": reading.kind, "business": reading.business, "leaves": reading.leaves[0]}
    score, facet = min((reading.scores.get(f"{facet}:{labels[facet]}", 1.0), facet) for facet in _DOUBTED)
    says = policy.says["low_confidence"].format(
        confidence=f"{reading.confidence:.0%}",
        facet=words.facets[facet],
        label=words.name(facet, labels[facet]),
        score=f"{score:.0%}",
    )
    yield Reason("low_confidence", says)
