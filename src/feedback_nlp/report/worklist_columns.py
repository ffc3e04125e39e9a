"""The columns of the work list: what is read, what is filled in, and what finds the case again."""

from __future__ import annotations

from feedback_nlp.report.listing import Column

OPEN_SHEET, WAITING_SHEET, CLOCKS_SHEET, BRANCHES_SHEET = "处理", "待闭环", "期限", "机构"
CASES_SHEET, ALERTS_SHEET = "案件", "预警"
URGENT_SHEET, ITEMS_SHEET, GUIDE_SHEET = "升级", "改进事项", "说明"
ACTION, ACTOR, INFORMED, NOTE = "动作", "办理人", "告知客户日期", "备注"
IMPROVEMENT, NO_IMPROVEMENT = "改进事项", "无需改进的理由"
ASSIGNEE, REASON, RULE, APPROVER = "改派给", "暂停原因", "延长依据", "批准人"
CASE_ID, SEQ = "案件号", "序号"

DETAILS = {
    INFORMED: "informed_on",
    IMPROVEMENT: "improvement",
    NO_IMPROVEMENT: "no_improvement",
    ASSIGNEE: "assignee",
    REASON: "reason",
    RULE: "rule",
    APPROVER: "approver",
}
"""Header of what is filled in → key of the details of a step."""

INPUT = (
    Column("action", ACTION, 11, "input"),
    Column("actor", ACTOR, 10, "input"),
    Column("informed_on", INFORMED, 13, "input_day"),
    Column("note", NOTE, 26, "input"),
    Column("improvement", IMPROVEMENT, 24, "input"),
    Column("no_improvement", NO_IMPROVEMENT, 18, "input"),
    Column("new_assignee", ASSIGNEE, 10, "input"),
    Column("reason", REASON, 14, "input"),
    Column("rule", RULE, 18, "input"),
    Column("approver", APPROVER, 10, "input"),
)
KEY = (Column("case_id", CASE_ID, 23, "key"), Column("seq", SEQ, 6, "key"))

OPEN = (
    Column("level_name", "级别", 9, "level"),
    Column("score", "分数", 7, "score"),
    Column("state_name", "状态", 8),
    Column("due_on", "期限", 12, "due"),
    Column("days_left", "剩余天数", 8, "whole"),
    Column("marks", "期限说明", 9),
    Column("org", "机构", 16),
    Column("theme_name", "主题", 18),
    Column("reasons", "理由", 38, "long"),
    Column("excerpt", "摘录（已脱敏）", 50, "long"),
    Column("events", "客户来信数", 8, "whole"),
    Column("source_ids", "来源单号", 17),
    Column("department", "部门", 14),
    Column("owner", "责任岗位", 14),
    Column("assignee", "现经办人", 10),
    Column("steps", "可选动作", 20),
)
"""Cases that somebody still owes an answer."""

WAITING = (
    Column("level_name", "级别", 9, "level"),
    Column("state_name", "状态", 8),
    Column("closed_on", "答复日期", 12, "day"),
    Column("org", "机构", 16),
    Column("theme_name", "主题", 18),
    Column("excerpt", "摘录（已脱敏）", 56, "long"),
    Column("events", "客户来信数", 8, "whole"),
    Column("source_ids", "来源单号", 17),
    Column("department", "部门", 14),
    Column("owner", "责任岗位", 14),
    Column("assignee", "现经办人", 10),
    Column("steps", "可选动作", 20),
)
"""Cases answered, but not 闭环 yet."""

CLOCKS = (
    Column("level_name", "级别", 9, "level"),
    Column("due_at", "到期", 17, "moment"),
    Column("days_left", "剩余天数", 8, "whole"),
    Column("share", "已用时间", 9, "used"),
    Column("event_name", "要做的事", 11),
    Column("rule_name", "期限", 24, "long"),
    Column("marks", "期限说明", 10),
    Column("org", "机构", 16),
    Column("theme_name", "主题", 18),
    Column("state_name", "状态", 8),
    Column("department", "部门", 14),
    Column("owner", "责任岗位", 14),
    Column("assignee", "经办人", 10),
    Column("source", "依据", 48, "long"),
    Column("case_id", CASE_ID, 23, "key"),
)

BRANCHES = (
    Column("org", "机构", 26),
    Column("cases", "案件数", 10, "whole"),
    Column("overdue", "已逾期", 10, "whole"),
    Column("pressing", "时间将用完", 12, "whole"),
    Column("soon", "即将到期", 10, "whole"),
)

URGENT = (
    Column("level_name", "级别", 9, "level"),
    Column("answer_by", "须在此前联系客户", 17, "moment"),
    Column("kind_names", "苗头", 22, "long"),
    Column("cues", "客户原话中的词", 22, "long"),
    Column("state_name", "状态", 8),
    Column("org", "机构", 16),
    Column("theme_name", "主题", 18),
    Column("excerpt", "摘录（已脱敏）", 56, "long"),
    Column("assignee", "经办人", 10),
    Column("department", "部门", 14),
    Column("source_ids", "来源单号", 17),
    Column("case_id", CASE_ID, 23, "key"),
)

ALERTS = (
    Column("level_name", "级别", 9, "level"),
    Column("answer_by", "须在此前处理", 17, "moment"),
    Column("message", "预警", 90, "long"),
    Column("state_name", "状态", 10),
    Column("opened_at", "发出", 17, "moment"),
    Column("acknowledged_by", "处理人", 12),
    Column("id", "编号", 23, "key"),
)

ITEMS = (
    Column("choice", "改进事项", 50, "long"),
    Column("theme_name", "主题", 22),
    Column("owner", "责任人", 20),
    Column("opened_on", "立项日期", 12, "day"),
    Column("reason", "立项理由", 56, "long"),
)
