"""What to label next: what the model is unsure of, in labels that are still thin, each text unlike the others.

Usefulness of a text is (1 - confidence) · (1 + sparse · lack), lack being 1 for a predicted label without any example
and 0 from ``enough`` examples on. The most useful ones are compared; then one after the other is chosen, always the one
with the largest usefulness · (1 - similarity to the nearest labelled or chosen text): k-centre greedy (Sener and
Savarese 2018), weighted. Equal input gives equal output: nothing is drawn by lot.
"""

# n texts that are compared, v grams

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.answers import Vocabulary
from feedback_nlp.classify.features import Vocabulary as Grams
from feedback_nlp.classify.features import features
from feedback_nlp.records import MaskedText
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.guidance import Wanting
from feedback_nlp.train.near import near_pairs
from feedback_nlp.train.vocabulary import collect

Floats = npt.NDArray[np.float64]
Counts = Mapping[tuple[str, str], int]
"""(facet, label) → labelled texts that carry it."""
COUNTED = ("kind", "business", "sentiment", "leaves", "demand")
"""Facets of which a thin label makes a text worth reading."""
DOUBTED = ("kind", "business", "sentiment", "leaves")
"""Facets whose first label a reason names where it is the least sure."""
_POOLS = 3  # samples held before the least useful go


class Candidate(NamedTuple):
    """A text that nobody has labelled, and what a model says of it."""

    id: str
    text: MaskedText
    labels: Mapping[str, tuple[str, ...]]  # facet → predicted label ids
    confidence: float  # calibrated, 0 to 1
    scores: Mapping[str, float]  # facet:label → calibrated probability; may be empty


