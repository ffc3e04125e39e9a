from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.intake.columns import DROP, assign, plain
from feedback_nlp.intake.source import canonical_fields

LEDGER = [  # a real one, without its column of row numbers
    "网点名称", "网点机构号", "工单号", "原系统工单号", "人行工单号", "工单状态", "投诉受理渠道", "受理日期",
    "办结日期", "工单来源", "投诉人姓名", "性别", "国家", "省", "市", "区县", "身份证号码", "出生年", "投诉电话/邮箱",
    "预留电话", "回复电话", "投诉内容", "被投诉机构", "层级", "上级机构", "省", "市", "区", "投诉等级",
    "投诉业务办理渠道", "投诉业务类别", "投诉原因", "投诉渠道", "条线类别", "产品大类", "产品小类", "投诉金额(万元)",
    "投诉人数", "投诉请求", "调查经过", "处理情况", "处理结果", "处理机构", "处理机构号", "处理机构层级",
    "处理机构省", "处理机构市", "处理部门", "处理人", "处理时长", "客户是否需要回复", "是否回复投诉人",
    "回复/作出处理决定日期", "是否回访", "回访日期", "回访机构", "回访结果", "回访情况", "是否有责", "问责情况",
    "是否小额补偿", "小额补偿金额", "报送人行状态", "是否升级投诉", "办结期限", "超过15日办结原因",
    "产品与服务改进情况", "备注",
]  # fmt: skip
MAPPED = {
    "text": "投诉内容",
    "source_id": "工单号",
    "received_at": "受理日期",
    "due_at": "办结期限",
    "closed_at": "办结日期",
    "complaint_channel": "投诉渠道",
    "service_channel": "投诉业务办理渠道",
    "org": "被投诉机构",
    "product": "产品小类",
    "status": "工单状态",
    "request": "投诉请求",
    "reply": "处理结果",
}
PEOPLE = {
    "投诉人姓名": "姓名",
    "身份证号码": "证件号码",
    "投诉电话/邮箱": "联系方式",
    "预留电话": "联系方式",
    "回复电话": "联系方式",
    "处理人": DROP,
}
LINE = {"工单号": "GD1", "投诉内容": "柜台多收了手续费。", "受理日期": "2026-04-05",
    "投诉人姓名": "李小明", "投诉渠道": "电话", "投诉受理渠道": "客服热线", "办结期限": "2026/4/20"}  # fmt: skip


def test_the_wide_ledger_maps_by_itself(source: Source) -> None:
    unique = [*dict.fromkeys(LEDGER)]
    roles = assign(unique, source=source)
    assert dict(roles.mapping) == MAPPED
    assert dict(roles.customer) == PEOPLE


@pytest.mark.parametrize("as_workbook", [True, False])
def test_a_ledger_with_three_merged_header_rows_is_read(
    as_workbook: bool, write_xlsx: Callable[..., Path], write_csv: Callable[..., Path], source: Source
) -> None:
    width = len(LEDGER)
    place, other = LEDGER.index("国家"), LEDGER.index("层级") + 2  # 省 市 区 of the branch
    title = ["2026年二季度投诉台账", *[None] * (width - 1)]
    groups: list[str | None] = [None] * width
    groups[0], groups[2], groups[10], groups[22] = "网点", "工单信息", "投诉人信息", "被投诉机构信息"
    names: list[str | None] = list(LEDGER)
    names[place : place + 4] = ["所在地", None, None, None]
    names[other : other + 3] = ["地区", None, None]
    subs: list[str | None] = [None] * width
    subs[place : place + 4], subs[other : other + 3] = ["国家", "省", "市", "区县"], ["省", "市", "区"]
    row = [
        LINE.get(name, "浙江" if at == place + 1 else "江苏" if at == other else None) for at, name in enumerate(LEDGER)
    ]
    rows = [title, groups, names, subs, row]
    merge = ["A1:H1", "C2:J2", "K2:V2", "W2:AC2", "M3:P3", "Z3:AB3"]
    path = (
        write_xlsx(("台账", rows), merge=merge)
        if as_workbook
        else write_csv([[cell or "" for cell in each] for each in rows])
    )
    delivery = open_delivery(path, source=source)
    assert delivery.header_row == 4
    assert dict(delivery.mapping) == MAPPED
    (record,) = delivery.rows()
    assert (record.row, record.text, record.source_id) == (5, "柜台多收了手续费。", "GD1")  # type: ignore[union-attr]
    assert record.identifiers == (("姓名", "李小明"),)  # type: ignore[union-attr]
    extra = record.extra  # type: ignore[union-attr]
    assert extra["投诉受理渠道"] == "客服热线"
    assert sorted(value for value in extra.values() if value in {"浙江", "江苏"}) == ["江苏", "浙江"]


