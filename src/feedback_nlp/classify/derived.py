"""Labels that follow from other labels by the rule tables of ``policy/derived.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.classify.answers import Labels
from feedback_nlp.policy.derived import GIVEN, DerivedPolicy
from feedback_nlp.taxonomy import FACETS, parent

_TELLING = ("leaf", "escalation", "demand", "reason", "business", "touchpoint", "sentiment", "kind")
_KEPT = 2**14  # combinations of labels in the cache, about a kilobyte each

Row = tuple[tuple[str, ...], ...]
"""The labels of one feedback, in the order of FACETS."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What the rules make of one feedback's labels."""

    need: tuple[str, ...]
    risk: tuple[str, ...]
    stage: tuple[str, ...]
    process: tuple[str, ...]
    direction: tuple[str, ...]
    rules: Mapping[str, str]  # "facet:label" → id of the first rule that gave it


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, ready to be compared: every condition is a set of which one must be there."""

    place: int
    id: str
    conditions: tuple[frozenset[str], ...]  # "facet:label"; the first is the one it is looked up by
    gives: tuple[tuple[str, tuple[str, ...]], ...]  # facet, its labels


def derive(labels: Labels, hits: Sequence[str] = (), *, policy: DerivedPolicy) -> Derived:
    """Apply every rule to the labels of one feedback; ``hits`` are its ``kind:modality``, as `summary` gives them.

    ``labels`` holds every facet of the taxonomy, leaves in their order. Equal labels give the same object: treat its
    ``rules`` as read-only.

    >>> from feedback_nlp import policy
    >>> row = {"kind": ("complaint",), "business": ("debit_card",), "touchpoint": ("branch",),
    ...        "sentiment": ("negative",), "leaves": ("service.attitude",), "demand": ()}
    >>> found = derive(row, policy=policy.load().derived)
    >>> found.need, found.risk, found.process, found.rules["risk:quality"]
    (('basic', 'emotional'), ('quality',), ('service',), 'risk-quality-service')
    """
    return _derive(policy, tuple([tuple(labels[facet]) for facet in FACETS]), tuple(hits))


def sentences(derived: Derived, *, policy: DerivedPolicy) -> tuple[str, ...]:
    """Say in Chinese what could be improved: one sentence for each rule that was the first to give a direction."""
    says = {rule.id: rule.says for rule in policy.rule}
    given = dict.fromkeys(derived.rules[f"direction:{label}"] for label in derived.direction)
    return tuple(says[rule] for rule in given)


@lru_cache(maxsize=_KEPT)
def _derive(policy: DerivedPolicy, row: Row, hits: tuple[str, ...]) -> Derived:
    (kind,) = row[FACETS.index("kind")]
    leaves = row[FACETS.index("leaves")]
    tokens, index = _tokens(row, leaves, hits), _index(policy)
    found = {each.place: each for token in tokens for each in index.get(token, ())}
    fitting = _fitting([found[place] for place in sorted(found)], tokens)
    first = _fitting(fitting, _tokens(row, leaves[:1], hits)) if len(leaves) > 1 else fitting
    given = _given(fitting, first, policy)
    given |= {name: {} for name in GIVEN if kind not in policy.named(name).kinds}
    labels = {name: tuple(given[name]) for name in GIVEN}
    return Derived(**labels, rules={f"{name}:{label}": rule for name in GIVEN for label, rule in given[name].items()})


def _given(fitting: Iterable[_Rule], first: Iterable[_Rule], policy: DerivedPolicy) -> dict[str, dict[str, str]]:
    """Give every facet's labels, each with the first rule that gives it."""
    given: dict[str, dict[str, str]] = {name: {} for name in GIVEN}
    several = [name for name in GIVEN if policy.named(name).several]
    for each in fitting:
        for name, labels in each.gives:
            if name in several:
                for label in labels:
                    given[name].setdefault(label, each.id)
    for each in first:
        for name, labels in each.gives:
            if name not in several and not given[name]:
                given[name] = dict.fromkeys(labels, each.id)
    return given


def _fitting(rules: Iterable[_Rule], tokens: frozenset[str]) -> list[_Rule]:
    found = []
    for each in rules:
        for condition in each.conditions:
            if tokens.isdisjoint(condition):
                break
        else:
            found.append(each)
    return found


def _tokens(row: Row, leaves: Sequence[str], hits: Sequence[str]) -> frozenset[str]:
    tokens = [
        f"{facet}:{label}" for facet, labels in zip(FACETS, row, strict=True) if facet != "leaves" for label in labels
    ]
    tokens += [f"leaf:{leaf}" for leaf in leaves]
    tokens += [f"reason:{parent(leaf)}" for leaf in leaves]
    tokens += [f"escalation:{hit}" for hit in hits]
    return frozenset(tokens)


@lru_cache(maxsize=4)
def _index(policy: DerivedPolicy) -> Mapping[str, list[_Rule]]:
    """List the rules by every value of their most telling condition: most rules ask for one leaf of 46."""
    index: dict[str, list[_Rule]] = {}
    for place, rule in enumerate(policy.rule):
        conditions = [frozenset(f"{facet}:{each}" for each in getattr(rule, facet)) for facet in _TELLING]
        gives = tuple((name, getattr(rule, name)) for name in GIVEN if getattr(rule, name))
        each = _Rule(place, rule.id, tuple(filter(None, conditions)), gives)
        for token in each.conditions[0]:
            index.setdefault(token, []).append(each)
    return index
