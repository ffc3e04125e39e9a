"""What is planted, in planted.json; the labels behind every row, in gold.csv; the exposure table."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from generator.courses import Course
from generator.flat import Line
from generator.ledger import FIRST_ROW
from generator.tables import branches, quarter, toml
from generator.writer import Entry, Writer

SPOILT = {
    "survey": {
        "empty text": "评价内容",
        "bad bytes": "评价内容",
        "bad date": "提交日期",
        "bad rating": "推荐意愿(0-10分)",
    },
    "hotline": {"empty text": "来电内容", "bad bytes": "来电内容", "bad date": "来电时间"},
    "app": {"empty text": "content", "bad date": "time", "bad rating": "stars"},
}
"""Feed → what is wrong → the column an intake should name; None where the whole row is broken."""
GOLD = ["row", "origins", "kind", "business", "touchpoint", "sentiment", "leaves", "demand"]


def planted(writer: Writer, *, books: dict[str, list[Course]], flats: dict[str, list[Line]]) -> dict[str, Any]:
    """Gather every planted truth with the rows that carry it."""
    courses = list({course.number: course for rows in books.values() for course in rows}.values())
    entries = writer.entries
    return {
        "seed": toml("plan")["seed"],
        "today": str(toml("bank")["today"]),
        "nearest_pair": round(writer.highest, 3),
        "files": {**_books(books), **{name: _flat(lines) for name, lines in flats.items()}},
        "outbreak": _outbreak(entries),
        "improvements": _improvements(entries),
        "repeats": _repeats(entries),
        "templates": {name[9:]: refs for name, refs in _plots(entries, "template ").items()},
        "burst": _burst(entries),
        "equal_texts": {"text": toml("plan")["equal"]["text"], "rows": _plots(entries, "equal")["equal"]},
        "clocks": _clocks(courses),
        "redelivered": _redelivered(courses),
        "escalation": _escalation(entries),
        "calm_vulnerable": [ref for e in entries if _calm(e) for ref in e.refs],
    }


def write_gold(entries: list[Entry], *, path: Path) -> None:
    """Write the corpus labels behind every row that is not broken."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(GOLD)
        for entry in entries:
            first = entry.first
            demand = list(dict.fromkeys(each for origin in entry.origins for each in origin.demand))[:3]
            touchpoint = "mobile" if entry.feed == "app" else first.touchpoint
            for ref in entry.refs:
                names = "|".join(origin.id for origin in entry.origins)
                table.writerow(
                    [
                        ref,
                        names,
                        first.kind,
                        first.business,
                        touchpoint,
                        first.sentiment,
                        "|".join(entry.leaves),
                        "|".join(demand),
                    ]
                )


def write_exposure(path: Path) -> None:
    """Write outlets and customers of every branch and quarter."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["机构名称", "机构号", "省份", "城市", "季度", "网点数", "个人客户数"])
        for place, period in enumerate(toml("bank")["quarters"]):
            for each in branches():
                table.writerow(
                    [
                        each.name,
                        each.code,
                        each.province,
                        each.city,
                        period["name"],
                        each.outlets,
                        round(each.customers * (1 + 0.008 * place)),
                    ]
                )


def write_planted(truth: dict[str, Any], *, path: Path) -> None:
    """Write planted.json, one list a line."""
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    path.write_text(_flatten(text) + "\n", encoding="utf-8")


def _flatten(text: str) -> str:
    """Join the lines of innermost lists and objects: the file is for reading too."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        bare = line.strip()
        if depth and bare[0] in "]}":
            lines[-1] += bare
            depth = 0
        elif depth and bare[-1] not in "[{":
            lines[-1] += bare + (" " if bare.endswith(",") else "")
        else:
            lines.append(line)
            depth = 1 if bare[-1] in "[{" else 0
    return "\n".join(lines)


def _books(books: dict[str, list[Course]]) -> dict[str, Any]:
    (one, first), (two, second) = books.items()
    seen = {course.number for course in first}
    files = {}
    for name, rows in ((one, first), (two, second)):
        known = [course for course in rows if name == two and course.number in seen]
        broken = {place: course.broken for place, course in enumerate(rows, FIRST_ROW) if course.broken}
        files[name] = _counts(
            rows=len(rows),
            updated=sum(course.changed for course in known),
            duplicate=sum(not course.changed for course in known),
            rejects=[
                {"row": row, "column": column, "wrong": "empty text" if column == "投诉内容" else "bad date"}
                for row, column in broken.items()
            ],
        )
    return files


def _flat(lines: list[Line]) -> dict[str, Any]:
    fates = Counter(line.fate for line in lines)
    feed = lines[0].entry.feed
    rejects = [
        {"row": line.row, "column": SPOILT[feed].get(line.wrong), "wrong": line.wrong}
        for line in lines
        if line.fate == "rejected"
    ]
    return _counts(rows=len(lines), updated=fates["updated"], duplicate=fates["duplicate"], rejects=rejects)


