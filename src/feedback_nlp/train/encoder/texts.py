"""Raw documents into prepared pieces, one a line; what must be kept apart is dropped. One stage a source."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from feedback_nlp.classify.release import sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.text.prepare import prepare
from feedback_nlp.text.segment import clauses
from feedback_nlp.train.encoder.apart import HeldOut
from feedback_nlp.train.encoder.config import Apart, Config, Source, Texts, key
from feedback_nlp.train.encoder.sources import read_texts
from feedback_nlp.train.encoder.spread import chunks, spread
from feedback_nlp.train.encoder.stage import done, finish

Facts = dict[str, Any]
Say = Callable[[str], None]
FOLDER = "texts"


def prepare_sources(config: Config, *, work: Path, fingerprint: str, say: Say) -> dict[str, Facts]:
    """Write ``texts/<source>.txt`` below the work folder and give what is known about each; done ones are kept.

    Facts: key, files with hashes, documents, pieces, characters, and how many documents were dropped as held out.
    """
    apart = [_file(entry.file) | {"part": entry.part} for entry in config.apart]
    seals = [text_key(config, source, apart=apart, fingerprint=fingerprint) for source in config.sources]
    size = sum(Path(name).stat().st_size for source in config.sources for name in source.files)
    say(f"texts: {len(seals)} sources, {size / 1e6:,.1f} MB of files")
    held: HeldOut | None = None
    made: dict[str, Facts] = {}
    for source, seal in zip(config.sources, seals, strict=True):
        out = text_file(work, source.name)
        facts = done(out, seal)
        if facts is None:
            say(f"texts: {source.name}: preparing {', '.join(Path(name).name for name in source.files)}")
            held = held or held_out(config)
            facts = _prepare_source(source, config, held=held, out=out, key=seal)
        say(
            f"texts: {source.name}: {facts['pieces']:,} pieces, {facts['characters']:,} characters; "
            f"{facts['dropped']:,} of {facts['documents']:,} documents dropped as held out"
        )
        made[source.name] = facts
    return made


def text_file(work: Path, name: str) -> Path:
    """Give the file of a source's prepared pieces."""
    return work / FOLDER / f"{name}.txt"


def text_key(config: Config, source: Source, *, apart: Sequence[Facts], fingerprint: str) -> str:
    """Hash what a source's pieces are made from."""
    files = [sha256(_there(name)) for name in source.files]
    numbers = asdict(config.texts) | {"chunk": 0, "workers": 0}  # neither changes a piece
    return key(files, source.column, source.share, source.name, config.seed, numbers, apart, fingerprint)


def held_out(config: Config) -> HeldOut:
    """Read and prepare what must be kept apart."""
    rows = (prepare(text).text for entry in config.apart for text in _part(entry))
    return HeldOut(filter(None, rows), least=config.texts.least_shared)


def pieces(document: str, *, numbers: Texts) -> list[str]:
    """Cut a prepared document into lines of whole clauses; leave out what is too short to learn from."""
    made = [""]
    for clause in clauses(document):
        if made[-1] and len(made[-1]) + len(clause) > numbers.longest:
            made.append("")
        made[-1] += clause
    return [line for piece in made if len(line := " ".join(piece.split())) >= numbers.shortest]


def _prepare_source(source: Source, config: Config, *, held: HeldOut, out: Path, key: str) -> Facts:
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    facts: Facts = {"documents": 0, "dropped": 0, "pieces": 0, "characters": 0}
    parts = chunks(_documents(source, seed=config.seed), config.texts.chunk)
    with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
        for found, read, dropped in spread(_chunk, parts, given=(held, config.texts), workers=config.texts.workers):
            stream.writelines(f"{piece}\n" for piece in found)
            facts["documents"] += read
            facts["dropped"] += dropped
            facts["pieces"] += len(found)
            facts["characters"] += sum(map(len, found))
    facts["files"] = [_file(name) for name in source.files]
    return finish(unfinished, out, key=key, facts=facts)


def _chunk(documents: list[str], given: tuple[HeldOut, Texts]) -> tuple[list[str], int, int]:
    held, numbers = given
    made = [prepare(document).text for document in documents]
    kept = [document for document in made if not held.holds(document)]
    return [piece for document in kept for piece in pieces(document, numbers=numbers)], len(made), len(made) - len(kept)


def _documents(source: Source, *, seed: int) -> Iterator[str]:
    lot = random.Random(f"{seed}/{source.name}")
    for name in source.files:
        for text in read_texts(Path(name), column=source.column):
            if text.strip() and (source.share == 1 or lot.random() < source.share):
                yield text


def _part(entry: Apart) -> Iterator[str]:
    which, of = entry.part or (0, 1)
    for number, text in enumerate(read_texts(_there(entry.file), column=entry.column)):
        if number % of == which:
            yield text


def _file(name: str) -> Facts:
    return {"file": Path(name).name, "sha256": sha256(_there(name))}


def _there(name: str) -> Path:
    if not Path(name).is_file():
        raise TrainerError(f"{name}: no such file; the configuration names it, relative to its own folder")
    return Path(name)
