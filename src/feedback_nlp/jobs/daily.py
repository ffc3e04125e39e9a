"""The daily path: everything new in the inbox, down to today's priorities. The flow runs the same steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feedback_nlp.errors import SenderError
from feedback_nlp.jobs.alerts import Raised, raise_alerts
from feedback_nlp.jobs.casework import settle
from feedback_nlp.jobs.classify import classify_new, reclassify
from feedback_nlp.jobs.groups import find_groups
from feedback_nlp.jobs.improve import open_improvements
from feedback_nlp.jobs.outlets import Delivered, deliver
from feedback_nlp.jobs.review import queue_tasks
from feedback_nlp.jobs.scoring import score_cases
from feedback_nlp.jobs.takein import TakenIn, try_exposure, try_file, try_query
from feedback_nlp.jobs.workplace import Workplace, load_predictor, recorded_run


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run reads."""

    files: tuple[Path, ...]
    exposures: tuple[Path, ...]  # tables of outlets and customers
    queries: tuple[str, ...]  # names of the sources that are database queries


@dataclass(frozen=True, slots=True)
class Day:
    """What a daily run did."""

    taken_in: tuple[TakenIn, ...]
    classified: int
    settled: int
    raised: Raised
    delivered: Delivered
    scored: int
    opened: int  # improvement items

    @property
    def problems(self) -> tuple[str, ...]:
        """Give what could not be read or sent, each with what to do."""
        return (*(item.error for item in self.taken_in if item.error), *self.delivered.errors)


def find_inputs(work: Workplace, paths: Iterable[Path]) -> Inputs:
    """List what there is to read: files as named, folders one level deep, in a stable order, and all queries."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(item for item in path.iterdir() if item.is_file() and not _beside(item))
        elif path.exists():
            found.append(path)
        else:
            raise SenderError(f"{path}: no such file or folder")
    exposures = tuple(path for path in found if path.stem == "exposure")
    queries = tuple(feed.name for feed in work.settings.feeds if feed.query)
    return Inputs(tuple(path for path in found if path not in exposures), exposures, queries)


def run_daily(work: Workplace, paths: Iterable[Path]) -> Day:
    """Take in, classify, join to cases, score, open improvement items. Killed anywhere, run again: the same tables."""
    inputs = find_inputs(work, paths)
    predictor = load_predictor(work.settings)
    with recorded_run(work, "run"):
        taken_in = [item for path in inputs.exposures if (item := try_exposure(work, path)).error]
        taken_in += [try_file(work, path) for path in inputs.files]
        taken_in += [try_query(work, feed) for feed in inputs.queries]
        classified, settled = classify_new(work, predictor), join_cases(work)
        raised, delivered = warn(work)
        return Day(
            taken_in=tuple(taken_in),
            classified=classified,
            settled=settled,
            raised=raised,
            delivered=delivered,
            scored=score_cases(work),
            opened=open_improvements(work),
        )


def join_cases(work: Workplace) -> int:
    """Put what is new into cases, find group complaints, queue what a person should look at; give how many events."""
    queue_tasks(work)
    settled = settle(work)
    find_groups(work)
    return settled


def warn(work: Workplace) -> tuple[Raised, Delivered]:
    """Tell people what cannot wait; before cases are scored, as an alert does not wait for arithmetic."""
    return raise_alerts(work, now=work.now), deliver(work, now=work.now)


def run_reclassify(work: Workplace) -> int:
    """Let the settings' release read everything stored, then look at cases and scores again; give how many texts."""
    predictor = load_predictor(work.settings)
    with recorded_run(work, "reclassify"):
        count = reclassify(work, predictor)
        join_cases(work)
        warn(work)
        score_cases(work)
        open_improvements(work)
    return count


def _beside(path: Path) -> bool:
    """Tell what lies beside deliveries: documentation and hidden or temporary files."""
    return path.suffix.lower() in (".md", ".toml") or path.name.startswith((".", "~$"))
