from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.train.rows import record, write_rows

from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.deep.aims import aims
from feedback_nlp.train.deep.batches import Special, cut
from feedback_nlp.train.deep.finetune import Workshop
from feedback_nlp.train.deep.learn import Lesson
from feedback_nlp.train.deep.recipe import DeepRecipe, deep_recipe
from feedback_nlp.train.encoder.folder import Opened, open_encoder
from feedback_nlp.train.truth import truth_of

TOY = Path(__file__).parents[2] / "data" / "toy-encoder"
FILL = ("今天", "上午", "我", "在", "网点", "看到", "大家", "都", "说")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors are faster on one thread, and sums come out the same every time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def toy() -> Opened:
    return open_encoder(str(TOY), fingerprint=None, say=lambda _: None)


@pytest.fixture
def small() -> DeepRecipe:
    """Give the recipe, for an encoder that has learned little."""
    return replace(
        deep_recipe(),
        epochs=2,
        folds=2,
        batch=8,
        rate=5e-3,
        head_rate=2e-2,
        layer_decay=1.0,
        dropout=0.0,
        trial_steps=1,
    )


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[Labelled]:
    """Give texts of the same words, whose business is told by one of two words somewhere among them."""
    lot = np.random.default_rng(4)
    rows = []
    for number in range(120):
        words = list(lot.permutation(FILL))
        loan = bool(number % 2)
        words.insert(int(lot.integers(len(words))), "贷款" if loan else "理财")
        business = "loan" if loan else "own_wealth"
        rows.append(record(number, text="".join(words), business=business, leaves=["other.general"], demand=[]))
    path = write_rows(tmp_path_factory.mktemp("planted") / "planted.jsonl", rows)
    return read_labelled(path, taxonomy=load())


@pytest.fixture
def lesson(toy: Opened) -> Callable[..., Lesson]:
    def made(texts: list[Labelled], recipe: DeepRecipe, **changes: Any) -> Lesson:
        special = Special(toy.opening, toy.closing, toy.padding)
        found = Lesson(
            cut=cut([row.text for row in texts], tokenizer=toy.tokenizer, special=special),
            aims=aims(truth_of(texts, taxonomy=load()), np.ones(len(texts)), taxonomy=load(), recipe=recipe),
            rows=np.arange(len(texts)),
            recipe=recipe,
            seed=1,
            device="cpu",
        )
        return replace(found, **changes)

    return made


@pytest.fixture
def place(tmp_path: Path) -> Workshop:
    """Give a workshop whose clock ticks once a look."""
    ticks = count(1)
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return Workshop(tmp_path / "models", folder, False, "cpu", lambda _: None, lambda: float(next(ticks)))
