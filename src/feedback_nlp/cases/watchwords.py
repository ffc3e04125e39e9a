"""Words in a text that mean the matter cannot wait: self-harm, violence, regulators, courts, media, groups.

A first, deliberately simple reading: a cue counts unless the words right around it show that somebody else said it
(the collector threatens to sue), that it is negated, or that the customer only asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.policy.escalation import CueRow, EscalationPolicy
from feedback_nlp.records import MaskedText


@dataclass(frozen=True, slots=True)
class Hit:
    """One cue found."""

    kind: str
    cue: str  # as written
    start: int
    end: int
    level: int  # 0 noted only, 1 watch, 2 urgent, 3 a person at once


@dataclass(frozen=True, slots=True)
class _Lexicon:
    rows: tuple[tuple[CueRow, re.Pattern[str]], ...]
    before: re.Pattern[str]
    after: re.Pattern[str]


def watch(text: MaskedText, *, policy: EscalationPolicy) -> tuple[Hit, ...]:
    """Find all cues of a text, in order of their place."""
    lexicon = _lexicon(policy)
    hits = (hit for row, pattern in lexicon.rows for hit in _hits(text, row, pattern, policy))
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.kind)))


def _hits(text: str, row: CueRow, pattern: re.Pattern[str], policy: EscalationPolicy) -> Iterator[Hit]:
    for match in pattern.finditer(text):
        guarded = row.guarded < row.level and _guarded(text, match, policy)
        level = row.guarded if guarded else row.level
        yield Hit(row.kind, match.group(), match.start(), match.end(), level)


def _guarded(text: str, match: re.Match[str], policy: EscalationPolicy) -> bool:
    lexicon = _lexicon(policy)
    lead = text[max(0, match.start() - policy.window_chars) : match.start()]
    return lexicon.before.search(lead) is not None or lexicon.after.match(text, match.end()) is not None


@lru_cache(maxsize=4)
def _lexicon(policy: EscalationPolicy) -> _Lexicon:
    before = [f"(?:{expression})$" for guard in policy.guard for expression in guard.before]
    after = [expression for guard in policy.guard for expression in guard.after]
    return _Lexicon(
        rows=tuple((row, re.compile("|".join(row.cues))) for row in policy.cue),
        before=re.compile("|".join(before) or r"(?!)"),  # (?!) never matches
        after=re.compile("|".join(after) or r"(?!)"),
    )
