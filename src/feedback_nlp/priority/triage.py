"""Score how urgent a case is: 100·Σ weight·value of named parts, then floors, with a reason for every point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date

from feedback_nlp.policy.triage import Bands, TriagePolicy, Weights
from feedback_nlp.priority.facts import CaseFacts
from feedback_nlp.records import Part, Triage
from feedback_nlp.taxonomy import Taxonomy, parent

PARTS = tuple(item.name for item in fields(Weights))
CUES_SHOWN = 3


def score(facts: CaseFacts, *, policy: TriagePolicy, taxonomy: Taxonomy, today: date) -> Triage:
    """Add up the weighted parts, apply the floors, and say where every point came from.

    No part lowers the score when it grows. Time presses only while the case is open.
    """
    worth = {
        "severity": _severity(facts, policy, taxonomy),
        "escalation": _escalation(facts, policy),
        "time_pressure": _time_pressure(facts, today),
        "repetition": _counted(facts.events, policy.steps.repetition, f"同一诉求已反映 {facts.events} 次"),
        "vulnerability": _vulnerability(facts, policy),
        "people": _counted(facts.customers, policy.steps.people, f"涉及 {facts.customers} 名客户"),
        "amount": _amount(facts, policy),
        "emotion": _counted(
            -facts.sentiment, policy.steps.emotion, "客户强烈不满" if facts.sentiment < -1 else "客户不满"
        ),
        "customer_value": (facts.customer_value, ""),
    }
    parts = tuple(Part(name, worth[name][0], getattr(policy.weights, name), worth[name][1]) for name in PARTS)
    points = 100 * sum(part.value * part.weight for part in parts)
    least, floor = max(_floors(facts, policy, taxonomy, today), key=lambda each: each[0], default=(0.0, ""))
    lifted = least > points
    return Triage(
        case_id=facts.case_id,
        score=round(min(100.0, max(points, least)), 1),
        parts=parts,
        floor=floor if lifted else None,
        policy=policy.version,
    )


def severity(leaf: str, *, policy: TriagePolicy) -> float:
    """Give how bad a reason is, 0 to 1."""
    bad = policy.severity
    return bad.leaf.get(leaf, bad.reason.get(parent(leaf), bad.default))


def _severity(facts: CaseFacts, policy: TriagePolicy, taxonomy: Taxonomy) -> tuple[float, str]:
    leaf = _leaf(facts)
    value = severity(leaf, policy=policy)
    return value, f"问题：{taxonomy.name('leaves', leaf)}" if value else ""


def _escalation(facts: CaseFacts, policy: TriagePolicy) -> tuple[float, str]:
    cues = dict.fromkeys(hit.cue for hit in facts.texts.hits if hit.level == facts.texts.level)
    said = "、".join(f"“{cue}”" for cue in list(cues)[:CUES_SHOWN])
    return _counted(facts.texts.level, policy.steps.escalation, f"升级苗头 {facts.texts.level} 级：{said}")


def _time_pressure(facts: CaseFacts, today: date) -> tuple[float, str]:
    if facts.closed or facts.due_on is None:
        return 0.0, ""
    elapsed, limit = (today - facts.opened_on).days, (facts.due_on - facts.opened_on).days
    used = elapsed / limit if limit > 0 else 1.0
    return min(1.0, max(0.0, used)), _until(facts.due_on, today)


def _vulnerability(facts: CaseFacts, policy: TriagePolicy) -> tuple[float, str]:
    cues = facts.texts.vulnerable
    return _counted(len(cues), policy.steps.vulnerability, f"特殊群体：{'、'.join(cues[:CUES_SHOWN])}")


def _amount(facts: CaseFacts, policy: TriagePolicy) -> tuple[float, str]:
    yuan = (facts.texts.amount_fen or 0) / 100
    return _counted(yuan, policy.steps.amount_yuan, f"涉及金额 {yuan:,.0f} 元")


def _counted(count: float, bands: Bands, reason: str) -> tuple[float, str]:
    value = max((value for least, value in bands if count >= least), default=0.0)
    return value, reason if value else ""


def _floors(facts: CaseFacts, policy: TriagePolicy, taxonomy: Taxonomy, today: date) -> Iterator[tuple[float, str]]:
    floors = policy.floors
    if facts.texts.level >= floors.escalation_level:
        yield floors.escalation, f"升级苗头达到 {facts.texts.level} 级，不低于 {floors.escalation:g} 分"
    if not facts.closed and facts.due_on is not None and (facts.due_on - today).days <= floors.due_days:
        yield floors.due, f"{_until(facts.due_on, today)}，不低于 {floors.due:g} 分"
    if _leaf(facts) in floors.safety_leaves:
        yield floors.safety, f"{taxonomy.name('leaves', _leaf(facts))}，不低于 {floors.safety:g} 分"


def _until(due_on: date, today: date) -> str:
    left = (due_on - today).days
    if left < 0:
        return f"已超过办结期限 {-left} 天（{due_on}）"
    return f"距办结期限还有 {left} 天（{due_on}）" if left else f"今天是办结期限最后一天（{due_on}）"


def _leaf(facts: CaseFacts) -> str:
    return facts.theme.split("/", 1)[1]
