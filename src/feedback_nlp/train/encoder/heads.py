"""One encoder under many heads: every label is a weighted sum over the mean of the last hidden states."""

# b texts, t tokens, w width, k labels of all heads side by side

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

SMALLEST_MATRIX = 2  # dimensions from which a parameter is shrunk by weight decay


class Shared(nn.Module):
    """An encoder and the heads on it."""

    def __init__(self, encoder: Any, outputs: int, *, dropout: float) -> None:
        """Put ``outputs`` new labels on an encoder."""
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(int(encoder.config.hidden_size), outputs)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Give raw scores (b, k) of texts (b, t); ``mask`` is 1 where there is a token, else 0."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        scores: Tensor = self.head(self.dropout(pooled(hidden, mask)))
        return scores.float()


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """Give the mean (b, w) of the hidden states (b, t, w) of the tokens that are there."""
    weight = mask.unsqueeze(-1).float()
    return (hidden.float() * weight).sum(dim=1) / weight.sum(dim=1)


def padded(rows: Sequence[npt.NDArray[np.int32]], *, padding: int, device: str) -> tuple[Tensor, Tensor]:
    """Lay rows of tokens side by side: ids and mask (b, t)."""
    longest = max(map(len, rows))
    ids = np.full((len(rows), longest), padding, dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def cross_entropy(scores: Tensor, targets: Tensor, heads: Iterable[slice]) -> Tensor:
    """Give the mean over texts of their heads' cross-entropies; a head whose targets are all 0 does not count.

    ``scores`` and ``targets`` (b, k); the targets of a head add up to 1.
    """
    parts = [-(targets[:, at] * torch.log_softmax(scores[:, at], dim=1)).sum() for at in heads]
    return torch.stack(parts).sum() / len(scores)


def optimiser(model: Shared, *, rate: float, head_rate: float, decay: float) -> torch.optim.AdamW:
    """Make an optimiser that shrinks matrices only, with a rate of their own for the heads."""
    groups: list[dict[str, Any]] = []
    for part, speed in ((model.encoder, rate), (model.head, head_rate)):
        for matrices in (True, False):
            chosen = [item for item in part.parameters() if (item.ndim >= SMALLEST_MATRIX) == matrices]
            groups.append({"params": chosen, "lr": speed, "full": speed, "weight_decay": decay if matrices else 0.0})
    return torch.optim.AdamW(groups, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set every group's rate to ``factor`` of its full one."""
    for group in optimizer.param_groups:
        group["lr"] = factor * group["full"]


def slope(progress: float, *, warm_up: float) -> float:
    """Give the share of the full rate: up to 1 in a line, then down to 0.

    >>> [slope(progress, warm_up=0.5) for progress in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return progress / warm_up if progress < warm_up else max(0.0, (1 - progress) / (1 - warm_up))
