"""Prepared texts into a tokenizer, and into ids on disk: 16-bit numbers, every piece of text closed by [SEP]."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from feedback_nlp.train.encoder.config import Config, Source, key
from feedback_nlp.train.encoder.spread import chunks, spread
from feedback_nlp.train.encoder.stage import done, finish
from feedback_nlp.train.encoder.texts import Facts, Say, text_file
from feedback_nlp.train.encoder.vocabulary import CLOSING, FILE, UNKNOWN, count, learn, read_tokenizer

Ids = npt.NDArray[np.uint16]
FOLDER = "ids"
_ROWS = 2000  # texts that are counted or cut at once


def make_tokenizer(config: Config, *, work: Path, texts: Mapping[str, Facts], say: Say) -> Path:
    """Write ``tokenizer.json``, learned from the prepared texts or taken from the file that is named."""
    out = work / FILE
    if config.tokenizer.file:
        tokenizer, seal = read_tokenizer(config.tokenizer.file), key(Path(config.tokenizer.file).read_text("utf-8"))
    else:
        tokenizer, seal = None, key(asdict(config.tokenizer), [facts["key"] for facts in texts.values()])
    if done(out, seal):
        return out
    say("tokenizer: counting words" if tokenizer is None else f"tokenizer: {config.tokenizer.file}")
    tokenizer = tokenizer or learn(_words(config, work=work), numbers=config.tokenizer)
    unfinished = out.with_suffix(".unfinished")
    tokenizer.save(str(unfinished))
    finish(unfinished, out, key=seal, facts={"pieces": tokenizer.get_vocab_size()})
    say(f"tokenizer: {tokenizer.get_vocab_size():,} pieces")
    return out


def encode_sources(config: Config, *, work: Path, texts: Mapping[str, Facts], say: Say) -> dict[str, Facts]:
    """Write ``ids/<source>.u16`` for every source; facts: key, tokens, unknown."""
    tokenizer = Tokenizer.from_file(str(work / FILE))
    made = {}
    for source in config.sources:
        out, seal = id_file(work, source.name), key(texts[source.name]["key"], (work / FILE).read_text("utf-8"))
        facts = done(out, seal) or _encode(source, tokenizer, work=work, key=seal)
        made[source.name] = facts
    tokens = sum(facts["tokens"] for facts in made.values())
    unknown = sum(facts["unknown"] for facts in made.values())
    say(f"ids: {tokens:,} tokens, {unknown / max(1, tokens):.3%} of them unknown")
    return made


def id_file(work: Path, name: str) -> Path:
    """Give the file of a source's ids."""
    return work / FOLDER / f"{name}.u16"


def open_ids(work: Path, name: str) -> Ids:
    """Map a source's ids into memory; nothing is read before it is used."""
    path = id_file(work, name)
    if not path.stat().st_size:
        return np.zeros(0, dtype=np.uint16)  # an empty file cannot be mapped
    return np.memmap(path, dtype=np.uint16, mode="r")


def _words(config: Config, *, work: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    rows = (row for source in config.sources for row in chunks(_lines(text_file(work, source.name)), _ROWS))
    for part in spread(_count, rows, given=None, workers=config.texts.workers):
        found.update(part)
    return found


def _count(texts: list[str], given: None) -> Counter[str]:
    return count(texts)


def _encode(source: Source, tokenizer: Tokenizer, *, work: Path, key: str) -> Facts:
    out = id_file(work, source.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    facts: dict[str, Any] = {"tokens": 0, "unknown": 0}
    with unfinished.open("wb") as stream:
        for rows in chunks(_lines(text_file(work, source.name)), _ROWS):
            cut = tokenizer.encode_batch(rows, add_special_tokens=False)
            ids = np.array([number for found in cut if found.ids for number in (*found.ids, CLOSING)], dtype=np.uint16)
            stream.write(ids.tobytes())
            facts["tokens"] += len(ids)
            facts["unknown"] += int((ids == UNKNOWN).sum())
    return finish(unfinished, out, key=key, facts=facts)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield line.rstrip("\n")
