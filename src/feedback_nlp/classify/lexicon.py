"""Find the cues of the escalation lexicon: each tried only where its first character stands.

One pass over the text instead of one for each of several hundred expressions. For this a cue must begin with a
character or a set of them; what begins with anything else is refused by name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.errors import OperatorError
from feedback_nlp.policy.escalation import CueRow, EscalationPolicy

_LOOK_AROUND = ("(?<!", "(?<=", "(?!", "(?=")
_ESCAPED = re.compile(r"\\.")
_OPTIONAL = re.compile(r"[?*]|\{0?,")


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
            if start < ends.get(number, 0) or not (match := pattern.match(text, start)):
                continue
            ends[number] = match.end()
            if lexicon.allows(number, text):
                yield Found(policy.cue[number], start, match.end())


@dataclass(frozen=True, slots=True)
class _Lexicon:
    first: re.Pattern[str]  # any first character of a cue: what costs nothing where there is none
    cues: dict[str, tuple[tuple[int, re.Pattern[str]], ...]]  # first character → row number, its cues that begin so
    needs: tuple[re.Pattern[str] | None, ...]
    unless: tuple[re.Pattern[str] | None, ...]

    def allows(self, number: int, text: str) -> bool:
        needs, unless = self.needs[number], self.unless[number]
        return (needs is None or needs.search(text) is not None) and (unless is None or unless.search(text) is None)


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
            character: tuple((number, re.compile("|".join(cues))) for number, cues in rows.items())
            for character, rows in by_first.items()
        },
        needs=tuple(re.compile(row.needs) if row.needs else None for row in policy.cue),
        unless=tuple(re.compile(row.unless) if row.unless else None for row in policy.cue),
    )


def first_characters(cue: str) -> frozenset[str]:
    """Give the characters that a match of an expression can begin with.

    >>> sorted(first_characters("(?<!激)活不了")), sorted(first_characters("(?:向|[去找])监管"))
    (['活'], ['去', '向', '找'])
    """
    return frozenset(character for branch in _branches(cue) for character in _first(branch, cue))


def _first(branch: str, cue: str) -> Iterator[str]:
    while branch.startswith(_LOOK_AROUND):
        branch = branch[_closing(branch) + 1 :]
    if branch.startswith("(?:"):
        end = _closing(branch) + 1
        heads = [character for inner in _branches(branch[3 : end - 1]) for character in _first(inner, cue)]
    elif branch.startswith("[") and not branch.startswith("[^"):
        end = branch.index("]") + 1
        heads = _members(branch[1 : end - 1])
    elif branch.startswith("\\d"):
        end, heads = 2, list("0123456789")
    else:
        end, heads = 1, [branch[:1]]
    if not heads or any(head in "" or head in r".^$()[]{}\|*+?" for head in heads) or _OPTIONAL.match(branch, end):
        raise OperatorError(f"escalation.toml: cue '{cue}' must begin with a character or a set of characters")
    yield from heads


def _branches(expression: str) -> list[str]:
    """Cut at the bars that stand in no group and no set."""
    found, depth, start, inside = [], 0, 0, False
    for place, character in enumerate(_ESCAPED.sub("  ", expression)):
        if character in "[]":
            inside = character == "["
        elif not inside:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if character == "|" and not depth:
                found.append(expression[start:place])
                start = place + 1
    return [*found, expression[start:]]


def _closing(group: str) -> int:
    depth = 0
    for place, character in enumerate(_ESCAPED.sub("  ", group)):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return place
    raise ValueError(f"'{group}' has no end")


def _members(inner: str) -> list[str]:
    found: list[str] = []
    for range_ in re.findall(r"\\d|.-.|\\?.", inner):
        if range_ == "\\d":
            found += "0123456789"
        elif len(range_) == 3:
            found += map(chr, range(ord(range_[0]), ord(range_[2]) + 1))
        else:
            found.append(range_[-1])
    return found
