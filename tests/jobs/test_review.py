"""The review queue: what comes in, what people decide, and what becomes of it."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.jobs.doubtful import (
    DOUBTFUL,
    NOW,
    SURE,
    THREAT,
    classify,
    deliver,
    letter,
    settle,
    table,
    waiting,
)

from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs import casework
from feedback_nlp.jobs.agreement import agreement
from feedback_nlp.jobs.labels import export_labels
from feedback_nlp.jobs.review import corrected, decide, next_tasks, queue_tasks
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.records import Label
from feedback_nlp.store import tables as t
from feedback_nlp.store.reviews import decided_escalation
from feedback_nlp.store.save import HUMAN, save_predictions


@pytest.fixture(autouse=True)
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nobody by chance; where the sample matters, a test draws its own."""
    monkeypatch.setattr("feedback_nlp.classify.review.drawn", lambda feedback_id, *, share: False)


def test_what_is_doubtful_waits_and_what_is_sure_does_not(work: Workplace) -> None:
    doubtful = waiting(work, 1)
    waiting(work, 2, SURE)
    [task] = next_tasks(work)
    assert (task.feedback_id, task.seq, task.release) == (doubtful, 0, "linear-a")
    assert [reason.reason for reason in task.reasons] == ["low_confidence"]
    assert task.names["business"] == ("信用卡",)
    assert task.evidence["leaves:pricing.fee"] == "扣了年费"


def test_the_queue_goes_from_escalation_to_doubt(work: Workplace) -> None:
    doubt = waiting(work, 1)
    worse_doubt = waiting(work, 2, replace(DOUBTFUL, confidence=0.1))
    grave = waiting(work, 3, SURE, replace(THREAT, level=3))
    threat = waiting(work, 4, SURE, THREAT)
    odd = waiting(work, 5, replace(SURE, sentiment=Label("positive", 0.9)))
    assert [task.feedback_id for task in next_tasks(work)] == [grave, threat, odd, worse_doubt, doubt]
    assert [task.feedback_id for task in next_tasks(work, 1)] == [grave]
    assert [task.feedback_id for task in next_tasks(work, reason="disagreement")] == [odd]


def test_a_second_look_at_the_same_labels_changes_nothing(work: Workplace) -> None:
    waiting(work)
    before = table(work, t.review_task)
    assert settle(work) == 0
    assert table(work, t.review_task) == before


def test_a_task_whose_reasons_are_gone_lapses_and_one_that_comes_back_is_open_again(work: Workplace) -> None:
    id = waiting(work)
    classify(work, id, SURE)
    settle(work)
    assert [row.state for row in table(work, t.review_task)] == ["lapsed"]
    classify(work, id, DOUBTFUL)
    settle(work)
    assert [row.state for row in table(work, t.review_task)] == ["open"]


def test_an_update_moves_the_open_task_to_the_new_version_and_keeps_its_day(
    open_work: Callable[..., Workplace],
) -> None:
    work = open_work(today=NOW.date())
    id = waiting(work)
    deliver(work, letter(1, "完全不同的内容，贷款利率太高了"), batch="b2")
    classify(work, id, DOUBTFUL)
    settle(open_work(today=NOW.date() + timedelta(days=5)))
    tasks = [(row.version, row.state, row.created_on) for row in table(work, t.review_task)]
    assert tasks == [(1, "lapsed", NOW.date()), (2, "open", NOW.date())]


def test_a_changed_review_policy_is_applied_to_what_was_settled_before(work: Workplace) -> None:
    waiting(work, 1)
    waiting(work, 2, SURE, THREAT)
    assert queue_tasks(work) == 0
    strict = replace(work.policy.review, version="review-2", escalation_level=3)
    changed = replace(work, policy=replace(work.policy, review=strict))
    assert queue_tasks(changed) == 1
    assert queue_tasks(changed) == 0
    assert [task.reasons[0].reason for task in next_tasks(changed)] == ["low_confidence"]


def test_a_decision_shows_from_then_on_and_the_models_answer_stays_in_history(work: Workplace) -> None:
    id = waiting(work, 1, DOUBTFUL, THREAT)
    item = decide(work, id, author=" 周文 ", labels={"business": "借记卡", "demand": []}, note="已核对", now=NOW)
    assert corrected(item) == ("business", "demand")
    human, model = sorted(table(work, t.prediction), key=lambda row: row.release != HUMAN)
    assert (human.business, human.demand, human.leaves) == ("debit_card", "", "pricing.fee|service.attitude")
    assert (human.current, human.review, human.confidence) == (True, False, 1.0)
    assert set(json.loads(human.scores).values()) == {1.0}
    assert json.loads(human.evidence) == {"leaves:pricing.fee": "扣了年费", "leaves:service.attitude": "态度很差"}
    assert (model.business, model.current) == ("credit_card", False)
    assert [row.state for row in table(work, t.review_task)] == ["done"]
    [row] = table(work, t.review_decision)
    assert (row.author, row.release, row.reasons) == ("周文", "linear-a", "escalation|low_confidence")
    assert json.loads(row.was)["business"] == ["credit_card"]
    assert json.loads(row.labels)["escalation"] == ["regulator:threat"]


