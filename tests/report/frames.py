"""A fictional bank's frames, shaped as the store gives them, drawn from a seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd

from feedback_nlp.policy import load as load_policy
from feedback_nlp.report.names import names_of
from feedback_nlp.report.summary import Stamp, Standing
from feedback_nlp.report.workbook import Lists
from feedback_nlp.taxonomy import load

TODAY = date(2026, 11, 24)
NEAR_SHARE = 0.8
ORGS = [f"{name}支行" for name in ("云港", "青山湖", "东岭", "望江", "新桥", "南浦", "石门", "柳园")]
ORGS += ["澜沧江路社区小微金融服务专营支行"]  # a long one: names must wrap, not push
CHANNELS = ["电话投诉-客服系统接入", "总分支行现场", "金融监管系统转来", "其他(邮箱、信件等)", "在线客服"]
# (business, leaf, kind, touchpoint, sentiment, product, text, evidence)
STORIES = [
    ("credit_card", "pricing.fee", "complaint", "phone", "negative", "白金信用卡",
     "客户来电称白金卡扣了年费880元，办卡时说首年免、达标次年也免，要求退还。联系人[姓名]，电话[手机号]。",
     "白金卡扣了年费880元"),
    ("credit_card", "rules.limit", "complaint", "mobile", "very_negative", "金卡",
     "说降额就降额，五万降成三千，连个短信都没有，你们凭什么？再不给说法我就打12378！", "五万降成三千，连个短信都没有"),
    ("digital_channel", "system.crash", "complaint", "mobile", "very_negative", "手机银行",
     "更新之后天天闪退，转账转到一半就卡死[怒火中烧]，老人根本用不了。", "更新之后天天闪退"),
    ("digital_channel", "system.login", "complaint", "mobile", "negative", "手机银行",
     "换手机以后人脸识别一直失败，去网点排了两个小时才重置。", "人脸识别一直失败"),
    ("loan", "rules.repayment", "complaint", "branch", "negative", "个人住房贷款",
     "申请提前还房贷，预约排到三个月以后，每月还要多付利息，请尽快办理。", "预约排到三个月以后"),
    ("debt_collection", "collection.third_party", "complaint", "third", "very_negative", "消费贷款",
     "逾期才两天就给我单位和家人打电话，已经向监管部门投诉，要求停止骚扰并书面道歉。", "给我单位和家人打电话"),
    ("debit_card", "rules.restriction", "complaint", "branch", "negative", "借记卡",
     "卡突然被限制非柜面交易，工资取不出来，网点让找总行，总行让找网点。", "卡突然被限制非柜面交易"),
    ("debit_card", "funds.theft", "complaint", "phone", "very_negative", "借记卡",
     "凌晨卡被盗刷一万二，挂失后客服让等十五天，请立即冻结追回。卡号[银行卡]。", "凌晨卡被盗刷一万二"),
    ("agency", "marketing.misleading", "complaint", "branch", "negative", "代销保险",
     "母亲72岁去存定期，被说成存款买了保险，五年不能取，要求全额退保。", "被说成存款买了保险"),
    ("rmb_savings", "service.attitude", "praise", "branch", "very_positive", "定期存款",
     "柜员耐心帮我奶奶办好了存单，还倒了水，非常感谢。", "柜员耐心帮我奶奶办好了存单"),
    ("payment", "rules.usage", "inquiry", "social", "neutral", "收款码",
     "请问收款码能不能绑定对公账户？", "能不能绑定对公账户"),
    ("digital_channel", "system.function", "suggestion", "mobile", "neutral", "手机银行",
     "建议把转账记录导出做成表格，现在只能一张张截图。", "建议把转账记录导出做成表格"),
]  # fmt: skip
WEIGHTS = [16, 8, 14, 6, 9, 7, 9, 3, 4, 8, 7, 9]


def stamp(today: date = TODAY) -> Stamp:
    now, names = datetime.combine(today, time(15, 30)), names_of(load_policy())
    return Stamp(now=now, release="linear-2026.11", policy="triage 1 · routing 1", taxonomy=load(), names=names)


def details(n: int = 1800, *, seed: int = 7) -> pd.DataFrame:
    """Draw n pieces of feedback over two quarters; a branch's app breaks in the last five weeks."""
    rng = random.Random(seed)
    start = date(2026, 7, 1)
    rows = []
    for number in range(n):
        age = int((TODAY - start).days * rng.random() ** 0.85)
        day = start + timedelta(days=age)
        outbreak = rng.random() < 0.25 and day >= date(2026, 10, 20)
        story = STORIES[2] if outbreak else rng.choices(STORIES, WEIGHTS)[0]
        rows.append(_row(number, day, story, rng))
    return pd.DataFrame(rows)


