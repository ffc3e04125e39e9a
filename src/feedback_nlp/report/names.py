"""What the policies call things in Chinese: handed in, so that a bank changes a word in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedback_nlp.policy import Policy
from feedback_nlp.policy.derived import GIVEN
from feedback_nlp.policy.escalation import EscalationPolicy
from feedback_nlp.policy.sla import DELIVERED, SlaPolicy

ORDINARY = "一般"
"""Level 0: no sign of escalation."""
BETWEEN = "·"
"""Stands between a kind of escalation and its modality."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One rule of ``sla.toml`` as a manager reads it."""

    name: str
    source: str  # where the rule stands
    verified: bool | None  # None: no rule of a text, but a day that came with the ledger


@dataclass(frozen=True, slots=True)
class Names:
    """Chinese names by group and id; an id that nothing names stays as it is.

    Groups: escalation, modality, level, hours (until a person must have answered), state, action, actor, detail, pause,
    event, alert, and the derived facets.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)  # id of a rule of sla.toml

    def of(self, group: str, key: object) -> str:
        """Name one id.

        >>> Names({"state": {"closed": "闭环"}}).of("state", "closed")
        '闭环'
        """
        return self.words.get(group, {}).get(str(key), str(key))

    def hit(self, hit: str) -> str:
        """Name a ``kind:modality``.

        >>> Names({"escalation": {"legal": "司法"}, "modality": {"threat": "扬言"}}).hit("legal:threat")
        '司法·扬言'
        """
        kind, _, modality = hit.partition(":")
        parts = [self.of("escalation", kind)] + ([self.of("modality", modality)] if modality else [])
        return BETWEEN.join(parts)

    def level(self, level: int) -> str:
        """Name a level of escalation.

        >>> Names({"level": {"3": "立即"}}).level(3), Names().level(2)
        ('3级 立即', '2级')
        """
        name = self.words.get("level", {}).get(str(level), "")
        return f"{level}级 {name}".rstrip()

    def limit(self, rule: str) -> Limit:
        """Give the rule behind a clock."""
        return self.limits.get(rule, Limit(rule, "", None))


def names_of(policy: Policy) -> Names:
    """Collect what an installation's policies call things."""
    states = policy.states
    words: dict[str, Mapping[str, str]] = {
        **_escalation(policy.escalation),
        "level": {str(level): name for level, name in enumerate((ORDINARY, *policy.alerts.level_names))},
        "state": {state.id: state.name for state in states.state},
        "action": {action.id: action.name for action in states.action},
        "actor": states.actor,
        "detail": states.detail,
        "pause": states.pause_reason,
        "event": {key: event.name for key, event in policy.sla.event.items()},
        "alert": {rule.id: rule.name for rule in policy.alerts.rule},
        **{facet: policy.derived.named(facet).labels for facet in GIVEN},
    }
    return Names(words, _limits(policy.sla))


def _escalation(policy: EscalationPolicy) -> dict[str, Mapping[str, str]]:
    return {
        "escalation": {row.id: row.name for row in policy.kind},
        "modality": policy.modality_names,
        "hours": {level: str(hours) for level, hours in policy.response_hours.items()},
    }


def _limits(policy: SlaPolicy) -> dict[str, Limit]:
    brought = Limit(policy.delivered.name, "随台账报送", None)
    return {DELIVERED: brought} | {rule.id: Limit(rule.name, rule.source, rule.verified) for rule in policy.rule}