def test_names_that_stand_only_in_the_first_of_two_header_rows_are_found(
    write_csv: Callable[..., Path], source: Source
) -> None:
    rows = [["工单号", "客户", "", "投诉内容"], ["", "姓名", "手机号", ""], ["1", "李小明", "13800138000", "卡被吞了"]]
    delivery = open_delivery(write_csv(rows), source=source)
    (record,) = delivery.rows()
    assert delivery.header_row == 2
    assert (record.row, record.source_id, record.text) == (3, "1", "卡被吞了")  # type: ignore[union-attr]
    assert record.identifiers == (("姓名", "李小明"), ("手机号", "13800138000"))  # type: ignore[union-attr]


def test_a_sparse_first_data_row_is_not_taken_for_a_header(write_csv: Callable[..., Path], source: Source) -> None:
    rows = [["编号", "内容", "备注", ""], ["", "好", "", ""], ["", "", "空行", ""], ["3", "差", "", ""]]
    delivery = open_delivery(write_csv(rows), source=source)
    assert delivery.header_row == 1
    assert [row.row for row in delivery.rows()] == [2, 3, 4]


def test_title_rows_and_blank_lines_above_are_skipped(write_csv: Callable[..., Path], source: Source) -> None:
    rows = [["投诉台账"], [], ["制表：消保部"], ["编号", "日期", "内容"], ["7", "2026-04-05", "排队太久"]]
    delivery = open_delivery(write_csv(rows), source=source)
    (record,) = delivery.rows()
    assert (delivery.header_row, record.row) == (4, 5)


@pytest.mark.parametrize(
    "header",
    [
        "投诉内容",
        "*投诉内容（必填）",
        " 投 诉 内 容：",
        "TEXT",
        "Review",
        "comment_text",
        "客户投诉内容描述",
        "ｔｅｘｔ",
    ],
)
def test_a_text_column_is_known_under_many_names(header: str, source: Source) -> None:
    assert assign([header], source=source).mapping == {"text": header}


@pytest.mark.parametrize(
    "header",
    [
        "产品与服务改进情况",
        "是否超办结期限",
        "超过15日办结原因",
        "内容类型",
        "上级工单号",
        "context",
        "客户编号",
        "网点机构号",
        "回访结果",
        "证件类型",
        "机构地址",
    ],
)
def test_a_header_that_only_resembles_a_field_is_not_mapped(header: str, source: Source) -> None:
    assert not assign([header], source=source).mapping


@pytest.mark.parametrize(
    "header",
    [
        "客户联系电话2",
        "紧急联系人",
        "法人姓名",
        "Customer Phone",
        "开户行卡号",
        "家庭住址（省市）",
        "办理人姓名",
        "短信验证码",
        "护照号",
        "客户经理",
    ],
)
def test_a_header_that_looks_personal_never_reaches_extra(
    header: str, write_csv: Callable[..., Path], source: Source
) -> None:
    delivery = open_delivery(write_csv([["text", header], ["好", "6222020000000000000"]]), source=source)
    (record,) = delivery.rows()
    assert header in delivery.customer_columns
    assert record.extra == {}  # type: ignore[union-attr]


def test_secrets_and_staff_are_kept_nowhere(source: Source) -> None:
    assert set(assign(["密码", "经办人", "出生日期"], source=source).customer.values()) == {DROP}


