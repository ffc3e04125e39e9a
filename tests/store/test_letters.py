"""What new feedback may belong with, on SQLite and PostgreSQL."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from feedback_nlp.store import letters as store
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

DAYS = {"f1": date(2026, 7, 31), "f2": date(2026, 8, 1), "f3": date(2026, 9, 15)}


def seed(connection: sa.Connection) -> None:
    """Store three members of one case, two of whom share a telephone."""
    batch = {"id": "b", "source": "s", "file": "f", "input_hash": "h", "mapping": "{}", "rows_read": 3, "new": 3}
    batch |= {"updated": 0, "duplicate": 0, "rejected": 0, "taken_in_on": DAYS["f3"]}
    upsert(connection, t.batch, [batch])
    whole: dict[str, Any] = {"version": 1, "settled_version": 0, "settled_by": "", "batch_id": "b", "content": "c"}
    whole |= {"source": "s", "source_kind": "ledger", "text": "…", "flags": "", "extra": "{}", "product": "ETC"}
    upsert(connection, t.feedback, [whole | {"id": id, "counted_on": day} for id, day in DAYS.items()])
    read: dict[str, Any] = {"version": 1, "release": "r", "current": True, "kind": "complaint", "business": "loan"}
    read |= {"touchpoint": "phone", "sentiment": "neutral", "leaf": "pricing.fee", "leaves": "", "demand": ""}
    read |= {"scores": "{}", "confidence": 1.0, "review": False, "evidence": "{}", "taxonomy": 1}
    upsert(connection, t.prediction, [read | {"feedback_id": id, "predicted_on": day} for id, day in DAYS.items()])
    case = {"id": "c1", "theme": "", "opened_on": DAYS["f1"], "events": 3, "customers": 2, "policy": "p"}
    upsert(connection, t.complaint_case, [case])
    upsert(connection, t.case_member, [{"feedback_id": id, "case_id": "c1", "why": "", "policy": "p"} for id in DAYS])
    who = {"type": "手机号", "hmac": "1" * 32, "from_column": True}
    upsert(connection, t.identifier, [who | {"feedback_id": id} for id in ("f1", "f3")])


def filed(connection: sa.Connection) -> set[tuple[str, str]]:
    return {(row.band, row.feedback_id) for row in connection.execute(sa.select(t.case_band))}


def test_letters_are_filed_once_by_month_and_found_by_band_within_their_days(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        for _ in range(2):
            store.file_letters(connection, [(id, day, ["x", "y"]) for id, day in DAYS.items()])
        assert filed(connection) == {(f"{month}{band}", id) for month, id in MONTHS for band in "xy"}
        found = store.letters_sharing(connection, bands=["x", "z"], since=DAYS["f1"], until=DAYS["f2"])
        assert {tuple(row) for row in found} == {("x", "f1"), ("x", "f2")}
        assert store.letters_sharing(connection, bands=[], since=DAYS["f1"], until=DAYS["f2"]) == []


MONTHS = [("2607", "f1"), ("2608", "f2"), ("2609", "f3")]


def test_a_letter_whose_text_has_changed_is_filed_under_its_new_bands(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        store.file_letters(connection, [(id, day, ["x", "y"]) for id, day in DAYS.items()])
        store.refile_letters(connection, [("f1", DAYS["f1"], ["z"]), ("f2", DAYS["f2"], [])])
        assert filed(connection) == {("2607z", "f1"), ("2609x", "f3"), ("2609y", "f3")}


def test_callers_are_found_by_their_identifiers_within_the_days(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        near = store.customers_sharing(connection, hmacs=["1" * 32], since=DAYS["f2"], until=DAYS["f3"])
        assert [(row.feedback_id, row.type, row.counted_on, row.case_id) for row in near] == [
            ("f3", "手机号", DAYS["f3"], "c1")
        ]


def test_members_come_with_what_is_compared(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        [row] = store.members(connection, ["f2", "unknown"])
        assert tuple(row) == ("f2", "c1", DAYS["f2"], "…", "ETC", "{}", "loan", "pricing.fee")
