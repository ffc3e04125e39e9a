"""An encoder that gives every token a say in every label.

A text's score for a label is the mean of its tokens' scores, weighted by a gate that each facet has for itself. So the
clauses of a text add up to the text, as in the linear model, and a letter of any length is read whole: the windows'
sums are added before they are divided.
"""

# b windows, t tokens, k labels of all facets side by side, f facets, n texts

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

GATE = 6.0  # the largest logarithm of a weight: keeps sums finite in any precision


class Reader(nn.Module):
    """Encoder, gates and one score a token and label."""

    facet: Tensor

    def __init__(self, encoder: Any, sizes: Sequence[int], *, dropout: float = 0.1) -> None:
        """Put new heads on an encoder; ``sizes`` are the numbers of labels, facet by facet."""
        super().__init__()
        width = int(encoder.config.hidden_size)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.gate = nn.Linear(width, len(sizes))
        self.head = nn.Linear(width, sum(sizes), bias=False)
        self.intercept = nn.Parameter(torch.zeros(sum(sizes)))
        self.register_buffer("facet", torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(list(sizes))))
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read windows (b, t) that open and close with special tokens; ``mask`` is 1 where there is a token, else 0.

        Give every token's weight (b, t, f) and scores (b, t, k), and the intercept (k,). Weights of opening, closing
        and padding tokens mean nothing: leave them out of the sums.
        """
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = torch.exp(GATE * torch.tanh(self.gate(hidden).float() / GATE))
        return weight, self.head(self.dropout(hidden)).float(), self.intercept

    def scores(self, ids: Tensor, mask: Tensor, content: Tensor, owner: Tensor, texts: int) -> Tensor:
        """Give the raw scores (n, k) of texts.

        ``content`` (b, t) is 1 for the tokens that count, ``owner`` (b,) names each window's text.
        """
        weight, scores, intercept = self(ids, mask)
        weight = (weight * content.unsqueeze(-1))[:, :, self.facet]
        upper = (weight * scores).sum(dim=1)
        lower = weight.sum(dim=1)
        blank = torch.zeros(texts, upper.shape[1], dtype=upper.dtype, device=upper.device)
        total: Tensor = blank.index_add(0, owner, upper) / blank.index_add(0, owner, lower).clamp_min(1e-6) + intercept
        return total
