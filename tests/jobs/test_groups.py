"""Group complaints from changed cases, on SQLite and PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_nlp import policy
from feedback_nlp.jobs.groups import find_groups, key_of, touched
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import groups as store
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

POLICY = policy.load().cases
FIRST, DAY = date(2026, 6, 1), date(2026, 9, 15)
ORG = "东城支行"


def write(work: Workplace, cases: list[tuple[str, date, str]], *, customers: int = 1, org: str = ORG) -> None:
    """Store cases (name, day, theme) of one member each, as `settle` leaves them; the name tells who wrote."""
    batch = {"id": "b", "source": "s", "file": "f", "input_hash": "h", "mapping": "{}", "rows_read": 0, "new": 0}
    whole: dict[str, Any] = {"version": 1, "settled_version": 1, "settled_by": "p", "batch_id": "b", "content": "c"}
    whole |= {"source": "s", "source_kind": "ledger", "text": "…", "flags": "", "extra": "{}", "org": org}
    blank = {"events": customers, "customers": customers, "org": org, "policy": "p"}
    with work.engine.begin() as connection:
        upsert(connection, t.batch, [batch | {"updated": 0, "duplicate": 0, "rejected": 0, "taken_in_on": DAY}])
        upsert(connection, t.feedback, [whole | {"id": f"f{name}", "counted_on": day} for name, day, _ in cases])
        upsert(
            connection,
            t.complaint_case,
            [blank | {"id": name, "theme": theme, "opened_on": day} for name, day, theme in cases],
        )
        member = {"why": "", "policy": "p"}
        upsert(connection, t.case_member, [member | {"feedback_id": f"f{name}", "case_id": name} for name, *_ in cases])
        who = {"type": "客户号", "from_column": True}
        upsert(connection, t.identifier, [who | {"feedback_id": f"f{name}", "hmac": name[:32]} for name, *_ in cases])
        store.remember_keys(connection, touched(((org, theme, day) for _, day, theme in cases), policy=POLICY))


def usual() -> list[tuple[str, date, str]]:
    return [(f"u{n}", FIRST + timedelta(10 * n), "loan/pricing.interest") for n in range(10)]


def families(first: int, many: int) -> list[tuple[str, date, str]]:
    return [(f"k{n}", DAY + timedelta(n % 2), "loan/contract.terms") for n in range(first, first + many)]


def groups(work: Workplace) -> list[Any]:
    with work.engine.connect() as connection:
        return list(connection.execute(sa.select(t.case_group).order_by(t.case_group.c.first_on)))


def test_what_comes_in_today_makes_yesterdays_group_grow(work: Workplace) -> None:
    write(work, usual() + families(0, 6))
    assert find_groups(work) == 1
    [before] = groups(work)
    write(work, families(6, 4))
    assert find_groups(work) == 1
    [after] = groups(work)
    assert (after.id, after.org, after.cause) == (before.id, ORG, "loan/contract")
    assert (before.cases, after.cases, after.customers) == (6, 10, 10)
    with work.engine.connect() as connection:
        c = t.complaint_case.c
        members = set(connection.scalars(sa.select(c.id).where(c.group_id == after.id)))
    assert members == {f"k{n}" for n in range(10)}


def test_a_second_run_has_nothing_to_look_at(work: Workplace) -> None:
    write(work, usual() + families(0, 6))
    find_groups(work)
    found = groups(work)
    assert find_groups(work) == 0
    assert groups(work) == found


def test_a_run_that_dies_while_saving_leaves_the_key_to_the_next(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(work, usual() + families(0, 6))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "forget_keys", die)
        with pytest.raises(KeyboardInterrupt):
            find_groups(work)
    assert groups(work) == []
    assert find_groups(work) == 1


def test_one_customer_with_ten_matters_is_no_group(work: Workplace) -> None:
    write(work, usual() + families(0, 10))
    with work.engine.begin() as connection:
        connection.execute(t.identifier.update().where(t.identifier.c.feedback_id.startswith("fk")).values(hmac="one"))
    assert find_groups(work) == 0


def test_a_letter_of_many_signers_is_a_group_of_one_case(work: Workplace) -> None:
    write(work, [("letter", DAY, "debt_collection/pricing.penalty")], customers=14)
    assert find_groups(work) == 1
    [group] = groups(work)
    assert (group.cases, group.customers, group.expected, group.cause) == (1, 14, 0, "debt_collection/pricing")
    assert find_groups(work) == 0


def test_the_app_is_counted_over_the_whole_bank_and_what_says_nothing_not_at_all() -> None:
    assert key_of("东城支行", "digital_channel/system.crash", policy=POLICY) == ("", "digital_channel")
    assert key_of(None, "digital_channel/system.crash", policy=POLICY) == ("", "digital_channel")
    assert key_of("东城支行", "loan/pricing.fee", policy=POLICY) == ("东城支行", "loan")
    assert key_of(None, "loan/pricing.fee", policy=POLICY) is None
    assert key_of("东城支行", "other/other.general", policy=POLICY) is None
