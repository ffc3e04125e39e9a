"""How many people are behind a case."""

from __future__ import annotations

from collections.abc import Iterable


def count_customers(people: Iterable[frozenset[str]]) -> int:
    """Count customers: events that share an identifier are one person's, an event without any is a person of its own.

    >>> count_customers([frozenset({"a", "b"}), frozenset({"b", "c"}), frozenset({"c"}), frozenset(), frozenset({"d"})])
    3
    """
    customers, parents = 0, dict[str, str]()
    for identifiers in people:
        roots = {_root(parents, identifier) for identifier in identifiers}
        known = [root for root in roots if root in parents]
        customers += 1 - len(known)  # all that this event joins become one
        if roots:
            parents.update(dict.fromkeys(roots, known[0] if known else next(iter(roots))))
    return customers


def _root(parents: dict[str, str], identifier: str) -> str:
    """Follow the pointers of a union-find forest, halving the path; an identifier not seen yet is its own root."""
    while (parent := parents.get(identifier, identifier)) != identifier:
        parents[identifier] = identifier = parents[parent]
    return identifier
