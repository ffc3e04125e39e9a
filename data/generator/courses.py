"""What became of each complaint: limits, closings, and the clocks that are planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from generator.tables import quarter, toml
from generator.writer import Entry

GRADES = {"普通": 15, "复杂": 30, "重大": 60}  # 投诉等级 → limit in days


@dataclass(eq=False)
class Course:
    """The life of one complaint, seen from the demo's today."""

    entry: Entry
    number: int  # 序号, running through the year
    grade: str
    due: date
    closed: date | None  # None: open on the demo's today
    ending: str  # 已办结, 已撤诉, 已转办, 不予受理
    clock: str = ""  # the planted clock, "" for none
    broken: str = ""  # the column that is spoilt, "" for none
    kept_open: bool = False  # delivered again, still open

    @property
    def received(self) -> date:
        """受理日期."""
        return self.entry.scene.at.date()

    @property
    def bad_date(self) -> str:
        """A date spoilt as people spoil them."""
        return str(toml("plan")["broken"]["values"]["date"][self.number % 2])

    @property
    def changed(self) -> bool:
        """Whether the second workbook shows another state than the first."""
        end = toml("bank")["quarters"][0]["end"]
        was_open = self.closed is None or self.closed > end
        return self.clock in ("reopened", "supplemented") or (was_open and self.closed is not None)

    @property
    def comes_again(self) -> bool:
        """Whether a row of the first workbook stands in the second too."""
        return not self.broken and (self.changed or self.clock == "redelivered" or self.kept_open)

    def reopened(self, on: date) -> bool:
        """Whether it is open again on that day."""
        return self.clock == "reopened" and on == toml("bank")["today"]

    def status(self, on: date) -> str:
        """工单状态 as a workbook delivered on that day shows it."""
        closed = self.closed is not None and self.closed <= on and not self.reopened(on)
        return self.ending if closed else "处理中"

    def due_on(self, on: date) -> date:
        """办结期限; a reopened case runs under a new limit."""
        return date.fromisoformat(toml("plan")["clocks"]["reopened_due"]) if self.reopened(on) else self.due


def run(entries: list[Entry], *, rng: Random) -> list[Course]:
    """Give every ledger row its course, number the rows by day, and plant the clocks."""
    ordered = sorted((entry for entry in entries if entry.feed == "ledger"), key=lambda entry: entry.scene.at)
    courses = [_course(entry, number=number, rng=rng) for number, entry in enumerate(ordered, 1)]
    for course in courses:
        course.entry.id = f"{course.received:%Y%m%d}{course.number:05d}"
        course.entry.refs = [f"ledger/{course.entry.id}"]
        if course.entry.plot == "burst":
            course.closed = None
    _plant(courses, rng=rng)
    return courses


def _course(entry: Entry, *, number: int, rng: Random) -> Course:
    received, today = entry.scene.at.date(), toml("bank")["today"]
    grade = rng.choices(list(GRADES), [85, 13, 2])[0]
    grade = "重大" if entry.first.grave else grade
    limit = GRADES[grade]
    needed = min(limit, max(1, round(rng.lognormvariate(1.9, 0.5) * limit / 15)))
    closed = received + timedelta(days=needed)
    ending = rng.choices(["已办结", "已撤诉", "已转办", "不予受理"], [92, 4, 3, 1])[0]
    return Course(entry, number, grade, received + timedelta(days=limit), closed if closed <= today else None, ending)


def _plant(courses: list[Course], *, rng: Random) -> None:
    plan, today = toml("plan")["clocks"], toml("bank")["today"]

    def free(fits: Callable[[Course], bool], count: int) -> list[Course]:
        plain = [c for c in courses if not (c.clock or c.entry.plot) and not c.entry.first.grave and fits(c)]
        return rng.sample(plain, count)

    def between(start: date, end: date) -> Callable[[Course], bool]:
        return lambda course: start <= course.received <= end

    def open_until(course: Course, *, clock: str) -> None:
        course.grade, course.closed, course.clock = "普通", None, clock
        course.due = course.received + timedelta(days=GRADES["普通"])

    for place, course in enumerate(free(between(date(2026, 5, 20), date(2026, 6, 14)), plan["overdue_old"])):
        open_until(course, clock="overdue_old")
        course.kept_open = place < plan["redelivered_open"]
    for course in free(between(date(2026, 7, 20), date(2026, 9, 13)), plan["overdue_new"]):
        open_until(course, clock="overdue_new")
    for course in free(between(today - timedelta(days=15), today - timedelta(days=13)), plan["nearly_due"]):
        open_until(course, clock="nearly_due")
    for course in free(between(date(2026, 4, 10), date(2026, 8, 20)), plan["closed_late"]):
        course.closed, course.clock, course.ending = (
            course.due + timedelta(days=rng.randint(2, 10)),
            "closed_late",
            "已办结",
        )
    settled = toml("bank")["quarters"][0]["end"] - timedelta(days=6)  # the follow-up call of the last closing is made
    for clock in ("reopened", "supplemented", "redelivered"):
        for course in free(
            lambda c: c.closed is not None and c.closed <= settled and c.ending == "已办结", plan[clock]
        ):
            course.clock = clock
    for name, columns in toml("plan")["broken"]["ledger"].items():
        inside = [c for c in courses if quarter(c.received) == name and not (c.clock or c.entry.plot) and c.closed]
        quiet = [c for c in inside if c.closed and quarter(c.closed) == name]  # not delivered again in the next quarter
        for course, column in zip(rng.sample(quiet, len(columns)), columns, strict=True):
            course.broken = column