@dataclass(frozen=True, slots=True)
class Choice:
    """A text to be labelled, and why."""

    candidate: Candidate
    why: tuple[str, ...]  # sentences in Chinese


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to label next, the most useful first."""

    choices: tuple[Choice, ...]
    seen: int  # candidates
    eligible: int  # of them distinct, long enough, and not labelled
    compared: int  # of these the most useful ones, and unlike anything labelled


def wanted(
    candidates: Iterable[Candidate], known: Sequence[Labelled], *, limit: int, numbers: Wanting, words: Vocabulary
) -> Wanted:
    """Choose what to label next; ``known`` is what is labelled already."""
    counts = count_labels(known)
    pool = _pool(candidates, known, counts, numbers=numbers)
    texts = [row.text for row in known]
    near = {left for left, _ in near_pairs([item.text for item in pool.best], texts)}
    sample = [item for place, item in enumerate(pool.best) if place not in near]
    value = np.array([usefulness(item, counts, numbers=numbers) for item in sample])
    nearest = spread(texts, numbers.known)
    chosen = _greedy([item.text for item in sample], value, nearest, limit=limit, block=numbers.block)
    choices = [Choice(sample[at], tuple(_why(sample[at], like, counts, numbers, words))) for at, like in chosen]
    return Wanted(tuple(choices), pool.seen, pool.eligible, len(sample))


def count_labels(known: Iterable[Labelled]) -> Counts:
    """Count the labelled texts of every label."""
    return Counter((facet, label) for row in known for facet in row.labels for label in row.labels[facet])


def usefulness(item: Candidate, counts: Counts, *, numbers: Wanting) -> float:
    """Say how much would be learned from a text; see the top of this module."""
    lack = max((_lack(counts, key, numbers) for key in _labels(item)), default=0.0)
    return round((1 - item.confidence) * (1 + numbers.sparse * lack), 6)


def spread(texts: Sequence[str], most: int) -> list[str]:
    """Take at most so many texts at even distances.

    >>> spread(["a", "b", "c", "d", "e"], 2)
    ['a', 'd']
    """
    step = max(1, -(-len(texts) // most))
    return list(texts[::step])


class _Pool(NamedTuple):
    seen: int
    eligible: int
    best: list[Candidate]  # the most useful first


def _pool(candidates: Iterable[Candidate], known: Sequence[Labelled], counts: Counts, *, numbers: Wanting) -> _Pool:
    """Keep the most useful texts that are long enough and not labelled; of equal ones the most useful.

    Memory is that of a few samples, however many candidates there are.
    """
    ids, done = {row.id for row in known}, {_digest(_bare(row.text)) for row in known}
    seen, distinct = 0, set[bytes]()
    best: dict[bytes, tuple[tuple[float, str], Candidate]] = {}
    for item in candidates:
        seen += 1
        bare = _bare(item.text)
        if len(bare) < numbers.shortest or item.id in ids or (text := _digest(bare)) in done:
            continue
        distinct.add(text)
        rank = (-usefulness(item, counts, numbers=numbers), item.id)
        if text not in best or rank < best[text][0]:
            best[text] = rank, item
        if len(best) > _POOLS * numbers.sample:
            best = dict(sorted(best.items(), key=lambda pair: pair[1][0])[: numbers.sample])
    ordered = sorted(best.values(), key=lambda pair: pair[0])[: numbers.sample]
    return _Pool(seen, len(distinct), [item for _, item in ordered])


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _digest(bare: str) -> bytes:
    return blake2b(bare.encode(), digest_size=8).digest()


def _labels(item: Candidate) -> Iterator[tuple[str, str]]:
    return ((facet, label) for facet in COUNTED for label in item.labels.get(facet, ()))


def _lack(counts: Counts, key: tuple[str, str], numbers: Wanting) -> float:
    return max(0.0, 1 - counts.get(key, 0) / numbers.enough)


def _greedy(
    texts: Sequence[str], worth: Floats, known: Sequence[str], *, limit: int, block: int
) -> list[tuple[int, float]]:
    """Give the places of the chosen texts in order, each with its similarity to the nearest one before it."""
    if not texts:
        return []
    vocabulary = collect(texts, least=1)  # a gram that one text alone has makes it unlike the others
    matrix = _rows(texts, vocabulary)
    nearest = _nearest(matrix, known, vocabulary, block=block)
    alike = defaultdict(set)
    for one, two in near_pairs(texts, texts):
        alike[one].add(two)
    free = np.ones(len(texts), dtype=np.bool_)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < limit and free.any():
        gain = np.where(free, np.round(worth * (1 - nearest), 6), -1.0)
        place = int(gain.argmax())
        chosen.append((place, float(nearest[place])))
        free[[place, *alike[place]]] = False
        nearest = np.maximum(nearest, (matrix @ matrix[place].T).toarray().ravel())
    return chosen


def _rows(texts: Sequence[str], vocabulary: Grams) -> Any:
    """Give one sparse row of length 1 a text (n, v), so that a product of two is their cosine."""
    from scipy.sparse import csr_matrix, diags

    batch = features(texts, vocabulary=vocabulary)
    clauses = batch.matrix.shape[0]
    member = csr_matrix((np.ones(clauses, np.float32), np.arange(clauses), [*batch.starts, clauses]))
    matrix = member @ batch.matrix
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (diags(1 / np.where(length > 0, length, 1.0)) @ matrix).tocsr()


def _nearest(matrix: Any, known: Sequence[str], vocabulary: Grams, *, block: int) -> Floats:
    """Give each text's similarity to the nearest labelled one, 0 where nothing is labelled."""
    nearest = np.zeros(matrix.shape[0])
    for start in range(0, len(known), block):
        turned = _rows(known[start : start + block], vocabulary).T.tocsc()
        for place in range(0, len(nearest), block):
            found = (matrix[place : place + block] @ turned).max(axis=1).toarray().ravel()
            nearest[place : place + block] = np.maximum(nearest[place : place + block], found)
    return nearest


def _why(item: Candidate, like: float, counts: Counts, numbers: Wanting, words: Vocabulary) -> Iterator[str]:
    """Say in Chinese what a text would teach."""
    yield f"模型把握{item.confidence:.0%}" + _least_sure(item, words)
    thin = [key for key in _labels(item) if _lack(counts, key, numbers) > 0]
    if thin:
        facet, label = min(thin, key=lambda key: (counts.get(key, 0), key))
        yield f"已标注的“{words.facets[facet]}：{words.name(facet, label)}”只有{counts.get((facet, label), 0)}条"
    yield f"与已标注或已选出的最相近的一条相似{like:.0%}" if like >= numbers.close else "与已标注和已选出的都不相像"


def _least_sure(item: Candidate, words: Vocabulary) -> str:
    first = [(facet, item.labels[facet][0]) for facet in DOUBTED if item.labels.get(facet)]
    sure = {pair: item.scores[":".join(pair)] for pair in first if ":".join(pair) in item.scores}
    if not sure:
        return ""
    facet, label = min(sure, key=lambda pair: (sure[pair], pair))
    return f"，最拿不准的是{words.facets[facet]}“{words.name(facet, label)}”（{sure[facet, label]:.0%}）"