def test_of_two_headers_for_one_field_the_better_wins_and_the_other_is_kept(
    write_csv: Callable[..., Path], source: Source
) -> None:
    (record,) = open_delivery(
        write_csv([["内容", "投诉内容", "网点名称", "被投诉机构"], ["a", "b", "c", "d"]]), source=source
    ).rows()
    assert (record.text, record.org) == ("b", "d")  # type: ignore[union-attr]
    assert record.extra == {"内容": "a", "网点名称": "c"}  # type: ignore[union-attr]


def test_columns_of_the_settings_win_over_known_names(write_csv: Callable[..., Path]) -> None:
    explicit = Source("feed", "other", {"text": "Notiz", "客户号": "编号"})
    delivery = open_delivery(write_csv([["编号", "text", "notiz "], ["K7", "x", "排队太久"]]), source=explicit)
    (record,) = delivery.rows()
    assert (record.text, record.source_id) == ("排队太久", None)  # type: ignore[union-attr]
    assert record.identifiers == (("客户号", "K7"),)  # type: ignore[union-attr]
    assert record.extra == {"text": "x"}  # type: ignore[union-attr]


def test_a_setting_that_names_no_column_or_no_field_says_what_there_is(write_csv: Callable[..., Path]) -> None:
    with pytest.raises(SenderError, match=r"feed\.csv: no column '正文2' for text; the columns are: a, text"):
        open_delivery(write_csv([["a", "text"], ["1", "好"]]), source=Source("feed", "other", {"text": "正文2"}))
    with pytest.raises(OperatorError, match="body"):
        Source("feed", "other", {"body": "text"})


def test_a_lone_column_of_sentences_is_taken_and_an_unclear_choice_is_not(
    write_csv: Callable[..., Path], source: Source
) -> None:
    long = [f"第{n}次去网点办理业务都被拒绝，没有解释原因" for n in "一二三四五六"]
    assert open_delivery(write_csv([["说法"], *([each] for each in long)]), source=source).mapping == {"text": "说法"}
    two = write_csv([["甲", "乙"], *([each, each[::-1]] for each in long)])
    with pytest.raises(SenderError, match=r"the columns are: 甲, 乙.*columns = \{ text = "):
        open_delivery(two, source=source)


def test_a_file_without_any_header_is_not_robbed_of_its_first_row(
    write_csv: Callable[..., Path], source: Source
) -> None:
    long = [[f"第{n}次去网点办理业务都被拒绝，没有解释原因。"] for n in "一二三四五六"]
    with pytest.raises(SenderError, match="no header row"):
        open_delivery(write_csv(long), source=source)


def test_a_message_lists_headers_but_no_sentence_of_a_customer(write_csv: Callable[..., Path]) -> None:
    rows = [["1", "我的卡被吞了，没人管。"], ["2", "排队两个小时，没人管。"]]
    with pytest.raises(SenderError) as caught:
        open_delivery(write_csv(rows), source=Source("feed", "other", {"text": "正文"}))
    assert "吞" not in str(caught.value)


def test_data_that_reads_like_names_is_no_header(write_csv: Callable[..., Path]) -> None:
    rows = [
        ["k1", "k2", "k3"],
        *([kind, "mobile", f"第{n}次登录失败以后账户被锁住了"] for n, kind in enumerate(["complaint", "review"] * 4)),
    ]
    delivery = open_delivery(write_csv(rows), source=Source("feed", "other", {"text": "k3"}))
    assert (delivery.header_row, len(list(delivery.rows()))) == (1, 8)
    assert open_delivery(write_csv(rows), source=Source("feed", "other")).mapping == {"text": "k3"}


def test_a_header_repeated_below_a_title_stays_the_header(write_csv: Callable[..., Path], source: Source) -> None:
    names = ["编号", "内容"]
    delivery = open_delivery(write_csv([["台账", ""], names, ["1", "好"], names, ["2", "差"]]), source=source)
    assert (delivery.header_row, [row.row for row in delivery.rows()]) == (2, [3, 4, 5])


def test_a_header_broken_into_lines_is_whole_again(write_xlsx: Callable[..., Path], source: Source) -> None:
    path = write_xlsx(("a", [["工单\n号", "投诉\n内容"], ["1", "好"]]))
    assert open_delivery(path, source=source).mapping == {"source_id": "工单号", "text": "投诉内容"}


