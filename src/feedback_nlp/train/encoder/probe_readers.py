"""Ways to read a probe: a linear model, logistic regression on what a frozen encoder says, an encoder briefly tuned.

Each learns from a probe's texts and gives raw scores for others; all are judged by the same rule.
"""

# n texts, t tokens, w width, k labels of all heads side by side

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from feedback_nlp.classify.features import Vocabulary, features
from feedback_nlp.train.encoder.folder import Opened
from feedback_nlp.train.encoder.heads import Shared, optimiser, padded, pooled, set_rate, slope
from feedback_nlp.train.encoder.probe_sets import Head, Numbers, Probe, spans
from feedback_nlp.train.encoder.task_batches import Rows, batches, encode
from feedback_nlp.train.recipe import recipe
from feedback_nlp.train.vocabulary import collect

Scores = npt.NDArray[Any]
LEAST = 1e-12  # probability whose logarithm is still taken
WIDTH = 256  # for which probes.toml states the learning rate


def twin(opened: Opened, *, seed: int) -> Opened:
    """Give an encoder of the same shape and tokenizer that has learned nothing."""
    torch.manual_seed(seed)
    return replace(opened, model=type(opened.model)(opened.model.config).float().eval(), manifest=None)


def linear(probe: Probe, texts: Sequence[str]) -> Scores:
    """Give the scores (n, k) of the linear model: one support vector machine a label over word and character grams."""
    from sklearn.svm import LinearSVC

    numbers, learned = recipe(), [example.text for example in probe.learn]
    vocabulary = collect(learned, least=numbers.least_texts)
    matrix, unseen = _grams(learned, vocabulary), _grams(texts, vocabulary)
    truth = np.concatenate([head.truth(probe.learn) for head in probe.heads], axis=1)
    scores = np.full((len(texts), truth.shape[1]), -np.inf)
    for place, column in enumerate(truth.T):
        if 0 < (positives := int(column.sum())) < len(column):
            balance = {False: 1.0, True: ((len(column) - positives) / positives) ** numbers.rare}
            machine = LinearSVC(C=numbers.cost, class_weight=balance, random_state=0).fit(matrix, column)
            scores[:, place] = machine.decision_function(unseen)
    return scores


def frozen(probe: Probe, texts: Sequence[str], *, opened: Opened, numbers: Numbers, device: str = "cpu") -> Scores:
    """Give the scores (n, k) of logistic regressions on the encoder's mean-pooled hidden states."""
    learned = said([example.text for example in probe.learn], opened=opened, numbers=numbers, device=device)
    unseen = said(texts, opened=opened, numbers=numbers, device=device)
    middle, spread = learned.mean(axis=0), learned.std(axis=0) + 1e-6
    learned, unseen = (learned - middle) / spread, (unseen - middle) / spread
    return np.concatenate([_logistic(head, probe, learned, unseen, numbers=numbers) for head in probe.heads], axis=1)


def tuned(probe: Probe, texts: Sequence[str], *, opened: Opened, numbers: Numbers, device: str = "cpu") -> Scores:
    """Give the scores (n, k) of a copy of the encoder that has learned from the texts a few times over."""
    torch.manual_seed(numbers.seed)
    truth = np.concatenate([head.truth(probe.learn) for head in probe.heads], axis=1).astype(np.float32)
    rows = _rows([example.text for example in probe.learn], truth, opened=opened, numbers=numbers)
    model = Shared(copy.deepcopy(opened.model), truth.shape[1], dropout=numbers.dropout).to(device).train()
    rate = numbers.rate * WIDTH / int(opened.model.config.hidden_size)
    optimizer = optimiser(model, rate=rate, head_rate=numbers.head_rate, decay=numbers.decay)
    steps = list(_steps(rows, numbers))
    for number, chosen in enumerate(steps):
        set_rate(optimizer, slope((number + 1) / (len(steps) + 1), warm_up=numbers.warm_up))
        ids, mask = padded([rows.text(place) for place in chosen], padding=opened.padding, device=device)
        with torch.autocast(device, dtype=torch.bfloat16):
            scores = model(ids, mask)
        loss = _loss(scores, torch.from_numpy(rows.targets[chosen]).to(device), probe.heads)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), numbers.clip)
        optimizer.step()
    return _scores(model, texts, opened=opened, numbers=numbers, device=device)


