"""Open cases by level and limit, as Prefect shows them."""

from datetime import date, timedelta

import pytest
from tests.jobs.conftest import TODAY

from feedback_nlp.jobs.tally import open_cases_by_level
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t

DAYS = {
    -1: "overdue",
    0: "today",
    1: "within 2 days",
    2: "within 2 days",
    3: "within 7 days",
    7: "within 7 days",
    8: "later",
}


@pytest.mark.parametrize(("left", "column"), [*DAYS.items(), (None, "no limit")])
def test_an_open_case_stands_in_the_column_of_its_limit(work: Workplace, left: int | None, column: str) -> None:
    due_on: date | None = None if left is None else TODAY + timedelta(left)
    case = {"id": "1", "theme": "loan/pricing.fee", "opened_on": TODAY, "events": 1, "customers": 1, "policy": ""}
    with work.engine.begin() as connection:
        connection.execute(t.complaint_case.insert().values(**case, level=2, due_on=due_on))
        connection.execute(t.complaint_case.insert().values(**case | {"id": "2"}, level=3, closed_on=TODAY))
    counted = {row["level"]: row for row in open_cases_by_level(work)}
    assert [name for name, number in counted[2].items() if name not in ("level", "all") and number] == [column]
    assert (counted[2]["all"], counted[3]["all"], list(counted)) == (1, 0, [3, 2, 1, 0])
