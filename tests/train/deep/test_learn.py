from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import Labelled
from feedback_nlp.train.deep.aims import columns
from feedback_nlp.train.deep.batches import Cut, whole
from feedback_nlp.train.deep.learn import Lesson, learn, reader, score, tokens, trial
from feedback_nlp.train.deep.model import Reader
from feedback_nlp.train.deep.recipe import DeepRecipe
from feedback_nlp.train.encoder.folder import Opened

BUSINESS = columns(load())["business"]
LessonOf = Callable[..., Lesson]


def fitted(toy: Opened, lesson: Lesson, *, checkpoint: Path | None = None) -> Reader:
    made = reader(toy.model, lesson, taxonomy=load())
    learn(made, lesson, checkpoint=checkpoint, told=lambda tokens, loss: None)
    return made


def equal(one: Reader, two: Reader) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def test_a_planted_word_is_found_in_texts_that_were_never_read(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    task = lesson(planted, replace(small, epochs=6), rows=np.arange(80))
    made = fitted(toy, task)
    scores = score(made, task.cut, np.arange(80, 120), batch=8, device="cpu")
    guessed = scores[:, BUSINESS].argmax(axis=1)
    read = [load().labels("business").index(row.labels["business"][0]) for row in planted[80:]]
    assert (guessed == read).mean() > 0.95


def test_equal_seeds_give_equal_weights(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    task = lesson(planted[:32], replace(small, dropout=0.3))
    before = torch.get_rng_state()
    first = fitted(toy, task)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(99)
    assert equal(first, fitted(toy, task))
    assert not equal(first, fitted(toy, replace(task, seed=2)))


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_a_run_that_was_killed_ends_where_it_would_have(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf, tmp_path: Path, average: float
) -> None:
    task = lesson(planted[:32], replace(small, epochs=3, dropout=0.3, average=average))
    steps = 0

    def killed(tokens: int, loss: float) -> None:
        nonlocal steps
        steps += 1
        if steps == 10:  # four steps an epoch: in the third
            raise KeyboardInterrupt

    path = tmp_path / "fit.pt"
    with pytest.raises(KeyboardInterrupt):
        learn(reader(toy.model, task, taxonomy=load()), task, checkpoint=path, told=killed)
    seen: list[float] = []
    resumed = reader(toy.model, task, taxonomy=load())
    learn(resumed, task, checkpoint=path, told=lambda tokens, loss: seen.append(loss))
    assert len(seen) == 4
    assert equal(resumed, fitted(toy, task))


def test_the_average_of_all_weights_is_no_single_one(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    plain, averaged = (fitted(toy, lesson(planted[:32], replace(small, average=share))) for share in (0.0, 0.5))
    assert not equal(plain, averaged)


def test_a_text_is_scored_whole_and_alike_in_any_company(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    task = lesson(planted[:32], small)
    made = fitted(toy, task)
    long = Cut(((task.cut.windows[0][0], task.cut.windows[1][0], (9,)), task.cut.windows[2]), task.cut.special)
    batch = whole(long, [0, 1], most=9)
    with torch.inference_mode():
        expected = made.scores(batch.ids, batch.mask, batch.content, batch.owner, 2).numpy()
    for size in (1, 2, 8):
        found = score(made, long, np.array([1, 0]), batch=size, device="cpu")
        assert found == pytest.approx(expected[::-1], abs=1e-4)


def test_the_layers_below_learn_more_slowly(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    task = lesson(planted[:8], replace(small, epochs=1, batch=8, layer_decay=1e-3, warm_up=0.0, weight_decay=0.0))
    made, start = fitted(toy, task), reader(toy.model, task, taxonomy=load())
    dense = [[one.encoder.encoder.layer[at].output.dense.weight.detach() for one in (made, start)] for at in (0, 1)]
    moved = [float((after - before).abs().max()) for after, before in dense]
    # AdamW's first step moves every weight by about its rate
    assert moved[1] == pytest.approx(small.rate, rel=0.05)
    assert moved[0] == pytest.approx(small.rate * 1e-3, rel=0.05)


def test_a_trial_counts_what_it_reads_and_leaves_the_encoder_alone(
    toy: Opened, small: DeepRecipe, planted: list[Labelled], lesson: LessonOf
) -> None:
    task = lesson(planted[:8], replace(small, trial_steps=3))
    before = toy.model.embeddings.word_embeddings.weight.clone()
    looks = iter([0.0, 0.0, 2.0])
    rate = trial(reader(toy.model, task, taxonomy=load()), task, clock=lambda: next(looks))
    assert rate == pytest.approx(3 * tokens(task) / 2.0)  # one batch holds all eight texts
    assert torch.equal(before, toy.model.embeddings.word_embeddings.weight)