def said(texts: Sequence[str], *, opened: Opened, numbers: Numbers, device: str = "cpu") -> npt.NDArray[np.float32]:
    """Give the mean-pooled hidden states of the last layers side by side (n, layers · w)."""
    model = opened.model.to(device).eval()
    found = np.zeros((len(texts), numbers.layers * int(model.config.hidden_size)), dtype=np.float32)
    with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16):
        for chosen, ids, mask in _read(texts, opened=opened, numbers=numbers, device=device):
            states = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            last = [pooled(layer, mask) for layer in states[-numbers.layers :]]
            found[chosen] = torch.cat(last, dim=1).cpu().numpy()
    return found


def _scores(model: Shared, texts: Sequence[str], *, opened: Opened, numbers: Numbers, device: str) -> Scores:
    model.eval()
    scores = np.zeros((len(texts), model.head.out_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16):
        for chosen, ids, mask in _read(texts, opened=opened, numbers=numbers, device=device):
            scores[chosen] = model(ids, mask).cpu().numpy()
    return scores


def _read(texts: Sequence[str], *, opened: Opened, numbers: Numbers, device: str) -> Iterator[tuple[Any, Any, Any]]:
    """Give texts in batches of about equal length: places, ids and mask."""
    rows = _rows(texts, np.zeros((len(texts), 0), dtype=np.float32), opened=opened, numbers=numbers)
    for chosen in batches(rows.lengths(), tokens=numbers.tokens):
        yield chosen, *padded([rows.text(place) for place in chosen.tolist()], padding=opened.padding, device=device)


def _rows(texts: Sequence[str], truth: npt.NDArray[np.float32], *, opened: Opened, numbers: Numbers) -> Rows:
    return Rows(*encode(texts, opened=opened, size=numbers.size), truth)


def _steps(rows: Rows, numbers: Numbers) -> Iterator[npt.NDArray[np.int64]]:
    """Give batches: in every pass each text once, neighbours of about equal length, in an order drawn by lot."""
    lengths = rows.lengths()
    for turn in range(numbers.passes):
        lot = np.random.default_rng((numbers.seed, turn))
        order = np.argsort(lengths + lot.uniform(0, lengths.mean() / 4, len(rows)), kind="stable")
        parts = [order[start : start + numbers.batch] for start in range(0, len(order), numbers.batch)]
        yield from (parts[place] for place in lot.permutation(len(parts)))


def _loss(scores: torch.Tensor, truth: torch.Tensor, heads: Sequence[Head]) -> torch.Tensor:
    """Give the sum over heads of cross-entropy, or for several labels of the binary ones, averaged over texts."""
    parts = []
    for head, own in spans(heads):
        if head.several:
            losses = nn.functional.binary_cross_entropy_with_logits(scores[:, own], truth[:, own], reduction="none")
            parts.append(losses.sum(dim=1).mean())
        else:
            parts.append(nn.functional.cross_entropy(scores[:, own], truth[:, own].argmax(dim=1)))
    return torch.stack(parts).sum()


def _grams(texts: Sequence[str], vocabulary: Vocabulary) -> Any:
    """Give one sparse row a text: its clauses' rows added up."""
    from scipy.sparse import csr_matrix

    batch = features(texts, vocabulary=vocabulary)
    clauses = batch.matrix.shape[0]
    ends = np.concatenate([batch.starts, [clauses]])
    return csr_matrix((np.ones(clauses, np.float32), np.arange(clauses), ends)) @ batch.matrix


def _logistic(head: Head, probe: Probe, learned: Scores, unseen: Scores, *, numbers: Numbers) -> Scores:
    """Fit one regression a head, or one a label where a text may carry several."""
    truth = head.truth(probe.learn)
    if not head.several:
        return _regression(learned, truth.argmax(axis=1), unseen, labels=len(head.labels), numbers=numbers)
    columns = [_regression(learned, column.astype(int), unseen, labels=2, numbers=numbers)[:, 1:] for column in truth.T]
    return np.concatenate(columns, axis=1)


def _regression(learned: Scores, places: Any, unseen: Scores, *, labels: int, numbers: Numbers) -> Scores:
    """Give log-probabilities (n, labels); a label without an example is never guessed."""
    from sklearn.linear_model import LogisticRegression

    scores = np.full((len(unseen), labels), -np.inf)
    present = np.unique(places)
    if len(present) == 1:
        scores[:, present] = 0.0
        return scores
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a regression that has not quite converged measures as well
        fitted = LogisticRegression(C=numbers.cost, max_iter=200).fit(learned, places)
    scores[:, fitted.classes_] = np.log(np.maximum(fitted.predict_proba(unseen), LEAST))
    return scores
