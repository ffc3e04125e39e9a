"""What the policies and the taxonomy call things in Chinese, for whatever shows a case."""

from __future__ import annotations

from feedback_nlp.policy import Policy
from feedback_nlp.policy.derived import GIVEN
from feedback_nlp.report.names import Limit, Names

ORDINARY = "一般"
"""A case without signs of escalation."""


def names_of(policy: Policy) -> Names:
    """Collect the names that an installation's policies give; labels of the taxonomy come from the taxonomy."""
    states, sla, alerts, escalation = policy.states, policy.sla, policy.alerts, policy.escalation
    words = {
        "escalation": {row.id: row.name for row in escalation.kind},
        "modality": dict(escalation.modality_names),
        "level": {"0": ORDINARY} | {str(level): name for level, name in enumerate(alerts.level_names, start=1)},
        "state": {item.id: item.name for item in states.state},
        "action": {item.id: item.name for item in states.action},
        "actor": dict(states.actor),
        "detail": dict(states.detail),
        "event": {key: event.name for key, event in sla.event.items()},
        "alert": {rule.id: rule.name for rule in alerts.rule},
        "pause": dict(states.pause_reason),
    }
    words |= {facet: dict(getattr(policy.derived.facet, facet).labels) for facet in GIVEN}
    limits = {rule.id: Limit(rule.name, rule.source, rule.verified) for rule in sla.rule}
    return Names(words, limits | {"delivered": Limit(sla.delivered.name, "", None)})
