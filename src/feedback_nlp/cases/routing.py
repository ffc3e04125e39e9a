"""Who handles a case and repairs its cause: business, reason and branch → process → department → owner role."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from feedback_nlp.policy.routing import BRANCH, RoutingPolicy, RoutingRule
from feedback_nlp.taxonomy import parent

UNROUTED = "未分派"


@dataclass(frozen=True, slots=True)
class Route:
    """Who handles it."""

    process: str
    department: str
    owner: str  # a role, not a person


NOBODY = Route(UNROUTED, UNROUTED, UNROUTED)


def route(theme: str, *, org: str | None = None, routing: RoutingPolicy) -> Route:
    """Give the route of the first rule that fits a theme ("business/leaf") and a branch; `NOBODY` where none does.

    A rule that asks for a branch, or that names it as ``{org}``, does not fit where none is known.

    >>> from feedback_nlp import policy
    >>> rules = policy.load().routing
    >>> route("debit_card/service.attitude", org="东港支行", routing=rules)
    Route(process='服务管理', department='东港支行', owner='网点负责人')
    >>> route("debit_card/service.attitude", routing=rules).department
    '客户服务部'
    >>> route("other/other.general", routing=rules) == NOBODY
    True
    """
    business, leaf = theme.split("/", 1)
    branch = (org or "").strip()
    for rule in routing.rule:
        if _fits(rule, business, leaf, branch):
            return Route(rule.process, rule.department.replace(BRANCH, branch), rule.owner.replace(BRANCH, branch))
    return NOBODY


def _fits(rule: RoutingRule, business: str, leaf: str, branch: str) -> bool:
    asked = ((rule.business, business), (rule.reason, parent(leaf)), (rule.leaf, leaf))
    if not all(wanted is None or wanted == found for wanted, found in asked):
        return False
    if rule.needs_branch and not branch:
        return False
    return not rule.org or any(fnmatchcase(branch, pattern) for pattern in rule.org)
