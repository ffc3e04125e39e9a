"""Fine-tune an encoder once a fold, for scores of texts it has not seen, and once on all texts.

A run leaves in its folder: ``fold-N.npy``, the scores of a finished fold; ``fold-N.pt`` and ``all.pt``, the state after
the last epoch of an unfinished one; how long it has taken. Everything else follows from the texts, the recipe and the
seed.
"""

# n texts, k labels of all facets side by side

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.train.deep import checkpoints
from feedback_nlp.train.deep.learn import Lesson, learn, reader, score, tokens, trial
from feedback_nlp.train.deep.model import Reader
from feedback_nlp.train.deep.progress import Progress, duration
from feedback_nlp.train.deep.recipe import DeepRecipe
from feedback_nlp.train.truth import Mask

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LAST = "all"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and how fine-tuning works."""

    out: Path  # the folder of releases
    checkpoints: Path  # the run's own folder
    resume: bool  # go on with the unfinished run that it may hold
    device: str  # as torch names it: cpu, cuda
    say: Callable[[str], None]
    clock: Callable[[], float]  # seconds, from any start
    machine: str = "not described"  # in words, for the card


@dataclass(frozen=True, slots=True)
class Tuned:
    """A fine-tuned encoder."""

    reader: Reader  # has learned from all texts
    scores: Floats  # (n, k), of readers that had not seen the text or its like


def tune(encoder: Any, whole: Lesson, fold: Ints, *, taxonomy: Taxonomy, place: Workshop) -> Tuned:
    """Fit one reader a fold, and one on all texts (``whole``); what is finished in ``place`` is not done again."""
    parts = {f"fold-{number + 1}": fold == number for number in sorted(set(fold.tolist()))}
    lessons = {name: _without(whole, outside) for name, outside in parts.items()}
    progress = _announced(encoder, {**lessons, LAST: whole}, taxonomy=taxonomy, place=place)

    def fitted(name: str, lesson: Lesson) -> Reader:
        progress.what = "all texts" if name == LAST else f"{name.replace('-', ' ')} of {len(parts)}"
        made = reader(encoder, lesson, taxonomy=taxonomy)
        learn(made, lesson, checkpoint=place.checkpoints / f"{name}.pt", told=progress.step)
        return made

    def unseen(name: str) -> Floats:
        made = fitted(name, lessons[name])
        return score(made, whole.cut, np.flatnonzero(parts[name]), batch=whole.recipe.batch, device=whole.device)

    scores = np.zeros(whole.aims.target.shape)
    for name, outside in parts.items():
        scores[outside] = checkpoints.array(place.checkpoints / f"{name}.npy", partial(unseen, name))
        (place.checkpoints / f"{name}.pt").unlink(missing_ok=True)
    return Tuned(fitted(LAST, whole), scores)


def _without(whole: Lesson, outside: Mask) -> Lesson:
    """Leave texts (n,) out of a lesson."""
    return replace(whole, rows=np.flatnonzero(~outside))


def _announced(encoder: Any, lessons: Mapping[str, Lesson], *, taxonomy: Taxonomy, place: Workshop) -> Progress:
    """Say how much there is to do, and by a trial how long it takes here."""
    whole = lessons[LAST]
    epochs = {name: whole.recipe.epochs - _done(name, whole.recipe, place.checkpoints) for name in lessons}
    total = sum(tokens(lesson) * epochs[name] for name, lesson in lessons.items() if epochs[name])
    place.say(
        f"{len(whole.rows):,} texts, {sum(map(whole.cut.tokens, whole.rows.tolist())):,} tokens; "
        f"{len(lessons) - 1} folds and a fit on all texts, {whole.recipe.epochs} epochs each"
    )
    if total:
        rate = trial(reader(encoder, whole, taxonomy=taxonomy), whole, clock=place.clock)
        place.say(
            f"about {duration(total / rate)} of fine-tuning to go, at {rate:,.0f} tokens a second on this machine; "
            "stopped half-way, it goes on with --resume"
        )
    return Progress(total, place.say, place.clock, whole.recipe.say_seconds)


def _done(name: str, recipe: DeepRecipe, folder: Path) -> int:
    """Give the number of epochs that an earlier run has finished."""
    if (folder / f"{name}.npy").is_file():
        return recipe.epochs
    state = checkpoints.load(folder / f"{name}.pt")
    return int(state["epoch"]) if state else 0
