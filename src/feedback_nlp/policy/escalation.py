"""Words that mean a matter cannot wait."""

from __future__ import annotations

import re
from dataclasses import dataclass


def _refuse_broken(expressions: tuple[str, ...]) -> None:
    for expression in expressions:
        try:
            re.compile(expression)
        except re.error as error:
            raise ValueError(f"'{expression}' is no regular expression ({error})") from error


@dataclass(frozen=True, slots=True)
class CueRow:
    """Cues of one kind that weigh the same; a kind may have several rows."""

    kind: str
    name: str  # in Chinese
    level: int  # 0 noted, 1 watch, 2 urgent, 3 a person at once
    guarded: int  # the level that is left when somebody else said it, it is negated or only asked
    cues: tuple[str, ...]  # regular expressions

    def __post_init__(self) -> None:
        """Refuse levels that nothing knows and broken expressions."""
        if not 0 <= self.guarded <= self.level <= 3:
            raise ValueError(f"levels of '{self.kind}': 0 <= guarded <= level <= 3")
        _refuse_broken(self.cues)


@dataclass(frozen=True, slots=True)
class Guard:
    """What around a cue shows that it is no threat of the customer."""

    name: str  # quoted, negated, asked
    before: tuple[str, ...]  # regular expressions that end where the cue starts
    after: tuple[str, ...]  # regular expressions that start where the cue ends

    def __post_init__(self) -> None:
        """Refuse broken expressions."""
        _refuse_broken(self.before + self.after)


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """``escalation.toml``."""

    version: str
    window_chars: int  # how far before a cue a guard may begin
    cue: tuple[CueRow, ...]
    guard: tuple[Guard, ...]
