"""What a release must beat to have earned its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.train.evaluate import Range
from feedback_nlp.train.headline import headline_values
from feedback_nlp.train.reading import SIGNS, THREE_WAY, Reading, Tables, tables
from feedback_nlp.train.yardstick import Cut

MAJORITY = "majority"
SNOWNLP = "SnowNLP"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Headline figures of something simple; those it does not give are missing."""

    name: str
    figures: dict[str, float]
    remark: str = ""


def majority(found: Tables) -> Baseline:
    """Always guess the label that was read most often."""
    guess = np.zeros_like(found.truth)
    for facet, carried in found.carried.items():
        start = found.columns(facet).start
        guess[carried, start + int(found.of(facet)[0].sum(axis=0).argmax())] = True
    return Baseline(MAJORITY, headline_values(replace(found, guess=guess)))


def release(reading: Reading, *, taxonomy: Taxonomy) -> Baseline:
    """Give another release's figures on the same texts."""
    return Baseline(reading.release, headline_values(tables(reading, taxonomy=taxonomy)))


def snownlp(texts: Sequence[MaskedText], found: Tables, *, cut: Cut) -> Baseline:
    """Let SnowNLP say how a text is meant; about 90 texts a second."""
    guess, columns = np.zeros_like(found.truth), found.columns(THREE_WAY)
    places = {name: place for place, name in enumerate(SIGNS.values(), start=columns.start)}
    for row, probability in enumerate(positive(texts)):
        guess[row, places[three_way(probability, cut)]] = found.carried[THREE_WAY][row]
    remark = f"negative below {cut.negative:g}, positive above {cut.positive:g}"
    return Baseline(SNOWNLP, headline_values(replace(found, guess=guess), (THREE_WAY,)), remark)


def positive(texts: Sequence[MaskedText]) -> list[float]:
    """Give SnowNLP's probability that a text is positive; of a text without content, which it cannot read, one half."""
    try:
        from snownlp import SnowNLP
    except ModuleNotFoundError as error:
        raise TrainerError("snownlp is not installed; run: pip install 'feedback-nlp[train]'") from error
    return [float(SnowNLP(text).sentiments) if text.strip() else 0.5 for text in texts]


def three_way(probability: float, cut: Cut) -> str:
    """Turn a probability of "positive" into negative, neutral or positive.

    >>> cut = Cut(negative=0.4, positive=0.6, rows=0)
    >>> three_way(0.2, cut), three_way(0.4, cut), three_way(0.9, cut)
    ('negative', 'neutral', 'positive')
    """
    if probability < cut.negative:
        return SIGNS[-1]
    return SIGNS[1] if probability > cut.positive else SIGNS[0]


def as_table(name: str, figures: Mapping[str, Range], baselines: Sequence[Baseline]) -> str:
    """Write the headline figures of a release beside the baselines'."""
    lines = [f"{'':<24}{name[:14]:>15}{'(95 %)':>14}" + "".join(f"{item.name[:14]:>15}" for item in baselines)]
    for figure, found in figures.items():
        shown = (f"{item.figures[figure]:.3f}" if figure in item.figures else "-" for item in baselines)
        own = f"{found.value:>15.3f}{f'{found.low:.3f}–{found.high:.3f}':>14}"
        lines.append(f"{figure:<24}{own}" + "".join(f"{value:>15}" for value in shown))
    return "\n".join(lines + [f"{item.name}: {item.remark}" for item in baselines if item.remark])
