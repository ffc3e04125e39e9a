"""Part labelled texts so that what repeats itself stays on one side, and find what stands on both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.corpus import Labelled, families
from feedback_nlp.train.near import near_pairs

UNLABELLED = ""


class Leak(NamedTuple):
    """A text of one file that stands, or nearly stands, in another: never the text itself."""

    one: str  # id
    other: str
    why: str  # "same id", "near text", "same group"


def split(rows: Sequence[Labelled], *, share: float, seed: int) -> list[bool]:
    """Say of every row whether it goes to the smaller side.

    Near texts and rows of one group go together; each first leaf is parted at about the same share. Families are walked
    through leaf by leaf, in an order drawn by lot, and whatever a leaf owes to the smaller side goes on to the next.
    Raises TrainerError where one side would stay empty.
    """
    if not 0 < share < 1:
        raise TrainerError(f"a share of {share:g} is none; give one between 0 and 1")
    members: defaultdict[int, list[int]] = defaultdict(list)
    for place, family in enumerate(families(rows)):
        members[family].append(place)
    side = [False] * len(rows)
    owed = 0.0
    for family in _walk(rows, members, seed=seed):
        owed += share * len(members[family])
        if owed >= len(members[family]) / 2:
            owed -= len(members[family])
            for place in members[family]:
                side[place] = True
    if not any(side) or all(side):
        raise TrainerError(
            f"{len(rows)} texts, {len(members)} of them unlike each other, cannot be parted at {share:g}; label more"
        )
    return side


def leaks(one: Sequence[Labelled], other: Sequence[Labelled]) -> list[Leak]:
    """List what stands on both sides: the same id, an equal or nearly equal text, the same group; each pair once."""
    ids, groups = {row.id for row in other}, {row.group: row.id for row in other if row.group}
    found = {(row.id, row.id): "same id" for row in one if row.id in ids}
    for left, right in near_pairs([row.text for row in one], [row.text for row in other]):
        found.setdefault((one[left].id, other[right].id), "near text")
    for row in one:
        if row.group in groups:
            found.setdefault((row.id, groups[row.group]), "same group")
    return [Leak(*pair, why) for pair, why in found.items()]


def first_leaf(row: Labelled) -> str:
    """Give the leaf by which a row is counted; nothing where nobody has given one."""
    return next(iter(row.labels.get("leaves", ())), UNLABELLED)


def _walk(rows: Sequence[Labelled], members: dict[int, list[int]], *, seed: int) -> list[int]:
    """Order families leaf by leaf, the rarest leaf first, by lot within a leaf."""
    leaf = {family: first_leaf(rows[places[0]]) for family, places in members.items()}
    size = Counter(leaf.values())
    lot = np.random.default_rng(seed).permutation(sorted(members)).tolist()
    return sorted(lot, key=lambda family: (size[leaf[family]], leaf[family]))  # stable: by lot within a leaf
