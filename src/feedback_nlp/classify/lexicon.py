"""Find the cues of the escalation lexicon: each tried only where its first character stands.

One pass over the text instead of one for each of several hundred expressions. For this a cue must begin with a
character or a set of them; the policy refuses all others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from feedback_nlp.policy.cues import first_characters
from feedback_nlp.policy.escalation import CueRow, EscalationPolicy


@dataclass(frozen=True, slots=True)
class Found:
    """A cue and where it stands."""

    row: CueRow
    start: int
    end: int


def find(text: str, *, policy: EscalationPolicy) -> Iterator[Found]:
    """Find all cues, those of one row apart from each other, in order of their place."""
    lexicon = _lexicon(policy)
    ends: dict[int, int] = {}
    for place in lexicon.first.finditer(text):
        start = place.start()
        for number, pattern in lexicon.cues[place.group()]:
            if start < ends.get(number, 0) or not (match := _compiled(pattern).match(text, start)):
                continue
            ends[number] = match.end()
            if lexicon.allows(number, text):
                yield Found(policy.cue[number], *match.span(match.lastindex or 0))


@dataclass(frozen=True, slots=True)
class _Lexicon:
    first: re.Pattern[str]  # any first character of a cue: what costs nothing where there is none
    cues: dict[str, tuple[tuple[int, str], ...]]  # first character → row number, its cues that begin so
    needs: tuple[re.Pattern[str] | None, ...]
    unless: tuple[re.Pattern[str] | None, ...]

    def allows(self, number: int, text: str) -> bool:
        needs, unless = self.needs[number], self.unless[number]
        return (needs is None or needs.search(text) is not None) and (unless is None or unless.search(text) is None)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    """Compile what a text asks for, once: of the characters that cues begin with, few texts hold many."""
    return re.compile(expression)


@lru_cache(maxsize=4)
def _lexicon(policy: EscalationPolicy) -> _Lexicon:
    by_first: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(policy.cue):
        for cue in row.cues:
            for character in first_characters(cue):
                by_first[character][number].append(cue)
    return _Lexicon(
        first=re.compile(f"[{re.escape(''.join(sorted(by_first)))}]" if by_first else r"(?!)"),
        cues={
            character: tuple((number, "|".join(cues)) for number, cues in rows.items())
            for character, rows in by_first.items()
        },
        needs=tuple(re.compile(row.needs) if row.needs else None for row in policy.cue),
        unless=tuple(re.compile(row.unless) if row.unless else None for row in policy.cue),
    )
