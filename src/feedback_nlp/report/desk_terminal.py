"""The officer's lists and pages on the terminal, readable from 80 columns on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from feedback_nlp.report.casefile import CaseFile, EventLine, LabelLine, MemberLine
from feedback_nlp.report.lines import SHORT, BranchLine, CaseLine, ClockLine
from feedback_nlp.report.read_aloud import Section
from feedback_nlp.report.rules import UNNAMED, band, clock, rules
from feedback_nlp.report.worklist import alert_state

WIDE, WIDEST = 100, 130
"""Columns from which a list also shows its reasons, and its excerpts."""
SIGNS = 48
"""Characters of an excerpt in a list."""
_LEVEL = {3: "bold red", 2: "bold yellow"}
_BAND = {"urgent": "bold red", "high": "bold yellow", "normal": "bold"}
_CLOCK = {"overdue": "bold red", "soon": "bold yellow", "later": "", "none": "dim"}


def cases_table(cases: Sequence[CaseLine], *, total: int, width: int, today: date) -> Table:
    """Lay out a list of cases."""
    more: dict[str, dict[str, Any]] = {"经办": {"width": 8}, "理由": {"ratio": 7}} if width >= WIDE else {}
    more |= {"摘录": {"ratio": 8}} if width >= WIDEST else {}
    table = _table(
        f"案件 {total:,} 件" + (f"，列出前 {len(cases)} 件" if total > len(cases) else "")
        if cases
        else "没有这样的案件",
        {
            "案件": {"width": SHORT},
            "级别": {"width": 8},
            "分": {"justify": "right", "width": 5},
            "状态": {"width": 8},
            "期限": {"width": 9},
            "主题": {"ratio": 5},
            "机构": {"ratio": 4},
            **more,
        },
    )
    for case in cases:
        score = "–" if case.score is None else f"{case.score:.1f}"
        cells = [
            Text(case.case_id[:SHORT], style="dim"),
            _level(case.level, case.level_name),
            Text(score, style="" if case.score is None else _BAND[band(case.score)]),
            plain(case.state_name),
            _due(case, today),
            plain(case.theme_name.replace(" · ", "\n")),
            plain(case.org or UNNAMED),
            plain(case.assignee or "–"),
            plain("\n".join(case.reasons[:2])),
            plain(short(case.excerpt)),
        ]
        table.add_row(*cells[: len(table.columns)])
    return table


def clocks_table(clocks: Sequence[ClockLine], *, title: str, width: int) -> Table:
    """Lay out a list of limits."""
    more: dict[str, dict[str, Any]] = {"主题": {"ratio": 5}, "经办": {"width": 8}} if width >= WIDE else {}
    columns: dict[str, dict[str, Any]] = {
        "案件": {"width": SHORT},
        "级别": {"width": 8},
        "到期": {"width": 11},
        "剩余": {"width": 9},
        "已用": {"justify": "right", "width": 5},
        "期限": {"ratio": 6},
        "机构": {"ratio": 4},
        "说明": {"width": 8},
        **more,
    }
    table = _table(title, columns)
    for item in clocks:
        cells = [
            Text(item.case_id[:SHORT], style="dim"),
            _level(item.level, item.level_name),
            Text(f"{item.due_at:%m-%d %H:%M}"),
            Text(left(item.days_left), style=_pressing(item)),
            Text(f"{min(item.share, 9.99):.0%}"),
            plain(f"{item.rule_name}\n{item.event_name}"),
            plain(item.org or UNNAMED),
            plain("\n".join(item.marks) or "–"),
            plain(item.theme_name.replace(" · ", "\n")),
            plain(item.assignee or "–"),
        ]
        table.add_row(*cells[: len(columns)])
    return table


def branches_table(branches: Sequence[BranchLine], *, days: int, share: float) -> Table:
    """Lay out the limits by branch."""
    titles = ("涉及案件", "逾期时限", f"已用 {share:.0%} 以上", f"{days} 天内到期")
    table = _table("按机构", {"机构": {"ratio": 1}, **{title: {"justify": "right", "width": 12} for title in titles}})
    for item in branches:
        table.add_row(plain(item.org), *(f"{n:,}" for n in (item.cases, item.overdue, item.pressing, item.soon)))
    return table


def case_page(found: CaseFile) -> Group:
    """Lay out everything about one case but the reckoning of its score, which `explain` reads aloud."""
    case = found.case
    people = [f"部门 {case.department or '未归口'}", f"责任岗位 {case.owner or '–'}", f"经办人 {case.assignee or '–'}"]
    return Group(
        Text(f"案件 {case.case_id}", style="bold"),
        *_block(
            "",
            (f"{case.theme_name}｜{case.org or UNNAMED}｜{case.state_name}｜{case.level_name}", "｜".join(people)),
        ),
        *_block("分数", (_scored(case), *case.reasons)),
        *(line for member in found.members for line in _block(_title(member), _told(member))),
        *_block("升级苗头", (f"{hit.name}，{hit.level} 级：{hit.cue}　{hit.clause}" for hit in found.hits)),
        *_block("期限", (_limit(item) for item in found.clocks)),
        *_block("预警", (f"{alert_state(item.state)}｜{item.message}" for item in found.alerts)),
        *_block("群体投诉", _group(found)),
        *_block("经过", (_step(event) for event in found.events)),
        *_block("现在可以", ("、".join(case.steps.values()),)),
    )


def explanation_page(sections: Sequence[Section]) -> Group:
    """Lay out what is read aloud."""
    return Group(*(line for section in sections for line in _block(section.title, section.sentences)))


def task_page(task: Any, *, facets: Mapping[str, str]) -> Group:
    """Lay out one review task: why somebody should look, the text, and the labels as they stand."""
    labels = [
        f"{facets[facet]}：{'、'.join(names) or '无'}" + _sure(task, facet) for facet, names in task.names.items()
    ]
    return Group(
        Text(f"反馈 {task.feedback_id}（第 {task.version} 版，已有 {task.seq} 次结论）", style="bold"),
        *_block("为什么要看", (reason.says for reason in task.reasons)),
        *_block("内容（已脱敏）", (task.text, *(("投诉请求：" + task.request,) if task.request else ()))),
        *_block("目前的标签", labels),
        *_block("依据", dict.fromkeys(task.evidence.values())),
    )


def alerts_table(frame: pd.DataFrame, *, level_names: Mapping[int, str]) -> Table:
    """Lay out alerts."""
    title = f"预警 {len(frame):,} 条" if len(frame) else "没有这样的预警"
    table = _table(
        title, {"编号": {"width": SHORT}, "级别": {"width": 8}, "须在此前": {"width": 11}, "内容": {"ratio": 1}}
    )
    for row in frame.to_dict("records"):
        until = row["answer_by"]
        table.add_row(
            Text(str(row["id"])[:SHORT], style="dim"),
            _level(row["level"], level_names[row["level"]]),
            Text(f"{until:%m-%d %H:%M}" if isinstance(until, datetime) and not pd.isna(until) else "–"),
            plain(str(row["message"])),
        )
    return table


def frame_table(frame: pd.DataFrame, *, title: str) -> Table:
    """Lay out a small frame of figures as it is; shares as per cent, nothing for what is not defined."""
    table = _table(title, {name: {"justify": "left"} for name in frame.columns})
    for values in frame.itertuples(index=False):
        table.add_row(*(plain("–" if pd.isna(v) else f"{v:.1%}" if isinstance(v, float) else str(v)) for v in values))
    return table


def plain(text: str) -> Text:
    """Take a text literally: [手机号] is no markup, and an escape sequence must not reach the terminal."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text))