def _id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:20]


def _row(number: int, day: date, story: tuple[str, ...], rng: random.Random) -> dict[str, Any]:
    business, leaf, kind, touchpoint, sentiment, product, text, evidence = story
    source_kind = rng.choices(["ledger", "hotline", "app_review", "survey"], [5, 3, 3, 1])[0]
    case = number if rng.random() > 0.18 or number < 20 else rng.randrange(number - 20, number)
    return {
        "feedback_id": _id(number),
        "source": {"ledger": "投诉台账", "hotline": "热线", "app_review": "应用市场", "survey": "问卷"}[source_kind],
        "source_kind": source_kind,
        "source_id": f"TS2026{number:06d}" if source_kind in ("ledger", "hotline") else None,
        "day": pd.Timestamp(day),
        "org": None if source_kind == "app_review" else rng.choice(ORGS),
        "complaint_channel": rng.choices(CHANNELS, [9, 4, 3, 1, 2])[0] if source_kind == "ledger" else None,
        "service_channel": None,
        "product": product,
        "rating": float(rng.choice([1, 1, 2, 3, 5])) if source_kind in ("app_review", "survey") else float("nan"),
        "status": rng.choice(["处理中", "已办结", None]),
        "text": text,
        "kind": kind,
        "business": business,
        "touchpoint": touchpoint,
        "sentiment": sentiment,
        "leaves": leaf,
        "demand": rng.choice(["", "refund", "refund|apologise", "fix", "explain"]),
        "escalation": _escalation(text),
        "need": "emotional|basic" if leaf.startswith("service") else "growth" if business == "loan" else "basic",
        "risk": {"funds": "leak", "system": "outage", "collection": "compliance|quality"}.get(leaf.split(".")[0], ""),
        "process": "service",
        "direction": "system" if leaf.startswith("system") else "process|training",
        "by_person": rng.random() < 0.05,
        "confidence": round(rng.uniform(0.35, 0.99), 3),
        "review": rng.random() < 0.12,
        "evidence": evidence,
        "case_id": _id(case),
        "flags": rng.choice(["", "", "", "traditional"]),
        "release": "linear-2026.11",
        "request": "退还年费并致歉" if leaf == "pricing.fee" else None,
        "reply": None,
        "customer": f"{rng.randrange(number + 1):032x}" if rng.random() > 0.3 else None,
    }


def _escalation(text: str) -> str:
    found = {
        "12378": "regulator:threat",
        "向监管部门投诉": "regulator:done",
        "盗刷": "funds:fact",
        "老人": "vulnerable:fact",
    }
    return "|".join(kind for cue, kind in found.items() if cue in text)


def events(rows: pd.DataFrame) -> pd.DataFrame:
    frame = rows.assign(leaf=rows["leaves"].str.split("|").str[0])
    names = ["source", "source_kind", "org", "product", "complaint_channel", "service_channel", "kind", "business"]
    names += ["touchpoint", "sentiment", "leaf", "need", "risk"]
    narrow = ["feedback_id", "day", *names, "rating", "case_id", "customer", "review", "confidence"]
    return frame[narrow].astype(dict.fromkeys(names, "category"))


def streamed(rows: pd.DataFrame, *, size: int = 500) -> Iterator[pd.DataFrame]:
    wanted = rows.drop(columns=["customer"])
    for start in range(0, len(wanted), size):
        yield wanted.iloc[start : start + size]


