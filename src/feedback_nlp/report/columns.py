"""The columns of every sheet: field, Chinese header, width in characters, and how its values are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "long", "whole", "decimal", "share", "score", "day", "due", "flag", "points"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    field: str
    title: str
    width: float
    kind: Kind = "text"
    facet: str | None = None  # labels to translate: a facet, "theme", or a group of words in report.toml


DETAILS = (
    Column("day", "日期", 11, "day"),
    Column("source", "来源", 12),
    Column("source_id", "来源单号", 18),
    Column("org", "机构", 18),
    Column("complaint_channel", "投诉渠道", 16),
    Column("service_channel", "办理渠道", 14),
    Column("product", "产品", 14),
    Column("rating", "评分", 7, "decimal"),
    Column("status", "来源状态", 10),
    Column("text", "内容（已脱敏）", 60, "long"),
    Column("kind", "类型", 8, facet="kind"),
    Column("business", "业务", 14, facet="business"),
    Column("touchpoint", "服务触点", 12, facet="touchpoint"),
    Column("sentiment", "情绪", 10, facet="sentiment"),
    Column("leaves", "原因", 22, facet="leaves"),
    Column("demand", "诉求", 16, facet="demand"),
    Column("confidence", "把握", 8, "share"),
    Column("review", "需复核", 8, "flag"),
    Column("evidence", "依据", 32, "long"),
    Column("case_id", "案件号", 23),
    Column("request", "投诉请求", 30, "long"),
    Column("reply", "处理结果", 30, "long"),
    Column("flags", "文本提示", 12, facet="flag"),
    Column("release", "模型版本", 18),
    Column("feedback_id", "反馈号", 23),
)

CASE = (
    Column("rank", "名次", 6, "whole"),
    Column("score", "分数", 7, "score"),
    Column("theme", "主题", 22, facet="theme"),
    Column("reasons", "理由", 34, "long"),
    Column("excerpt", "摘录（已脱敏）", 46, "long"),
    Column("evidence", "依据", 26, "long"),
    Column("due_on", "办结期限", 12, "due"),
    Column("days_left", "剩余天数", 9, "whole"),
    Column("opened_on", "开立日期", 12, "day"),
    Column("events", "次数", 6, "whole"),
    Column("customers", "客户数", 8, "whole"),
    Column("orgs", "机构", 20),
    Column("product", "产品", 14),
    Column("sentiment", "情绪", 10, facet="sentiment"),
    Column("status", "来源状态", 10),
    Column("review", "需复核", 8, "flag"),
)
"""Before the points of the parts, which the triage policy names."""
CASE_END = (
    Column("sum", "得分合计", 10, "points"),
    Column("floor", "保底规则", 24, "long"),
    Column("final", "最终分数", 10, "points"),
    Column("closed_on", "办结日期", 12, "day"),
    Column("source_ids", "来源单号", 24),
    Column("case_id", "案件号", 23),
)

ITEMS = (
    Column("title", "改进事项", 42, "long"),
    Column("theme", "主题", 24, facet="theme"),
    Column("owner", "责任人", 20),
    Column("status", "阶段", 9, facet="item_status"),
    Column("cases", "案件数", 9, "whole"),
    Column("opened_on", "立项日期", 12, "day"),
    Column("analysis_due_on", "分析期限", 12, "due"),
    Column("reason", "立项理由", 46, "long"),
    Column("id", "事项号", 23),
)

REJECTS = (
    Column("day", "接收日期", 12, "day"),
    Column("file", "文件", 30),
    Column("row", "行号", 9, "whole"),
    Column("column", "列", 18),
    Column("reason", "原因与改法", 70, "long"),
    Column("batch", "批次", 23),
)
