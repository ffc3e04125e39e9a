"""Fit one reader to labelled texts, epoch by epoch."""

# n texts, k labels of all facets side by side, f facets, w windows

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train.deep import checkpoints
from feedback_nlp.train.deep.aims import Aims, intercept, loss
from feedback_nlp.train.deep.batches import Batch, Cut, drawn, stack, whole
from feedback_nlp.train.deep.model import Reader
from feedback_nlp.train.deep.recipe import DeepRecipe

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Step = Callable[[int, float], None]  # (tokens read, padding included; loss)

_LAYER = re.compile(r"\blayers?\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one reader learns."""

    cut: Cut
    aims: Aims
    rows: Ints  # the texts to learn from
    recipe: DeepRecipe
    seed: int
    device: str


def reader(encoder: Any, lesson: Lesson, *, taxonomy: Taxonomy) -> Reader:
    """Put new heads on a copy of an encoder; equal seeds give equal heads."""
    with _seeded(lesson.seed):
        made = Reader(copy.deepcopy(encoder), [len(taxonomy.labels(facet)) for facet in FACETS])
    for module in made.modules():
        if isinstance(module, nn.Dropout):
            module.p = lesson.recipe.dropout
    with torch.no_grad():
        made.intercept.copy_(intercept(chosen(lesson.aims, lesson.rows)))
    return made.to(lesson.device)


def learn(made: Reader, lesson: Lesson, *, checkpoint: Path | None, told: Step) -> None:
    """Fit a reader; go on after the last epoch that stands in ``checkpoint``, and end in evaluation mode.

    Every epoch draws from its own seed, so that a run that was interrupted ends where another would have.
    """
    recipe = lesson.recipe
    optimiser, rates = _optimiser(made, recipe)
    averaged = copy.deepcopy(made) if recipe.average else None
    start = _restored(checkpoint, made, optimiser, averaged)
    made.train()
    for epoch in range(start, recipe.epochs):
        with _seeded(lesson.seed * 10_007 + epoch):
            for share, batch, rows in _epoch(lesson, epoch):
                come = (epoch + share) / recipe.epochs
                _pace(optimiser, rates, come, recipe)
                told(batch.ids.numel(), _step(made, optimiser, batch, rows, lesson))
                if averaged is not None:
                    _follow(averaged, made, keep=recipe.average if come > recipe.warm_up else 0.0)
        if checkpoint:
            _kept(checkpoint, epoch + 1, made, optimiser, averaged)
    if averaged is not None:
        made.load_state_dict(averaged.state_dict())
    made.eval()


def score(made: Reader, found: Cut, rows: Ints, *, batch: int, device: str) -> Floats:
    """Give the raw scores (n, k) of whole texts, whatever their length, in full precision."""
    everything = [(row, number) for row in rows.tolist() for number in range(len(found.windows[row]))]
    everything.sort(key=lambda item: len(found.windows[item[0]][item[1]]))
    place = {row: at for at, row in enumerate(rows.tolist())}
    upper = np.zeros((len(rows), made.head.out_features))
    lower = np.zeros((len(rows), made.gate.out_features))
    made.eval()
    for start in range(0, len(everything), batch):
        part = everything[start : start + batch]
        owner = np.array([place[row] for row, _ in part])
        for total, sums in zip((upper, lower), _sums(made, stack(found, part), device), strict=True):
            np.add.at(total, owner, sums)
    facet = made.facet.cpu().numpy()
    result: Floats = upper / np.maximum(lower, 1e-6)[:, facet] + made.intercept.detach().cpu().numpy()
    return result


def tokens(lesson: Lesson) -> int:
    """Count the tokens, padding included, that the first epoch reads; the others read about as many."""
    return sum(batch.ids.numel() for _, batch, _ in _epoch(lesson, 0))


def trial(made: Reader, lesson: Lesson, *, clock: Callable[[], float]) -> float:
    """Give the tokens a second, padding included, at which a reader learns here; its weights are spoilt."""
    optimiser, _ = _optimiser(made, lesson.recipe)
    batches = [(batch, rows) for _, batch, rows in _epoch(lesson, 0)]
    spread = np.linspace(0, len(batches) - 1, lesson.recipe.trial_steps + 1).astype(int).tolist()
    read, start = 0, clock()
    made.train()
    for number, place in enumerate(spread):
        batch, rows = batches[place]
        _step(made, optimiser, batch, rows, lesson)
        if number == 0:  # the first step makes buffers that the others find
            start = clock()
        else:
            read += batch.ids.numel()
    return read / max(clock() - start, 1e-9)


def chosen(made: Aims, rows: Ints) -> Aims:
    """Give the aims of some texts."""
    at = torch.from_numpy(rows)
    return Aims(made.target[at], made.weight[at], made.columns)


def _epoch(lesson: Lesson, epoch: int) -> Iterator[tuple[float, Batch, list[int]]]:
    """Draw the batches of an epoch, each with the share of the texts that came before it."""
    recipe, done = lesson.recipe, 0
    lot = np.random.default_rng((lesson.seed, epoch))
    for rows in drawn(
        lesson.cut, lesson.rows, batch=recipe.batch, tokens=recipe.batch_tokens, most=recipe.most_windows, lot=lot
    ):
        yield done / len(lesson.rows), whole(lesson.cut, rows, most=recipe.most_windows), rows
        done += len(rows)


def _step(made: Reader, optimiser: torch.optim.Optimizer, batch: Batch, rows: list[int], lesson: Lesson) -> float:
    aims = chosen(lesson.aims, np.array(rows, dtype=np.int64))
    ids, mask, content, owner = (part.to(lesson.device) for part in (batch.ids, batch.mask, batch.content, batch.owner))
    target, weight = aims.target.to(lesson.device), aims.weight.to(lesson.device)
    with _halved(lesson.recipe, lesson.device):
        scores = made.scores(ids, mask, content, owner, len(rows))
    found = loss(scores.float(), target, weight, where=aims.columns)
    optimiser.zero_grad(set_to_none=True)
    found.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(made.parameters(), lesson.recipe.clip)
    optimiser.step()
    return float(found.detach())


@torch.inference_mode()
def _sums(made: Reader, batch: Batch, device: str) -> tuple[Floats, Floats]:
    """Give the sums of windows: weight times scores (w, k), and weight (w, f)."""
    weight, scores, _ = made(batch.ids.to(device), batch.mask.to(device))
    weight = weight * batch.content.to(device).unsqueeze(-1)
    upper = (weight[:, :, made.facet] * scores).sum(dim=1)
    return upper.double().cpu().numpy(), weight.sum(dim=1).double().cpu().numpy()


def _optimiser(made: Reader, recipe: DeepRecipe) -> tuple[torch.optim.Optimizer, list[float]]:
    """Give AdamW with a rate of its own for every depth, and the rates."""
    layers = int(made.encoder.config.num_hidden_layers)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in made.named_parameters():
        groups.setdefault((_depth(name, layers), parameter.ndim > 1), []).append(parameter)
    rates = [
        recipe.head_rate if depth > layers else recipe.rate * recipe.layer_decay ** (layers - depth)
        for depth, _ in groups
    ]
    settings = [
        {"params": parameters, "lr": rate, "weight_decay": recipe.weight_decay if matrix else 0.0}
        for ((_, matrix), parameters), rate in zip(groups.items(), rates, strict=True)
    ]
    return torch.optim.AdamW(settings, betas=(0.9, 0.98), eps=1e-6), rates


def _depth(name: str, layers: int) -> int:
    """Give 0 for embeddings, 1 to ``layers`` for the encoder's layers, one more for the heads."""
    if not name.startswith("encoder."):
        return layers + 1
    found = _LAYER.search(name)
    return int(found[1]) + 1 if found else 0


def _pace(optimiser: torch.optim.Optimizer, rates: list[float], share: float, recipe: DeepRecipe) -> None:
    """Set the learning rates: rising during the warm-up, then falling to nothing."""
    rise = share / recipe.warm_up if recipe.warm_up else 1.0
    pace = min(rise, (1 - share) / (1 - recipe.warm_up))
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate * pace


@torch.no_grad()
def _follow(averaged: Reader, made: Reader, *, keep: float) -> None:
    for old, new in zip(averaged.parameters(), made.parameters(), strict=True):
        old.lerp_(new, 1 - keep)


def _kept(path: Path, epoch: int, made: Reader, optimiser: torch.optim.Optimizer, averaged: Reader | None) -> None:
    state: dict[str, Any] = {"epoch": epoch, "reader": made.state_dict(), "optimiser": optimiser.state_dict()}
    checkpoints.save(path, {**state, "averaged": averaged.state_dict() if averaged is not None else {}})


def _restored(path: Path | None, made: Reader, optimiser: torch.optim.Optimizer, averaged: Reader | None) -> int:
    """Give the number of epochs that are done."""
    state = checkpoints.load(path) if path else None
    if state is None:
        return 0
    made.load_state_dict(state["reader"])
    optimiser.load_state_dict(state["optimiser"])
    if averaged is not None:
        averaged.load_state_dict(state["averaged"])
    return int(state["epoch"])


def _halved(recipe: DeepRecipe, device: str) -> AbstractContextManager[Any]:
    """Compute in bfloat16 where the processor is fast at it; elsewhere it would be slower than 32 bits."""
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.9 does not tell
    fast = device != "cpu" or any(known.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return torch.autocast(device, dtype=torch.bfloat16) if recipe.bf16 and fast else nullcontext()


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Draw from a seed of its own inside, and leave the process' random state as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
