"""Replaced-token detection: a small network proposes replacements, the encoder tells them from what stood there.

Every token teaches, not only the masked ones (Clark et al. 2020). Pieces and positions are shared.
"""

# b windows, t tokens of a window, m masked tokens of a batch, v pieces

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812, as everybody writes it
from torch import Tensor, nn
from transformers import ElectraForMaskedLM, ElectraForPreTraining

from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.learner import Figures, begin, choose, precision, shape
from feedback_nlp.train.encoder.start import Floats
from feedback_nlp.train.encoder.vocabulary import FIRST, MASK


class Replaced:
    """The encoder D and the generator G."""

    parts: Mapping[str, nn.Module]

    def __init__(self, config: Config, *, vectors: Floats) -> None:
        """Build both networks; the caller has set the seed."""
        pieces = len(vectors)
        self.D = ElectraForPreTraining(shape(config.model, model=config.model, pieces=pieces))
        self.G = ElectraForMaskedLM(shape(config.generator, model=config.model, pieces=pieces))
        self.parts = {"D": self.D, "G": self.G}
        own, other = self.D.electra.embeddings, self.G.electra.embeddings
        other.word_embeddings, other.position_embeddings = own.word_embeddings, own.position_embeddings
        self.G.generator_lm_head.weight = own.word_embeddings.weight
        begin(self.D.electra, vectors=vectors, config=config)
        self._masked, self._weight = config.objective.masked, config.objective.weight

    def loss(self, ids: Tensor, *, lot: torch.Generator, half: bool) -> tuple[Tensor, Figures]:
        """Give the weighted sum of guessing and telling apart."""
        chosen = choose(ids, share=self._masked, lot=lot)
        guesses = self._guess(ids, chosen, half=half)  # (m, v)
        guessing = F.cross_entropy(guesses, ids[chosen])
        seen = ids.clone()
        seen[chosen] = _drawn(guesses.detach(), lot=lot)
        with precision(ids.device, half=half):
            doubt = self.D(seen).logits  # (b, t), above 0 where it takes a piece for replaced
        text = ids >= FIRST
        doubt, replaced = doubt.float()[text], (seen != ids)[text]
        telling = F.binary_cross_entropy_with_logits(doubt, replaced.float())
        found = ((doubt > 0) & replaced).sum() / replaced.sum().clamp_min(1)
        figures = {"guessing": guessing.detach(), "telling": telling.detach(), "found": found.detach()}
        return guessing + self._weight * telling, figures

    def _guess(self, ids: Tensor, chosen: Tensor, *, half: bool) -> Tensor:
        with precision(ids.device, half=half):
            hidden = self.G.electra(ids.masked_fill(chosen, MASK)).last_hidden_state[chosen]
            made: Tensor = self.G.generator_lm_head(self.G.generator_predictions(hidden))
        return made.float()


def _drawn(guesses: Tensor, *, lot: torch.Generator) -> Tensor:
    """Draw a piece (m,) from each row's distribution; on a CPU three times faster than multinomial."""
    sums = guesses.softmax(dim=-1).cumsum(dim=-1)
    chance = torch.rand((len(guesses), 1), generator=lot, device=guesses.device) * sums[:, -1:]
    return torch.searchsorted(sums, chance).squeeze(1).clamp_(max=guesses.shape[1] - 1)
