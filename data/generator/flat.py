"""The other feeds: survey (GB18030 CSV), app reviews (JSON lines), hotline (UTF-8 CSV with a signature)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from feedback_nlp import taxonomy
from generator.scene import version_on
from generator.tables import toml
from generator.writer import Entry

SURVEY = ["提交日期", "反馈渠道", "所属机构", "涉及产品", "客户号", "推荐意愿(0-10分)", "评价内容", "是否愿意回访"]
HOTLINE = [
    "流水号",
    "来电时间",
    "来电号码",
    "客户号",
    "所属机构",
    "业务类别",
    "产品",
    "来电内容",
    "处理状态",
    "坐席工号",
]
_NPS = {"very_negative": (0, 2), "negative": (1, 6), "neutral": (6, 8), "positive": (8, 10), "very_positive": (9, 10)}
_STARS = {"very_negative": (1, 1), "negative": (1, 2), "neutral": (3, 4), "positive": (4, 5), "very_positive": (5, 5)}
_MARK = "￿坏￿"  # stands for bytes that no decoder reads, until the file is encoded


@dataclass(frozen=True)
class Line:
    """One written row, good or spoilt."""

    row: int  # as the sender counts
    entry: Entry
    fate: str  # new, updated, duplicate, rejected
    wrong: str = ""  # what is wrong with a rejected one


WAITING_DAYS = 4
"""How long a caller waits to be called back."""


def survey(entries: list[Entry], *, path: Path, rng: Random) -> list[Line]:
    """Write the survey: no ids, dates without time."""
    rows = _by_time(entries, feed="survey")
    spoilt = _spoilt(rows, feed="survey", rng=rng)
    table, lines = [SURVEY], []
    for number, entry in enumerate(rows, 2):
        cells, wrong = _survey_cells(entry, rng=rng), spoilt.get(number - 2, "")
        if wrong:
            _spoil(cells, wrong=wrong, columns={"empty text": 6, "bad date": 0, "bad rating": 5}, rng=rng)
        table.append(cells)
        lines.append(Line(number, entry, "rejected" if wrong else "new", wrong))
        entry.refs = [] if wrong else [f"survey/row {number}"]
    path.write_bytes(_csv(table).encode("gb18030").replace(_MARK.encode("gb18030"), b"\xff\xff"))
    return lines


def hotline(entries: list[Entry], *, path: Path, rng: Random) -> list[Line]:
    """Write the hotline's notes; some calls stand in it twice, unchanged."""
    rows = _by_time(entries, feed="hotline")
    for number, entry in enumerate(rows, 1):
        entry.id = f"CC{entry.scene.at:%y%m%d}{number:05d}"
        entry.refs = [f"hotline/{entry.id}"]
    spoilt = _spoilt(rows, feed="hotline", rng=rng)
    table, lines = [HOTLINE], []
    for place, entry in enumerate(rows):
        cells, wrong = _hotline_cells(entry, rng=rng), spoilt.get(place, "")
        if wrong:
            _spoil(cells, wrong=wrong, columns={"empty text": 7, "bad date": 1}, rng=rng)
            entry.refs = []
        table.append(cells)
        lines.append(Line(len(table), entry, "rejected" if wrong else "new", wrong))
    good = [line for line in lines if line.fate == "new" and not line.entry.plot]
    for line in rng.sample(good, toml("plan")["again"]["hotline_duplicates"]):
        table.append(table[line.row - 1])
        lines.append(Line(len(table), line.entry, "duplicate"))
    path.write_bytes(b"\xef\xbb\xbf" + _csv(table).encode().replace(_MARK.encode(), "客户".encode("gb18030")))
    return lines


def app(entries: list[Entry], *, path: Path, rng: Random) -> list[Line]:
    """Write the app reviews; some are edited later under the same id, some delivered twice."""
    rows = _by_time(entries, feed="app")
    for number, entry in enumerate(rows, 1):
        entry.id = f"R{number:07d}"
        entry.refs = [f"app/{entry.id}"]
    spoilt = _spoilt(rows, feed="app", rng=rng)
    written: list[str] = []
    lines: list[Line] = []

    def put(text: str, *, entry: Entry, fate: str, wrong: str = "") -> None:
        written.append(text)
        lines.append(Line(len(written), entry, fate, wrong))

    for place, entry in enumerate(rows):
        record, wrong = _review(entry, rng=rng), spoilt.get(place, "")
        if wrong:
            entry.refs = []
        put(_broken_json(record, wrong=wrong), entry=entry, fate="rejected" if wrong else "new", wrong=wrong)
    plan = toml("plan")["again"]
    angry = [
        line
        for line in lines
        if line.fate == "new" and not line.entry.plot and line.entry.first.sentiment == "negative"
    ]
    chosen = rng.sample(angry, plan["app_duplicates"] + plan["app_edits"])
    for line in chosen[: plan["app_duplicates"]]:
        put(written[line.row - 1], entry=line.entry, fate="duplicate")
    for line in chosen[plan["app_duplicates"] :]:
        put(_edited(json.loads(written[line.row - 1]), entry=line.entry), entry=line.entry, fate="updated")
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return lines


