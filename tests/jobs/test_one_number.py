"""One number, said once: lists, status, page and workbook count the bundled sample alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from feedback_nlp.jobs.clocklist import clocks_due
from feedback_nlp.jobs.daily import run_daily
from feedback_nlp.jobs.desk import Wanted, list_cases
from feedback_nlp.jobs.report import write_reports
from feedback_nlp.jobs.status import status_lines
from feedback_nlp.jobs.workplace import Workplace, open_workplace
from feedback_nlp.settings import load
from feedback_nlp.store import tables as t

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 9, 30)


@dataclass(frozen=True)
class Reported:
    """A day's work with what was written about it."""

    work: Workplace
    page: str  # without tags
    book: openpyxl.Workbook
    status: str


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    folder = tmp_path_factory.mktemp("reported")
    config = folder / "feedback.toml"
    config.write_bytes((ROOT / "src/feedback_nlp/feedback.toml").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
        settings = replace(load(config, environ={}), policy=None, taxonomy=None)
        work = open_workplace(settings, today=TODAY)
        run_daily(work, [ROOT / "data" / "samples"])
        written = write_reports(work)
        lines = "\n".join(status_lines(settings, today=TODAY))
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", written.page.read_text(encoding="utf-8")))
    book = openpyxl.load_workbook(written.workbook, read_only=True)
    yield Reported(work, page, book, lines)
    book.close()
    work.engine.dispose()


def figures(day: Reported) -> dict[str, int]:
    """Read the block 今日必办 of the workbook's first sheet."""
    rows = [(row[0], row[1]) for row in day.book["概览"].iter_rows(values_only=True)]
    start = next(at for at, row in enumerate(rows) if row[0] == "今日必办")
    block = takewhile(lambda row: row[0], rows[start + 2 :])
    return {str(name).partition("（")[0]: int(n) for name, n in block}


def records(day: Reported, sheet: str) -> list[dict[str, object]]:
    header, *rows = day.book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def number(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found, pattern
    return int(found.group(1).replace(",", ""))


def test_open_cases_are_one_number_everywhere(day: Reported) -> None:
    with day.work.engine.connect() as connection:
        c = t.complaint_case.c
        ids = set(connection.scalars(sa.select(c.id).where(c.closed_on.is_(None))))
    listed = records(day, "优先级")
    assert {row["案件号"] for row in listed} == ids and len(listed) == len(ids)
    assert all(isinstance(row["分数"], float | int) for row in listed)
    assert len(ids) == list_cases(day.work, limit=1).total == figures(day)["未结案件"]
    assert len(ids) == number(day.page, r"未结案件 ([\d,]+) 件：") == number(day.status, r"open +([\d,]+) cases")


def test_cases_past_their_limit_and_limits_that_are_past_are_two_numbers_each_said_once(day: Reported) -> None:
    late_cases = list_cases(day.work, Wanted(overdue_on=TODAY), limit=1).total
    late_limits = sum(line.overdue for line in clocks_due(day.work).clocks)
    assert late_cases < late_limits  # else the sample would not tell them apart
    told = figures(day)
    assert (told["逾期案件"], told["逾期时限"]) == (late_cases, late_limits)
    assert number(day.page, r"逾期案件 ([\d,]+) 件，") == late_cases
    assert number(day.status, r"cases, ([\d,]+) of them overdue") == late_cases
    assert number(day.status, r"running, ([\d,]+) of them overdue") == late_limits


def test_what_waits_for_a_person_is_one_number_and_what_the_model_doubts_has_another_name(day: Reported) -> None:
    with day.work.engine.connect() as connection:
        tasks = connection.scalar(
            sa.select(sa.func.count(sa.distinct(t.review_task.c.feedback_id))).where(t.review_task.c.state == "open")
        )
    assert tasks == figures(day)["待复核"] == number(day.page, r"待复核 ([\d,]+) 条")
    assert tasks == number(day.status, r"to review +([\d,]+)")
    assert "需复核" not in day.page and "需复核" not in records(day, "分类明细")[0]


def test_a_grave_case_nobody_closes_stays_in_front_however_old_it_is(day: Reported) -> None:
    with day.work.engine.connect() as connection:
        c, a = t.complaint_case.c, t.alert.c
        alarmed = sa.select(a.case_id).where(a.level == 3, a.state == "open")
        query = sa.select(c.id).where(c.level == 3, c.closed_on.is_(None), c.due_on.is_(None), c.id.in_(alarmed))
        old = set(connection.scalars(query.where(c.opened_on < date(2026, 7, 2))))
    assert old
    assert all(case_id[:8] in day.page for case_id in old)
    assert old <= {row["案件号"] for row in records(day, "优先级")[:20]}
