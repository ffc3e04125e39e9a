"""Work on many chunks in several processes, holding few of them at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

G = TypeVar("G")
T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4  # chunks in flight for every worker: enough to keep it busy
_given: list[Any] = []  # what this process got once, for all of its chunks


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists.

    >>> list(chunks("abc", 2))
    [['a', 'b'], ['c']]
    """
    stream = iter(items)
    while found := list(islice(stream, size)):
        yield found


def spread(work: Callable[[T, G], R], items: Iterable[T], *, given: G, workers: int) -> Iterator[R]:
    """Give ``work(item, given)`` for every item, in order; one worker is this process itself."""
    if workers == 1:
        yield from (work(item, given) for item in items)
        return
    # spawn: a fork of a process that torch has given threads may hang
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_keep, initargs=(given,)) as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(_work, work, item))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _keep(given: Any) -> None:
    _given[:] = [given]


def _work(work: Callable[[T, Any], R], item: T) -> R:
    return work(item, _given[0])
