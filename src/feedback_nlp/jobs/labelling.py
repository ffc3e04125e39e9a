"""Files for people who label: what to label next, which labels to doubt; and parting files of labelled texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from feedback_nlp.classify.answers import ESCALATION, Vocabulary, vocabulary
from feedback_nlp.classify.escalation import summary
from feedback_nlp.errors import OperatorError
from feedback_nlp.jobs.labelfile import SEQ, VERSION, WAS, as_json, ending, json_lines, json_object, write_rows
from feedback_nlp.jobs.labelrow import BadRow
from feedback_nlp.jobs.review import words_of
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import load as load_policy
from feedback_nlp.records import MaskedText
from feedback_nlp.settings import Settings
from feedback_nlp.store import reviews
from feedback_nlp.store import tables as t
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import HUMAN
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.guidance import guidance
from feedback_nlp.train.linear import Say
from feedback_nlp.train.recipe import recipe
from feedback_nlp.train.splits import split
from feedback_nlp.train.suspicious import Doubt, Suspect, likely, suspicious
from feedback_nlp.train.wanted import DOUBTED, Candidate, Choice, Wanted, wanted

Row = dict[str, Any]


class Listing(NamedTuple):
    """Texts with likely wrong labels, the most suspicious first."""

    suspects: list[Suspect]
    left_out: int  # texts with doubts too small to be listed, or past the limit


def words_for(settings: Settings) -> Vocabulary:
    """Give every label that may be given, where no store is open."""
    policy = load_policy(settings.policy)
    return vocabulary(load_taxonomy(settings.taxonomy), escalation=policy.escalation, review=policy.review)


def read_files(paths: Iterable[Path], *, taxonomy: Taxonomy) -> list[Labelled]:
    """Read labelled files one behind the other; rows may lack facets."""
    return [row for path in paths for row in read_labelled(path, taxonomy=taxonomy, partial=True)]


def write_wanted(work: Workplace, path: Path, *, data: Sequence[Path], limit: int) -> Wanted:
    """Write which stored texts to label next, with the model's answers as a proposal.

    Labelled already are the texts that people have decided, and those of ``data``.
    """
    ending(path)
    known = read_files(data, taxonomy=work.taxonomy)
    words = words_of(work)
    with reading(work.engine) as connection:
        known += _decided(connection)
        found = wanted(_unlabelled(connection), known, limit=limit, numbers=guidance().wanted, words=words)
        rows = [_wanted_row(choice) | _stored(connection, choice) for choice in found.choices]
    write_rows(path, [_with_line(row) for row in rows], words=words)
    return found


def write_wanted_of(
    source: Path, path: Path, *, data: Sequence[Path], limit: int, taxonomy: Taxonomy, words: Vocabulary
) -> Wanted:
    """Do the same for a file that ``predict`` wrote as JSON lines, without a store."""
    ending(path)
    known = read_files(data, taxonomy=taxonomy)
    found = wanted(_predicted(source), known, limit=limit, numbers=guidance().wanted, words=words)
    write_rows(path, [_with_line(_wanted_row(choice)) for choice in found.choices], words=words)
    return found


def write_suspicious(
    files: Sequence[Path],
    path: Path,
    *,
    taxonomy: Taxonomy,
    words: Vocabulary,
    say: Say,
    limit: int | None = None,
    every: bool = False,
) -> Listing:
    """Write the texts of labelled files whose labels are likely wrong; with ``every``, however small the doubt is."""
    ending(path)
    rows = read_files(files, taxonomy=taxonomy)
    numbers = guidance().suspicious
    doubted = suspicious(rows, taxonomy=taxonomy, recipe=recipe(), numbers=numbers, say=say)
    listed = (doubted if every else likely(doubted, odds=numbers.odds))[:limit]
    write_rows(path, [_suspect_row(suspect, words) for suspect in listed], words=words)
    return Listing(listed, len(doubted) - len(listed))


def split_file(path: Path, folder: Path, *, share: float, seed: int, taxonomy: Taxonomy) -> dict[Path, int]:
    """Part a labelled file into two, its lines unchanged; give the rows of each. Nothing is overwritten."""
    parts = [folder / f"{path.stem}-{name}{path.suffix}" for name in ("train", "dev")]
    for part in parts:
        if part.exists():
            raise OperatorError(f"{part}: exists already; parting anew would mix what is measured with what is learned")
    side = split(read_labelled(path, taxonomy=taxonomy, partial=True), share=share, seed=seed)
    lines = [line for _, line in json_lines(path)]
    folder.mkdir(parents=True, exist_ok=True)
    for dev, part in enumerate(parts):
        chosen = [line for line, small in zip(lines, side, strict=True) if small == bool(dev)]
        part.write_text("".join(f"{line}\n" for line in chosen), encoding="utf-8")
    return dict(zip(parts, (len(side) - sum(side), sum(side)), strict=True))


def _unlabelled(connection: sa.Connection) -> Iterator[Candidate]:
    """Stream every text that a model has read and nobody has decided about, with what it said."""
    f, p = t.feedback, t.prediction
    query = (
        sa.select(f.c.id, f.c.text, *(p.c[facet] for facet in FACETS), p.c.scores, p.c.confidence)
        .join(p, sa.and_(p.c.feedback_id == f.c.id, p.c.version == f.c.version, p.c.current))
        .where(p.c.release != HUMAN)
        .order_by(f.c.id)
    )
    for row in connection.execution_options(yield_per=2000).execute(query):
        yield _candidate(row._mapping, scores=json.loads(row.scores))


def _candidate(row: Mapping[Any, Any], *, scores: Mapping[str, float]) -> Candidate:
    labels, doubted = _labels(*(row[facet] for facet in FACETS))
    kept = {key: scores[key] for key in doubted if key in scores}
    return Candidate(row["id"], MaskedText(row["text"]), labels, row["confidence"], kept)


@lru_cache(maxsize=10_000)
def _labels(*written: str) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Read labels in the order of the facets, and name those whose scores a reason may speak of.

    Kept, because a hundred thousand texts share few combinations.
    """
    labels = {facet: tuple(filter(None, value.split("|"))) for facet, value in zip(FACETS, written, strict=True)}
    return labels, tuple(f"{facet}:{labels[facet][0]}" for facet in DOUBTED if labels[facet])