def test_after_a_decision_nothing_is_asked_until_the_text_changes(work: Workplace) -> None:
    id = waiting(work, 1, DOUBTFUL, THREAT)
    decide(work, id, author="周文", now=NOW)
    settle(work, [THREAT])
    assert next_tasks(work) == []
    deliver(work, letter(1, "年费的事解决了，但是客服又打电话推销"), batch="b2")
    classify(work, id, SURE)
    settle(work)
    [task] = next_tasks(work)
    assert [reason.reason for reason in task.reasons] == ["changed"]
    assert (task.version, task.seq) == (2, 1)
    decide(work, id, author="周文", now=NOW, seen=1)
    assert [(row.version, row.state) for row in table(work, t.review_task)] == [(1, "done"), (2, "done")]


def test_a_second_decision_is_still_compared_with_the_model(work: Workplace) -> None:
    id = waiting(work)
    decide(work, id, author="周文", labels={"business": "loan"}, now=NOW)
    item = decide(work, id, author="李想", labels={"business": "credit_card", "kind": "suggestion"}, now=NOW)
    assert (item.seq, item.release, list(item.was["business"])) == (2, "linear-a", ["credit_card"])
    assert corrected(item) == ("kind",)
    human = next(row for row in table(work, t.prediction) if row.current)
    assert json.loads(human.evidence)["business:credit_card"] == "信用卡"


def test_a_decided_escalation_replaces_the_rules_hits(work: Workplace) -> None:
    id = waiting(work, 1, DOUBTFUL, THREAT)
    other = waiting(work, 2, DOUBTFUL, THREAT)
    decide(work, id, author="周文", labels={"escalation": ["监管投诉（询问）"]}, now=NOW)
    with work.engine.connect() as connection:
        assert decided_escalation(connection, [id, other]) == {id: ("regulator:asked",)}


def test_where_no_rule_has_looked_a_confirmation_says_nothing_about_escalation(work: Workplace) -> None:
    deliver(work, letter(1))
    classify(work, letter(1).id, DOUBTFUL)
    decide(work, letter(1).id, author="周文", now=NOW)
    with work.engine.connect() as connection:
        assert decided_escalation(connection, [letter(1).id]) == {}


def test_the_case_is_looked_at_again_after_a_decision(work: Workplace) -> None:
    id = waiting(work)
    decide(work, id, author="周文", now=NOW)
    assert [row.settled_version for row in table(work, t.feedback)] == [0]


def test_a_note_is_masked_before_it_is_stored(work: Workplace) -> None:
    id = waiting(work)
    item = decide(work, id, author="周文", note="已回电13812345678核实", now=NOW)
    assert item.note == "已回电[手机号]核实"
    assert "138" not in str(table(work, t.review_decision))


def test_what_cannot_be_decided_is_refused_and_nothing_is_stored(work: Workplace) -> None:
    id = waiting(work)
    deliver(work, letter(2), batch="b2")
    for feedback_id, options, says in (
        (id, {"author": "  "}, "复核人"),
        (id, {"author": "周文", "labels": {"business": "mars"}}, "mars"),
        ("nobody", {"author": "周文"}, "没有反馈号“nobody”"),
        (letter(2).id, {"author": "周文"}, "还没有模型读过"),
    ):
        with pytest.raises(OfficerError, match=says):
            decide(work, feedback_id, now=NOW, **options)  # type: ignore[arg-type]
    assert table(work, t.review_decision) == []
    assert [row.state for row in table(work, t.review_task)] == ["open"]


def test_who_comes_second_is_told_who_was_first(work: Workplace) -> None:
    id = waiting(work)
    decide(work, id, author="周文", now=NOW, seen=0)
    with pytest.raises(OfficerError, match=r"已由周文于2026-09-30 09:00作出第1次结论"):
        decide(work, id, author="李想", labels={"kind": "praise"}, now=NOW, seen=0)
    assert len(table(work, t.review_decision)) == 1


