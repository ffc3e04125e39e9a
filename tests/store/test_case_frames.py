"""Cases and what waits around them, as the reports read them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_nlp.store import case_frames, frames
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import HUMAN

DAY, NOW = date(2026, 11, 2), datetime(2026, 11, 24, 15, 30)
HITS = [("legal", "quoted", 0), ("self_harm", "threat", 3), ("self_harm", "threat", 3)]
# case, score, level, due, closed, state, process
CASES = [
    ("calm", 95.0, 0, date(2026, 11, 30), None, "accepted", "投诉处理"),
    ("near", 95.0, 1, date(2026, 11, 25), None, "accepted", "投诉处理"),
    ("harm", 12.0, 3, None, None, "received", None),
    ("press", 30.0, 2, date(2026, 12, 2), None, "investigating", None),
    ("told", 50.0, 0, None, date(2026, 11, 20), "responded", None),
    ("done", 50.0, 0, None, date(2026, 11, 20), "closed", None),
]


def case_row(case: tuple[Any, ...]) -> dict[str, Any]:
    key, _, level, due, closed, state, process = case
    return {
        "id": key, "theme": "loan/pricing.rate", "opened_on": DAY, "due_on": due, "closed_on": closed, "events": 1,
        "complaints": 1, "customers": 1, "state": state, "level": level, "kinds": "", "process": process,
        "group_id": "g" if key == "near" else None, "policy": "p",
    }  # fmt: skip


def feedback_row(key: str) -> dict[str, Any]:
    return {
        "id": key, "version": 1, "settled_version": 1, "settled_by": "", "batch_id": "b", "content": key,
        "counted_on": DAY, "source": "ledger", "source_kind": "ledger", "text": "年费太高", "flags": "", "extra": "{}",
    }  # fmt: skip


def prediction_row(key: str, *, release: str = "linear") -> dict[str, Any]:
    labels = {"kind": "complaint", "business": "loan", "touchpoint": "", "sentiment": "negative"}
    return labels | {
        "feedback_id": key, "version": 1, "release": release, "current": True, "leaf": "pricing.rate",
        "leaves": "pricing.rate", "demand": "", "scores": "{}", "confidence": 0.9, "review": False, "evidence": "{}",
        "taxonomy": 1, "predicted_on": DAY,
    }  # fmt: skip


def clock_row(case: str, rule: str, due: datetime, **changed: Any) -> dict[str, Any]:
    plain = {"event": "answer", "started_at": datetime(2026, 11, 2), "stopped_at": None, "paused_days": 0}
    plain |= {"paused": False, "extended": False, "provisional": False, "policy": "p"}
    return plain | {"case_id": case, "rule": rule, "due_at": due} | changed


@pytest.fixture
def connection(engine: sa.Engine) -> Any:
    batch = {"id": "b", "source": "ledger", "file": "f", "input_hash": "h", "mapping": "{}", "rows_read": 1, "new": 1}
    batch |= {"updated": 0, "duplicate": 0, "rejected": 0, "taken_in_on": DAY}
    keys = [case[0] for case in CASES]
    with engine.begin() as connection:
        connection.execute(t.batch.insert(), [batch])
        connection.execute(t.feedback.insert(), [feedback_row(key) for key in keys])
        connection.execute(t.prediction.insert(), [prediction_row(key) for key in keys])
        connection.execute(t.complaint_case.insert(), [case_row(case) for case in CASES])
        connection.execute(
            t.case_member.insert(), [{"feedback_id": key, "case_id": key, "why": "", "policy": "p"} for key in keys]
        )
        triage = [{"case_id": case[0], "score": case[1], "parts": "[]", "policy": "p", "as_of": DAY} for case in CASES]
        connection.execute(t.triage.insert(), triage)
        yield connection


def test_who_may_come_to_harm_comes_first_then_the_score_then_the_limit(connection: sa.Connection) -> None:
    frame = case_frames.priorities_frame(connection, limit=9)
    assert frame["case_id"].tolist() == ["harm", "press", "near", "calm"]
    assert case_frames.priorities_frame(connection, limit=1)["case_id"].tolist() == ["harm"]


def test_an_open_case_without_a_score_is_on_the_list_behind_its_equals(connection: sa.Connection) -> None:
    unscored = [case[0] for case in CASES if case[0] in ("harm", "near")]
    connection.execute(t.triage.delete().where(t.triage.c.case_id.in_(unscored)))
    frame = case_frames.priorities_frame(connection, limit=9)
    assert frame["case_id"].tolist() == ["harm", "press", "calm", "near"]
    assert frame["score"].isna().tolist() == [True, False, False, True] and frame["parts"].tolist() == [[]] * 4
    assert set(case_frames.open_frame(connection)["case_id"]) == set(frame["case_id"])


def test_a_case_names_the_clock_that_gave_it_its_limit(connection: sa.Connection) -> None:
    end = datetime(2026, 11, 30, 23, 59, 59)
    clocks = [
        clock_row("calm", "accept", end - timedelta(days=9), event="accept"),  # earlier, but no limit of the answer
        clock_row("calm", "law", end, provisional=True),
        clock_row("calm", "bank", end + timedelta(days=1)),
        clock_row("near", "old", datetime(2026, 11, 25, 23, 59, 59), stopped_at=NOW),
    ]
    connection.execute(t.sla_clock.insert(), clocks)
    frame = case_frames.priorities_frame(connection, limit=9).set_index("case_id")
    assert frame.loc["calm", "rule"] == "law" and frame.loc["calm", "provisional"]
    assert frame["rule"].isna().tolist() == [True, True, True, False]
    running = case_frames.clocks_frame(connection)
    assert running["rule"].tolist() == ["accept", "law", "bank"] and set(running["state"]) == {"accepted"}


def test_clocks_of_cases_that_cannot_wait_come_first(connection: sa.Connection) -> None:
    due = datetime(2026, 12, 2)
    clocks = [clock_row("calm", "law", due - timedelta(days=9)), clock_row("press", "law", due)]
    connection.execute(t.sla_clock.insert(), clocks)
    assert case_frames.clocks_frame(connection)["case_id"].tolist() == ["press", "calm"]


def test_states_are_counted_over_all_cases_and_over_the_new_ones(connection: sa.Connection) -> None:
    c = t.complaint_case
    connection.execute(c.update().where(c.c.id == "done").values(opened_on=date(2026, 7, 1)))
    frame = case_frames.states_frame(connection, since=date(2026, 10, 1)).set_index("state")
    assert frame["all"].to_dict() == {"accepted": 2, "closed": 1, "investigating": 1, "received": 1, "responded": 1}
    assert frame.loc["closed", "recent"] == 0 and frame.loc["accepted", "recent"] == 2


def test_history_is_that_of_cases_not_done_the_newest_first(connection: sa.Connection) -> None:
    plain = {"actor": "0472", "action": "note", "from_state": "a", "to_state": "a", "note": "", "recorded_at": NOW}
    steps = [
        plain | {"case_id": case, "seq": seq, "at": NOW - timedelta(days=age), "details": json.dumps({"done": "x"})}
        for case, seq, age in [("calm", 1, 5), ("calm", 2, 1), ("told", 1, 3), ("done", 1, 0)]
    ]
    connection.execute(t.case_event.insert(), steps)
    frame = case_frames.history_frame(connection, loop=("responded",), limit=9)
    assert list(zip(frame["case_id"], frame["seq"], strict=True)) == [("calm", 2), ("told", 1), ("calm", 1)]
    assert frame["details"][0] == {"done": "x"}
    assert len(case_frames.history_frame(connection, loop=(), limit=1)) == 1


def test_groups_tell_how_many_of_their_cases_are_open(connection: sa.Connection) -> None:
    group = {"id": "g", "org": "东岭支行", "cause": "loan/pricing.rate", "first_on": DAY, "last_on": DAY, "cases": 9}
    group |= {"customers": 9, "expected": 1.5, "p": 1e-5, "policy": "p"}
    connection.execute(t.case_group.insert(), [group, group | {"id": "old", "last_on": date(2026, 1, 1)}])
    assert case_frames.groups_frame(connection)[["id", "open"]].values.tolist() == [["g", 1], ["old", 0]]


def test_only_open_alerts_and_reviews_wait(connection: sa.Connection) -> None:
    plain = {"rule": "r", "subject": "s", "level": 2, "message": "m", "opened_at": NOW, "note": ""}
    alerts = [
        ("late", "open", 2, NOW),
        ("soon", "acknowledged", 2, NOW + timedelta(hours=1)),
        ("none", "open", 2, None),
    ]
    alerts += [("grave", "open", 3, None), ("past", "resolved", 3, NOW)]
    connection.execute(
        t.alert.insert(),
        [plain | {"id": key, "state": state, "level": level, "answer_by": by} for key, state, level, by in alerts],
    )
    assert case_frames.alerts_frame(connection)["id"].tolist() == ["grave", "late", "soon", "none"]
    reasons = json.dumps([{"reason": "audit", "says": "随机抽查"}, {"reason": "low_confidence", "says": "把握不足"}])
    task = {"feedback_id": "calm", "version": 1, "reasons": reasons, "rank": 1.0, "created_on": DAY}
    connection.execute(t.review_task.insert(), [task | {"state": "open"}, task | {"version": 2, "state": "done"}])
    assert case_frames.reviews_frame(connection)["reasons"].tolist() == [["audit", "low_confidence"]]


def test_an_empty_store_gives_empty_frames(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        told = [
            case_frames.priorities_frame(connection, limit=9),
            case_frames.open_frame(connection),
            case_frames.states_frame(connection, since=DAY),
            case_frames.clocks_frame(connection),
            case_frames.groups_frame(connection),
            case_frames.history_frame(connection, loop=(), limit=9),
            case_frames.alerts_frame(connection),
            case_frames.reviews_frame(connection),
        ]
        assert [len(frame) for frame in told] == [0] * 8
        assert {"rule", "provisional", "orgs", "level"} <= set(told[0].columns)


def test_details_show_what_a_person_decided_instead_of_what_the_rules_saw(connection: sa.Connection) -> None:
    hits = json.dumps([{"kind": kind, "modality": how, "level": level} for kind, how, level in HITS])
    facts = {"version": 1, "vulnerable": "", "level": 3, "hits": hits, "policy": "p"}
    connection.execute(t.text_facts.insert(), [facts | {"feedback_id": key} for key in ("calm", "near")])
    derived = {"feedback_id": "calm", "version": 1, "need": "basic", "risk": "leak|quality", "stage": "", "rules": "{}"}
    connection.execute(t.derived_label.insert(), [derived | {"process": "sales", "direction": "", "policy": "p"}])
    p = t.prediction
    connection.execute(p.update().where(p.c.feedback_id == "near").values(current=False))
    connection.execute(p.insert(), [prediction_row("near", release=HUMAN)])
    decision = {"feedback_id": "near", "seq": 1, "version": 1, "author": "周文", "at": NOW, "release": "linear"}
    labels = json.dumps({"escalation": ["legal:asked"]})
    connection.execute(
        t.review_decision.insert(), [decision | {"labels": labels, "was": "{}", "reasons": "", "note": ""}]
    )
    (frame,) = frames.details_frames(connection)
    told = frame.set_index("feedback_id")
    assert told.loc["calm", "escalation"] == "self_harm:threat|legal:quoted"
    assert told.loc["near", "escalation"] == "legal:asked" and told.loc["done", "escalation"] == ""
    assert told["by_person"].astype(bool).to_dict() == {key: key == "near" for key in told.index}
    assert told.loc["calm", ["risk", "process"]].tolist() == ["leak|quality", "sales"]
    events = frames.events_frame(connection, people=["客户号"]).set_index("feedback_id")
    assert events.loc["calm", "risk"] == "leak|quality" and events["need"].isna().sum() == len(CASES) - 1
