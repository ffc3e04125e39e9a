"""What a step has to bring with it; every guard answers None or, in Chinese, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from feedback_nlp.cases.history import MACHINES, RESTARTS, SYSTEM, Event, extended, pauses, reopened, this_run
from feedback_nlp.policy.states import Action, StatesPolicy


@dataclass(frozen=True, slots=True)
class Step:
    """One step somebody asks for."""

    action: str  # id or Chinese name
    actor: str
    at: datetime
    note: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """A limit that a running clock may still be moved to, see ``clocks.extensions``."""

    rule: str
    name: str  # in Chinese
    approval_by: str  # "": nobody has to approve
    until: datetime  # the limit as it stands; afterwards it is too late


@dataclass(frozen=True, slots=True)
class CaseNow:
    """What the guards have to know about a case."""

    case_id: str
    opened_on: date
    kinds: tuple[str, ...] = ()  # of escalation, "kind:modality"
    level: int = 0
    alarm_at: datetime | None = None  # when the newest letter that threatens came in: a contact before it is none
    extensions: tuple[Extension, ...] = ()
    owed: tuple[str, ...] = ()  # events of sla.toml that running clocks wait for: what `done` may name
    improvements: frozenset[str] = frozenset()  # ids of all improvement items


@dataclass(frozen=True, slots=True)
class Asked:
    """A step with all that it is judged by."""

    step: Step
    action: Action
    history: Sequence[Event]
    case: CaseNow
    policy: StatesPolicy
    now: datetime

    def detail(self, key: str) -> str:
        """Give one detail of the step without white space around it; "" where it is missing."""
        return self.step.details.get(key, "").strip()


def guarded(kinds: Sequence[str], *, policy: StatesPolicy) -> bool:
    """Tell whether only a person may end a case with these "kind:modality"."""
    told = (item.partition(":") for item in kinds)
    return any(kind in policy.safety.kinds and modality in policy.safety.modalities for kind, _, modality in told)


def problems(asked: Asked) -> Iterator[str]:
    """Say what speaks against a step, the gravest first."""
    needs = (_NEEDS[name] for name in asked.action.requires)
    for guard in (_who, _when, _safety, _paused, _told_on, *needs, _done):
        problem = guard(asked)
        if problem:
            yield problem


def _who(asked: Asked) -> str | None:
    actor = asked.step.actor.strip()
    if not actor:
        return "没有经办人，请填姓名或工号"
    if asked.action.by == "person" and actor in MACHINES:
        return "只能由人登记"
    return "只能由系统登记" if asked.action.by == "system" and actor != SYSTEM else None


def _when(asked: Asked) -> str | None:
    at, last = asked.step.at, asked.history[-1].at if asked.history else None
    if at > asked.now:
        return f"时间 {at:%Y-%m-%d %H:%M} 还没有到，请填实际发生的时间"
    if last and at < last:
        return f"时间 {at:%Y-%m-%d %H:%M} 早于上一步（{last:%Y-%m-%d %H:%M}），历史只能往后写"
    if at.date() < asked.case.opened_on:
        return f"时间 {at:%Y-%m-%d %H:%M} 早于收到之日（{asked.case.opened_on}）"
    return None


def _safety(asked: Asked) -> str | None:
    safety = asked.policy.safety
    if not guarded(asked.case.kinds, policy=asked.policy):
        return None
    if asked.action.id in safety.people_only and asked.step.actor.strip() in MACHINES:
        return safety.ledger_note
    if asked.action.id in safety.contact_first and not _reached(asked.history, asked.case.alarm_at):
        return f"{safety.ledger_note}，请先由人登记“{asked.policy.action_name('contact')}”"
    return None


def _reached(history: Sequence[Event], since: datetime | None) -> bool:
    return any(
        event.action == "contact" and event.actor not in MACHINES and (since is None or event.at >= since)
        for event in history
    )


def _paused(asked: Asked) -> str | None:
    standing = any(end is None for _, end in pauses(asked.history))
    if asked.action.id == "pause" and standing:
        return "期限已经暂停，恢复后才能再次暂停"
    return "期限没有暂停" if asked.action.id == "resume" and not standing else None


def _done(asked: Asked) -> str | None:
    done = asked.detail("done")
    if done and done not in asked.case.owed:
        return f"没有等待“{done}”的期限，在等的有：{'、'.join(asked.case.owed) or '无'}"
    return None


def _note(asked: Asked) -> str | None:
    return None if asked.step.note.strip() else "请写明说明"


def _told_on(asked: Asked) -> str | None:
    """Judge the day wherever it stands: it is stored with any step, and counted on from then on."""
    told, opened_on = asked.detail("informed_on"), asked.case.opened_on
    if not told:
        return None
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return f"告知客户的日期“{told}”读不懂，请写成 2026-09-30"
    if day > asked.now.date():
        return f"告知客户的日期 {day} 还没有到"
    if day < opened_on:
        return f"告知客户的日期 {day} 早于收到之日（{opened_on}）"
    again = reopened(asked.history, RESTARTS)
    if again and day < again[-1].at.date():
        return f"告知客户的日期 {day} 早于重新办理之日（{again[-1].at:%Y-%m-%d}），请填重新办理后告知客户的日期"
    return None


def _informed_on(asked: Asked) -> str | None:
    return None if asked.detail("informed_on") else "请填告知客户的日期（informed_on）"


def _informed(asked: Asked) -> str | None:
    answered = any(event.action == "respond" for event in this_run(asked.history))
    return None if answered and not asked.detail("informed_on") else _informed_on(asked)


def _result(asked: Asked) -> str | None:
    item = asked.detail("improvement")
    if item:
        return None if item in asked.case.improvements else f"没有编号为“{item}”的改进事项"
    if asked.detail("no_improvement"):
        return None
    return "请填对应的改进事项（improvement），或不改进的理由（no_improvement）"


def _assignee(asked: Asked) -> str | None:
    return None if asked.detail("assignee") else "请填承办人（assignee）"


def _reason(asked: Asked) -> str | None:
    known = asked.policy.pause_reason
    if asked.detail("reason") in known:
        return None
    return f"请填原因（reason）：{'、'.join(f'{key} {name}' for key, name in known.items())}"


def _rule(asked: Asked) -> str | None:
    rule = asked.detail("rule")
    if rule in extended(asked.history):
        return f"已经按“{rule}”延长过一次"
    found = next((item for item in asked.case.extensions if item.rule == rule), None)
    if found is None:
        legal = "、".join(f"{item.rule} {item.name}" for item in asked.case.extensions)
        return f"请填延长到哪条期限（rule）：{legal or '现在没有可以延长的；台账带来的办结期限请在台账里改'}"
    if asked.step.at > found.until:
        return f"期限已于 {found.until:%Y-%m-%d} 届满，届满后不能延长"
    if found.approval_by and not asked.detail("approver"):
        return f"延长须经{found.approval_by}审批，请填审批人（approver）"
    return None


_NEEDS: Mapping[str, Callable[[Asked], str | None]] = {
    "note": _note,
    "informed_on": _informed_on,
    "informed": _informed,
    "result": _result,
    "assignee": _assignee,
    "reason": _reason,
    "rule": _rule,
}
