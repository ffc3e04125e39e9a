"""Make encoders with this installation's settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from feedback_nlp.settings import Settings
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.extra import extra

CHECKPOINTS = Path("checkpoints")
"""Where a pretraining keeps texts, ids and checkpoints unless told otherwise; git does not look there."""


@dataclass(frozen=True, slots=True)
class Shipping:
    """What the user says about the encoder to be shipped."""

    name: str
    machine: str
    hours: float | None
    checkpoint: Path | None
    notes: tuple[str, ...] = ()


def pretrain(path: Path, *, work: Path | None, resume: bool, say: Callable[[str], None]) -> Path:
    """Pretrain an encoder as a configuration says; give the checkpoint."""
    with extra():
        import torch

        from feedback_nlp.train.encoder import pretrain as encoder
    from feedback_nlp.train.encoder.config import read_config

    config = read_config(path)
    torch.set_num_threads(config.run.threads)
    edge = encoder.Edge(work or CHECKPOINTS / config.name, say, time.monotonic, fingerprint())
    return encoder.pretrain(config, edge=edge, resume=resume)


def ship(settings: Settings, path: Path, *, shipping: Shipping, work: Path | None, today: date) -> Path:
    """Make an encoder folder of a checkpoint, among this installation's own models."""
    with extra():
        from feedback_nlp.train.encoder import ship as encoder
    from feedback_nlp.train.encoder.config import read_config

    config = read_config(path)
    order = encoder.Shipment(
        name=shipping.name,
        created=today,
        fingerprint=fingerprint(),
        machine=shipping.machine,
        hours=shipping.hours,
        checkpoint=shipping.checkpoint,
        notes=shipping.notes,
    )
    return encoder.ship(config, order, work=work or CHECKPOINTS / config.name, out=settings.own_models)
