"""What a bank's people decide: limits, weights, cues and owners, as TOML that they can read and change.

Every file carries a ``version``; loaded, it reads ``triage-1+3fa9c1d2``: file, the version its authors gave it, and the
start of the hash of its content, so that a change without a new version number still shows.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from feedback_nlp.errors import OperatorError
from feedback_nlp.policy.alerts import LIVES, AlertsPolicy
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.policy.derived import ASKED, GIVEN, DerivedPolicy
from feedback_nlp.policy.escalation import MODALITIES, EscalationPolicy
from feedback_nlp.policy.review import ReviewPolicy
from feedback_nlp.policy.routing import ImprovePolicy, RoutingPolicy
from feedback_nlp.policy.sla import SlaPolicy
from feedback_nlp.policy.states import StatesPolicy
from feedback_nlp.policy.strict import build
from feedback_nlp.policy.triage import TriagePolicy

T = TypeVar(
    "T",
    AlertsPolicy,
    CasesPolicy,
    DerivedPolicy,
    EscalationPolicy,
    ImprovePolicy,
    ReviewPolicy,
    RoutingPolicy,
    SlaPolicy,
    StatesPolicy,
    TriagePolicy,
)


_OUTDATED = (
    "if the file is of an earlier version: rename it to .old, run `feedback-nlp init --missing` in the installation's "
    "folder, and carry your changes over"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """All policy files of an installation; each field is the file of the same name."""

    escalation: EscalationPolicy
    derived: DerivedPolicy
    cases: CasesPolicy
    states: StatesPolicy
    sla: SlaPolicy
    triage: TriagePolicy
    routing: RoutingPolicy
    review: ReviewPolicy
    alerts: AlertsPolicy
    improve: ImprovePolicy

    @property
    def versions(self) -> Mapping[str, str]:
        """Give every file's version, for the record of a run."""
        return {item.name: str(getattr(self, item.name).version) for item in fields(self)}


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> Policy:
    """Read all policy files from a bank's own folder; without one, those that come with the package."""
    source: Traversable = files(__package__) if folder is None else folder
    return Policy(
        escalation=_read(source, "escalation", EscalationPolicy),
        derived=_read(source, "derived", DerivedPolicy),
        cases=_read(source, "cases", CasesPolicy),
        states=_read(source, "states", StatesPolicy),
        sla=_read(source, "sla", SlaPolicy),
        triage=_read(source, "triage", TriagePolicy),
        routing=_read(source, "routing", RoutingPolicy),
        review=_read(source, "review", ReviewPolicy),
        alerts=_read(source, "alerts", AlertsPolicy),
        improve=_read(source, "improve", ImprovePolicy),
    )


def check_labels(policy: Policy, *, labels: Mapping[str, Collection[str]]) -> None:
    """Refuse a policy that speaks of a label the taxonomy does not have: its rule would silently never apply.

    ``labels`` are the taxonomy's ids by facet.
    """
    _check_steps(policy)
    _check_alerts(policy)
    businesses, leaves = labels["business"], labels["leaves"]
    reasons = {leaf.split(".", 1)[0] for leaf in leaves}
    hits = {f"{kind.id}:{modality}" for kind in policy.escalation.kind for modality in MODALITIES}
    asked = {**labels, "leaf": leaves, "reason": reasons, "escalation": hits}
    for where, label, known in (
        *(("triage.toml [severity.leaf]", leaf, leaves) for leaf in policy.triage.severity.leaf),
        *(("triage.toml [severity.reason]", reason, reasons) for reason in policy.triage.severity.reason),
        *(("triage.toml [floors]", leaf, leaves) for leaf in policy.triage.floors.safety_leaves),
        *(("cases.toml [opens] leaves", leaf, leaves) for leaf in policy.cases.opens.leaves),
        *(("cases.toml [repeat] apart", reason, {*reasons, *leaves}) for reason in policy.cases.repeat.apart),
        *(("cases.toml [repeat] vague", business, businesses) for business in policy.cases.repeat.vague),
        *(("cases.toml [group] bank_wide", business, businesses) for business in policy.cases.group.bank_wide),
        *(("cases.toml [group] vague", business, businesses) for business in policy.cases.group.vague),
        *(("improve.toml skip_leaves", leaf, leaves) for leaf in policy.improve.skip_leaves),
        *(("routing.toml [[rule]]", rule.business, businesses) for rule in policy.routing.rule if rule.business),
        *(("routing.toml [[rule]]", rule.reason, reasons) for rule in policy.routing.rule if rule.reason),
        *(("routing.toml [[rule]]", rule.leaf, leaves) for rule in policy.routing.rule if rule.leaf),
        *((f"derived.toml [[rule]] {rule}", label, asked[facet]) for rule, facet, label in _asked(policy.derived)),
        *((f"derived.toml {facet} kinds", kind, labels["kind"]) for facet, kind in _kinds(policy.derived)),
        *((f"review.toml [[disagreement]] {id}", label, asked[facet]) for id, facet, label in _doubted(policy.review)),
        *(("review.toml [registered] unless", business, businesses) for business in policy.review.registered.unless),
    ):
        if label not in known:
            raise OperatorError(f"{where}: '{label}' is no label of the taxonomy; write one of its ids or drop the row")


