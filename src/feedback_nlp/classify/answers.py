"""What a person may answer in a review: labels by id or by Chinese name, checked as strictly as a model's.

An answer is a mapping facet → ids, the most important first; a single facet has exactly one. The facet ``escalation``
has pairs ``kind:modality``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback_nlp.classify.decide import ALONE, LEAST, MOST
from feedback_nlp.errors import OfficerError
from feedback_nlp.policy.escalation import MODALITIES, EscalationPolicy
from feedback_nlp.policy.review import ReviewPolicy
from feedback_nlp.taxonomy import MULTI, SINGLE, Taxonomy

ESCALATION = "escalation"
ANSWERED = (*SINGLE, *MULTI, ESCALATION)
"""Facets of an answer, in the order in which they are asked."""
NONE = "无"
"""What a person writes where a facet that may be empty has no label."""
_PARTS = re.compile(r"[|、，,;；\n]")

Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every label a person may give."""

    names: Mapping[str, Mapping[str, str]]  # facet → id → Chinese name
    facets: Mapping[str, str]  # facet → Chinese name

    def name(self, facet: str, label: str) -> str:
        """Give a label's Chinese name; one that has been retired keeps its id."""
        return self.names[facet].get(label, label)

    def joined(self, facet: str, labels: Sequence[str]) -> str:
        """Write labels as a person reads them."""
        return "、".join(self.name(facet, label) for label in labels) or NONE


def vocabulary(taxonomy: Taxonomy, *, escalation: EscalationPolicy, review: ReviewPolicy) -> Vocabulary:
    """List the labels of a taxonomy, and every kind of escalation with every modality, the usual ones in front."""
    pairs = [(row, modality) for modality in MODALITIES for row in escalation.kind]
    usual = [(row, modality) for row, modality in pairs if row.levels[modality] or modality == row.default]
    names = {f"{row.id}:{modality}": escalation.name(row.id, modality) for row, modality in [*usual, *pairs]}
    return Vocabulary(names={**taxonomy.names, ESCALATION: names}, facets=review.facet)


def read(given: Mapping[str, str | Sequence[str]], *, words: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Resolve what a person wrote, facet by facet; a text may hold several labels, parted by ``|`` or ``、``.

    Raises OfficerError with the facet and the offending value.
    """
    return {facet: _read(facet, value, words) for facet, value in given.items()}


def _read(facet: str, value: str | Sequence[str], words: Vocabulary) -> tuple[str, ...]:
    if facet not in words.names:
        raise OfficerError(f"没有“{facet}”这一项；可以填写的是：{'、'.join(words.names)}")
    written = value if not isinstance(value, str) else [value] if facet in SINGLE else _PARTS.split(value)
    parts = [part.strip() for part in written if part.strip() and part.strip() != NONE]
    labels = tuple(dict.fromkeys(find(facet, part, words=words) for part in parts))
    _check(facet, labels, words)
    return labels


def find(facet: str, written: str, *, words: Vocabulary) -> str:
    """Give the id of a label written as id or as name; signs between kind and modality may vary.

    Raises OfficerError for a label that does not exist.
    """
    known = words.names[facet]
    if written in known:
        return written
    plain = _plain(written)
    found = [label for label, name in known.items() if plain in (_plain(name), _plain(label))]
    if len(found) != 1:
        raise OfficerError(f"{words.facets[facet]}“{written}”不在可选项中；请填写可选标签的名称或编号")
    return found[0]


def _plain(text: str) -> str:
    return re.sub(r"[\s:：·・\-—/（）()]", "", text).lower()


def _check(facet: str, labels: tuple[str, ...], words: Vocabulary) -> None:
    name = words.facets[facet]
    if facet in SINGLE and len(labels) != 1:
        raise OfficerError(f"{name}必须正好一个，收到{len(labels)}个")
    if facet in MULTI and not LEAST[facet] <= len(labels) <= MOST:
        raise OfficerError(f"{name}最少{LEAST[facet]}个、最多{MOST}个，收到{len(labels)}个")
    if ALONE in labels and len(labels) > 1:
        raise OfficerError(f"“{words.name(facet, ALONE)}”只能单独使用，不能与其他{name}并列")


def same(facet: str, one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two answers agree: the first reason counts, the order of everything else does not.

    >>> same("leaves", ["a", "b", "c"], ["a", "c", "b"]), same("leaves", ["a", "b"], ["b", "a"])
    (True, False)
    """
    return set(one) == set(other) and (facet != "leaves" or list(one[:1]) == list(other[:1]))
