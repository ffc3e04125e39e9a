"""From a configuration to a pretrained encoder: texts, pieces, first vectors, then many steps that a kill may end."""

# b windows, t tokens of a window

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.checkpoint import FILE, load, restore, save, state
from feedback_nlp.train.encoder.config import Config, identity
from feedback_nlp.train.encoder.electra import Replaced
from feedback_nlp.train.encoder.learner import Learner
from feedback_nlp.train.encoder.losses import Losses
from feedback_nlp.train.encoder.masked import Masked
from feedback_nlp.train.encoder.pieces import encode_sources, make_tokenizer
from feedback_nlp.train.encoder.schedule import factor, stable_until
from feedback_nlp.train.encoder.stage import note_of
from feedback_nlp.train.encoder.start import Floats, make_start
from feedback_nlp.train.encoder.texts import Facts, Say, prepare_sources
from feedback_nlp.train.encoder.window_batches import Mix, draw, mixes

Clock = Callable[[], float]  # seconds, from anywhere, never back


@dataclass(frozen=True, slots=True)
class Edge:
    """What pretraining takes from the world around it."""

    work: Path  # everything it keeps
    say: Say
    clock: Clock
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A corpus that can be learned from."""

    texts: Mapping[str, Facts]
    ids: Mapping[str, Facts]
    identity: str
    vectors: Floats
    frequency: Floats

    @property
    def tokens(self) -> int:
        """Count the corpus' tokens."""
        return sum(int(facts["tokens"]) for facts in self.ids.values())


def pretrain(config: Config, *, edge: Edge, resume: bool) -> Path:
    """Do what is left to do, and give the checkpoint; with ``resume`` an existing one is continued exactly.

    The same seed, texts and number of threads give the same weights, however often it was killed in between.
    """
    path = edge.work / FILE
    if path.is_file() and not resume:
        raise TrainerError(f"{path}: is there already; go on with --resume, or name another folder with --out")
    ready = make_ready(config, edge=edge)
    trainer = Trainer(config, ready=ready, edge=edge)
    if path.is_file():
        trainer.restore(path)
    if trainer.left:
        trainer.announce()
        trainer.run(path)
    edge.say(f"{config.steps:,} of {config.steps:,} steps are done; make an encoder of it with --ship NAME")
    return path


def make_ready(config: Config, *, edge: Edge) -> Ready:
    """Prepare texts, tokenizer, ids and first vectors, each only where it is not there yet."""
    edge.work.mkdir(parents=True, exist_ok=True)
    texts = prepare_sources(config, work=edge.work, fingerprint=edge.fingerprint, say=edge.say)
    tokenizer = make_tokenizer(config, work=edge.work, texts=texts, say=edge.say)
    note = json.loads(note_of(tokenizer).read_text(encoding="utf-8"))
    ids = encode_sources(config, work=edge.work, texts=texts, say=edge.say)
    vectors, frequency = make_start(config, work=edge.work, ids=ids, pieces=note["pieces"], say=edge.say)
    return Ready(texts, ids, identity(config, tokenizer=note["key"]), vectors, frequency)


