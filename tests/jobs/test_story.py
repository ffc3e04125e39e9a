"""One complaint from intake to 闭环: what the customer says, what people do, what every clock and score makes of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.alerts import list_alerts, raise_alerts
from feedback_nlp.jobs.daily import run_daily
from feedback_nlp.jobs.desk import move_case
from feedback_nlp.jobs.labels import export_labels
from feedback_nlp.jobs.review import decide, next_tasks
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.settings import Feed
from feedback_nlp.store import tables as t
from feedback_nlp.train.corpus import read_labelled

HOTLINE = Feed("hotline", "hotline", "hotline_*.csv")
CALM = "客户来电反映上月提前还清房贷，被收取违约金3000元，签合同时没有人说明，要求退还。"
ANGRY = "客户再次来电，提前还款违约金3000元至今没有人答复，要求退还。表示再不处理就去12378投诉。"
WRITTEN = "本人提前还清住房贷款，贵行收取违约金三千元，签约时从未告知，多次致电无人答复，现要求退还违约金并书面说明。"


class Bank:
    """An installation on which days pass."""

    def __init__(self, folder: Path, open_work: Callable[..., Workplace]) -> None:
        """Begin with an empty inbox."""
        self.folder, self.open_work = folder, open_work
        self.work = self.on(date(2026, 9, 1))

    def on(self, day: date) -> Workplace:
        """Open the installation on a day."""
        work = self.open_work(day)
        settings = replace(work.settings, feeds=(*work.settings.feeds, HOTLINE))
        self.work = replace(work, settings=settings)
        return self.work

    def hears(self, day: date, text: str) -> None:
        """Let a customer ring on a day, and run that evening."""
        path = self.folder / f"hotline_{day:%m%d}.csv"
        path.write_text(
            f"流水号,来电时间,客户号,所属机构,来电内容\nCC{day:%m%d},{day} 09:30:00,8800000001,东港支行,{text}\n",
            encoding="utf-8",
        )
        run_daily(self.on(day), [path])

    def reads(self, day: date, text: str, status: str = "处理中") -> None:
        """Take in the ledger of a day."""
        path = self.folder / f"ledger_{day:%m%d}.csv"
        path.write_text(
            "工单号,受理日期,客户号,被投诉机构,投诉渠道,投诉内容,工单状态\n"
            f"T1,{day},8800000001,东港支行,12378转办,{text},{status}\n",
            encoding="utf-8",
        )
        run_daily(self.on(day), [path])

    @property
    def case(self) -> sa.Row[Any]:
        """Give the one case there is, with its score."""
        query = sa.select(t.complaint_case, t.triage.c.score, t.triage.c.floor)
        with self.work.engine.connect() as connection:
            return connection.execute(query.outerjoin_from(t.complaint_case, t.triage)).one()

    @property
    def clocks(self) -> dict[str, sa.Row[Any]]:
        """Give the clocks by rule."""
        with self.work.engine.connect() as connection:
            return {row.rule: row for row in connection.execute(sa.select(t.sla_clock))}

    def moves(self, at: datetime, action: str, note: str = "", **details: str) -> None:
        """Take a step as 张三."""
        self.on(at.date())
        move_case(self.work, self.case.id, action, by="张三", note=note, details=details, at=at, now=at)


@pytest.fixture
def bank(tmp_path: Path, open_work: Callable[..., Workplace]) -> Iterator[Bank]:
    """Give the bank."""
    yield Bank(tmp_path, open_work)


def test_one_complaint_from_the_first_call_to_the_closed_loop(bank: Bank, tmp_path: Path) -> None:
    # 1 September: a first call. One case, a clock of fifteen days, somebody whose work it is.
    bank.hears(date(2026, 9, 1), CALM)
    first = bank.case
    assert (first.events, first.customers, first.state, first.level) == (1, 1, "received", 0)
    assert first.due_on == date(2026, 9, 16)
    assert first.department

    # 8 September: the same customer threatens to go to the regulator. The same case, graver.
    bank.hears(date(2026, 9, 8), ANGRY)
    second = bank.case
    assert (second.id, second.events, second.customers) == (first.id, 2, 1)
    assert (second.level, second.kinds) == (2, "regulator:threat")
    assert second.score > first.score
    raise_alerts(bank.work, now=bank.work.now)
    (alert,) = list_alerts(bank.work, least_level=2).to_dict("records")
    assert (alert["case_id"], alert["answer_by"]) == (first.id, datetime(2026, 9, 9, 3, 59))  # four hours

    # 10 September: the regulator passes his letter on. Another channel, still one case, the regulator's clocks beside.
    bank.reads(date(2026, 9, 10), WRITTEN)
    third = bank.case
    assert (third.id, third.events, third.complaints) == (first.id, 3, 3)
    assert third.due_on == date(2026, 9, 16)  # the first call's fifteen days still run
    assert len(bank.clocks) > 1

    # A reviewer corrects what the model read; the row shows the correction, the model's answer stays.
    task = next_tasks(bank.work, limit=1)[0]
    labels = {"business": "loan", "leaves": ["pricing.penalty", "disclosure.terms"]}
    decide(bank.work, task.feedback_id, author="李四", labels=labels, note="对照合同核过", now=bank.work.now)
    run_daily(bank.work, [])
    with bank.work.engine.connect() as connection:
        p = t.prediction.c
        read = connection.execute(
            sa.select(p.release, p.current, p.leaf).where(p.feedback_id == task.feedback_id)
        ).all()
    assert {(row.current, row.release == "人工复核") for row in read} == {(True, True), (False, False)}
    assert next(row.leaf for row in read if row.current) == "pricing.penalty"
    assert bank.case.theme == "loan/pricing.penalty"
    export_labels(bank.work, tmp_path / "labels.jsonl")
    (learned,) = read_labelled(tmp_path / "labels.jsonl", taxonomy=bank.work.taxonomy)
    assert learned.labels["leaves"] == ("pricing.penalty", "disclosure.terms")

    # The ledger says it is being looked into; a step back is refused, with what is possible instead.
    assert bank.case.state == "investigating"
    with pytest.raises(OfficerError, match=r"现为“调查”，不能“受理”；可以：.*反馈"):
        bank.moves(datetime(2026, 9, 11, 9), "受理")
    with pytest.raises(OfficerError, match="告知客户"):
        bank.moves(datetime(2026, 9, 11, 9), "闭环", no_improvement="无")
    bank.moves(datetime(2026, 9, 11, 10), "extend", "争议复杂，需调取录音", rule="cb-complex")
    assert bank.case.due_on == date(2026, 10, 1)

    # An outside appraisal stops the clock for four days; the customer knows.
    bank.moves(datetime(2026, 9, 14, 9), "pause", "委托鉴定签名", reason="appraisal", informed_on="2026-09-14")
    bank.moves(datetime(2026, 9, 18, 9), "resume")
    assert bank.case.due_on == date(2026, 10, 5)
    assert bank.clocks["cb-simple"].paused_days == 4

    # 25 September: the customer is told; the clocks stop. 闭环 wants a result.
    bank.moves(datetime(2026, 9, 25, 16), "反馈", "退还违约金3000元", informed_on="2026-09-25")
    answered = bank.case
    assert (answered.state, answered.closed_on, answered.due_on) == ("responded", date(2026, 9, 25), None)
    with pytest.raises(OfficerError, match="改进"):
        bank.moves(datetime(2026, 9, 26, 9), "闭环")
    bank.moves(datetime(2026, 9, 28, 9), "闭环", no_improvement="个案处理，合同模板已另行修订")
    assert (bank.case.state, bank.case.closed_on) == ("closed", date(2026, 9, 25))

    # The whole way stands in the history, and a later run changes nothing of it.
    run_daily(bank.on(date(2026, 9, 30)), [])
    with bank.work.engine.connect() as connection:
        e = t.case_event.c
        steps = connection.execute(sa.select(e.seq, e.action, e.actor).order_by(e.seq)).all()
    assert [row.action for row in steps if row.actor == "张三"] == ["extend", "pause", "resume", "respond", "close"]
    assert [row.seq for row in steps] == list(range(1, len(steps) + 1))
    assert bank.case.state == "closed"

    # 20 October: he writes again. The case opens again by itself.
    bank.hears(date(2026, 10, 20), ANGRY)
    assert (bank.case.id, bank.case.state, bank.case.closed_on) == (first.id, "investigating", None)


def test_a_threat_to_ones_own_life_waits_for_a_person_whatever_the_ledger_says(bank: Bank) -> None:
    text = "催收天天打电话，我实在活不下去了，再逼我我就从你们楼上跳下去。"
    bank.reads(date(2026, 9, 10), text, status="已办结")
    assert (bank.case.level, bank.case.closed_on) == (3, None)
    assert bank.case.score >= 90
    raise_alerts(bank.work, now=bank.work.now)
    (alert,) = [row for row in list_alerts(bank.work, least_level=3).to_dict("records") if row["rule"] == "self-harm"]
    assert "12356" in alert["message"]
    with pytest.raises(OfficerError, match="联系"):
        bank.moves(datetime(2026, 9, 11, 9), "撤诉", "客户口头撤回")
    bank.moves(datetime(2026, 9, 11, 10), "联系客户", "已通话二十分钟，家属在旁，情绪平稳")
    bank.moves(datetime(2026, 9, 11, 11), "撤诉", "客户书面撤回")
    assert bank.case.state == "withdrawn"


def test_a_sender_who_delivers_a_threat_again_in_milder_words_does_not_undo_it(bank: Bank) -> None:
    bank.reads(date(2026, 9, 10), "催收天天打电话，我实在活不下去了，再逼我我就从你们楼上跳下去。")
    bank.reads(date(2026, 9, 12), "客户反映催收电话频繁，已处理。", status="已办结")
    assert (bank.case.level, bank.case.kinds, bank.case.closed_on) == (3, "self_harm:threat", None)
    bank.moves(datetime(2026, 9, 13, 10), "联系客户", "已通话，情绪平稳")
    run_daily(bank.on(date(2026, 9, 14)), [])
    bank.reads(date(2026, 9, 15), "客户反映催收电话频繁，已处理完毕。", status="已办结")
    assert (bank.case.level, bank.case.state) == (0, "responded")
