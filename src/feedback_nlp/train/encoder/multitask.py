"""Train one encoder under many heads, from a checkpoint on where there is one."""

# n texts, b texts of a batch, t tokens, k labels of all heads side by side

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.checkpoint import save
from feedback_nlp.train.encoder.heads import Shared, cross_entropy, optimiser, padded, set_rate, slope
from feedback_nlp.train.encoder.material import Material
from feedback_nlp.train.encoder.task_batches import Ints, batches, columns, pool
from feedback_nlp.train.encoder.tasks import Numbers

STATE = "state.pt"
MINUTE = 60.0  # seconds

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop: whichever comes first. The learning rate reaches 0 there."""

    minutes: float  # of training; reading, measuring and writing come on top
    tokens: int | None = None  # read, padding not among them

    def spent(self, done: Done) -> float:
        """Give the share of the budget that is used up, 0 to 1."""
        shares = [done.seconds / (MINUTE * self.minutes), done.tokens / self.tokens if self.tokens else 0.0]
        return min(1.0, max(shares))


@dataclass(frozen=True, slots=True)
class Done:
    """How far training has come."""

    pool: int = 0  # the pool that comes next, or is being read …
    batch: int = 0  # … up to this batch
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    curve: tuple[tuple[int, float], ...] = ()  # (tokens, mean loss since the entry before)

    def noted(self, losses: Sequence[float]) -> Done:
        """Add a point to the curve, where something has been learned since the last one."""
        return replace(self, curve=(*self.curve, (self.tokens, round(fmean(losses), 4)))) if losses else self


@dataclass(frozen=True, slots=True)
class Place:
    """Where training happens: what a machine gives."""

    work: Path  # folder of the checkpoint
    clock: Callable[[], float]  # seconds, from any start
    say: Say
    device: str = "cpu"


def train(model: Shared, material: Material, *, numbers: Numbers, budget: Budget, place: Place, resume: bool) -> Done:
    """Train encoder and heads until the budget is spent, and keep a checkpoint every few minutes.

    With ``resume``, go on where the checkpoint stands, with the batch that would have come next.
    """
    torch.manual_seed(numbers.seed)
    model.to(place.device).train()
    optimizer = optimiser(model, rate=numbers.rate, head_rate=numbers.head_rate, decay=numbers.decay)
    done = _resumed(model, optimizer, material, place) if resume else Done()
    heads = list(columns(material.heads).values())
    start, kept = place.clock() - done.seconds, done
    losses: list[float] = []
    for at, batch, chosen in _stream(material, numbers, done):
        if budget.spent(done) >= 1:
            break
        set_rate(optimizer, slope(budget.spent(done), warm_up=numbers.warm_up))
        rows = _batch(material, chosen, device=place.device)
        losses.append(_step(model, optimizer, rows, heads=heads, clip=numbers.clip))
        done = Done(at, batch + 1, done.steps + 1, done.tokens + int(rows[1].sum()), place.clock() - start, done.curve)
        if done.seconds - kept.seconds >= MINUTE * numbers.keep_minutes:
            done = done.noted(losses)
            place.say(_progress(done, kept, budget))
            _keep(model, optimizer, material, done, place)
            kept, losses = done, []
    done = done.noted(losses)
    _keep(model, optimizer, material, done, place)
    return done


def _stream(material: Material, numbers: Numbers, done: Done) -> Iterator[tuple[int, int, Ints]]:
    """Give pool, batch and the batch's (task, place) pairs (b, 2), from where training stands, without end."""
    rows = [part.train for part in material.parts.values()]
    lengths = [part.lengths() for part in rows]
    sizes = [len(part) for part in rows]
    for at in count(done.pool):
        drawn = pool(sizes, number=at, rows=numbers.pool, power=numbers.power, seed=numbers.seed)
        long = np.array([lengths[task][place] for task, place in drawn.tolist()])
        lot = np.random.default_rng((numbers.seed, 2, at))
        for batch, chosen in enumerate(batches(long, tokens=numbers.tokens, lot=lot)):
            if at > done.pool or batch >= done.batch:
                yield at, batch, drawn[chosen]


def _batch(material: Material, chosen: Ints, *, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Give ids and mask (b, t) and targets (b, k) of the chosen (task, place) pairs (b, 2)."""
    parts = list(material.parts.values())
    starts = np.cumsum([0, *(part.train.targets.shape[1] for part in parts)]).tolist()
    targets = np.zeros((len(chosen), starts[-1]), dtype=np.float32)
    texts = []
    for row, (task, place) in enumerate(chosen.tolist()):
        texts.append(parts[task].train.text(place))
        targets[row, starts[task] : starts[task + 1]] = parts[task].train.targets[place]
    ids, mask = padded(texts, padding=material.padding, device=device)
    return ids, mask, torch.from_numpy(targets).to(device)


def _step(
    model: Shared,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor, Tensor],
    *,
    heads: Sequence[slice],
    clip: float,
) -> float:
    """Learn from one batch; give its loss."""
    ids, mask, targets = batch
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        scores = model(ids, mask)
    loss = cross_entropy(scores, targets, heads)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return float(loss.detach())


def _progress(done: Done, before: Done, budget: Budget) -> str:
    speed = (done.tokens - before.tokens) / max(1e-9, done.seconds - before.seconds)
    left = done.seconds / budget.spent(done) - done.seconds
    return (
        f"{done.tokens:,} tokens in {done.steps:,} steps, loss {done.curve[-1][1]:.3f}, {speed:,.0f} tokens/s, "
        f"{left / MINUTE:.1f} minutes left"
    )


def _keep(model: Shared, optimizer: torch.optim.Optimizer, material: Material, done: Done, place: Place) -> None:
    state = {
        "key": material.key,
        "done": asdict(done),
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "lot": torch.get_rng_state(),
    }
    place.work.mkdir(parents=True, exist_ok=True)
    save(place.work / STATE, state)


def _resumed(model: Shared, optimizer: torch.optim.Optimizer, material: Material, place: Place) -> Done:
    path = place.work / STATE
    if not path.is_file():
        return Done()
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["key"] != material.key:
        raise TrainerError(f"{path}: stands for another encoder, other files or other tasks; delete {place.work}")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["lot"])
    return Done(**{**state["done"], "curve": tuple(map(tuple, state["done"]["curve"]))})
