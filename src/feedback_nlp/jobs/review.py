"""Doubtful labels in front of a person: the queue, its next tasks, and what people decide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from feedback_nlp.classify.answers import ANSWERED, ESCALATION, Labels, Vocabulary, read, same, vocabulary
from feedback_nlp.classify.escalation import Hit, summary
from feedback_nlp.classify.review import Overruled, Reading, Reason, rank, reasons
from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.staff import staff_name
from feedback_nlp.jobs.textfacts import hits_of
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.records import Evidence, Label, MaskedText, Prediction
from feedback_nlp.store import reviews
from feedback_nlp.store.open import reading as reading_from
from feedback_nlp.store.reviews import DONE, OPEN, DecisionRow
from feedback_nlp.store.save import HUMAN, Row, lock
from feedback_nlp.taxonomy import MULTI, SINGLE
from feedback_nlp.text.prepare import prepare

NOTHING: Mapping[str, str | Sequence[str]] = MappingProxyType({})


class Task(NamedTuple):
    """One text that waits for a person, with everything needed to decide."""

    feedback_id: str
    version: int
    seq: int  # decisions so far: hand it to `decide` as ``seen``
    rank: float
    reasons: tuple[Reason, ...]
    text: MaskedText
    request: MaskedText | None
    labels: Labels  # what counts now; without ``escalation`` where no rule has looked yet
    names: Labels  # the same in Chinese
    scores: Mapping[str, float]  # facet:label → calibrated probability
    evidence: Mapping[str, str]  # facet:label → clause
    hits: Sequence[Hit]
    confidence: float
    release: str
    source: str
    source_id: str | None
    org: str | None
    counted_on: date
    case_id: str | None
    score: float | None  # of the case
    due_on: date | None  # of the case
    created_on: date


def words_of(work: Workplace) -> Vocabulary:
    """Give every label that may be answered, with its Chinese name."""
    return vocabulary(work.taxonomy, escalation=work.policy.escalation, review=work.policy.review)


def queue_tasks(work: Workplace) -> int:
    """Look at everything settled again after ``review.toml`` has changed; give how many tasks changed.

    In between there is nothing to do: `queue_rows` keeps up with what is settled. Run it before settling, then a new
    store is gone through once.
    """
    policy = work.policy.review.version
    with reading_from(work.engine) as connection:
        if reviews.queued_by(connection) == policy:
            return 0
    changed, after = 0, ""
    while True:
        with work.engine.begin() as connection:
            rows = reviews.settled(connection, after=after, limit=work.settings.chunk_rows)
            if not rows:
                reviews.mark_queued(connection, policy)
                return changed
            changed += queue_rows(connection, [reading_of(row, hits_of(row.hits)) for row in rows], work=work)
        after = rows[-1].id
        work.progress("review", len(rows))


def queue_rows(connection: sa.Connection, readings: Sequence[Reading], *, work: Workplace) -> int:
    """Open, update and lapse the tasks of some feedback as its labels stand now; give how many tasks changed.

    What a person has decided stays done, and where the decision holds, nothing is asked.
    """
    ids = [item.feedback_id for item in readings]
    known, decided = reviews.tasks_of(connection, ids), reviews.last_decisions(connection, ids)
    words = words_of(work)
    wanted: list[Row] = []
    lapsed: list[str] = []
    for item in readings:
        tasks = known.get(item.feedback_id, [])
        row = _task_row(item, tasks, decided.get(item.feedback_id), words=words, work=work)
        old = any(task.state == OPEN and (row is None or task.version != item.version) for task in tasks)
        if old:
            lapsed.append(item.feedback_id)
        if row and (old or not _stands(row, tasks)):
            wanted.append(row)
    reviews.close_tasks(connection, lapsed)
    reviews.save_tasks(connection, wanted)
    return len({*lapsed, *(row["feedback_id"] for row in wanted)})


def reading_of(row: Any, hits: Sequence[Hit]) -> Reading:
    """Read a row with the columns of a feedback and of its current prediction; id and version are the feedback's."""
    return Reading(
        feedback_id=row.id,
        version=row.version,
        kind=row.kind,
        business=row.business,
        leaves=tuple(row.leaves.split("|")),
        sentiment=row.sentiment,
        confidence=row.confidence,
        review=row.review,
        scores=json.loads(row.scores),
        release=row.release,
        hits=hits,
        registered=json.loads(row.extra),
    )


def next_tasks(work: Workplace, limit: int = 10, *, reason: str | None = None) -> list[Task]:
    """Give the most pressing open tasks, of one reason or of all."""
    if reason is not None and reason not in work.policy.review.order:
        raise OfficerError(f"没有“{reason}”这种复核理由；可选：{'、'.join(work.policy.review.order)}")
    words = words_of(work)
    with reading_from(work.engine) as connection:
        return [_task(row, words) for row in reviews.open_tasks(connection, reason=reason, limit=limit)]


