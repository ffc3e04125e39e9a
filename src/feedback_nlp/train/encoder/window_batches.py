"""Windows of tokens, drawn by lot: what step 1,000 reads depends on the seed and the number 1,000 alone."""

# b windows of a batch, t tokens of a window

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.pieces import Ids, open_ids
from feedback_nlp.train.encoder.vocabulary import OPENING

Batch = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mix:
    """Sources and how likely a window comes from each."""

    ids: tuple[Ids, ...]
    share: npt.NDArray[np.float64]  # sums to 1


def open_mix(weights: Mapping[str, float], *, work: Path, window: int) -> Mix:
    """Open the sources that have a weight: a source is drawn in proportion to weight times tokens.

    One with fewer tokens than a window is left out. Raises TrainerError where none is left.
    """
    opened = [(open_ids(work, name), weight) for name, weight in weights.items() if weight]
    long = [(ids, weight) for ids, weight in opened if len(ids) >= window]
    if not long:
        raise TrainerError(f"{work}: no source has as many tokens as a window ({window}); name more text")
    size = np.array([len(ids) * weight for ids, weight in long])
    return Mix(tuple(ids for ids, _ in long), size / size.sum())


def mixes(config: Config, *, work: Path) -> tuple[Mix, Mix]:
    """Give the mix of the stable phase and that of the decay; without domain weights they are one."""
    window = config.model.window
    stable = open_mix({source.name: source.weight for source in config.sources}, work=work, window=window)
    domain = {source.name: source.domain for source in config.sources if source.domain}
    return stable, open_mix(domain, work=work, window=window) if domain else stable


def draw(mix: Mix, *, step: int, seed: int, batch: int, window: int) -> Batch:
    """Give the windows (b, t) of a step; each opens with [CLS] and goes on anywhere in its source."""
    lot = np.random.default_rng((seed, step))
    made = np.full((batch, window), OPENING, dtype=np.int64)
    for row, which in enumerate(lot.choice(len(mix.ids), size=batch, p=mix.share)):
        ids = mix.ids[which]
        begin = int(lot.integers(0, len(ids) - window + 2))
        made[row, 1:] = ids[begin : begin + window - 1]
    return made
