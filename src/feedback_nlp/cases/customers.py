"""How many people are behind a case."""

from __future__ import annotations

from collections.abc import Iterable


def count_customers(people: Iterable[frozenset[str]]) -> int:
    """Count customers: events that share an identifier are one person's, an event without any is a person of its own.

    >>> count_customers([frozenset({"a", "b"}), frozenset({"b", "c"}), frozenset({"c"}), frozenset(), frozenset({"d"})])
    3
    """
    unknown, groups = 0, list[set[str]]()
    for identifiers in people:
        if not identifiers:
            unknown += 1
            continue
        touching = [group for group in groups if not group.isdisjoint(identifiers)]
        groups = [group for group in groups if group.isdisjoint(identifiers)]
        groups.append(set(identifiers).union(*touching))
    return unknown + len(groups)