def _by_time(entries: list[Entry], *, feed: str) -> list[Entry]:
    return sorted((entry for entry in entries if entry.feed == feed), key=lambda entry: entry.scene.at)


def _spoilt(rows: list[Entry], *, feed: str, rng: Random) -> dict[int, str]:
    """Choose ordinary rows to spoil: place → what goes wrong."""
    plain = [place for place, entry in enumerate(rows) if not entry.plot and not entry.first.escalation]
    wrongs = toml("plan")["broken"][feed]
    return dict(zip(rng.sample(plain, len(wrongs)), wrongs, strict=True))


def _spoil(cells: list[Any], *, wrong: str, columns: dict[str, int], rng: Random) -> None:
    values = toml("plan")["broken"]["values"]
    if wrong == "too many columns":
        cells += ["", "多出的一列"]
    elif wrong == "bad bytes":
        text = len(cells) - 2 if len(cells) == len(SURVEY) else 7
        cells[text] = f"{cells[text][:6]}{_MARK}{cells[text][6:]}"
    else:
        cells[columns[wrong]] = (
            "" if wrong == "empty text" else rng.choice(values["date" if wrong == "bad date" else "rating"])
        )


def _survey_cells(entry: Entry, *, rng: Random) -> list[Any]:
    scene, origin = entry.scene, entry.first
    low, high = _NPS[origin.sentiment]
    own = origin.rating if origin.style == "survey_nps" and len(entry.origins) == 1 else None
    score = "" if rng.random() < 0.03 else int(own) if own is not None else rng.randint(low, high)
    number = scene.person.number if entry.known or rng.random() < 0.25 else ""
    day = f"{scene.at:%Y-%m-%d}" if rng.random() < 0.9 else f"{scene.at.year}/{scene.at.month}/{scene.at.day}"
    channel = rng.choice(["短信问卷", "手机银行弹窗", "网点二维码", "客户经理回访"])
    product = scene.product if origin.business != "other" else ""
    return [day, channel, scene.branch.name, product, number, score, entry.text, "否" if rng.random() < 0.7 else "是"]


def _hotline_cells(entry: Entry, *, rng: Random) -> list[Any]:
    scene, origin = entry.scene, entry.first
    phone = scene.person.phone
    shown = rng.choice(
        [phone, phone, phone, f"{phone[:3]} {phone[3:7]} {phone[7:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"]
    )
    if not entry.known and rng.random() < 0.08:
        shown = ""  # the number was withheld
    known = entry.known or rng.random() < 0.35
    business = taxonomy.load().name("business", origin.business)
    status = rng.choice(
        ["已答复", "已答复", "已转工单"] if origin.kind != "complaint" else ["已转工单", "已转工单", "已答复", "待回电"]
    )
    if status == "待回电" and (toml("bank")["today"] - scene.at.date()).days > WAITING_DAYS:
        status = "已答复"  # nobody waits for months
    return [
        *(entry.id, f"{scene.at:%Y-%m-%d %H:%M:%S}", shown, scene.person.number if known else ""),
        *(scene.branch.name, business, scene.product, entry.text, status, f"{rng.randrange(8001, 8160)}"),
    ]


def _review(entry: Entry, *, rng: Random) -> dict[str, Any]:
    scene, origin = entry.scene, entry.first
    low, high = _STARS[origin.sentiment]
    own = (
        origin.rating if origin.style in ("app_review", "in_app", "mini_program") and len(entry.origins) == 1 else None
    )
    stars = int(own) if own is not None else rng.randint(low, high)
    inside = entry.known or rng.random() < 0.15
    store = "应用内评价" if inside else rng.choice(toml("bank")["app"]["stores"][:-1])
    record = {
        "id": entry.id,
        "time": f"{scene.at:%Y-%m-%dT%H:%M:%S}",
        "stars": stars,
        "version": scene.version,
        "store": store,
        "device": scene.device,
        "content": entry.text,
    }
    return record | {"customer_no": scene.person.number} if inside else record


def _broken_json(record: dict[str, Any], *, wrong: str) -> str:
    values = toml("plan")["broken"]["values"]
    spoil: dict[str, Callable[[], dict[str, Any]]] = {
        "empty text": lambda: {"content": "  "},
        "bad rating": lambda: {"stars": values["rating"][0]},
        "bad date": lambda: {"time": values["date"][1]},
    }
    text = json.dumps(record | (spoil[wrong]() if wrong in spoil else {}), ensure_ascii=False)
    return (
        text[: len(text) * 2 // 3]
        if wrong == "cut line"
        else json.dumps(record["content"], ensure_ascii=False)
        if wrong == "no object"
        else text
    )


def _edited(record: dict[str, Any], *, entry: Entry) -> str:
    at = min(entry.scene.at + timedelta(days=6), toml("bank")["last_moment"])
    changes = {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}",
        "stars": 1,
        "version": version_on(at),
        "content": f"{record['content']}\n追评：一周了还是老样子。",
    }
    return json.dumps(record | changes, ensure_ascii=False)


def _csv(table: list[list[Any]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(table)
    return out.getvalue()