def priorities(rows: pd.DataFrame, *, n: int = 60, seed: int = 3) -> pd.DataFrame:
    rng = random.Random(seed)
    complaints = rows[rows["kind"] == "complaint"].drop_duplicates("case_id").sort_values("day").tail(n * 6)[::6]
    found = [_case(row, rng) for row in complaints.to_dict("records")]
    return pd.DataFrame(found).sort_values("score", ascending=False, ignore_index=True)


def _case(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    opened = row["day"].date()
    due = opened + timedelta(days=rng.choice([15, 30, 30, 60])) if rng.random() < 0.7 else None
    late = due is not None and (due - TODAY).days <= 2
    angry = row["sentiment"] == "very_negative"
    events_, watched = rng.choice([1, 1, 1, 2, 3]), "监管" in row["text"] or "12378" in row["text"]
    funds = row["leaves"].startswith("funds")
    grave = rng.random() < 0.05
    routed = rng.random() > 0.1
    parts = [
        part("severity", 0.9 if funds else 0.5, 0.25, "涉及资金安全" if funds else "影响正常使用"),
        part("escalation", 1.0 if watched else 0.0, 0.2, "提到向监管部门投诉"),
        part("time_pressure", 1.0 if late else 0.2 if due else 0.0, 0.2, "办结期限临近" if late else "期限内"),
        part("repetition", min(1.0, (events_ - 1) / 3), 0.15, f"同一诉求已提出 {events_} 次"),
        part("vulnerability", 1.0 if "72岁" in row["text"] or "老人" in row["text"] else 0.0, 0.1, "涉及老年客户"),
        part("emotion", 1.0 if angry else 0.5, 0.1, "情绪强烈" if angry else "不满"),
    ]
    total = 100 * sum(one["value"] * one["weight"] for one in parts)
    floor = "办结期限不足 2 天，不低于 85 分" if late and total < 85 else None
    least, floor = (90.0, "有 3 级升级苗头，不低于 90 分") if grave else (85.0, floor)
    return {
        "case_id": row["case_id"],
        "score": least if floor else round(total, 6),
        "floor": floor,
        "parts": parts,
        "theme": f"{row['business']}/{row['leaves']}",
        "opened_on": opened,
        "due_on": due,
        "closed_on": None,
        "events": events_,
        "complaints": max(1, events_ - 1),
        "customers": 1,
        "state": rng.choice(["received", "accepted", "investigating"]),
        "assignee": None,
        "level": 3 if grave else 2 if watched or funds else 0,
        "kinds": "|".join(filter(None, ["self_harm:threat" if grave else "", row["escalation"]])),
        "process": "投诉处理" if routed else None,
        "department": "信用卡中心" if routed else None,
        "owner": "信用卡中心产品经理" if routed else None,
        "group_id": _id(1) if row["leaves"] == "system.crash" and row["org"] == ORGS[1] else None,
        "rule": "cb-simple" if due else None,
        "provisional": bool(due and due.year > 2026),
        "orgs": row["org"],
        "product": row["product"],
        "sentiment": row["sentiment"],
        "source_ids": row["source_id"],
        "excerpt": row["text"][:200],
        "evidence": row["evidence"],
        "status": row["status"],
        "review": row["review"],
    }


def part(name: str, value: float, weight: float, reason: str) -> dict[str, Any]:
    return {"name": name, "value": value, "weight": weight, "reason": reason if value else ""}


def items() -> pd.DataFrame:
    told = [
        ("digital_channel/system.crash", "手机银行崩溃卡顿：修复闪退并建立发版前回归", "电子银行部负责人",
         date(2026, 10, 27), "do", 118, "本季 118 件，上季同期 31 件，增加明显"),
        ("credit_card/pricing.fee", "信用卡年费：统一减免口径并在扣收前提醒", "信用卡中心产品经理",
         date(2026, 8, 20), "plan", 74, "连续两季居投诉原因首位"),
        ("debt_collection/collection.third_party", "催收联系第三人：收紧外包机构名单使用", "贷后管理部负责人",
         date(2026, 8, 26), "plan", 33, "涉及向监管部门投诉"),
        ("loan/rules.repayment", "提前还款预约：缩短排队时间", "个人贷款部负责人", date(2026, 7, 10), "check", 41,
         "需求集中，办理周期长"),
        ("agency/marketing.misleading", "代销保险：柜面销售双录抽查", "财富管理部负责人",
         date(2026, 7, 2), "closed", 12, "涉及老年客户"),
    ]  # fmt: skip
    names = ["theme", "title", "owner", "opened_on", "status", "cases", "reason"]
    frame = pd.DataFrame(told, columns=names)
    frame["analysis_due_on"] = [opened + pd.DateOffset(months=3) for opened in frame["opened_on"]]
    return frame.assign(id=[f"{number:020x}" for number in range(len(frame))])


def rejects() -> pd.DataFrame:
    told = [
        (412, "投诉内容", "没有正文：请补填“投诉内容”后重新报送"),
        (977, "受理日期", "日期“2026-13-40”无法识别，应写成 2026-11-24"),
        (1203, None, "列数与表头不符（应为 69 列，实为 57 列）：请检查是否有未转义的换行"),
    ]
    frame = pd.DataFrame(told, columns=["row", "column", "reason"])
    return frame.assign(batch="a1b2c3", file="投诉台账_2026Q4.xlsx", day=TODAY)


def batches() -> pd.DataFrame:
    told = [
        ("a1b2c3", "投诉台账_2026Q4.xlsx", "投诉台账", None, 1310, 1254, 21, 32, 3, TODAY),
        ("b2c3d4", "热线_202611.csv", "热线", "utf-8", 402, 402, 0, 0, 0, TODAY),
        ("c3d4e5", "应用市场_2026Q4.jsonl", "应用市场", "utf-8", 498, 470, 0, 28, 0, TODAY - timedelta(days=1)),
        ("d4e5f6", "问卷_2026Q4.csv", "问卷", "gb18030", 160, 158, 0, 2, 0, TODAY - timedelta(days=1)),
    ]
    names = ["batch", "file", "source", "encoding", "rows", "new", "updated", "duplicate", "rejected", "finished_on"]
    return pd.DataFrame(told, columns=names)


def exposure() -> pd.DataFrame:
    known = [{"org": org, "quarter": "2026Q3", "outlets": 6 + 3 * number, "customers": 90_000 * (number + 1)}
             for number, org in enumerate(ORGS[:-1])]  # fmt: skip
    return pd.DataFrame(known)  # the last branch has none


def clocks(cases: pd.DataFrame) -> pd.DataFrame:
    """Give a clock of the law to every case with a limit, and a second one of the regulator to some."""
    told = []
    for at, case in enumerate(cases.dropna(subset=["due_on"]).to_dict("records")):
        started = datetime.combine(case["opened_on"], time(9, 5))
        first = ("cb-simple", "answer", datetime.combine(case["due_on"], time(23, 59, 59)), at % 9 == 0)
        second = ("cb-transfer", "accept", started + timedelta(days=9), False)
        for rule, event, due, paused in [first, second][: 2 if at % 4 == 0 else 1]:
            told.append(
                {
                    "case_id": case["case_id"],
                    "rule": rule,
                    "event": event,
                    "started_at": started,
                    "due_at": due,
                    "paused_days": 3 if paused else 0,
                    "paused": paused,
                    "extended": at % 7 == 0,
                    "provisional": due.year > 2026,
                    **{name: case[name] for name in ("theme", "state", "level", "department", "owner")},
                    "org": case["orgs"],
                }
            )
    frame = pd.DataFrame(told)
    return frame.assign(urgent=frame["level"] >= 2).sort_values(["urgent", "due_at"], ascending=[False, True])


def groups() -> pd.DataFrame:
    told = [
        (_id(1), ORGS[1], "digital_channel/system.crash", date(2026, 11, 12), date(2026, 11, 22), 17, 16, 2.4, 3e-9, 9),
        (_id(2), ORGS[8], "loan/rules.repayment", date(2026, 10, 8), date(2026, 10, 15), 8, 8, 1.1, 2.1e-4, 1),
        (_id(3), ORGS[0], "credit_card/pricing.fee", date(2026, 8, 1), date(2026, 8, 9), 9, 9, 2.0, 0.012, 0),
    ]
    names = ["id", "org", "cause", "first_on", "last_on", "cases", "customers", "expected", "p", "open"]
    return pd.DataFrame(told, columns=names)


def history(cases: pd.DataFrame) -> pd.DataFrame:
    told = [
        (1, "accept", "received", "accepted", "台账员李某", "", {}),
        (2, "investigate", "accepted", "investigating", "ledger", "台账显示处理中", {"ledger": "处理中"}),
        (3, "contact", "investigating", "investigating", "0472", "已电话联系[姓名]，情绪平稳，约定三日内答复", {}),
        (4, "respond", "investigating", "responded", "0472", "已书面答复", {"informed_on": "2026-11-23"}),
    ]
    names = ["seq", "action", "from_state", "to_state", "actor", "note", "details"]
    frames = []
    for at, case in enumerate(cases.head(8).to_dict("records")):
        when = datetime(2026, 11, 24, 14, 0) - timedelta(hours=7 * at)
        steps = pd.DataFrame(told[: 1 + at % 4], columns=names)
        moments = [when - timedelta(days=len(steps) - number) for number in steps["seq"]]
        frames.append(
            steps.assign(
                at=moments, recorded_at=moments, case_id=case["case_id"], theme=case["theme"], org=case["orgs"]
            )
        )
    return pd.concat(frames).sort_values("at", ascending=False, ignore_index=True)


def alerts(cases: pd.DataFrame) -> pd.DataFrame:
    first = cases["case_id"].iloc[0]
    opened = datetime(2026, 11, 24, 14, 10)
    told = [
        ("self-harm", first, 3, "客户来件中有“不想活了”，请立即由专人联系客户", opened,
         opened + timedelta(hours=1), "open", None),
        ("burst", None, 2, "青山湖支行“手机银行崩溃卡顿”11 天内 16 位客户投诉，平常约 2 位", opened - timedelta(days=1),
         opened - timedelta(hours=20), "open", None),
        ("urgent", first, 2, "客户称已向监管部门投诉", opened - timedelta(days=2), opened - timedelta(hours=40),
         "acknowledged", "0472"),
    ]  # fmt: skip
    names = ["rule", "case_id", "level", "message", "opened_at", "answer_by", "state", "acknowledged_by"]
    return pd.DataFrame(told, columns=names)


def reviews() -> pd.DataFrame:
    told = [["low_confidence"], ["escalation", "low_confidence"], ["audit"], ["disagreement"], ["low_confidence"]]
    return pd.DataFrame({"feedback_id": [_id(at) for at in range(len(told))], "reasons": told})


def states() -> pd.DataFrame:
    told = [("received", 40, 31), ("accepted", 25, 22), ("investigating", 18, 12), ("responded", 60, 21)]
    told += [("closed", 240, 42), ("withdrawn", 6, 2), ("transferred", 3, 1)]
    return pd.DataFrame(told, columns=["state", "all", "recent"])


STANDING = ("states", "clocks", "groups", "alerts", "reviews")
LISTS = ("priorities", "clocks", "groups", "history", "items", "rejects")


def standing(data: dict[str, Any]) -> Standing:
    """Give what today is counted on; every case on the list is open unless it says otherwise."""
    return Standing(cases=data["priorities"], **{name: data[name] for name in STANDING}, near_share=NEAR_SHARE)


def lists(data: dict[str, Any]) -> Lists:
    """Give what the workbook's sheets hold."""
    details_ = data["details"] if "details" in data else streamed(data["rows"], size=97)
    return Lists(details=details_, **{name: data[name] for name in LISTS})


def everything(n: int = 1800) -> dict[str, Any]:
    rows = details(n)
    cases = priorities(rows)
    return {
        "rows": rows,
        "events": events(rows),
        "priorities": cases,
        "states": states(),
        "clocks": clocks(cases),
        "groups": groups(),
        "history": history(cases),
        "alerts": alerts(cases),
        "reviews": reviews(),
        "items": items(),
        "rejects": rejects(),
        "batches": batches(),
        "exposure": exposure(),
    }


def nothing() -> dict[str, Any]:
    """Give the same frames without a row."""
    full = everything(40)
    return {name: frame.iloc[:0] for name, frame in full.items()}
