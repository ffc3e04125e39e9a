"""Group complaints in the store, on SQLite and PostgreSQL."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from feedback_nlp.store import groups as store
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

DAY = date(2026, 9, 15)


def seed(connection: sa.Connection) -> None:
    """Store three members of two cases: one of the branch 东城, one of two branches."""
    batch = {"id": "b", "source": "s", "file": "f", "input_hash": "h", "mapping": "{}", "rows_read": 3, "new": 3}
    upsert(connection, t.batch, [batch | {"updated": 0, "duplicate": 0, "rejected": 0, "taken_in_on": DAY}])
    whole: dict[str, Any] = {"version": 1, "settled_version": 0, "settled_by": "", "batch_id": "b", "content": "c"}
    whole |= {"source": "s", "source_kind": "ledger", "text": "…", "flags": "", "extra": "{}"}
    rows = [("f1", "东城", DAY), ("f2", "东城", DAY.replace(day=16)), ("f3", "西城", DAY.replace(day=17))]
    upsert(connection, t.feedback, [whole | {"id": id, "org": org, "counted_on": day} for id, org, day in rows])
    case = {"opened_on": DAY, "events": 1, "policy": "p"}
    cases = [("c1", "loan/pricing.fee", 1), ("c2", "loan/contract.terms", 6), ("c3", "loan_x/contract.terms", 0)]
    upsert(
        connection,
        t.complaint_case,
        [case | {"id": id, "theme": theme, "customers": many, "org": "东城"} for id, theme, many in cases],
    )
    members = [("f1", "c1"), ("f2", "c2"), ("f3", "c2")]
    upsert(connection, t.case_member, [{"feedback_id": f, "case_id": c, "why": "", "policy": "p"} for f, c in members])
    who = {"feedback_id": "f1", "type": "客户号", "hmac": "1" * 32, "from_column": True}
    upsert(connection, t.identifier, [who])


def group(**changed: Any) -> dict[str, Any]:
    row = {"id": "g", "org": "东城", "cause": "loan/contract", "first_on": DAY, "last_on": DAY, "cases": 1}
    return row | {"customers": 1, "expected": 0.5, "p": 1e-9, "policy": "p"} | changed


def test_changed_keys_are_remembered_with_their_first_day_until_somebody_has_looked(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert store.pending_keys(connection) == {}
        store.remember_keys(connection, {("东城", "loan"): DAY, ("", "digital_channel"): DAY})
        store.remember_keys(
            connection, {("东城", "loan"): date(2026, 9, 1), ("", "digital_channel"): date(2026, 9, 30)}
        )
    with engine.begin() as connection:
        assert store.pending_keys(connection) == {("东城", "loan"): date(2026, 9, 1), ("", "digital_channel"): DAY}
        store.forget_keys(connection, {("东城", "loan"): date(2026, 9, 1), ("西城", "loan"): DAY})
        store.forget_keys(
            connection, {("", "digital_channel"): DAY.replace(day=16)}
        )  # an earlier day has come up since
        assert store.pending_keys(connection) == {("", "digital_channel"): DAY}


def test_cases_are_found_by_branch_and_by_business_and_empty_ones_are_none(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        assert {row.id for row in store.cases_of_org(connection, "东城", since=DAY)} == {"c1", "c2"}
        assert {row.id for row in store.cases_of_business(connection, "loan", since=DAY)} == {"c1", "c2"}
        assert store.cases_of_org(connection, "东城", since=DAY.replace(day=16)) == []
        assert store.first_day(connection) == DAY
        assert [tuple(row)[:2] for row in store.people_of_cases(connection, ["c1", "c2"])] == [("c1", "客户号")]


def test_a_letter_of_many_is_new_once_and_again_when_it_has_grown(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        [row] = store.new_waves(connection, least_customers=5)
        assert (row.id, row.customers, row.last_on, row.org) == ("c2", 6, DAY.replace(day=17), "")  # of two branches
        store.save_groups(connection, {"w": ["c2"]}, [group(id="w", org="", customers=6, expected=0.0, p=0.0)])
        assert store.new_waves(connection, least_customers=5) == []
        connection.execute(t.complaint_case.update().where(t.complaint_case.c.id == "c2").values(customers=7))
        assert [row.customers for row in store.new_waves(connection, least_customers=5)] == [7]
        assert store.known_groups(connection, "", "loan", since=DAY) == []  # a wave is no burst


def test_a_group_takes_its_cases_and_lets_those_go_that_left_it(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        seed(connection)
        store.save_groups(connection, {"g": ["c1", "c2"]}, [group()])
        store.save_groups(connection, {"g": ["c2"]}, [group(cases=2, last_on=DAY.replace(day=16))])
        c = t.complaint_case.c
        assert connection.execute(sa.select(c.id, c.group_id).order_by(c.id)).all() == [
            ("c1", None),
            ("c2", "g"),
            ("c3", None),
        ]
        assert [tuple(row) for row in store.known_groups(connection, "东城", "loan", since=DAY)] == [
            (DAY, DAY.replace(day=16))
        ]
