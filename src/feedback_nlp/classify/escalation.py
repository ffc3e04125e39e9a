"""Find what cannot wait: cues of twelve kinds, each with how it is meant and how grave that is.

The same word in another mouth means the opposite: the collector who threatens court is a reason to complain, the
customer who does is an escalation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.classify.evasion import unveil
from feedback_nlp.classify.lexicon import Found, find
from feedback_nlp.classify.modality import modality
from feedback_nlp.policy.escalation import MODALITIES, EscalationPolicy
from feedback_nlp.records import MaskedText


@dataclass(frozen=True, slots=True)
class Hit:
    """One cue found."""

    kind: str
    cue: str  # as written
    start: int
    end: int
    modality: str  # threat, done, fact, quoted, asked, negated
    level: int  # 0 noted only, 1 watch, 2 urgent, 3 a person at once

    @property
    def meant(self) -> str:
        """Give ``kind:modality``."""
        return f"{self.kind}:{self.modality}"


def detect(text: MaskedText, *, policy: EscalationPolicy) -> tuple[Hit, ...]:
    """Find all cues of a text, in order of their place; disguised spellings are read as what they mean."""
    view = unveil(text, policy=policy)
    hits: list[Hit] = []
    for found in _apart(find(view.text, policy=policy)):
        meant = modality(view.text, found.start, found.end, row=found.row, policy=policy)
        if meant is not None:
            start, end = view.place(found.start, found.end)
            fixed = found.row.level is not None and meant == found.row.modality
            level = found.row.level if fixed else level_of(found.row.kind, meant, policy=policy)
            hits.append(Hit(found.row.kind, text[start:end], start, end, meant, level or 0))
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.kind)))


def _apart(found: Iterable[Found]) -> Iterator[Found]:
    """Drop cues that overlap another of their kind: those that mean something by themselves stay, then longer ones."""
    taken: dict[str, list[Found]] = {}
    for each in sorted(found, key=lambda one: (not one.row.modality, one.start - one.end, one.start)):
        others = taken.setdefault(each.row.kind, [])
        if all(each.end <= other.start or other.end <= each.start for other in others):
            others.append(each)
            yield each


def summary(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Give each ``kind:modality`` once, gravest first; among equals threats before deeds before what is only said.

    >>> summary([Hit("legal", "起诉", 0, 2, "quoted", 0), Hit("regulator", "12378", 9, 14, "threat", 2)])
    ('regulator:threat', 'legal:quoted')
    """
    gravest: dict[tuple[str, str], int] = {}
    for hit in hits:
        pair = (hit.kind, hit.modality)
        gravest[pair] = max(hit.level, gravest.get(pair, 0))
    ranked = sorted(gravest, key=lambda pair: (-gravest[pair], MODALITIES.index(pair[1]), pair[0]))
    return tuple(f"{kind}:{modality}" for kind, modality in ranked)


def level_of(kind: str, modality: str, *, policy: EscalationPolicy) -> int:
    """Give the level of a kind meant in a way; KeyError where the policy knows it not."""
    return _levels(policy)[kind, modality]


@lru_cache(maxsize=4)
def _levels(policy: EscalationPolicy) -> dict[tuple[str, str], int]:
    return {(row.id, modality): level for row in policy.kind for modality, level in row.levels.items()}
