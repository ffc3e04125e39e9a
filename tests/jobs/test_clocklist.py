"""Which limits press, counted by hand for a day."""

from datetime import datetime

import pytest
from tests.jobs import casebook as book

from feedback_nlp.jobs.clocklist import clocks_due
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.lines import BranchLine

NOW = datetime(2026, 9, 30, 12)


@pytest.fixture
def full(work: Workplace) -> Workplace:
    """Give five cases with limits of fifteen days, one of each standing; a review without a limit."""
    book.write(
        work.engine,
        book.Case(1, received_at=datetime(2026, 9, 10, 8)),  # until 25 September: over
        book.Case(2, received_at=datetime(2026, 9, 16)),  # until 1 October: 14.5 of 16 days used, 91 %
        book.regulator(3, received_at=datetime(2026, 9, 20, 9)),  # until 5 October: 65 %, five days left
        book.Case(4, received_at=datetime(2026, 9, 28, 9), org="城西支行"),  # until 13 October: nothing yet
        book.Case(5, received_at=datetime(2026, 9, 12), org=None),  # until 27 September: over
        book.Case(6, source_kind="app_review"),
    )
    return work


def test_overdue_pressing_and_soon_are_listed_danger_first_then_the_nearest(full: Workplace) -> None:
    found = clocks_due(full, days=7, now=NOW)
    assert [line.case_id[:2] for line in found.clocks] == ["03", "01", "05", "02"]
    assert [line.days_left for line in found.clocks] == [5, -5, -3, 1]
    assert [line.overdue for line in found.clocks] == [False, True, True, False]
    assert [round(line.share, 2) for line in found.clocks if line.case_id[:2] in ("02", "03")] == [0.65, 0.91]
    assert found.clocks[0].rule_name == "投诉处理决定15日" and found.clocks[0].verified is True


def test_each_branch_is_counted_under_the_gravest_heading(full: Workplace) -> None:
    assert clocks_due(full, days=7, now=NOW).branches == [
        BranchLine("城东支行", overdue=1, pressing=1, soon=1, cases=3),
        BranchLine("未注明", overdue=1, pressing=0, soon=0, cases=1),
    ]


def test_days_share_and_branch_narrow_or_widen_the_list(full: Workplace) -> None:
    assert {line.case_id[:2] for line in clocks_due(full, days=0, now=NOW).clocks} == {"01", "02", "05"}
    assert {line.case_id[:2] for line in clocks_due(full, days=0, share=0.6, now=NOW).clocks} == {
        "01",
        "02",
        "03",
        "05",
    }
    assert {line.case_id[:2] for line in clocks_due(full, days=30, now=NOW).clocks} == {"01", "02", "03", "04", "05"}
    assert [line.case_id[:2] for line in clocks_due(full, days=30, branch="城西", now=NOW).clocks] == ["04"]
