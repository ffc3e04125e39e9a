"""What a bank's people decide: limits, weights, cues and owners, as TOML that they can read and change.

Every file carries a ``version``; loaded, it reads ``triage-1+3fa9c1d2``: file, the version its authors gave it, and the
start of the hash of its content, so that a change without a new version number still shows.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from feedback_nlp.errors import OperatorError
from feedback_nlp.policy.cases import CasesPolicy
from feedback_nlp.policy.escalation import EscalationPolicy
from feedback_nlp.policy.routing import ImprovePolicy, RoutingPolicy
from feedback_nlp.policy.sla import SlaPolicy
from feedback_nlp.policy.strict import build
from feedback_nlp.policy.triage import TriagePolicy

T = TypeVar("T", CasesPolicy, SlaPolicy, EscalationPolicy, TriagePolicy, RoutingPolicy, ImprovePolicy)


@dataclass(frozen=True, slots=True)
class Policy:
    """All policy files of an installation; each field is the file of the same name."""

    cases: CasesPolicy
    sla: SlaPolicy
    escalation: EscalationPolicy
    triage: TriagePolicy
    routing: RoutingPolicy
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
        cases=_read(source, "cases", CasesPolicy),
        sla=_read(source, "sla", SlaPolicy),
        escalation=_read(source, "escalation", EscalationPolicy),
        triage=_read(source, "triage", TriagePolicy),
        routing=_read(source, "routing", RoutingPolicy),
        improve=_read(source, "improve", ImprovePolicy),
    )


def check_labels(policy: Policy, *, businesses: Collection[str], leaves: Collection[str]) -> None:
    """Refuse a policy that speaks of a label the taxonomy does not have: its rule would silently never apply."""
    reasons = {leaf.split(".", 1)[0] for leaf in leaves}
    for where, label, known in (
        *(("triage.toml [severity.leaf]", leaf, leaves) for leaf in policy.triage.severity.leaf),
        *(("triage.toml [severity.reason]", reason, reasons) for reason in policy.triage.severity.reason),
        *(("triage.toml [floors]", leaf, leaves) for leaf in policy.triage.floors.safety_leaves),
        *(("cases.toml [opens] leaves", leaf, leaves) for leaf in policy.cases.opens.leaves),
        *(("cases.toml [repeat] apart", reason, reasons) for reason in policy.cases.repeat.apart),
        *(("cases.toml [repeat] vague", business, businesses) for business in policy.cases.repeat.vague),
        *(("improve.toml skip_leaves", leaf, leaves) for leaf in policy.improve.skip_leaves),
        *(("routing.toml [[rule]]", rule.business, businesses) for rule in policy.routing.rule if rule.business),
        *(("routing.toml [[rule]]", rule.reason, reasons) for rule in policy.routing.rule if rule.reason),
        *(("routing.toml [[rule]]", rule.leaf, leaves) for rule in policy.routing.rule if rule.leaf),
    ):
        if label not in known:
            raise OperatorError(f"{where}: '{label}' is no label of the taxonomy; write one of its ids or drop the row")


def _read(folder: Traversable, name: str, kind: type[T]) -> T:
    path = folder.joinpath(f"{name}.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError as error:
        raise OperatorError(f"{path}: missing; `feedback-nlp init` copies the policy files for editing") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OperatorError(f"{path}: not readable as TOML ({error})") from error
    policy = build(kind, data, where=str(path))
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return replace(policy, version=f"{name}-{policy.version}+{digest}")
