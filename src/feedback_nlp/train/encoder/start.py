"""First vectors for the pieces, from how often they stand near each other, so that pretraining need not learn that."""

# v pieces, e width of a vector, t tokens

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

from feedback_nlp.train.encoder.config import Config, Start, key
from feedback_nlp.train.encoder.pieces import Ids, open_ids
from feedback_nlp.train.encoder.stage import done, finish
from feedback_nlp.train.encoder.texts import Facts, Say
from feedback_nlp.train.encoder.vocabulary import FIRST

Floats = npt.NDArray[np.float32]
_SPAN = 4_000_000  # tokens that are counted at once
_TINY = 1e-3  # a shorter vector is none: the piece never stood beside another
_NOISE = 0.02  # standard deviation of vectors of such pieces, and of special ones


def make_start(config: Config, *, work: Path, ids: dict[str, Facts], pieces: int, say: Say) -> tuple[Floats, Floats]:
    """Give first vectors (v, e) and logarithms of the pieces' frequencies (v,), from ``start.npz`` where it fits."""
    out = work / "start.npz"
    weights = {source.name: source.weight for source in config.sources if source.weight}
    seal = key(
        asdict(config.start), config.model.width, weights, config.seed, [ids[name]["key"] for name in weights], pieces
    )
    if done(out, seal) is None:
        say("start: counting neighbours and taking the largest singular vectors")
        parts = [(open_ids(work, name), weight) for name, weight in weights.items()]
        vectors = start_vectors(parts, pieces=pieces, width=config.model.width, numbers=config.start, seed=config.seed)
        unfinished = work / "start.unfinished.npz"
        np.savez(unfinished, vectors=vectors, frequency=log_frequency(parts, pieces=pieces))
        finish(unfinished, out, key=seal, facts={"pieces": pieces})
    with np.load(out) as found:
        return found["vectors"], found["frequency"]


def start_vectors(parts: Sequence[tuple[Ids, float]], *, pieces: int, width: int, numbers: Start, seed: int) -> Floats:
    """Give the largest singular vectors of the positive pointwise mutual information (Levy and Goldberg 2014)."""
    lot = np.random.default_rng(seed)
    found: Floats = lot.normal(0, _NOISE, (pieces, width)).astype(np.float32)
    near = _neighbours(parts, pieces=pieces, distance=numbers.distance)
    rank = min(width, pieces - 1)
    left, size, _ = randomized_svd(
        _information(near, smoothing=numbers.smoothing), rank, random_state=seed, n_iter=numbers.rounds
    )
    vectors = left * np.sqrt(size)
    known = np.linalg.norm(vectors, axis=1) > _TINY
    if known.any():
        found[known, :rank] = (vectors * (numbers.spread / vectors.std()))[known]
    return found


def log_frequency(parts: Sequence[tuple[Ids, float]], *, pieces: int) -> Floats:
    """Give the logarithm of each piece's share of the tokens; a piece that was not seen counts as seen once."""
    counts = np.ones(pieces)
    for ids, weight in parts:
        counts += np.bincount(ids, minlength=pieces) * weight
    found: Floats = np.log(counts / counts.sum()).astype(np.float32)
    return found


def _neighbours(parts: Iterable[tuple[Ids, float]], *, pieces: int, distance: int) -> Any:
    """Count pairs, weighted by nearness and source; special pieces are no neighbours."""
    total = sp.csr_matrix((pieces, pieces), dtype=np.float32)
    for ids, weight in parts:
        for span in _spans(ids):
            for far in range(1, distance + 1):
                left, right = span[:-far], span[far:]
                kept = (left >= FIRST) & (right >= FIRST)
                value = np.full(int(kept.sum()), weight / far, dtype=np.float32)
                total += sp.coo_matrix((value, (left[kept], right[kept])), shape=total.shape).tocsr()
    return total + total.T


def _spans(ids: Ids) -> Iterator[npt.NDArray[np.int32]]:
    for begin in range(0, len(ids), _SPAN):
        yield ids[begin : begin + _SPAN].astype(np.int32)


def _information(near: Any, *, smoothing: float) -> Any:
    total = near.sum()
    row = np.asarray(near.sum(axis=1)).ravel()
    context = row**smoothing
    context *= total / max(context.sum(), 1e-12)
    cells = near.tocoo()
    value = np.log(cells.data * total / (row[cells.row] * context[cells.col]))
    kept = value > 0
    return sp.csr_matrix((value[kept], (cells.row[kept], cells.col[kept])), shape=near.shape)