def decide(
    work: Workplace,
    feedback_id: str,
    *,
    author: str,
    labels: Mapping[str, str | Sequence[str]] = NOTHING,
    note: str = "",
    now: datetime,
    seen: int | None = None,
) -> DecisionRow:
    """Store a person's decision: ``labels`` that change, by id or Chinese name; all others are thereby confirmed.

    ``seen`` is the number of decisions the person knew of (`Task.seq`). Raises OfficerError for labels that do not
    exist, for feedback that no model has read, and where somebody else has decided since.
    """
    author = staff_name(author, what="复核人")
    if not author:
        raise OfficerError("缺少复核人；请填写姓名或工号")
    given = read(labels, words=words_of(work))
    if seen is None:
        with reading_from(work.engine) as connection:
            seen = _number(reviews.last_decisions(connection, [feedback_id]).get(feedback_id))
    try:
        with work.engine.begin() as connection:
            lock(connection, [feedback_id])
            draft = _draft(connection, feedback_id, given, seen=seen)
            item = replace(draft, author=author, at=now, note=prepare(note).text)
            clauses = reviews.evidence_of(connection, feedback_id, version=item.version, release=item.release)
            prediction = _prediction(item.labels, clauses)
            reviews.append_decision(connection, item, prediction, taxonomy=work.taxonomy.version)
    except IntegrityError as error:  # both looked before either had written
        raise OfficerError(f"反馈{feedback_id}刚刚由别人作出结论；请重新打开，看过之后再决定是否更正") from error
    return item


def corrected(item: DecisionRow) -> tuple[str, ...]:
    """Name the facets in which a decision differs from what model and rules had said."""
    return tuple(facet for facet in item.was if not same(facet, item.labels[facet], item.was[facet]))


def _task_row(
    item: Reading, tasks: Sequence[Any], decided: DecisionRow | None, *, words: Vocabulary, work: Workplace
) -> Row | None:
    """Say what the task of a text should be; None where no person is needed."""
    if item.release == HUMAN:
        return None
    policy = work.policy.review
    overruled = Overruled(decided.author, decided.at.date()) if decided else None
    found = reasons(item, policy=policy, words=words, overruled=overruled)
    if not found:
        return None
    waiting = [task.created_on for task in tasks if task.state == OPEN or task.version == item.version]
    return {
        "feedback_id": item.feedback_id,
        "version": item.version,
        "reasons": found,
        "rank": rank(found, item, policy=policy),
        "state": OPEN,
        "created_on": min(waiting, default=work.today),
    }


def _stands(row: Row, tasks: Sequence[Any]) -> bool:
    """Say whether a task is in the table as it should be, or done."""
    for task in tasks:
        if task.version == row["version"]:
            listed = [(item["reason"], item["says"]) for item in json.loads(task.reasons)]
            return task.state == DONE or (
                task.state == OPEN and task.rank == row["rank"] and listed == [*row["reasons"]]
            )
    return False


def _task(row: Any, words: Vocabulary) -> Task:
    labels = _labels(row, row.hits)
    values = {name: getattr(row, name) for name in Task._fields if name not in ("reasons", "labels", "names", "hits")}
    values |= {name: json.loads(values[name]) for name in ("scores", "evidence")}
    return Task(
        **values,
        reasons=tuple(Reason(item["reason"], item["says"]) for item in json.loads(row.reasons)),
        labels=labels,
        names={facet: tuple(words.name(facet, label) for label in found) for facet, found in labels.items()},
        hits=hits_of(row.hits),
    )


def _labels(row: Any, hits: str | None) -> dict[str, tuple[str, ...]]:
    """Read the labels of a prediction's row, with the escalation where a rule has looked for it."""
    labels: dict[str, tuple[str, ...]] = {facet: (getattr(row, facet),) for facet in SINGLE}
    labels |= {facet: tuple(filter(None, getattr(row, facet).split("|"))) for facet in MULTI}
    return labels if hits is None else labels | {ESCALATION: summary(hits_of(hits))}


def _draft(connection: sa.Connection, feedback_id: str, given: Labels, *, seen: int) -> DecisionRow:
    """Put together what is being decided: the labels given, and those of now for all others."""
    row = reviews.reviewed(connection, feedback_id)
    if row is None:
        raise OfficerError(f"没有反馈号“{feedback_id}”；请核对后从复核清单中复制")
    if row.kind is None:
        raise OfficerError(f"反馈{feedback_id}还没有模型读过；请先运行一次 feedback-nlp run 再复核")
    before = reviews.last_decisions(connection, [feedback_id]).get(feedback_id)
    if before and before.seq != seen:
        raise OfficerError(
            f"反馈{feedback_id}已由{before.author}于{before.at:%Y-%m-%d %H:%M}作出第{before.seq}次结论；"
            "请重新打开，看过之后再决定是否更正"
        )
    now = _labels(row, row.hits)
    holds = before is not None and row.release == HUMAN
    if before and holds and ESCALATION in before.labels:
        now[ESCALATION] = tuple(before.labels[ESCALATION])
    return DecisionRow(
        feedback_id=feedback_id,
        seq=_number(before) + 1,
        version=row.now,
        author="",
        at=datetime.min,
        labels={facet: given.get(facet, now.get(facet, ())) for facet in ANSWERED if facet in {*given, *now}},
        was=before.was if before and holds else now,
        release=before.release if before and holds else row.release,
        reasons=tuple(dict.fromkeys(item["reason"] for item in json.loads(row.reasons or "[]"))),
        note="",
    )


def _number(item: DecisionRow | None) -> int:
    return item.seq if item else 0


def _prediction(labels: Mapping[str, Sequence[str]], clauses: Mapping[str, str]) -> Prediction:
    """Write a decision as what a release reads in a text, sure of everything."""
    sure = {facet: tuple(Label(label, 1.0) for label in found) for facet, found in labels.items()}
    kept = {f"{facet}:{label}" for facet, found in labels.items() for label in found}
    return Prediction(
        kind=sure["kind"][0],
        business=sure["business"][0],
        touchpoint=sure["touchpoint"][0],
        sentiment=sure["sentiment"][0],
        leaves=sure["leaves"],
        demand=sure["demand"],
        confidence=1.0,
        review=False,
        evidence=tuple(Evidence(name, MaskedText(clause)) for name, clause in clauses.items() if name in kept),
        release=HUMAN,
    )
