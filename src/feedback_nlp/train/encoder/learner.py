"""What an objective must be able to do, and the network that every one of them trains."""

# b windows, t tokens of a window, v pieces, e width of a vector

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from transformers import ElectraConfig

from feedback_nlp.train.encoder.config import Config, Model, Network
from feedback_nlp.train.encoder.start import Floats
from feedback_nlp.train.encoder.vocabulary import FIRST, PAD

Figures = dict[str, Tensor]
"""What a step measured, by name: scalars, detached."""


class Learner(Protocol):
    """An objective with its networks."""

    parts: Mapping[str, nn.Module]  # as they stand in a checkpoint; D holds the encoder

    def loss(self, ids: Tensor, *, lot: torch.Generator, half: bool) -> tuple[Tensor, Figures]:
        """Give the loss of windows (b, t), and what it is made of; ``half``: bfloat16 where it is safe."""


def shape(network: Network, *, model: Model, pieces: int) -> ElectraConfig:
    """Write the shape of a network that shares its pieces' vectors with the encoder. No dropout: data is plenty."""
    return ElectraConfig(
        vocab_size=pieces,
        embedding_size=model.width,
        hidden_size=network.width,
        num_hidden_layers=network.layers,
        num_attention_heads=network.heads,
        intermediate_size=network.inner,
        max_position_embeddings=model.window,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
    )


def begin(encoder: Any, *, vectors: Floats, config: Config) -> None:
    """Put the first vectors into an encoder; with ``start.likeness``, begin its attention as one of like to like.

    Mimetic initialisation (Trockman and Kolter 2023): a share of the identity in every attention matrix, positions as
    sines, feed-forward layers that say little.
    """
    own = config.start.likeness
    with torch.no_grad():
        encoder.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))
        if not own:
            return
        positions = encoder.embeddings.position_embeddings.weight
        positions.copy_(_sines(*positions.shape) * config.start.spread)
        eye = own * torch.eye(config.model.width)
        for layer in encoder.encoder.layer:
            attention = layer.attention
            for part in (attention.self.query, attention.self.key, attention.self.value, attention.output.dense):
                part.weight.add_(eye)
            layer.output.dense.weight.mul_(config.start.quiet)


def choose(ids: Tensor, *, share: float, lot: torch.Generator) -> Tensor:
    """Draw the pieces (b, t) that are to be guessed; never a special one, and one at least."""
    text = ids >= FIRST
    chance = torch.rand(ids.shape, generator=lot, device=ids.device)
    chosen = (chance < share) & text
    if not chosen.any():
        chosen.view(-1)[torch.where(text, chance, 2.0).argmin()] = True
    return chosen


def precision(device: torch.device, *, half: bool) -> torch.autocast:
    """Compute in bfloat16 where that is safe, or not at all."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half)


def _sines(rows: int, width: int) -> Tensor:
    turn = torch.exp(-math.log(200.0) * torch.arange(width // 2) / max(1, width // 2 - 1))
    angle = torch.arange(rows)[:, None] * turn[None]
    return torch.stack([torch.sin(angle), torch.cos(angle)], dim=-1).reshape(rows, -1)
