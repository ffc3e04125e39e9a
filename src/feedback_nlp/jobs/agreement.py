"""How often model and reviewers agree, month by month: whether a model still reads what people read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from feedback_nlp.classify.answers import ANSWERED, same
from feedback_nlp.classify.metrics import kappa
from feedback_nlp.insight.intervals import wilson
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import reviews
from feedback_nlp.store.open import reading
from feedback_nlp.store.reviews import DONE, OPEN
from feedback_nlp.taxonomy import SINGLE

AUDIT, REST = "audit", "rest"
FIRST_LEAF = "leaf"
"""The first of ``leaves``, a facet of its own here: it decides the case's theme."""
COLUMNS = ("month", "sample", "facet", "n", "agreed", "share", "low", "high", "kappa")


class Pair(NamedTuple):
    """The labels of one text in one facet."""

    model: Sequence[str]
    person: Sequence[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The figures, and the sentence without which nobody should read them."""

    frame: pd.DataFrame  # COLUMNS; share, its 95 % interval and kappa 0 to 1, kappa NaN where it is not defined
    caution: str  # in Chinese


def agreement(work: Workplace) -> Agreement:
    """Compare the last decision about every text with what the model said, per month of the decision and facet.

    ``sample`` is ``audit`` for the random sample, ``rest`` for what was asked because it is doubtful or grave.
    Agreement means the same labels; of ``leaves`` also the same first one. Cohen's kappa is for facets with one label.
    """
    pairs: defaultdict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    with reading(work.engine) as connection:
        for item in reviews.decisions(connection):
            sample = AUDIT if AUDIT in item.reasons else REST
            for facet in ANSWERED:
                if facet in item.was:
                    pairs[f"{item.at:%Y-%m}", sample, facet].append(Pair(item.was[facet], item.labels[facet]))
            first = Pair(item.was["leaves"][:1], item.labels["leaves"][:1])
            pairs[f"{item.at:%Y-%m}", sample, FIRST_LEAF].append(first)
        audits = reviews.count_tasks(connection, reason=AUDIT)
    order = [*ANSWERED, FIRST_LEAF]
    keys = sorted(pairs, key=lambda key: (key[0], key[1], order.index(key[2])))
    rows = [(*key, *_figures(key[2], pairs[key])) for key in keys]
    return Agreement(pd.DataFrame(rows, columns=list(COLUMNS)), _caution(audits))


def _figures(facet: str, pairs: Sequence[Pair]) -> tuple[int, int, float, float, float, float]:
    agreed = sum(same(facet, pair.model, pair.person) for pair in pairs)
    low, high = wilson(agreed, len(pairs))
    return len(pairs), agreed, agreed / len(pairs), low, high, _kappa(facet, pairs)


def _kappa(facet: str, pairs: Sequence[Pair]) -> float:
    """Give Cohen's kappa, NaN where it is not defined: several labels a text, or nobody ever used a second one."""
    if facet not in (*SINGLE, FIRST_LEAF):
        return float("nan")
    model, person = [pair.model[0] for pair in pairs], [pair.person[0] for pair in pairs]
    return kappa(model, person) if len({*model, *person}) > 1 else float("nan")


def _caution(audits: dict[str, int]) -> str:
    done, waiting = audits.get(DONE, 0), audits.get(OPEN, 0)
    state = f"抽查任务已做{done}条，还有{waiting}条没做" + ("，全部做完之前同样会有偏差。" if waiting else "。")
    return (
        "只有随机抽查（audit）的一致率能代表全部反馈；其余任务（rest）本来就挑的是拿不准或紧急的，一致率偏低，不能当作准确率。"
        f"{state}复核时看得到模型的标签，一致率可能因此略偏高。"
    )
