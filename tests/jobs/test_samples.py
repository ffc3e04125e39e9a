"""The daily path on the bundled sample: what is planted in it comes out."""

import json
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_nlp.jobs.daily import Day, run_daily
from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import load
from feedback_nlp.store import tables as t

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
PLANTED: dict[str, Any] = json.loads((SAMPLES / "truth" / "planted.json").read_text(encoding="utf-8"))
TODAY = date.fromisoformat(PLANTED["today"])


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Open an installation as `feedback-nlp init` writes it."""
    folder = tmp_path_factory.mktemp("samples")
    config = folder / "feedback.toml"
    config.write_bytes((ROOT / "src/feedback_nlp/feedback.toml").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
        settings = replace(load(config, environ={}), policy=None, taxonomy=None)
        opened = open_workplace(settings, today=TODAY)
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def day(work: Workplace) -> Day:
    return run_daily(work, [SAMPLES])


@pytest.fixture(scope="module")
def cases(work: Workplace, day: Day) -> dict[str, Any]:
    """Give the case of each feedback by "source/source id"."""
    f, m, c = t.feedback.c, t.case_member.c, t.complaint_case
    query = sa.select(f.source, f.source_id, c).join_from(t.feedback, t.case_member).join(c, c.c.id == m.case_id)
    with work.engine.connect() as connection:
        return {f"{row.source.removesuffix('_reviews')}/{row.source_id}": row for row in connection.execute(query)}


def test_every_row_of_every_file_is_what_was_planted(day: Day) -> None:
    found = {item.file: astuple(item.counts) for item in day.taken_in}
    keys = ("rows", "new", "updated", "duplicate", "rejected")
    assert found == {name: tuple(counts[key] for key in keys) for name, counts in PLANTED["files"].items()}


def test_every_broken_row_is_rejected_by_file_row_and_column(work: Workplace, day: Day) -> None:
    query = sa.select(t.batch.c.file, t.reject.c.row_number, t.reject.c.column_name).join_from(t.reject, t.batch)
    with work.engine.connect() as connection:
        found = {tuple(row)[:2]: row.column_name for row in connection.execute(query)}
    planted = {(name, row["row"]): row for name, counts in PLANTED["files"].items() for row in counts["rejects"]}
    assert found.keys() == planted.keys()
    assert all(found[key] == row["column"] for key, row in planted.items() if row["wrong"] != "bad bytes")


def test_letters_from_one_template_are_one_case_whoever_signs_them(cases: dict[str, Any]) -> None:
    for letters in PLANTED["templates"].values():
        assert len({cases[letter].id for letter in letters if letter in cases}) == 1
        assert sum(letter in cases for letter in letters) >= len(letters) - 1


def test_equal_short_texts_of_different_people_are_no_common_case(cases: dict[str, Any]) -> None:
    texts = [name for name in PLANTED["equal_texts"]["rows"] if name in cases]
    assert len({cases[name].id for name in texts}) == len(texts) > 0


def test_a_customer_who_comes_back_with_one_demand_is_one_case_across_channels(cases: dict[str, Any]) -> None:
    known = [[cases[name] for name in repeat["rows"] if name in cases] for repeat in PLANTED["repeats"]]
    assert all(len({row.id for row in rows}) == 1 for rows in known)
    assert sum(len(rows) > 1 for rows in known) == len(known) == 18


def test_many_customers_of_one_branch_in_three_days_are_a_group_complaint(
    work: Workplace, cases: dict[str, Any]
) -> None:
    burst = PLANTED["burst"]
    with work.engine.connect() as connection:
        groups = connection.execute(sa.select(t.case_group).where(t.case_group.c.org == burst["org"])).all()
        (alert,) = connection.execute(sa.select(t.alert).where(t.alert.c.rule == "burst")).all()
    (group,) = groups
    assert f"{group.first_on}/{group.last_on}" == f"{burst['start']}/{burst['end']}"
    found = [name for name in burst["rows"] if cases[name].group_id == group.id]
    assert len(found) >= 10  # of twelve; the others are read as another business
    assert burst["org"] in alert.message


def test_a_wave_of_one_letter_by_many_signers_is_a_group_complaint(work: Workplace, cases: dict[str, Any]) -> None:
    for letters in PLANTED["templates"].values():
        (group_id,) = {cases[letter].group_id for letter in letters if letter in cases}
        assert group_id is not None


def test_whoever_threatens_life_is_in_front_of_a_person_and_whoever_only_quotes_is_not(
    work: Workplace, cases: dict[str, Any]
) -> None:
    planted = PLANTED["escalation"]
    for kind in ("self_harm:threat", "self_harm:done", "violence:threat"):
        rows = [cases[name] for name in planted[kind]]
        assert {row.level for row in rows} == {3}, kind
        assert all(row.state not in ("responded", "closed", "withdrawn", "rejected") for row in rows), kind
    with work.engine.connect() as connection:
        alarmed = set(
            connection.scalars(sa.select(t.alert.c.case_id).where(t.alert.c.rule.in_(["self-harm", "violence"])))
        )
    assert alarmed >= {cases[name].id for name in planted["self_harm:threat"]}
    assert max(cases[name].level for name in planted["violence:quoted"]) < 3


def test_the_overdue_cases_are_overdue_and_the_nearly_due_ones_nearly_due(cases: dict[str, Any]) -> None:
    for name in PLANTED["clocks"]["overdue"]:
        assert cases[name].due_on < TODAY, name
        assert (cases[name].closed_on, cases[name].state) == (None, "investigating")
    for name in PLANTED["clocks"]["due_within_2_days"]:
        assert 0 <= (cases[name].due_on - TODAY).days <= 2, name


def test_every_case_at_least_as_urgent_as_its_floor_is_among_the_first(work: Workplace, day: Day) -> None:
    query = sa.select(t.triage.c.score, t.complaint_case.c.due_on).join_from(t.triage, t.complaint_case)
    with work.engine.connect() as connection:
        scores = list(connection.execute(query))
    late = [row.score for row in scores if row.due_on and (row.due_on - TODAY).days <= 2]
    assert min(late) >= work.policy.triage.floors.due
    assert len(late) >= len(PLANTED["clocks"]["overdue"])


def test_what_the_ledger_says_of_its_steps_stands_in_the_history_of_each_case(
    work: Workplace, cases: dict[str, Any]
) -> None:
    with work.engine.connect() as connection:
        e = t.case_event.c
        steps = {row.case_id: row for row in connection.execute(sa.select(t.case_event).order_by(e.case_id, e.seq))}
        clocks = {
            row.case_id: row
            for row in connection.execute(sa.select(t.sla_clock).where(t.sla_clock.c.rule == "delivered"))
        }
    for name in PLANTED["clocks"]["closed_late"]:
        case = cases[name]
        assert (steps[case.id].actor, steps[case.id].to_state) == ("ledger", "responded"), name
        assert clocks[case.id].stopped_at > clocks[case.id].due_at, name
