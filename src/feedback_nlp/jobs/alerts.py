"""Tell people what cannot wait: raise alerts from what is stored, list them, close them.

One thing has one alert: its id is the hash of rule and subject, so a repeated run raises nothing twice. An alert whose
condition is over resolves by itself; one about somebody's life does not: only a person closes it, with a note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from feedback_nlp.errors import OfficerError
from feedback_nlp.jobs.signs import Sign, clock_time, find_signs
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.policy import Policy
from feedback_nlp.policy.alerts import GRAVEST
from feedback_nlp.store import alerts as store
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import Row
from feedback_nlp.text.prepare import prepare

LISTED = (
    "id", "level", "rule", "message", "case_id", "org", "opened_at", "answer_by", "state", "delivered_at", "error",
    "acknowledged_by", "acknowledged_at", "note",
)  # fmt: skip
LIFE_PARTS = 2
"""Words of the subject of an alert about a life: case and letter; those of clocks have three, the others one."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What `raise_alerts` did, and what is open now."""

    new: int  # raised, or raised again
    resolved: int
    open: Mapping[int, int]  # level → open alerts, the gravest first


def raise_alerts(work: Workplace, *, now: datetime) -> Raised:
    """Compare what the tables say now with the alerts that are known: raise, raise again, resolve."""
    with work.engine.begin() as connection:
        signs = list(find_signs(connection, work, now=now))
        passing = [sign for sign in signs if not sign.rule.by_person]
        lives = [sign for sign in signs if sign.rule.by_person]
        new, over = _raise(connection, passing, work.policy, now)
        new_lives, over_lives = _raise_lives(connection, lives, work.policy, now)
        return Raised(new + new_lives, over + over_lives, store.count_open(connection))


def acknowledge(work: Workplace, alert_id: str, *, by: str, note: str, now: datetime) -> str:
    """Close an open alert in a person's name; the first digits of its id will do. Give the whole id.

    Alerts about somebody's life want a note: who was reached, and how it stands. The note is masked like any text.
    """
    if not by.strip():
        raise OfficerError(f"预警 {alert_id}：请写明由谁处理")
    with work.engine.begin() as connection:
        row = _find(connection, alert_id.strip())
        if row.state == "resolved":
            raise OfficerError(f"预警 {row.id}：已自行解除，不用再处理")
        if _only_by_person(row, work.policy) and not note.strip():
            raise OfficerError(f"预警 {row.id}：涉及人身安全，请写明联系结果后再关闭")
        if not store.close_alert(connection, row.id, by=by.strip(), note=prepare(note).text, now=now):
            row = _find(connection, row.id)  # somebody was quicker
            raise OfficerError(f"预警 {row.id}：{row.acknowledged_by} 已于 {clock_time(row.acknowledged_at)} 处理")
    return str(row.id)


def list_alerts(work: Workplace, *, states: Collection[str] = ("open",), least_level: int = 1) -> pd.DataFrame:
    """List alerts, the gravest and most pressing first.

    Columns: those of LISTED and ``minutes``, from raising to acknowledging.
    """
    with reading(work.engine) as connection:
        found = store.listed(connection, states=states, least_level=least_level)
    frame = pd.DataFrame([[getattr(row, name) for name in LISTED] for row in found], columns=list(LISTED))
    times = ["opened_at", "answer_by", "delivered_at", "acknowledged_at"]
    frame = frame.astype(dict.fromkeys(times, "datetime64[s]"))
    frame["minutes"] = (frame["acknowledged_at"] - frame["opened_at"]).dt.total_seconds() / 60
    return frame


def _find(connection: sa.Connection, alert_id: str) -> Any:
    found = store.matching(connection, alert_id) if alert_id else []
    if len(found) != 1:
        problem = "不止一条预警以此开头，请多写几位" if found else "没有这条预警，编号见 `feedback-nlp alerts list`"
        raise OfficerError(f"预警 {alert_id or '（空）'}：{problem}")
    return found[0]


def _raise(connection: sa.Connection, signs: Sequence[Sign], policy: Policy, now: datetime) -> tuple[int, int]:
    """Raise what resolves by itself, and resolve what is over; give how many of each."""
    rows = {row["id"]: row for sign in signs for row in [_row(sign, policy, now)]}
    known = {row.id: row.state for row in store.alerts_by_id(connection, rows)}
    new = [row for alert_id, row in rows.items() if alert_id not in known]
    again = [row for alert_id, row in rows.items() if known.get(alert_id) == "resolved"]
    store.add_alerts(connection, new)
    store.say_again(connection, again)
    found = store.unresolved(connection)
    over = [row.id for row in found if row.id not in rows and not _only_by_person(row, policy)]
    return len(new) + len(again), store.resolve_alerts(connection, over, states=("open", "acknowledged"))


def _only_by_person(row: Any, policy: Policy) -> bool:
    """Tell what only a person closes, also where its rule is no longer in the file: what may be about a life is."""
    rule = next((rule for rule in policy.alerts.rule if rule.id == row.rule), None)
    return rule.by_person if rule else row.level == GRAVEST or len(row.subject.split()) == LIFE_PARTS


def _raise_lives(connection: sa.Connection, signs: Sequence[Sign], policy: Policy, now: datetime) -> tuple[int, int]:
    """Raise what only a person closes, and resolve what a person has closed and is over; give how many of each.

    Every letter has an alert of its own, which nothing that is found later changes.
    """
    rows = {row["id"]: row for sign in signs for row in [_row(sign, policy, now)]}
    known = {row.id for row in store.alerts_by_id(connection, rows)}
    new = [row for alert_id, row in rows.items() if alert_id not in known]
    store.add_alerts(connection, new)
    living = {(sign.rule.id, sign.case_id) for sign in signs}
    rules = [rule.id for rule in policy.alerts.rule if rule.by_person]
    found = store.alerts_of(connection, rules)
    over = [row.id for row in found if row.state == "acknowledged" and (row.rule, row.case_id) not in living]
    return len(new), store.resolve_alerts(connection, over, states=("acknowledged",))


def _row(sign: Sign, policy: Policy, now: datetime) -> Row:
    level, name = sign.rule.level, policy.alerts.level_names[sign.rule.level - 1]
    until = now + timedelta(hours=policy.escalation.response_hours[str(level)])
    return {
        "id": _id(sign.rule.id, sign.subject),
        "rule": sign.rule.id,
        "subject": sign.subject,
        "case_id": sign.case_id,
        "level": level,
        "message": f"【{name}】{sign.rule.name}：{sign.says}。请在{clock_time(until)}前处理：{sign.rule.do}。",
        "opened_at": now,
        "answer_by": until,
        "state": "open",
        "acknowledged_by": None,
        "acknowledged_at": None,
        "note": "",
    }


def _id(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]
