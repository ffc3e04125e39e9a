"""Cases of an invented bank, written straight into the tables: what a settled and scored store holds."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from feedback_nlp.store import tables as t
from feedback_nlp.store.save import Row, upsert

LIMIT_DAYS = 15  # cb-simple in sla.toml


@dataclass
class Case:
    """One case with one letter; `n` gives its ids."""

    n: int
    text: str = "信用卡年费三百元没有通知就扣了，要求退还。"
    request: str | None = None
    received_at: datetime = datetime(2026, 9, 20, 9, 30)
    org: str | None = "城东支行"
    business: str = "credit_card"
    leaf: str = "pricing.fee"
    level: int = 0
    hits: list[Row] = field(default_factory=list)
    score: float | None = 40.0
    floor: str | None = None
    department: str | None = "信用卡中心"
    assignee: str | None = None
    source_kind: str = "ledger"

    @property
    def id(self) -> str:
        return f"{self.n:02d}" + "ca" * 9

    @property
    def feedback_id(self) -> str:
        return f"{self.n:02d}" + "fb" * 9

    @property
    def due_at(self) -> datetime:
        return datetime.combine(self.received_at.date() + timedelta(days=LIMIT_DAYS), time(23, 59, 59))


def hit(text: str, cue: str, kind: str, modality: str, level: int) -> Row:
    start = text.index(cue)
    return {
        "kind": kind,
        "cue": cue,
        "start": start,
        "end": start + len(cue),
        "modality": modality,
        "level": level,
    }


def threat(n: int, **changed: Any) -> Case:
    """Give a case of a customer who threatens to harm himself."""
    text = "天天被催，我活不下去了，你们再打电话我就跳楼。"
    hits = [hit(text, "活不下去", "self_harm", "threat", 3), hit(text, "跳楼", "self_harm", "threat", 3)]
    given = {"business": "debt_collection", "leaf": "collection.harassment", "department": "信贷管理部"}
    return Case(n, text=text, hits=hits, level=3, **given | changed)


def regulator(n: int, **changed: Any) -> Case:
    """Give a case of a customer who will turn to the regulator."""
    text = "提前还款被收了违约金，再不处理我就打12378。"
    hits = [hit(text, "12378", "regulator", "threat", 2)]
    return Case(n, text=text, hits=hits, level=2, **{"business": "loan", "leaf": "pricing.penalty"} | changed)


def write(engine: sa.Engine, *cases: Case, today: date = date(2026, 9, 30)) -> None:
    """Write cases with their letters, labels, facts, scores and clocks."""
    with engine.begin() as connection:
        upsert(connection, t.batch, [_batch(today)])
        for table, rows in {
            t.feedback: [_feedback(case) for case in cases],
            t.prediction: [_prediction(case, today) for case in cases],
            t.text_facts: [_facts(case) for case in cases],
            t.derived_label: [_derived(case) for case in cases],
            t.complaint_case: [_case(case) for case in cases],
            t.case_member: [_member(case) for case in cases],
            t.sla_clock: [_clock(case) for case in cases if case.source_kind == "ledger"],
            t.triage: [_triage(case, today) for case in cases if case.score is not None],
        }.items():
            upsert(connection, table, rows)


def improvement(engine: sa.Engine, item_id: str = "77" + "ee" * 9, theme: str = "credit_card/pricing.fee") -> str:
    """Write an improvement item, and give its id."""
    row = {
        "id": item_id,
        "theme": theme,
        "title": "年费扣收前短信提醒",
        "owner": "信用卡中心产品经理",
        "opened_on": date(2026, 8, 1),
        "analysis_due_on": date(2026, 11, 1),
        "status": "plan",
        "cases": 12,
        "reason": "本季已有 12 件",
        "policy": "improve-1",
    }
    with engine.begin() as connection:
        upsert(connection, t.improvement, [row])
    return item_id


def rows(engine: sa.Engine, table: sa.Table) -> list[Row]:
    """Give all rows of a table, in order of its key."""
    with engine.connect() as connection:
        return [row._asdict() for row in connection.execute(sa.select(table).order_by(*table.primary_key))]


def _batch(today: date) -> Row:
    counts = dict.fromkeys(("rows_read", "new", "updated", "duplicate", "rejected"), 0)
    given = {"id": "00" + "ba" * 9, "source": "ledger", "file": "ledger.csv", "input_hash": "0" * 64, "mapping": "{}"}
    return given | counts | {"encoding": None, "header_row": 1, "taken_in_on": today, "finished_on": today}


def _feedback(case: Case) -> Row:
    return {
        "id": case.feedback_id,
        "version": 1,
        "settled_version": 1,
        "settled_by": "",
        "batch_id": "00" + "ba" * 9,
        "content": f"{case.n:064d}",
        "counted_on": case.received_at.date(),
        "source": case.source_kind,
        "source_kind": case.source_kind,
        "source_id": f"GD2026{case.n:04d}",
        "text": case.text,
        "request": case.request,
        "flags": "",
        "received_at": case.received_at,
        "complaint_channel": "电话",
        "org": case.org,
        "extra": "{}",
    }


def _prediction(case: Case, today: date) -> Row:
    single = {"kind": "complaint", "business": case.business, "touchpoint": "other", "sentiment": "negative"}
    scores = {f"{facet}:{label}": 0.9 for facet, label in single.items()} | {f"leaves:{case.leaf}": 0.8}
    return {
        "feedback_id": case.feedback_id,
        "version": 1,
        "release": "linear-v1",
        "current": True,
        **single,
        "leaf": case.leaf,
        "leaves": case.leaf,
        "demand": "refund",
        "scores": json.dumps(scores),
        "confidence": 0.8,
        "review": False,
        "evidence": json.dumps({f"leaves:{case.leaf}": case.text[:12]}, ensure_ascii=False),
        "taxonomy": 1,
        "predicted_on": today,
    }


def _facts(case: Case) -> Row:
    at = case.text.find("三百元")
    amounts = [{"fen": 30_000, "start": at, "end": at + 3}] if at >= 0 else []
    return {
        "feedback_id": case.feedback_id,
        "version": 1,
        "amount_fen": 30_000 if amounts else None,
        "vulnerable": "",
        "level": case.level,
        "hits": json.dumps(case.hits, ensure_ascii=False),
        "amounts": json.dumps(amounts),
        "dates": "[]",
        "policy": "escalation-1",
    }


def _derived(case: Case) -> Row:
    given = {"need": "basic", "risk": "", "stage": "", "process": "", "direction": ""}
    return {"feedback_id": case.feedback_id, "version": 1, **given, "rules": '{"need:basic": "all"}', "policy": "d-1"}


def _case(case: Case) -> Row:
    return {
        "id": case.id,
        "theme": f"{case.business}/{case.leaf}",
        "opened_on": case.received_at.date(),
        "due_on": case.due_at.date() if case.source_kind == "ledger" else None,
        "closed_on": None,
        "events": 1,
        "complaints": 1,
        "customers": 1,
        "state": "received",
        "state_since": None,
        "assignee": case.assignee,
        "level": case.level,
        "kinds": "|".join(dict.fromkeys(f"{one['kind']}:{one['modality']}" for one in case.hits)),
        "org": case.org,
        "process": "收费与退费" if case.department else None,
        "department": case.department,
        "owner": "客户经理" if case.department else None,
        "group_id": None,
        "policy": "cases-1",
    }


def _member(case: Case) -> Row:
    return {"feedback_id": case.feedback_id, "case_id": case.id, "why": "首次反映", "policy": "cases-1"}


def _clock(case: Case) -> Row:
    return {
        "case_id": case.id,
        "rule": "cb-simple",
        "event": "answer",
        "started_at": case.received_at,
        "due_at": case.due_at,
        "stopped_at": None,
        "paused_days": 0,
        "paused": False,
        "extended": False,
        "provisional": False,
        "policy": "sla-2",
    }


def _triage(case: Case, today: date) -> Row:
    parts = [
        {"name": "severity", "value": 0.4, "weight": 0.25, "reason": "手续费年费"},
        {"name": "escalation", "value": case.level / 3, "weight": 0.25, "reason": "有升级苗头" if case.level else ""},
        {"name": "customer_value", "value": 0.0, "weight": 0.0, "reason": ""},
    ]
    return {
        "case_id": case.id,
        "score": case.score,
        "parts": json.dumps(parts, ensure_ascii=False),
        "floor": case.floor,
        "policy": "triage-1",
        "as_of": today,
    }
