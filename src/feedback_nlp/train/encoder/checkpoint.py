"""A pretraining as it stands: networks, optimisers, step; whole on disk, or not there."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from feedback_nlp.errors import TrainerError

FILE = "checkpoint.pt"
State = dict[str, Any]
"""``D`` and ``G`` or ``H``: networks; ``opts``: a list of optimisers; ``step``: batches done; ``seconds``: spent on
them; ``identity``: `config.identity`. The last two may be missing from a checkpoint that was made elsewhere."""


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Write beside the checkpoint, to the disk, and rename: a kill leaves the last whole one."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as stream:
        torch.save(dict(state), stream)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)


def load(path: Path) -> State:
    """Read a checkpoint into the CPU's memory; it may hold numbers only, no code."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainerError(f"{path}: no checkpoint that can be read; remove it and begin again") from error
    if not isinstance(found, dict) or not {"D", "opts", "step"} <= found.keys():
        raise TrainerError(f"{path}: no checkpoint of a pretraining; name another")
    return found


def state(parts: Mapping[str, nn.Module], optimizer: Optimizer, *, facts: Mapping[str, Any]) -> State:
    """Collect what must be kept."""
    networks = {name: part.state_dict() for name, part in parts.items()}
    return {**networks, "opts": [optimizer.state_dict()], **facts}


def restore(found: State, *, parts: Mapping[str, nn.Module], optimizer: Optimizer, identity: str) -> None:
    """Put a checkpoint back into networks and optimiser. Raises TrainerError where it was made for others."""
    if found.get("identity", identity) != identity or not parts.keys() <= found.keys():
        raise TrainerError(
            "the checkpoint is of another shape, objective or tokenizer; give the work folder with --out"
        )
    try:
        for name, part in parts.items():
            part.load_state_dict(found[name])
        optimizer.load_state_dict(found["opts"][0])
    except (RuntimeError, ValueError) as error:
        raise TrainerError(
            "the checkpoint does not fit the configuration's model; name the one it was made with"
        ) from error
