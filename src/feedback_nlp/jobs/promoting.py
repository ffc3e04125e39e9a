"""Change the release that an installation runs: forward past the gate, back by one step, both on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import POINTER, find, load
from feedback_nlp.errors import OfficerError, TrainerError
from feedback_nlp.jobs.evaluating import Texts, learned_from, read_texts
from feedback_nlp.jobs.pointer import BACK, HISTORY, OVERRIDDEN, PASSED, default, point, preceding, read_history
from feedback_nlp.jobs.staff import staff_name
from feedback_nlp.jobs.training import LABELLED, corpus, is_test
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.compare import Comparison, compare
from feedback_nlp.train.gate import against, refusal
from feedback_nlp.train.reading import ask
from feedback_nlp.train.release import record
from feedback_nlp.train.written import rounded
from feedback_nlp.train.yardstick import yardstick

COMPARED = "compared"
"""Section of a manifest: the release whose place it took → the texts they were compared on, and the outcome."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """A release that somebody wants to be the default."""

    name: str
    data: tuple[Path, ...] = ()  # labelled files to compare on, beside the corpus' dev part
    override: bool = False  # although it is worse somewhere
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What the default is now."""

    name: str
    before: str
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What speaks against a release, and what it was compared on."""

    against: str  # "" where nothing does
    texts: Texts | None = None
    comparison: Comparison | None = None


def promote(settings: Settings, wish: Wish, *, by: str, say: Say) -> Changed:
    """Make a release the default, if nothing speaks against it; with an override, all the same."""
    by = _who(by)
    if wish.override and not wish.reason.strip():
        raise TrainerError("--override needs --reason: it is written into the history")
    taxonomy, before = load_taxonomy(settings.taxonomy), default(settings.own_models)
    if wish.name in (POINTER, before):
        raise TrainerError(f"{before} is the default already; name the release that shall take its place")
    candidate = _open(wish.name, settings, taxonomy)
    ruling = _rule(candidate, before, wish, settings=settings, taxonomy=taxonomy, say=say)
    if ruling.against and not wish.override:
        raise TrainerError(ruling.against)
    entry = {
        "result": OVERRIDDEN if ruling.against else PASSED,
        "reason": prepare(wish.reason).text,
        "compared_on": [] if ruling.texts is None else [asdict(item) for item in ruling.texts.files],
        "headline": {} if ruling.comparison is None else _headline(ruling.comparison),
        "against": ruling.against,
    }
    _remember(settings, wish.name, before, ruling)
    point(settings.own_models, before, wish.name, entry={**entry, "by": by})
    if settings.release != POINTER:
        say(f"note: the settings name the release '{settings.release}', which counts before the pointer")
    return Changed(wish.name, before, ruling.comparison)


def rollback(settings: Settings, *, by: str, reason: str, say: Say) -> Changed:
    """Make the release that was the default before this one the default again."""
    by, current = _who(by), default(settings.own_models)
    earlier = preceding(current, read_history(settings.own_models))
    if earlier is None:
        raise TrainerError(
            f"{settings.own_models / HISTORY}: does not say what was the default before {current}; "
            "name the release in `feedback-nlp promote`"
        )
    _open(earlier, settings, load_taxonomy(settings.taxonomy))
    point(settings.own_models, current, earlier, entry={"result": BACK, "reason": prepare(reason).text, "by": by})
    if settings.release != POINTER:
        say(f"note: the settings name the release '{settings.release}', which counts before the pointer")
    return Changed(earlier, current, None)


def _who(by: str) -> str:
    name = staff_name(by, what="操作人")
    if not name:
        raise OfficerError("缺少操作人；请填写姓名或工号")
    return name


def _open(name: str, settings: Settings, taxonomy: Taxonomy) -> Predictor:
    return load(find(name, folder=settings.own_models), fingerprint=fingerprint(), taxonomy=taxonomy)


def _rule(candidate: Predictor, before: str, wish: Wish, *, settings: Settings, taxonomy: Taxonomy, say: Say) -> Ruling:
    """Compare the candidate with the default on the comparison set."""
    try:
        present = _open(before, settings, taxonomy)
    except TrainerError as error:
        return Ruling(f"there is nothing to compare with: {error}. To promote it all the same: --override --reason")
    paths = _compared_on(wish, say=say)
    for path in paths:
        if is_test(path):
            raise TrainerError(f"{path}: is the test part, which only measures; compare on other texts")
    texts = read_texts(paths, taxonomy=taxonomy)
    seen = [
        line for name in (wish.name, before) for line in learned_from(find(name, folder=settings.own_models), texts)
    ]
    if seen:
        raise TrainerError(f"{seen[0]}; compare on other texts")
    comparison = compare(ask(candidate, texts.rows), ask(present, texts.rows), taxonomy=taxonomy)
    worse = against(comparison, least=yardstick().gate)
    return Ruling(refusal(comparison, worse) if worse else "", texts, comparison)


def _compared_on(wish: Wish, *, say: Say) -> list[Path]:
    """Give the corpus' dev part and the files given; say so where there are only the latter."""
    dev = LABELLED / "dev.jsonl"
    if wish.data and not dev.is_file():
        say(f"note: the dev part of a checkout, {dev}, is not here: the comparison rests on the files given alone")
        return list(wish.data)
    return [corpus("dev"), *wish.data]


def _headline(found: Comparison) -> dict[str, Any]:
    return {
        item.name: rounded([item.one, item.two, item.change.value, item.change.low, item.change.high])
        for item in found.headline
    }


def _remember(settings: Settings, name: str, before: str, ruling: Ruling) -> None:
    """Name the comparison set and its outcome in the manifest of an own release."""
    folder = settings.own_models / name
    if ruling.texts is None or ruling.comparison is None or not folder.is_dir():
        return
    files = [asdict(item) for item in ruling.texts.files]
    record(folder, COMPARED, key=before, value={"on": files, "headline": _headline(ruling.comparison)})
