"""Train an encoder on public labelled sets, and measure one, with this installation's settings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from feedback_nlp.classify.release import ENCODER, MANIFEST
from feedback_nlp.errors import TrainerError
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.extra import extra

if TYPE_CHECKING:
    from feedback_nlp.train.encoder.probe import Probed

WORK = Path("checkpoints")
"""Where unfinished training is kept, below the folder of the settings file."""
CORPUS = (Path("data/labelled/dev.jsonl"), Path("data/labelled/test.jsonl"))
"""What always only measures: a checkout's corpus."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """An intermediate training that somebody asks for."""

    base: str  # name, folder or hub name of an encoder
    name: str  # of the encoder that is made, a new folder below models
    public: Path  # folder of the public sets
    created: date
    apart: tuple[Path, ...] = ()  # labelled files that only measure, besides the corpus' dev and test part
    only: tuple[str, ...] = ()  # names of tasks; none: all whose files are there
    minutes: float = 12.0
    tokens: int | None = None
    resume: bool = False
    notes: tuple[str, ...] = ()  # for the manifest and the card


def intermediate(settings: Settings, wish: Wish, *, say: Say) -> Path:
    """Train an encoder further on public labelled sets, into the models folder; give the new folder."""
    with extra():
        from feedback_nlp.train.encoder.folder import locate, open_encoder
        from feedback_nlp.train.encoder.intermediate import New, Order, make
        from feedback_nlp.train.encoder.material import Sets
        from feedback_nlp.train.encoder.multitask import Budget, Place
        from feedback_nlp.train.encoder.tasks import plan

    folder, work = settings.own_models / wish.name, settings.folder / WORK / wish.name
    if Path(wish.name).name != wish.name or not wish.name.startswith(ENCODER):
        raise TrainerError(f"--out {wish.name}: a new encoder has a plain name that begins with {ENCODER}")
    if folder.exists():
        raise TrainerError(f"{folder}: exists already; name another, nothing is written over")
    opened = open_encoder(wish.base, fingerprint=fingerprint(), own=settings.own_models, say=say)
    sets = Sets(wish.public, (*filter(Path.is_file, CORPUS), *wish.apart), load_taxonomy(settings.taxonomy), wish.only)
    say(f"kept apart: what the tasks measure on, and {', '.join(map(str, sets.apart)) or 'no other file (--apart)'}")
    base = locate(wish.base, own=settings.own_models) or wish.base
    new = New(folder, base, wish.created, fingerprint(), wish.notes)
    order = Order(new, plan(), Budget(wish.minutes, wish.tokens), resume=wish.resume)
    make(opened, sets, order=order, place=Place(work, time.monotonic, say, _device()))
    return folder


def probe(
    settings: Settings,
    encoder: str,
    *,
    labelled: Path | None,
    public: Path | None,
    only: Sequence[str] = (),
    changes: dict[str, int] | None = None,
    say: Say,
) -> Probed:
    """Measure an encoder; ``changes`` to the numbers of probes.toml (rows, passes) stand in the result."""
    with extra():
        from feedback_nlp.train.encoder.folder import open_encoder
        from feedback_nlp.train.encoder.probe import run
        from feedback_nlp.train.encoder.probe_sets import plan, read_probes

    opened = open_encoder(encoder, fingerprint=fingerprint(), own=settings.own_models, say=say)
    wanted = replace(plan(), probe=replace(plan().probe, **(changes or {})))
    taxonomy = load_taxonomy(settings.taxonomy)
    probes = read_probes(wanted, labelled=labelled, public=public, taxonomy=taxonomy, only=only, say=say)
    return run(opened, probes, plan=wanted, clock=time.monotonic, say=say, device=_device())


def keep(settings: Settings, encoder: str, found: Probed, *, out: Path | None, record: bool) -> None:
    """Write the figures to a JSON file, and into the encoder's manifest."""
    with extra():
        from feedback_nlp.train.encoder.folder import locate
        from feedback_nlp.train.encoder.probe import as_record
        from feedback_nlp.train.encoder.publish import record as record_in

    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        content = {"encoder": found.encoder, **as_record(found)}
        out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if record:
        folder = locate(encoder, own=settings.own_models)
        if folder is None or not (folder / MANIFEST).is_file():
            raise TrainerError(f"{encoder}: was not made by this project and has no manifest for figures; use --out")
        key = f"{found.numbers['rows']} texts, {found.numbers['passes']} passes"
        record_in(folder, "probe", key=key, value=as_record(found))


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
