"""A person's decision beside a model's predictions."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.jobs.doubtful import DOUBTFUL, NOW, letter

from feedback_nlp.records import Feedback, Prediction
from feedback_nlp.store import reviews
from feedback_nlp.store import tables as t
from feedback_nlp.store.deliveries import BatchRow, begin_batch, save_rows
from feedback_nlp.store.load import current_release, unread_by
from feedback_nlp.store.reviews import DecisionRow
from feedback_nlp.store.save import HUMAN, save_predictions

DAY = NOW.date()
ID = letter(1).id
DECIDED = replace(DOUBTFUL, release=HUMAN, confidence=1.0, review=False)
LABELS = {"kind": ["complaint"], "business": ["loan"], "escalation": ["regulator:threat"]}


def deliver(engine: sa.Engine, record: Feedback, batch: str = "b1") -> None:
    with engine.begin() as connection:
        begin_batch(connection, BatchRow(batch, "ledger", f"{batch}.csv", batch, None, 1, {}), today=DAY)
        save_rows(connection, [record], batch_id=batch, occurrence_id=None, today=DAY)


def classify(engine: sa.Engine, prediction: Prediction, *, version: int = 1) -> None:
    with engine.begin() as connection:
        save_predictions(connection, [(ID, version, prediction)], taxonomy=1, today=DAY)


def decide(engine: sa.Engine, seq: int = 1, *, version: int = 1) -> None:
    item = DecisionRow(ID, seq, version, "周文", NOW, LABELS, {"kind": ["complaint"]}, "linear-a", ("audit",), "")
    with engine.begin() as connection:
        reviews.append_decision(connection, item, DECIDED, taxonomy=1)


def current(engine: sa.Engine) -> list[tuple[int, str]]:
    p = t.prediction.c
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(p.version, p.release).where(p.current))]


@pytest.fixture
def decided(engine: sa.Engine) -> sa.Engine:
    deliver(engine, letter(1))
    classify(engine, DOUBTFUL)
    decide(engine)
    return engine


def test_a_later_release_never_displaces_what_a_person_decided(decided: sa.Engine) -> None:
    classify(decided, replace(DOUBTFUL, release="linear-b"))
    assert current(decided) == [(1, HUMAN)]
    with decided.connect() as connection:
        assert set(connection.scalars(sa.select(t.prediction.c.release))) == {"linear-a", "linear-b", HUMAN}


def test_what_a_release_has_read_beside_a_decision_is_not_read_again(decided: sa.Engine) -> None:
    with decided.connect() as connection:
        assert [row.id for row in unread_by(connection, "linear-b", after="", limit=9)] == [ID]
    classify(decided, replace(DOUBTFUL, release="linear-b"))
    with decided.connect() as connection:
        assert unread_by(connection, "linear-b", after="", limit=9) == []
        assert unread_by(connection, "linear-a", after="", limit=9) == []


def test_an_update_that_leaves_the_text_alone_keeps_the_decision(decided: sa.Engine) -> None:
    deliver(decided, letter(1, status="已办结"), "b2")
    classify(decided, replace(DOUBTFUL, release="linear-b"), version=2)
    assert current(decided) == [(2, HUMAN)]
    with decided.connect() as connection:
        assert reviews.decided_escalation(connection, [ID]) == {ID: ("regulator:threat",)}


def test_an_update_that_changes_the_text_ends_the_decision(decided: sa.Engine) -> None:
    deliver(decided, letter(1, "年费已经退了"), "b2")
    with decided.connect() as connection:
        assert reviews.decided_escalation(connection, [ID]) == {}
        assert list(reviews.holding(connection)) == []
    classify(decided, DOUBTFUL, version=2)
    assert current(decided) == [(2, "linear-a")]


def test_the_last_decision_counts_and_only_once(decided: sa.Engine) -> None:
    decide(decided, 2)
    with decided.connect() as connection:
        assert [item.seq for item, _ in reviews.holding(connection)] == [2]
        assert [item.seq for item in reviews.decisions(connection)] == [2]
        assert reviews.last_decisions(connection, [ID, "nobody"]).keys() == {ID}


def test_a_number_that_is_taken_is_refused(decided: sa.Engine) -> None:
    with pytest.raises(IntegrityError):
        decide(decided)


def test_the_database_itself_refuses_to_rewrite_a_decision(decided: sa.Engine) -> None:
    d = t.review_decision
    for statement in (d.update().values(author="另一个人"), d.delete()):
        with pytest.raises(DBAPIError, match="append-only"), decided.begin() as connection:
            connection.execute(statement)


def test_a_decision_has_the_case_looked_at_again(decided: sa.Engine) -> None:
    with decided.begin() as connection:
        connection.execute(t.feedback.update().values(settled_version=1))
    decide(decided, 2)
    with decided.connect() as connection:
        assert connection.scalar(sa.select(t.feedback.c.settled_version)) == 0


def test_the_release_of_a_store_is_a_model_even_where_people_decided_everything(decided: sa.Engine) -> None:
    with decided.connect() as connection:
        assert current_release(connection) is None
    deliver(decided, letter(2), "b2")
    with decided.begin() as connection:
        save_predictions(connection, [(letter(2).id, 1, DOUBTFUL)], taxonomy=1, today=date(2026, 9, 1))
    with decided.connect() as connection:
        assert current_release(connection) == "linear-a"
