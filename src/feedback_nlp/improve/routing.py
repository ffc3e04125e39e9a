"""From a theme to the process, the department and the role that owns its repair."""

from __future__ import annotations

from dataclasses import dataclass

from feedback_nlp.policy.routing import RoutingPolicy, RoutingRule
from feedback_nlp.taxonomy import parent

UNROUTED = "未分派"


@dataclass(frozen=True, slots=True)
class Route:
    """Who repairs it."""

    process: str
    department: str
    owner: str  # a role, not a person


NOBODY = Route(UNROUTED, UNROUTED, UNROUTED)


def route(theme: str, *, routing: RoutingPolicy) -> Route:
    """Give the route of the first rule that fits a theme ("business/leaf"); `NOBODY` where none does."""
    business, leaf = theme.split("/", 1)
    for rule in routing.rule:
        if _fits(rule, business, leaf):
            return Route(rule.process, rule.department, rule.owner)
    return NOBODY


def _fits(rule: RoutingRule, business: str, leaf: str) -> bool:
    asked = ((rule.business, business), (rule.reason, parent(leaf)), (rule.leaf, leaf))
    return all(wanted is None or wanted == found for wanted, found in asked)