def _decided(connection: sa.Connection) -> list[Labelled]:
    """Give what people have decided as labelled texts."""
    return [
        Labelled(
            id=item.feedback_id,
            text=MaskedText(row.text),
            labels={facet: tuple(item.labels[facet]) for facet in FACETS},
            file="store",
            kind=row.source,
            group=None,
        )
        for item, row in reviews.holding(connection)
    ]


def _predicted(path: Path) -> Iterator[Candidate]:
    for number, line in json_lines(path):
        try:
            record = json_object(line)
            text = prepare(str(record["text"])).text
            found = _candidate({**record, "id": str(record["id"]), "text": text}, scores={})
            yield found._replace(confidence=float(found.confidence))
        except (BadRow, KeyError, AttributeError, TypeError, ValueError) as error:
            raise OperatorError(
                f"{path}, line {number}: not what `feedback-nlp predict INPUT OUTPUT.jsonl` writes; run that first"
            ) from error


def _wanted_row(choice: Choice) -> Row:
    item = choice.candidate
    return {
        "id": item.id,
        "text": item.text,
        "labels": item.labels,
        "why": choice.why,
        "confidence": item.confidence,
        "version": 0,
        "seq": 0,
    }


def _stored(connection: sa.Connection, choice: Choice) -> Row:
    """Add what the store knows of a text: its version, the decisions so far, and what the rules found."""
    name = choice.candidate.id
    stored = reviews.reviewed(connection, name)
    last = reviews.last_decisions(connection, [name]).get(name)
    labels = dict(choice.candidate.labels)
    if stored.hits is not None:
        labels[ESCALATION] = summary(hits_of(stored.hits))
    return {"version": stored.now, "seq": last.seq if last else 0, "labels": labels}


def _with_line(row: Row) -> Row:
    """Add the JSON line: a proposal is no answer, so the labels stand apart until somebody gives them."""
    proposal = {"proposed": as_json(row["labels"]), "confidence": row["confidence"], "why": list(row["why"])}
    return row | {"line": {"id": row["id"], "text": row["text"], **proposal, VERSION: row["version"], SEQ: row["seq"]}}


def _suspect_row(suspect: Suspect, words: Vocabulary) -> Row:
    row = suspect.row
    given = as_json(row.labels)
    doubts = [
        {"facet": doubt.facet, "given": list(doubt.given), "suggested": list(doubt.suggested)}
        | {"score": doubt.score, "clause": doubt.clause}
        for doubt in suspect.doubts
    ]
    clauses = dict.fromkeys(doubt.clause for doubt in suspect.doubts if doubt.clause)
    return {
        "id": row.id,
        "text": row.text,
        "labels": row.labels,
        "why": [_told(doubt, words) for doubt in suspect.doubts],
        "evidence": "\n".join(clauses),
        "line": {"id": row.id, "text": row.text, **_every(given), WAS: given, "doubts": doubts, "file": row.file},
    }


def _told(doubt: Doubt, words: Vocabulary) -> str:
    given, suggested = (words.joined(doubt.facet, labels) for labels in (doubt.given, doubt.suggested))
    return f"{words.facets[doubt.facet]}：标的是“{given}”，更像“{suggested}”（{doubt.score:.0%}）"


def _every(labels: Mapping[str, Any]) -> Row:
    """Give a value for every facet, null where nobody has read it, so that all lines have the same keys."""
    return {facet: labels.get(facet) for facet in FACETS}
