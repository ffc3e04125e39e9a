"""Read texts with an encoder on ONNX Runtime: no torch, one window a call, as many calls at a time as there are cores.

A window's scores come from its own tokens alone. The 8-bit activations have one scale for all that is read in a call
(see `train.deep.export`), so a call reads nothing else; and one window fills a core as well as many do
(benchmarks/classify.md).
"""

# n texts, c clauses, w windows, t tokens of a window, opening and closing one included, k labels of all facets side by
# side, f facets

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from feedback_nlp.classify.features import by_text
from feedback_nlp.classify.windows import Windows, windows
from feedback_nlp.errors import TrainerError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_Sums = tuple[Ints, Floats, Floats]
"""Of a window: its clauses, their weighted scores (its clauses, k), the weights of all its tokens (f,)."""

ENCODER, TOKENIZER = "encoder.onnx", "tokenizer.json"
SPECIAL = ("opening", "closing", "padding")
PIECES, SIZES = "pieces", "sizes"
"""What the file says about itself: ids of the special tokens, number of pieces, and of labels facet by facet."""

_LEAST = 1e-6  # as in train.deep.model
_CHUNK = 8  # windows that a thread reads in a row
_QUIET = 3  # ONNX Runtime's errors alone
_SETTINGS = {
    "session.intra_op.allow_spinning": "0",
    "session.x64quantprecision": "1",  # without it, processors older than VNNI cut off large sums
}
_AGAIN = "fetch the release again, or train a new one with `feedback-nlp finetune`"


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """A fine-tuned encoder, loaded."""

    session: InferenceSession
    tokenizer: Tokenizer
    special: tuple[int, int]  # the ids that open and close a window
    sizes: tuple[int, ...]  # labels, facet by facet
    intercept: Floats  # (k,)
    threads: int

    @classmethod
    def open(cls, folder: Path, special: Mapping[str, int], *, threads: int | None = None) -> EncoderModel:
        """Open what `train.deep.export` wrote.

        ``special`` are the ids that the release names; ``threads`` is how many windows are read at a time, where
        nothing is said as many as this process may use cores.
        """
        session = _session(folder / ENCODER)
        tokenizer = _tokenizer(folder / TOKENIZER)
        about = session.get_modelmeta().custom_metadata_map
        _check(folder / ENCODER, about, special=special, pieces=tokenizer.get_vocab_size())
        ends = special["opening"], special["closing"]
        (intercept,) = session.run(["intercept"], {"ids": np.array([ends])})
        return cls(session, tokenizer, ends, tuple(map(int, about[SIZES].split())), intercept, threads or _cores())

    def scores(self, texts: Sequence[str]) -> Floats:
        """Give the raw scores of texts (n, k)."""
        batch, shares = self.clause_scores(texts)
        result: Floats = by_text(shares, batch.starts) + self.intercept
        return result

    def clause_scores(self, texts: Sequence[str]) -> tuple[Windows, Floats]:
        """Give every clause's share of its text's scores (c, k), without the intercept.

        A text's score is the mean of its tokens' scores by weight, over all of its windows; see `train.deep.model`.
        """
        batch = windows(texts, tokenizer=self.tokenizer)
        upper = np.zeros((len(batch.clauses), sum(self.sizes)), dtype=np.float32)
        lower = np.zeros((len(texts), len(self.sizes)), dtype=np.float32)
        for owner, (places, scores, weights) in zip(batch.owner, self._read(batch), strict=True):
            upper[places] += scores
            lower[owner] += weights
        owner = np.repeat(np.arange(len(texts)), np.diff([*batch.starts, len(upper)]))
        return batch, upper / np.repeat(np.maximum(lower, _LEAST), self.sizes, axis=1)[owner]

    def _read(self, batch: Windows) -> Iterator[_Sums]:
        """Give the sums of every window, in order."""
        inside = list(zip(batch.ids, batch.clause, strict=True))
        parts = [inside[start : start + _CHUNK] for start in range(0, len(inside), _CHUNK)]
        if self.threads == 1 or len(parts) < 2:
            yield from self._sums(inside)
            return
        with ThreadPoolExecutor(min(self.threads, len(parts))) as pool:
            yield from chain.from_iterable(pool.map(self._sums, parts))

    def _sums(self, part: Sequence[tuple[list[int], list[int]]]) -> list[_Sums]:
        return [self._window(ids, clause) for ids, clause in part]

    def _window(self, ids: list[int], clause: list[int]) -> _Sums:
        """Read one window; give its clauses, their tokens' weighted scores added up, and the weights of all."""
        of_token = np.array(clause, dtype=np.int64)
        starts = np.flatnonzero(np.diff(of_token, prepend=-1))  # clauses stand in order
        places = of_token[starts]
        if not ids:
            return places, np.zeros((0, sum(self.sizes)), np.float32), np.zeros(len(self.sizes), np.float32)
        opening, closing = self.special
        weight, score = self.session.run(["weight", "scores"], {"ids": np.array([[opening, *ids, closing]])})
        weight, score = weight[0, 1:-1], score[0, 1:-1]
        weighted = np.repeat(weight, self.sizes, axis=1) * score
        return places, np.add.reduceat(weighted, starts, axis=0), weight.sum(axis=0)


def _session(path: Path) -> InferenceSession:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _QUIET
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, value in _SETTINGS.items():
        options.add_session_config_entry(name, value)
    unreadable = state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (*unreadable, state.NoSuchFile) as error:
        raise TrainerError(f"{path}: ONNX Runtime cannot read it ({type(error).__name__}); {_AGAIN}") from error


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    if not path.is_file():
        raise TrainerError(f"{path}: no such file; {_AGAIN}")
    made = Tokenizer.from_file(str(path))
    made.no_truncation()
    made.no_padding()
    return made


def _check(path: Path, about: Mapping[str, str], *, special: Mapping[str, int], pieces: int) -> None:
    """Refuse what would look up other rows than those that were trained."""
    lacking = [name for name in (*SPECIAL, PIECES, SIZES) if name not in about]
    if lacking:
        raise TrainerError(f"{path}: does not name its {lacking[0]}; {_AGAIN}")
    for name in SPECIAL:
        if special.get(name) != int(about[name]):
            raise TrainerError(
                f"{path}: the {name} token has id {about[name]}, the release says {special.get(name)}; {_AGAIN}"
            )
    if pieces > int(about[PIECES]):
        raise TrainerError(f"{path}: knows {about[PIECES]} pieces, {TOKENIZER} has {pieces}; {_AGAIN}")


def _cores() -> int:
    """Count the cores that this process may use, which a container or a scheduler can have limited."""
    counted = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len(counted)
