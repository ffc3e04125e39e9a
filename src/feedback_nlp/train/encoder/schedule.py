"""The learning rate on its way: warm up, stay, decay (Hu et al. 2024), counted in tokens."""

from __future__ import annotations

from feedback_nlp.train.encoder.config import Config


def stable_until(config: Config) -> int:
    """Give the step at which the rate begins to fall and domain texts are read."""
    return round(config.steps * (1 - config.schedule.decay))


def factor(step: int, *, config: Config) -> float:
    """Give the share of the full rate at a step, counted from 0; never below the floor once it falls."""
    warm = max(1, config.schedule.warmup // config.tokens_a_step)
    rising = min(1.0, (step + 1) / warm)
    start = stable_until(config)
    if step < start:
        return rising
    return rising * max(config.schedule.floor, (config.steps - step) / max(1, config.steps - start))