def _counts(*, rows: int, updated: int, duplicate: int, rejects: list[dict[str, Any]]) -> dict[str, Any]:
    new = rows - updated - duplicate - len(rejects)
    return {
        "rows": rows,
        "new": new,
        "updated": updated,
        "duplicate": duplicate,
        "rejected": len(rejects),
        "rejects": rejects,
    }


def _plots(entries: Iterable[Entry], prefix: str) -> dict[str, list[str]]:
    plots: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.plot.startswith(prefix):
            plots[entry.plot] += entry.refs
    return dict(plots)


def _outbreak(entries: list[Entry]) -> dict[str, Any]:
    plan = toml("plan")["outbreak"]
    leaves = next(theme["leaves"] for theme in toml("plan")["themes"] if theme["name"] == "digital")
    about = [
        e
        for e in entries
        if e.refs and e.first.kind == "complaint" and e.first.theme in {("digital_channel", leaf) for leaf in leaves}
    ]
    monday = [e.scene.at.date() - timedelta(days=e.scene.at.weekday()) for e in about]
    return {
        "start": str(plan["start"]),
        "end": str(plan["end"]),
        "version": "6.4.0",
        "business": "digital_channel",
        "leaves": leaves,
        "per_week": {str(week): n for week, n in sorted(Counter(monday).items())},
        "rows": _plots(entries, "outbreak")["outbreak"],
    }


def _improvements(entries: list[Entry]) -> dict[str, Any]:
    out = {}
    for theme in toml("plan")["themes"][:2]:
        rows = [
            e
            for e in entries
            if e.refs and e.first.kind == "complaint" and e.first.theme == (theme["business"], theme["leaves"][0])
        ]
        counts = Counter(quarter(e.scene.at.date()) for e in rows)
        name = f"{theme['business']}/{theme['leaves'][0]}"
        out[theme["name"]] = {
            "theme": name,
            "introduced": "2026-07-01",
            "Q2": counts["Q2"],
            "Q3": counts["Q3"],
            "rows": [ref for e in rows for ref in e.refs],
        }
    return out


def _repeats(entries: list[Entry]) -> list[dict[str, Any]]:
    out = []
    for name, rows in sorted(_plots(entries, "repeat").items()):
        person = next(e.scene.person for e in entries if e.plot == name)
        first = next(e.first for e in entries if e.plot == name)
        out.append(
            {
                "customer_no": person.number,
                "phone": person.phone,
                "business": first.business,
                "leaf": first.leaves[0],
                "rows": rows,
            }
        )
    return out


def _burst(entries: list[Entry]) -> dict[str, Any]:
    plan, rows = toml("plan")["burst"], _plots(entries, "burst")["burst"]
    branch = next(each.name for each in branches() if each.city == plan["city"])
    return {"org": branch, "start": str(plan["start"]), "end": str(plan["end"]), "customers": len(rows), "rows": rows}


def _clocks(courses: list[Course]) -> dict[str, list[str]]:
    """Sort the open cases by what is left of their limit on the demo's today; planted or not, all are listed."""
    today = toml("bank")["today"]
    left = {c: (c.due_on(today) - today).days for c in courses if not c.broken and c.status(today) == "处理中"}

    def listed(*, low: int, high: int) -> list[str]:
        return [c.entry.refs[0] for c, days in left.items() if low <= days <= high]

    return {
        "open": listed(low=-1000, high=1000),
        "overdue": listed(low=-1000, high=-1),
        "due_within_2_days": listed(low=0, high=2),
        "due_within_7_days": listed(low=0, high=7),
        "closed_late": [c.entry.refs[0] for c in courses if c.closed and c.closed > c.due and c.clock != "reopened"],
    }


def _redelivered(courses: list[Course]) -> dict[str, list[str]]:
    def clocked(*clocks: str) -> list[str]:
        return [c.entry.refs[0] for c in courses if c.clock in clocks]

    end = toml("bank")["quarters"][0]["end"]
    again = [
        c for c in courses if c.received <= end and c.changed and not c.clock.startswith(("reopened", "supplemented"))
    ]
    return {
        "unchanged": clocked("redelivered") + [c.entry.refs[0] for c in courses if c.kept_open],
        "closed_since": [c.entry.refs[0] for c in again if not c.broken],
        "supplemented": clocked("supplemented"),
        "reopened": clocked("reopened"),
    }


def _escalation(entries: list[Entry]) -> dict[str, list[str]]:
    hits: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        for kind, modality in entry.first.escalation:
            if kind != "vulnerable":
                hits[f"{kind}:{modality}"] += entry.refs
    return dict(sorted(hits.items()))


def _calm(entry: Entry) -> bool:
    return entry.first.escalation == (("vulnerable", "fact"),) and entry.first.sentiment in (
        "neutral",
        "positive",
        "very_positive",
    )