def short(text: str) -> str:
    """Cut an excerpt to what a list has room for."""
    return text if len(text) <= SIGNS else text[: SIGNS - 1] + "…"


def left(days: int) -> str:
    """Say how far off a day is, in few signs.

    >>> left(3), left(0), left(-2)
    ('剩3天', '今天', '逾期2天')
    """
    return f"逾期{-days}天" if days < 0 else f"剩{days}天" if days else "今天"


def _table(title: str, columns: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True, title_justify="left")
    for name, options in columns.items():
        table.add_column(name, overflow="fold", **options)  # Chinese has no spaces to break at
    return table


def _block(title: str, sentences: Iterable[str]) -> Iterator[Text | Padding]:
    listed = [sentence for sentence in sentences if sentence]
    if listed and title:
        yield Text(title, style="bold")
    for sentence in listed:
        yield Padding(plain(sentence), (0, 0, 0, 2), expand=False)


def _level(level: int, name: str) -> Text:
    return Text(name, style=_LEVEL.get(level, "dim"))


def _due(case: CaseLine, today: date) -> Text:
    if case.days_left is None:
        return Text("–", style="dim")
    marks = "".join(f"\n{mark}" for mark in case.marks)
    return Text(left(case.days_left) + marks, style=_CLOCK[clock(case.due_on, today)])