def _check_steps(policy: Policy) -> None:
    """Refuse limits that nothing could ever start or stop."""
    sla = policy.sla
    steps = {state.id for state in policy.states.state} | {action.id for action in policy.states.action}
    kinds = {kind.id for kind in policy.escalation.kind}
    for where, word, known in (
        *((f"[event.{name}] stop", step, steps) for name, event in sla.event.items() for step in event.stop),
        *((f"'{rule.id}' start", rule.start, steps) for rule in sla.rule),
        *(("kinds", kind.partition(":")[0], kinds) for rule in sla.rule for kind in rule.kinds),
        *(("kinds", kind.partition(":")[2], ("", *MODALITIES)) for rule in sla.rule for kind in rule.kinds),
    ):
        if word not in known:
            raise OperatorError(f"sla.toml {where}: '{word}' is not known; known are {', '.join(sorted(known))}")


def _check_alerts(policy: Policy) -> None:
    """Refuse alert rules about kinds that nothing finds, and levels with which a threat to a life raises no alert."""
    kinds = {kind.id: kind for kind in policy.escalation.kind}
    for rule in policy.alerts.rule:
        for kind in rule.kinds:
            if kind not in kinds:
                known = ", ".join(sorted(kinds))
                raise OperatorError(f"alerts.toml '{rule.id}': kind '{kind}' is not in escalation.toml; it has {known}")
    for kind in LIVES:
        first = next(rule for rule in policy.alerts.rules("escalated") if kind in rule.kinds)
        for modality in ("threat", "done"):
            if (level := kinds[kind].levels[modality]) < first.at_least:
                raise OperatorError(
                    f"escalation.toml '{kind}': level {level} of {modality} raises no alert; "
                    f"alerts.toml '{first.id}' begins at {first.at_least}"
                )


def _asked(derived: DerivedPolicy) -> Iterator[tuple[str, str, str]]:
    """Give every label that a rule asks for, as (id of the rule, facet, label)."""
    for rule in derived.rule:
        for facet in ASKED:
            yield from ((rule.id, facet, label) for label in getattr(rule, facet))


def _kinds(derived: DerivedPolicy) -> Iterator[tuple[str, str]]:
    for name in GIVEN:
        yield from ((name, kind) for kind in derived.named(name).kinds)


def _doubted(review: ReviewPolicy) -> Iterator[tuple[str, str, str]]:
    for rule in review.disagreement:
        for facet, labels in (("kind", rule.kinds), ("sentiment", rule.sentiments), ("reason", rule.without_reasons)):
            yield from ((rule.id, facet, label) for label in labels)


def _read(folder: Traversable, name: str, kind: type[T]) -> T:
    path = folder.joinpath(f"{name}.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError as error:
        raise OperatorError(
            f"{path}: missing; `feedback-nlp init --missing` copies the policy files that are not there"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OperatorError(f"{path}: not readable as TOML ({error})") from error
    try:
        policy = build(kind, data, where=str(path))
    except OperatorError as error:
        raise OperatorError(f"{error}; {_OUTDATED}") from error
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return replace(policy, version=f"{name}-{policy.version}+{digest}")
