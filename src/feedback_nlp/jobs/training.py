"""Train and measure releases with this installation's settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from feedback_nlp.classify.release import find
from feedback_nlp.errors import TrainerError
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.evaluate import Evaluation
from feedback_nlp.train.release import Order, evaluate_release, train_release

LABELLED = Path("data/labelled")
"""Where `train` and `evaluate` look for labelled files unless told otherwise: a checkout's corpus."""
MODELS = ("linear",)


def train(
    settings: Settings, *, name: str, data: Sequence[Path], today: date, say: Callable[[str], None]
) -> list[Evaluation]:
    """Train a linear release on labelled files (default: the corpus) into the models folder, and measure it.

    The corpus' dev part measures; texts near it or near the test part are never learned from. Outside a checkout,
    where there is none, a tenth of the files measures instead.
    """
    order = Order(
        name=name,
        created=today,
        data=tuple(data) or (_corpus("train"),),
        dev=_corpus_if_there("dev"),
        apart=_corpus_if_there("test"),
    )
    taxonomy = load_taxonomy(settings.taxonomy)
    return train_release(order, out=settings.own_models, fingerprint=fingerprint(), taxonomy=taxonomy, say=say)


def evaluate(settings: Settings, release: str, *, data: Path | None, split: str, out: Path | None) -> Evaluation:
    """Measure a release on a labelled file, or on the dev or test part of the corpus."""
    folder = find(release, folder=settings.own_models)
    taxonomy = load_taxonomy(settings.taxonomy)
    return evaluate_release(folder, data or _corpus(split), fingerprint=fingerprint(), taxonomy=taxonomy, out=out)


def _corpus_if_there(part: str) -> tuple[Path, ...]:
    path = LABELLED / f"{part}.jsonl"
    return (path,) if path.is_file() else ()


def _corpus(part: str) -> Path:
    path = LABELLED / f"{part}.jsonl"
    if not path.is_file():
        raise TrainerError(f"{path}: no such file; run in a checkout of feedback_nlp, or name a labelled file")
    return path
