"""The columns of every sheet: field, Chinese header, width in characters, and how its values are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "long", "whole", "decimal", "share", "score", "level", "day", "due", "moment", "deadline", "flag", "points",
    "used", "input", "input_day", "key",
]  # fmt: skip
"""The last four only in lists that people fill in."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    field: str
    title: str
    width: float
    kind: Kind = "text"
    facet: str | None = None  # ids to translate: a facet, "theme", "hits", or a group of Names or of report.toml


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
    Column("escalation", "升级", 18, facet="hits"),
    Column("need", "需求类别", 12, facet="need"),
    Column("risk", "风险类型", 13, facet="risk"),
    Column("process", "流程", 16, facet="process"),
    Column("direction", "改进方向", 16, facet="direction"),
    Column("labelled_by", "标签来源", 10),
    Column("confidence", "把握", 8, "share"),
    Column("review", "模型拿不准", 10, "flag"),
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
    Column("level", "级别", 9, "level"),
    Column("score", "分数", 7, "score"),
    Column("theme", "主题", 20, facet="theme"),
    Column("kinds", "升级苗头", 17, facet="hits"),
    Column("reasons", "理由", 34, "long"),
    Column("excerpt", "摘录（已脱敏）", 44, "long"),
    Column("due_on", "办结期限", 17, "due"),
    Column("days_left", "剩余天数", 7, "whole"),
    Column("state", "处理状态", 10, facet="state"),
    Column("department", "部门", 15),
    Column("owner", "责任岗位", 17),
    Column("orgs", "机构", 18),
    Column("group", "群诉", 7, "flag"),
    Column("events", "反馈\n件数", 7, "whole"),
    Column("complaints", "投诉\n件数", 7, "whole"),
    Column("customers", "客户数", 8, "whole"),
)
"""The part that is printed."""
CASE_MORE = (
    Column("opened_on", "开立日期", 12, "day"),
    Column("limit", "期限依据", 22, "long"),
    Column("assignee", "经办人", 12),
    Column("evidence", "依据", 26, "long"),
    Column("product", "产品", 14),
    Column("sentiment", "情绪", 10, facet="sentiment"),
    Column("status", "来源状态", 10),
    Column("review", "待复核", 8, "flag"),
)
"""Before the points of the parts, which the triage policy names."""
CASE_END = (
    Column("sum", "得分合计", 10, "points"),
    Column("floor", "保底规则", 24, "long"),
    Column("final", "最终分数", 10, "points"),
    Column("closed_on", "办结日期", 12, "day"),
    Column("source_ids", "来源单号", 24),
    Column("group_id", "群诉号", 23),
    Column("case_id", "案件号", 23),
)

CLOCKS = (
    Column("level", "级别", 9, "level"),
    Column("theme", "主题", 22, facet="theme"),
    Column("name", "期限", 24, "long"),
    Column("event", "须完成", 14, facet="event"),
    Column("started_at", "起算", 17, "moment"),
    Column("due_at", "到期", 18, "deadline"),
    Column("days_left", "剩余天数", 9, "whole"),
    Column("share", "已用", 8, "share"),
    Column("paused", "暂停", 12),
    Column("extended", "延期", 7, "flag"),
    Column("state", "处理状态", 10, facet="state"),
    Column("org", "机构", 18),
    Column("department", "部门", 16),
    Column("owner", "责任岗位", 18),
    Column("verified", "核实", 10),
    Column("case_id", "案件号", 23),
    Column("source", "依据（规定出处）", 64, "long"),
)

GROUPS = (
    Column("org", "机构", 22),
    Column("cause", "原因", 26, facet="theme"),
    Column("first_on", "首件日期", 12, "day"),
    Column("last_on", "末件日期", 12, "day"),
    Column("days", "历时天数", 9, "whole"),
    Column("customers", "客户数", 9, "whole"),
    Column("expected", "平常客户数", 11, "decimal"),
    Column("chance", "偶然可能", 16),
    Column("cases", "案件数", 9, "whole"),
    Column("open", "未结案件", 9, "whole"),
    Column("id", "群诉号", 23),
)

HISTORY = (
    Column("at", "发生时间", 17, "moment"),
    Column("theme", "主题", 22, facet="theme"),
    Column("org", "机构", 18),
    Column("action", "动作", 11, facet="action"),
    Column("from_state", "原状态", 10, facet="state"),
    Column("to_state", "新状态", 10, facet="state"),
    Column("actor", "操作人", 14, facet="actor"),
    Column("note", "说明", 36, "long"),
    Column("told", "附记", 36, "long"),
    Column("recorded_at", "记录时间", 17, "moment"),
    Column("seq", "序号", 7, "whole"),
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
