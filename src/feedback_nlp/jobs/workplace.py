"""Everything a job needs, opened once: store, key, policy, taxonomy, the day."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from feedback_nlp import __version__
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import find, load
from feedback_nlp.errors import OperatorError
from feedback_nlp.policy import Policy, check_labels
from feedback_nlp.policy import load as load_policy
from feedback_nlp.settings import Settings, hmac_key
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import claim_key, known_key, only_run, open_store, tidy
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.identity import key_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
Progress = Callable[[str, int], None]
"""Told what is being done and how many more rows of it are done."""
END_OF_DAY = time(23, 59)


def quiet(_step: str, _rows: int) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """An open installation on a given day."""

    settings: Settings
    engine: sa.Engine
    key: bytes
    policy: Policy
    taxonomy: Taxonomy
    today: date
    now: datetime  # the moment of the work; of a day that was named, its end
    warnings: tuple[str, ...] = ()
    progress: Progress = quiet


def open_workplace(
    settings: Settings, *, today: date | None = None, create_key: bool = False, progress: Progress = quiet
) -> Workplace:
    """Open the store, check the key, read the policy. Without ``today``, it is now in Shanghai."""
    policy = load_policy(settings.policy)
    taxonomy = load_taxonomy(settings.taxonomy)
    check_labels(policy, labels=taxonomy.names)
    engine = open_store(settings.store_url)
    try:
        key, warning = hmac_key(settings, create=create_key and known_key(engine) is None)
        if known_key(engine) != key_id(key):  # a reader must not wait for a writer
            with engine.begin() as connection:
                claim_key(connection, key_id(key))
    except OperatorError:
        engine.dispose()
        raise
    now = moment_of(today)
    warnings = (warning,) if warning else ()
    return Workplace(settings, engine, key, policy, taxonomy, now.date(), now, warnings, progress)


def load_predictor(settings: Settings) -> Predictor:
    """Load the release that the settings name.

    What is loaded here, half a million words and numbers among it, lives as long as the process: the garbage collector
    need not walk through it after every few thousand rows (5 % of a run's time).
    """
    folder = find(settings.release, folder=settings.own_models)
    predictor = load(folder, fingerprint=fingerprint(), taxonomy=load_taxonomy(settings.taxonomy))
    gc.freeze()
    return predictor


@contextmanager
def recorded_run(work: Workplace, command: str) -> Iterator[int]:
    """Hold the store's lock and keep a record of the run; one that never ends keeps no end time."""
    with only_run(work.engine):
        with work.engine.begin() as connection:
            row = {"command": command, "today": work.today, "started_at": _now(), "code": __version__}
            insert = (
                t.run.insert()
                .values(**row, release=find(work.settings.release, folder=work.settings.own_models).name)
                .returning(t.run.c.id)
            )
            run_id = connection.execute(insert).scalar_one()
        yield run_id
        with work.engine.begin() as connection:
            connection.execute(t.run.update().where(t.run.c.id == run_id).values(finished_at=_now()))
        tidy(work.engine)


def moment_of(today: date | None) -> datetime:
    """Give the moment of work on a day: its end; without a day, now in Shanghai."""
    return datetime.combine(today, END_OF_DAY) if today else _now()


def _now() -> datetime:
    return datetime.now(SHANGHAI).replace(tzinfo=None)
