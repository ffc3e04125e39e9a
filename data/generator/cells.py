"""The 69 cells of a ledger row; one complaint in one state gives the same cells in either workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from feedback_nlp import taxonomy
from generator.courses import Course
from generator.scene import fill
from generator.tables import toml

Cell = str | int | float | date | None
_EXCEL_ZERO = date(1899, 12, 30)
_TYPED = ["{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y-%m-%d}"]


@dataclass
class _Sheet:
    """One complaint as one workbook sees it, and the habits of the clerk who typed it."""

    course: Course
    on: date
    rng: Random
    style: str  # how the clerk enters dates: cell, serial, typed
    form: str  # of a typed date

    @property
    def closed(self) -> date | None:
        """办结日期, where it was reached by the day of delivery."""
        return None if self.course.status(self.on) == "处理中" else self.course.closed

    @property
    def answered(self) -> bool:
        """Closed with an answer, not withdrawn, passed on or refused."""
        return self.closed is not None and self.course.ending == "已办结"

    def day(self, day: date | None) -> Cell:
        """Write a date the clerk's way: a formatted cell, a bare serial number, or words."""
        if day is None or self.style == "cell":
            return day
        return (day - _EXCEL_ZERO).days if self.style == "serial" else self.form.format(day)

    def say(self, phrases: list[str]) -> str:
        """Draw and fill a phrase."""
        return fill(self.rng.choice(phrases), scene=self.course.entry.scene, rng=self.rng)

    def outlet_code(self) -> int:
        """网点机构号."""
        scene = self.course.entry.scene
        return int(scene.branch.code) * 100 + scene.branch.subs.index(scene.outlet) + 1


def fill_row(course: Course, *, on: date) -> list[Cell]:
    """Give the cells of a row in the order of the ledger's columns."""
    rng = Random(f"{toml('plan')['seed']}/{course.entry.id}")
    style = rng.choices(["cell", "serial", "typed"], [84, 8, 8])[0]
    sheet = _Sheet(course, on, rng, style, rng.choice(_TYPED))
    groups = (_order, _person, _complaint, _handling, _visit, _duty, _report)
    return [course.number, *(cell for group in groups for cell in group(sheet))]


def _order(sheet: _Sheet) -> list[Cell]:
    course, scene, rng = sheet.course, sheet.course.entry.scene, sheet.rng
    old, central = rng.randrange(10**6, 10**7), rng.randrange(10**7)
    forwarded = course.entry.first.style == "forwarded"
    return [
        scene.outlet,
        sheet.outlet_code(),
        int(course.entry.id),  # Excel turns it into a float
        old if rng.random() < 0.4 else None,
        f"PBC{central:07d}" if scene.arrival.startswith("人行") else None,
        course.status(sheet.on),
        toml("bank")["counters"][scene.arrival],
        course.bad_date if course.broken == "受理日期" else sheet.day(course.received),
        sheet.day(sheet.closed),
        "监管转办" if forwarded else "客户直接投诉",
    ]


def _person(sheet: _Sheet) -> list[Cell]:
    person, branch = sheet.course.entry.scene.person, sheet.course.entry.scene.branch
    phone = int(person.phone)
    contact = f"u{person.phone[-8:]}@mail.example" if sheet.rng.random() < 0.06 else phone
    where = ["中国", branch.province, branch.city, branch.district]
    sex = "男" if person.male else "女"
    return [person.name, sex, *where, person.id_card, person.born, contact, phone, phone if sheet.answered else None]


def _complaint(sheet: _Sheet) -> list[Cell]:
    course, scene, origin, bank = sheet.course, sheet.course.entry.scene, sheet.course.entry.first, toml("bank")
    branch, business = scene.branch, taxonomy.load().name("business", origin.business)
    amount = round(sheet.rng.uniform(0.01, 40), 2) if sheet.rng.random() < 0.35 else None
    text = course.entry.text
    if course.clock == "supplemented" and sheet.on == bank["today"]:
        text += sheet.say([toml("phrases")["updates"]["text"]])
    return [
        None if course.broken == "投诉内容" else text,
        *(branch.name, "二级分行", "华河银行总行", branch.province, branch.city, branch.district),
        course.grade,
        bank["touchpoints"][origin.touchpoint],
        "其他" if origin.business == "digital_channel" else business,
        f"因{taxonomy.load().reasons[taxonomy.parent(origin.leaves[0])]}引起的投诉",
        scene.arrival,
        bank["lines"].get(origin.business, "个人金融条线"),
        *(business, scene.product),
        amount,
        1,
        "；".join(sheet.rng.choice(toml("phrases")["requests"][each]) for each in (origin.demand or ("none",))[:2]),
    ]


def _handling(sheet: _Sheet) -> list[Cell]:
    course, words, people = sheet.course, toml("phrases"), toml("bank")["people"]
    answers = words["answers"][taxonomy.parent(course.entry.first.leaves[0])]
    found, done, result = (sheet.say(answers[key]) for key in ("found", "done", "result"))
    if course.reopened(sheet.on):
        result = words["updates"]["reopened"]
    clerk = sheet.rng.choice(people["surnames"]) + sheet.rng.choice(people["female"])
    staff_phone = f"0{sheet.rng.randint(311, 899)}-8{sheet.rng.randrange(10**6):06d}"
    return [
        found if sheet.closed else None,
        done if sheet.answered else None,
        result if sheet.answered or course.reopened(sheet.on) else None,
        *(course.entry.scene.outlet, sheet.outlet_code(), "支行", "消费者权益保护部"),
        *(clerk, f"HH{sheet.rng.randrange(100, 999):05d}", staff_phone),
        (sheet.closed - course.received).days if sheet.closed else None,
        *("是", "是" if sheet.closed else "否", sheet.day(sheet.closed) if sheet.answered else None),
    ]


def _visit(sheet: _Sheet) -> list[Cell]:
    wanted, days, glad = sheet.rng.random() < 0.6, sheet.rng.choice([1, 2, 3, 5]), sheet.rng.random() < 0.7
    said = sheet.say(toml("phrases")["visits"]["good" if glad else "bad"])
    called = sheet.closed + timedelta(days=days) if sheet.closed and sheet.answered and wanted else None
    if called is None or called > sheet.on:
        return ["否", None, None, None, None]
    return ["是", sheet.day(called), sheet.course.entry.scene.branch.name, "满意" if glad else "不满意", said]


def _duty(sheet: _Sheet) -> list[Cell]:
    blamed, paid, amount = sheet.rng.random() < 0.12, sheet.rng.random() < 0.07, sheet.rng.randrange(20, 300)
    measure = sheet.rng.choice(toml("phrases")["blame"]["clerks"])
    if not sheet.answered:
        return [None, None, None, None]
    return ["是" if blamed else "否", measure if blamed else None, "是" if paid else "否", amount if paid else None]


def _report(sheet: _Sheet) -> list[Cell]:
    course, words = sheet.course, toml("phrases")
    reason = sheet.rng.choice(words["late"]["reasons"])
    improvement = sheet.say(words["answers"][taxonomy.parent(course.entry.first.leaves[0])]["improve"])
    late = sheet.closed is not None and (sheet.closed - course.received).days > 15
    reopened = course.reopened(sheet.on)
    return [
        "已报送" if sheet.answered else "未报送",
        "是" if course.entry.first.style == "forwarded" or reopened else "否",
        sheet.day(course.due_on(sheet.on)),
        reason if late else None,
        improvement or None if sheet.answered else None,
        "季末重报" if reopened else None,
    ]
