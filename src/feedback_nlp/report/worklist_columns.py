"""The columns of the work list: what is read, what is filled in, and what finds the case again."""

from __future__ import annotations

from feedback_nlp.report.columns import Column

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
_LEVEL = Column("level_name", "级别", 9, "level")
_STATE = Column("state_name", "状态", 8)
_ORG = Column("org", "机构", 16)
_THEME = Column("theme_name", "主题", 18)
_EVENTS = Column("events", "客户来信数", 8, "whole")
_SOURCE_IDS = Column("source_ids", "来源单号", 17)
_ROUTE = (Column("department", "部门", 14), Column("owner", "责任岗位", 14))
_TO_DO = (*_ROUTE, Column("assignee", "现经办人", 10), Column("steps", "可选动作", 20))
_LETTER = Column("excerpt", "摘录（已脱敏）", 56, "long")
_HANDLER = Column("assignee", "经办人", 10)
_CASE = Column("case_id", CASE_ID, 23, "key")
KEY = (_CASE, Column("seq", SEQ, 6, "key"))

OPEN = (
    _LEVEL,
    Column("score", "分数", 7, "score"),
    _STATE,
    Column("due_on", "期限", 12, "due"),
    Column("days_left", "剩余天数", 8, "whole"),
    Column("marks", "期限说明", 9),
    _ORG,
    _THEME,
    Column("reasons", "理由", 38, "long"),
    Column("excerpt", "摘录（已脱敏）", 50, "long"),
    _EVENTS,
    _SOURCE_IDS,
    *_TO_DO,
)
"""Cases that somebody still owes an answer."""

WAITING = (
    _LEVEL,
    _STATE,
    Column("closed_on", "答复日期", 12, "day"),
    _ORG,
    _THEME,
    _LETTER,
    _EVENTS,
    _SOURCE_IDS,
    *_TO_DO,
)
"""Cases answered, but not 闭环 yet."""

CLOCKS = (
    _LEVEL,
    Column("due_at", "到期", 17, "moment"),
    Column("days_left", "剩余天数", 8, "whole"),
    Column("share", "已用时间", 9, "used"),
    Column("event_name", "要做的事", 11),
    Column("rule_name", "期限", 24, "long"),
    Column("marks", "期限说明", 10),
    _ORG,
    _THEME,
    _STATE,
    *_ROUTE,
    _HANDLER,
    Column("source", "依据", 48, "long"),
    _CASE,
)

BRANCHES = (
    Column("org", "机构", 26),
    Column("cases", "涉及案件", 10, "whole"),
    Column("overdue", "逾期时限", 10, "whole"),
    Column("pressing", "时间将用完", 12, "whole"),
    Column("soon", "即将到期", 10, "whole"),
)

URGENT = (
    _LEVEL,
    Column("answer_by", "须在此前联系客户", 17, "moment"),
    Column("kind_names", "苗头", 22, "long"),
    Column("cues", "客户原话中的词", 22, "long"),
    _STATE,
    _ORG,
    _THEME,
    _LETTER,
    _HANDLER,
    _ROUTE[0],
    _SOURCE_IDS,
    _CASE,
)

ALERTS = (
    _LEVEL,
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
