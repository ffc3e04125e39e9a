"""The columns of the sheet 复核: what a reviewer reads, fills in, and leaves alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feedback_nlp.classify.answers import ESCALATION, NONE, Vocabulary
from feedback_nlp.classify.decide import MOST
from feedback_nlp.report.columns import Column
from feedback_nlp.taxonomy import MULTI, SINGLE

SHEET, CHOICES = "复核", "选项"
CONFIRM, CORRECT, SKIP = "确认", "更正", "跳过"
VERDICTS = (CONFIRM, CORRECT, SKIP)
VERDICT, AUTHOR, NOTE = "结论", "复核人", "备注"
ID, VERSION, SEQ, WAS = "反馈号", "版本", "复核序号", "原标签"
KEYS = (ID, VERSION, SEQ, WAS)
NEEDED = (*KEYS, VERDICT, AUTHOR, NOTE)

READ_FIRST = (
    Column("place", "序", 5, "whole"),
    Column("why", "为什么要看", 30, "long"),
    Column("text", "内容（已脱敏）", 56, "long"),
)
READ_TOO = (
    Column("confidence", "把握", 7, "share"),
    Column("evidence", "依据", 30, "long"),
    Column("org", "机构", 16),
    Column("day", "日期", 11, "day"),
    Column("source_id", "来源单号", 18),
    Column("case_id", "案件号", 22),
    Column("score", "案件分数", 9, "decimal"),
    Column("due_on", "办结期限", 11, "day"),
)
LOCKED = (
    Column("feedback_id", ID, 22),
    Column("version", VERSION, 6, "whole"),
    Column("seq", SEQ, 9, "whole"),
    Column("was", WAS, 9),  # hidden: JSON, facet → label ids as they were written
)
_WIDTHS = {"kind": 8, "business": 16, "touchpoint": 13, "sentiment": 10, "leaves": 18, "demand": 18, ESCALATION: 20}


def fields(facet: str) -> tuple[str, ...]:
    """Name the columns of a facet: one for each label it may have.

    >>> fields("kind"), fields("demand")
    (('kind',), ('demand1', 'demand2', 'demand3'))
    """
    return tuple(f"{facet}{n}" for n in range(1, MOST + 1)) if facet in MULTI else (facet,)


def titles(facet: str, *, facets: Mapping[str, str]) -> tuple[str, ...]:
    """Give the headers of a facet's columns.

    >>> titles("demand", facets={"demand": "诉求"})
    ('诉求1', '诉求2', '诉求3')
    """
    return tuple(facets[facet] + field.removeprefix(facet) for field in fields(facet))


def written(labels: Mapping[str, Sequence[str]], *, words: Vocabulary) -> dict[str, str]:
    """Give the cells of labels by field, in Chinese; a facet that nobody has looked at stays empty."""
    cells: dict[str, str] = {}
    for facet in (*SINGLE, *MULTI, ESCALATION):
        names = [words.name(facet, label) for label in labels.get(facet, ())]
        if len(fields(facet)) == 1:
            names = ["、".join(names) or (NONE if facet in labels else "")]
        cells |= dict(zip(fields(facet), [*names, *[""] * MOST], strict=False))
    return cells


def filled(*, facets: Mapping[str, str]) -> tuple[Column, ...]:
    """Give the columns a reviewer fills in, the labels first."""
    labels = [
        Column(field, title, _WIDTHS[facet], facet=facet)
        for facet in (*SINGLE, *MULTI, ESCALATION)
        for field, title in zip(fields(facet), titles(facet, facets=facets), strict=True)
    ]
    return (*labels, Column("verdict", VERDICT, 8), Column("author", AUTHOR, 11), Column("note", NOTE, 26))
