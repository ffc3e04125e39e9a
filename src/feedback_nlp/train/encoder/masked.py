"""Masked-token prediction: the encoder guesses the pieces that were taken out (Devlin et al. 2019)."""

# b windows, t tokens of a window, m masked tokens of a batch, v pieces, e width

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812, as everybody writes it
from torch import Tensor, nn
from transformers import ElectraModel

from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.learner import Figures, begin, choose, precision, shape
from feedback_nlp.train.encoder.start import Floats
from feedback_nlp.train.encoder.vocabulary import MASK


class Masked:
    """The encoder D and the head H that names pieces by the encoder's own vectors."""

    parts: Mapping[str, nn.Module]

    def __init__(self, config: Config, *, vectors: Floats, frequency: Floats) -> None:
        """Build both; the head starts at the pieces' frequencies. The caller has set the seed."""
        self.D = ElectraModel(shape(config.model, model=config.model, pieces=len(vectors)))
        begin(self.D, vectors=vectors, config=config)
        self.H = Head(self.D.embeddings.word_embeddings, frequency, own=bool(config.start.likeness))
        self.parts = {"D": self.D, "H": self.H}
        self._masked = config.objective.masked

    def loss(self, ids: Tensor, *, lot: torch.Generator, half: bool) -> tuple[Tensor, Figures]:
        """Give the cross-entropy of the masked pieces."""
        chosen = choose(ids, share=self._masked, lot=lot)
        want = ids[chosen]
        with precision(ids.device, half=half):
            guesses = self.H(self.D(ids.masked_fill(chosen, MASK)).last_hidden_state[chosen])  # (m, v)
        guesses = guesses.float()
        guessing = F.cross_entropy(guesses, want)
        found = (guesses.detach().argmax(dim=-1) == want).float().mean()
        return guessing, {"loss": guessing.detach(), "right": found}


class Head(nn.Module):
    """From a hidden state to scores of all pieces."""

    def __init__(self, vectors: nn.Embedding, frequency: Floats, *, own: bool) -> None:
        """Share the pieces' vectors; ``own``: begin as the identity, so that a state scores what it resembles."""
        super().__init__()
        width = vectors.embedding_dim
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.scale = nn.Parameter(torch.tensor(0.5 if own else 1.0))
        self.bias = nn.Parameter(torch.from_numpy(frequency).clone())
        self.emb = vectors
        if own:
            nn.init.eye_(self.dense.weight)
            nn.init.zeros_(self.dense.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """Score (m, v) the pieces for hidden states (m, e)."""
        return F.linear(self.norm(self.dense(hidden)) * self.scale, self.emb.weight) + self.bias