def test_of_many_who_decide_at_once_exactly_one_succeeds(work: Workplace) -> None:
    id = waiting(work)
    start, outcomes = threading.Barrier(4), []

    def one(name: str) -> None:
        start.wait()
        try:
            outcomes.append(decide(work, id, author=name, now=NOW, seen=0).author)
        except OfficerError:
            outcomes.append("")

    threads = [threading.Thread(target=one, args=(f"复核员{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4
    assert [row.author for row in table(work, t.review_decision)] == [name for name in outcomes if name]
    assert len([name for name in outcomes if name]) == 1
    assert sum(row.current for row in table(work, t.prediction)) == 1


def test_a_decision_waits_for_a_release_that_is_just_reading_the_same_text(work: Workplace) -> None:
    id = waiting(work)
    thread = threading.Thread(target=lambda: decide(work, id, author="周文", now=NOW, seen=0))
    with work.engine.begin() as connection:
        later = replace(DOUBTFUL, release="linear-b")
        save_predictions(connection, [(id, 1, later)], taxonomy=1, today=NOW.date())
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()
    thread.join()
    assert [row.release for row in table(work, t.prediction) if row.current] == [HUMAN]
    assert [row.release for row in table(work, t.review_decision)] == ["linear-b"]


def test_an_unknown_reason_is_refused_by_name(work: Workplace) -> None:
    with pytest.raises(OfficerError, match="boredom"):
        next_tasks(work, reason="boredom")


def test_agreement_counts_each_facet_by_month_and_sample(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = {letter(number).id for number in (1, 2, 3)}
    monkeypatch.setattr("feedback_nlp.classify.review.drawn", lambda feedback_id, *, share: feedback_id in sample)
    ids = [waiting(work, number, SURE if letter(number).id in sample else DOUBTFUL) for number in range(1, 7)]
    october = NOW + timedelta(days=5)
    decide(work, ids[0], author="周文", now=NOW)
    decide(work, ids[1], author="周文", labels={"business": "loan", "kind": "inquiry"}, now=NOW)
    decide(work, ids[3], author="周文", labels={"leaves": ["service.attitude", "pricing.fee"]}, now=NOW)
    decide(work, ids[4], author="周文", labels={"business": "loan"}, now=NOW)
    decide(work, ids[4], author="周文", labels={"business": "credit_card"}, now=october)  # thought better of it
    found = agreement(work)
    figures = {(row.month, row.sample, row.facet): row for row in found.frame.itertuples()}
    audit = figures["2026-09", "audit", "business"]
    assert (audit.n, audit.agreed, audit.share) == (2, 1, 0.5)
    # Wilson, 1 of 2: (1 + 3.8415/2)/(2 + 3.8415) ± 1.96·sqrt(2·0.25 + 3.8415/4)/(2 + 3.8415)·… = 0.0945 … 0.9055
    assert (round(audit.low, 4), round(audit.high, 4)) == (0.0945, 0.9055)
    assert audit.kappa == 0.0  # the model used one label only: no better than chance
    assert figures["2026-09", "rest", "leaves"].agreed == 0
    assert figures["2026-09", "rest", "leaf"].share == 0.0
    assert figures["2026-09", "rest", "demand"].share == 1.0
    assert figures["2026-09", "rest", "business"].n == 1  # the second thought counts where it was made
    assert figures["2026-10", "rest", "business"].share == 1.0
    assert "抽查任务已做2条，还有1条没做" in found.caution


def test_kappa_is_that_of_scikit_learn_and_missing_where_it_is_not_defined() -> None:
    from sklearn.metrics import cohen_kappa_score

    from feedback_nlp.jobs.agreement import Pair, _kappa

    model = ["a", "a", "b", "c", "b", "a", "c"]
    person = ["a", "b", "b", "c", "a", "a", "a"]
    pairs = [Pair([one], [other]) for one, other in zip(model, person, strict=True)]
    assert _kappa("kind", pairs) == pytest.approx(cohen_kappa_score(model, person))
    assert _kappa("demand", pairs) != _kappa("demand", pairs)
    assert _kappa("kind", [Pair(["a"], ["a"])]) != _kappa("kind", [Pair(["a"], ["a"])])


def test_an_empty_store_has_no_tasks_no_labels_and_no_agreement(work: Workplace, tmp_path: Path) -> None:
    assert next_tasks(work) == []
    assert queue_tasks(work) == 0
    assert export_labels(work, tmp_path / "labels.jsonl") == 0
    assert agreement(work).frame.empty


def test_a_decision_that_breaks_off_leaves_nothing_behind(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    id = waiting(work)
    before = [table(work, each) for each in (t.review_decision, t.prediction, t.review_task)]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("feedback_nlp.store.reviews.close_tasks", _stop)
        decide(work, id, author="周文", now=NOW)
    assert [table(work, each) for each in (t.review_decision, t.prediction, t.review_task)] == before
    assert decide(work, id, author="周文", now=NOW).seq == 1


def _stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_cases_follow_a_decision_at_the_next_run(work: Workplace) -> None:
    deliver(work, letter(1, "信用卡扣了年费，再不退我就打12378投诉你们"))
    classify(work, letter(1).id, SURE)
    casework.settle(work)
    assert [(row.theme, row.kinds) for row in table(work, t.complaint_case)] == [
        ("credit_card/pricing.fee", "regulator:threat")
    ]
    [task] = next_tasks(work)
    assert [reason.reason for reason in task.reasons] == ["escalation"]
    decide(work, task.feedback_id, author="周文", labels={"business": "debit_card", "escalation": "无"}, now=NOW)
    casework.settle(work)
    assert [(row.theme, row.kinds) for row in table(work, t.complaint_case)] == [("debit_card/pricing.fee", "")]
    assert next_tasks(work) == []
    assert casework.settle(work) == 0
