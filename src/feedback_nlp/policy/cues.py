"""Regular expressions that people write into policy: what they may look like, and how they can begin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LOOK_AROUND = ("(?<!", "(?<=", "(?!", "(?=")
_ESCAPED = re.compile(r"\\.")
_OPTIONAL = re.compile(r"[?*]|\{0?,")
_SPECIAL = frozenset(r".^$()[]{}\|*+?")


def refuse_broken(expressions: Iterable[str]) -> None:
    """Raise ValueError with the first that is no regular expression."""
    for expression in expressions:
        try:
            re.compile(expression)
        except re.error as error:
            raise ValueError(f"'{expression}' is no regular expression ({error})") from error


def first_characters(cue: str) -> frozenset[str]:
    """Give the characters that a match of an expression can begin with; ValueError where it can begin with any.

    Only what stands at the beginning is read: a character, a set, a group of alternatives, after look-arounds.

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
        end, heads = 1, [branch[:1]] if branch[:1] not in _SPECIAL else []
    if not all(heads) or not heads or _OPTIONAL.match(branch, end):
        raise ValueError(f"cue '{cue}' must begin with a character or a set of characters")
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
    """Give the place of the bracket that closes the first one."""
    depth = 0
    for place, character in enumerate(_ESCAPED.sub("  ", group)):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return place
    raise ValueError(f"'{group}' has no end")


def _members(inner: str) -> list[str]:
    """Give the characters of a set: 一二, 0-9, \\d."""
    found: list[str] = []
    for part in re.findall(r"\\d|.-.|\\?.", inner):
        if part == "\\d":
            found += "0123456789"
        elif len(part) == 3:
            found += map(chr, range(ord(part[0]), ord(part[2]) + 1))
        else:
            found.append(part[-1])
    return found