def test_every_alias_belongs_to_one_field_and_every_field_can_be_mapped() -> None:
    policy = tomllib.loads((files("feedback_nlp.intake") / "headers.toml").read_text("utf-8"))
    sections = {**policy["fields"], **policy["customer"], DROP: policy["dropped"]}
    names = [plain(name) for entry in sections.values() for name in dict.fromkeys(map(plain, entry["names"]))]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    assert set(policy["fields"]) | set(policy["customer"]) == set(canonical_fields())


HEADLESS = [
    ["13800138000", "电话", "我叫张伟强家住解放路五号柜台多收了手续费"],
    ["13900139000", "柜面", "排队两个小时没有人出来解释原因大家都在等"],
]


@pytest.mark.parametrize("as_workbook", [True, False])
@pytest.mark.parametrize("word", ["电话", "内容", "备注"])
def test_a_row_of_data_with_a_known_word_is_no_header(
    word: str, as_workbook: bool, write_xlsx: Callable[..., Path], write_csv: Callable[..., Path], source: Source
) -> None:
    rows = [[HEADLESS[0][0], word, HEADLESS[0][2]], HEADLESS[1]]
    path = write_xlsx(("a", rows)) if as_workbook else write_csv(rows)
    with pytest.raises(SenderError, match=r"no header row found; ask .*columns = \{ text = ") as caught:
        open_delivery(path, source=source)
    assert not any(part in str(caught.value) for part in ("138", "张伟强"))


@pytest.mark.parametrize(
    "cell",
    [
        "13800138000",
        "138-0013-8000",
        "１３８００１３８０００",
        "a@b.cn",
        "张伟强13800138000",
        "我家住解放路五号楼下的网点每天排队两个小时",
    ],
)
def test_a_column_that_a_person_may_have_named_is_refused_unless_the_settings_know_the_header(
    cell: str, write_csv: Callable[..., Path], source: Source
) -> None:
    path = write_csv([["投诉内容", cell], ["卡被吞了", "x"]])
    with pytest.raises(SenderError, match="no header row found") as caught:
        open_delivery(path, source=source)
    assert cell not in str(caught.value)
    explicit = Source("feed", "other", {"text": "投诉内容"})
    assert open_delivery(path, source=explicit).mapping == {"text": "投诉内容"}
    with pytest.raises(SenderError, match="the columns are: 投诉内容, …") as caught:
        open_delivery(path, source=Source("feed", "other", {"text": "正文"}))
    assert cell not in str(caught.value)


def test_a_remark_in_brackets_makes_no_header_too_long(write_csv: Callable[..., Path], source: Source) -> None:
    header = "投诉内容（请详细填写时间、地点、涉及的产品和您希望我们怎样解决）"
    assert open_delivery(write_csv([[header], ["卡被吞了"]]), source=source).mapping == {"text": header}


def test_a_guessed_text_column_needs_headers_that_read_like_names(
    write_csv: Callable[..., Path], source: Source
) -> None:
    long = [f"第{n}次去网点办理业务都被拒绝，没有解释原因" for n in "一二三四五六"]
    path = write_csv([["编号", "好，谢谢"], *([n, each] for n, each in enumerate(long))])
    with pytest.raises(SenderError, match="no header row found"):
        open_delivery(path, source=source)


@pytest.mark.parametrize(
    "header",
    [
        *("reviewer", "回访人员", "客服人员姓名", "涉事员工", "登录ip", "IP", "IP地址", "Login IP", "设备号", "IMEI"),
        *("处理人", "经办", "经办员", "operator", "Operator ID", "updated_by", "工号", "承办人"),
    ],
)
def test_staff_and_devices_are_dropped(header: str, source: Source) -> None:
    assert assign([header], source=source).customer == {header: DROP}


@pytest.mark.parametrize(
    "header",
    [
        *("投诉人数", "服务人员态度", "员工态度", "人员类别", "是否涉及外包人员", "vip", "是否VIP", "IP归属地", "zip"),
        *("device", "设备型号", "自助设备编号", "经办机构", "责任部门", "处理人数"),
    ],
)
def test_what_only_sounds_like_staff_or_devices_is_kept(header: str, source: Source) -> None:
    assert assign([header], source=source).customer == {}