def build_learner(config: Config, *, vectors: Floats, frequency: Floats) -> Learner:
    """Build the networks of the objective that is asked for, the same ones from the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        if config.objective.kind == "mlm":
            return Masked(config, vectors=vectors, frequency=frequency)
        return Replaced(config, vectors=vectors)


class Trainer:
    """Networks, optimiser and data, one step after the other."""

    def __init__(self, config: Config, *, ready: Ready, edge: Edge) -> None:
        """Build everything as it stands before the first step."""
        if config.run.device == "cuda" and not torch.cuda.is_available():
            raise TrainerError("run.device = 'cuda', but torch sees no CUDA device; write 'cpu', or install its build")
        self._config, self._ready, self._edge = config, ready, edge
        self._device = torch.device(config.run.device)
        self._learner = build_learner(config, vectors=ready.vectors, frequency=ready.frequency)
        for part in self._learner.parts.values():
            part.to(self._device).train()
        self._weights = _parameters(self._learner.parts)
        self._optimizer = _optimizer(self._weights, config)
        self._stable, self._domain = mixes(config, work=edge.work)
        self._lot = torch.Generator(self._device)
        self._step, self._seconds = 0, 0.0

    @property
    def left(self) -> int:
        """Count the steps that are still to be done."""
        return max(0, self._config.steps - self._step)

    def restore(self, path: Path) -> None:
        """Go on where a checkpoint stands."""
        found = load(path)
        restore(found, parts=self._learner.parts, optimizer=self._optimizer, identity=self._ready.identity)
        self._step, self._seconds = found["step"], found.get("seconds", 0.0)
        self._edge.say(f"resuming at step {self._step:,} of {self._config.steps:,}")

    def announce(self) -> None:
        """Say how much there is to read and about how long it takes, from one step that is thrown away."""
        left, size = self.left, self._config.tokens_a_step
        for _ in range(2):  # the first one pays for allocating memory
            began = self._edge.clock()
            self._backward(self._step)
        pace = max(self._edge.clock() - began, 1e-9)
        self._optimizer.zero_grad(set_to_none=True)
        parameters = sum(weight.numel() for weight in self._weights)
        self._edge.say(
            f"{parameters / 1e6:.1f} M parameters; corpus of {self._ready.tokens:,} tokens; {left * size:,} tokens to "
            f"read in {left:,} steps, at about {size / pace:,.0f} tokens/s: {duration(left * pace)}"
        )

    def run(self, path: Path) -> None:
        """Step until the schedule ends; keep a checkpoint every few minutes and at the end."""
        config, clock = self._config, self._edge.clock
        losses = Losses(self._edge.work / "loss.jsonl", since=self._step)
        before, began, saved, first = self._seconds, clock(), clock(), self._step
        while self._step < config.steps:
            if self._step == stable_until(config):
                self._edge.say(f"step {self._step:,}: the rate falls from here, domain texts are read")
            figures = self._advance()
            losses.add(figures)
            now = clock()
            self._seconds = before + now - began
            if self._step % config.run.report_steps == 0 or self._step == config.steps:
                self._report(losses, pace=(now - began) / (self._step - first))
            if now - saved >= 60 * config.run.checkpoint_minutes or self._step == config.steps:
                self._save(path, figures)
                saved = clock()

    def _advance(self) -> Mapping[str, Tensor]:
        config = self._config
        rate = config.optimizer.rate * factor(self._step, config=config)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        figures = self._backward(self._step)
        nn.utils.clip_grad_norm_(self._weights, config.optimizer.clip)
        self._optimizer.step()
        self._step += 1
        return figures

    def _backward(self, step: int) -> Mapping[str, Tensor]:
        """Compute the gradients of a step's batch."""
        config = self._config
        mix: Mix = self._domain if step >= stable_until(config) else self._stable
        batch = draw(mix, step=step, seed=config.seed, batch=config.run.batch, window=config.model.window)
        ids = torch.from_numpy(batch).to(self._device, non_blocking=True)
        self._lot.manual_seed(config.seed * 2**32 + step)
        self._optimizer.zero_grad(set_to_none=True)
        loss, figures = self._learner.loss(ids, lot=self._lot, half=config.run.bf16)
        loss.backward()  # type: ignore[no-untyped-call]
        return figures

    def _report(self, losses: Losses, *, pace: float) -> None:
        config = self._config
        rate = round(factor(self._step - 1, config=config), 4)
        speed = round(config.tokens_a_step / max(pace, 1e-9))
        row = losses.write(self._step, tokens=self._step * config.tokens_a_step, speed=speed, rate=rate)
        told = "  ".join(f"{name} {value:,}" for name, value in row.items() if name not in ("step", "tokens_s", "rate"))
        self._edge.say(
            f"step {self._step:,}/{config.steps:,}  {told}  {speed:,} tokens/s  {duration(self.left * pace)} left"
        )

    def _save(self, path: Path, figures: Mapping[str, Tensor]) -> None:
        if not all(math.isfinite(value.item()) for value in figures.values()):
            raise TrainerError(
                f"step {self._step}: the loss is no number; {path} keeps the last good state if there is one: "
                "lower optimizer.rate and go on with --resume"
            )
        facts: dict[str, Any] = {"step": self._step, "seconds": self._seconds, "identity": self._ready.identity}
        save(path, state(self._learner.parts, self._optimizer, facts=facts))


def duration(seconds: float) -> str:
    """Say how long something takes.

    >>> duration(59), duration(7 * 60), duration(3 * 3600 + 240)
    ('1 min', '7 min', '3 h 4 min')
    """
    minutes = max(1, math.ceil(seconds / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _parameters(parts: Mapping[str, nn.Module]) -> list[nn.Parameter]:
    """Give every weight once, though networks share some."""
    return list({id(weight): weight for part in parts.values() for weight in part.parameters()}.values())


def _optimizer(weights: list[nn.Parameter], config: Config) -> torch.optim.AdamW:
    numbers = config.optimizer
    matrices = {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": numbers.decay}
    vectors = {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0}
    groups = [matrices, vectors]
    return torch.optim.AdamW(groups, lr=numbers.rate, betas=numbers.betas, eps=numbers.epsilon, fused=True)