def _pressing(item: ClockLine) -> str:
    soon = item.days_left <= rules().due_soon_days
    return _CLOCK["overdue" if item.overdue else "soon" if soon else "later"]


def _scored(case: CaseLine) -> str:
    return (
        "今天没有评分"
        if case.score is None
        else f"{case.score:.1f} 分，怎么来的见 feedback-nlp explain {case.case_id[:SHORT]}"
    )


def _title(member: MemberLine) -> str:
    channel = f"，{member.channel}" if member.channel else ""
    return f"来信 {member.source_id or member.feedback_id[:SHORT]}（{member.received_on}{channel}，{member.why}）"


def _told(member: MemberLine) -> Iterator[str]:
    yield member.text
    if member.request:
        yield f"投诉请求：{member.request}"
    if member.reply:
        yield f"处理结果：{member.reply}"
    yield f"标签（{member.release}）：" + "；".join(_label(item) for item in member.labels)
    clauses = dict.fromkeys(item.clause for item in member.labels if item.clause)
    if clauses:
        yield "依据：" + " ｜ ".join(clauses)
    if member.derived:
        yield "推导：" + "；".join(f"{item.facet_name} {item.name}（规则 {item.rule}）" for item in member.derived)
    if member.review:
        yield "待复核：" + "；".join(member.review)


def _label(item: LabelLine) -> str:
    return f"{item.facet_name} {item.name}" + (f" {item.score:.0%}" if item.score is not None else "")


def _sure(task: Any, facet: str) -> str:
    shares = [task.scores.get(f"{facet}:{label}") for label in task.labels[facet]]
    told = [f"{share:.0%}" for share in shares if share is not None]
    return f"（把握 {'、'.join(told)}）" if told else ""


def _limit(item: ClockLine) -> str:
    how = f"{item.stopped_at:%Y-%m-%d} 完成" if item.stopped_at else left(item.days_left)
    marks = f"（{'、'.join(item.marks)}）" if item.marks else ""
    return f"{item.rule_name}：{item.event_name}，{item.due_at:%Y-%m-%d %H:%M} 到期{marks}，{how}"


def _group(found: CaseFile) -> Iterator[str]:
    if found.group:
        one = found.group
        yield (
            f"{one.org}，{one.first_on} 至 {one.last_on}，{one.customers} 名客户、{one.cases} 件，"
            f"平常同样长的时间约 {one.expected:.1f} 名（群体 {one.id[:SHORT]}）"
        )


def _step(event: EventLine) -> str:
    moved = f"{event.from_name} → {event.to_name}" if event.from_name != event.to_name else event.to_name
    details = "，".join(f"{key} {value}" for key, value in event.details.items())
    note = f"：{event.note}" if event.note else ""
    return f"{event.seq}. {event.at:%Y-%m-%d %H:%M} {event.actor_name} {event.action_name}（{moved}）{details}{note}"
