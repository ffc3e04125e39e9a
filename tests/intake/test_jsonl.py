from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.records import RawFeedback, Reject


def test_objects_are_read_with_their_types(tmp_path: Path, source: Source) -> None:
    rows = [
        {
            "id": 12345678901234567890,
            "content": "好",
            "created_at": 1775390400,
            "rating": 4,
            "tags": ["a", {"b": 1}],
            "ok": True,
            "none": None,
        },
        {"content": "差", "phone": "13800138000", "device": {"os": "鸿蒙"}, "reply": "已处理"},
    ]
    (path := tmp_path / "feed.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8"
    )
    delivery = open_delivery(path, source=source)
    first, second = delivery.rows()
    assert isinstance(first, RawFeedback)
    assert isinstance(second, RawFeedback)
    assert (delivery.format, delivery.header_row) == ("jsonl", None)
    assert (first.source_id, first.received_at, first.rating) == ("12345678901234567890", datetime(2026, 4, 5, 20), 4.0)
    assert first.extra == {"tags": '["a", {"b": 1}]', "ok": "TRUE"}
    assert (second.reply, second.identifiers, second.extra) == (
        "已处理",
        (("手机号", "13800138000"),),
        {"device": '{"os": "鸿蒙"}'},
    )


def test_a_key_that_comes_late_still_finds_its_field(tmp_path: Path, source: Source) -> None:
    lines = [json.dumps({"text": f"第{n}条"}) for n in range(1500)]
    lines.append(
        json.dumps({"mobile": "13800138000", "text": "晚到", "ticket_id": "T1", "content": "另一个", "other": "x"})
    )
    (path := tmp_path / "feed.jsonl").write_text("\n".join(lines), encoding="utf-8")
    delivery = open_delivery(path, source=source)
    (last,) = delivery.rows(1500)
    assert isinstance(last, RawFeedback)
    assert (last.text, last.source_id, last.identifiers) == ("晚到", "T1", (("手机号", "13800138000"),))
    assert last.extra == {"content": "另一个", "other": "x"}


def test_a_bad_line_is_rejected_with_its_number(
    tmp_path: Path, source: Source, split: Callable[..., tuple[list[RawFeedback], list[Reject]]]
) -> None:
    lines = [
        '{"text": "好"}', "", '{"text": ', "[1, 2]", '"text"',
        '{"text": {"a": 1}}', '{"text": "\\ud83d"}', '{"text": "a\\u0000b"}',
        '{"other": 1}', '{"text": "差", "rating": NaN}', "[" * 100_000, '{"text": "\\ud83d\\ude00"}', "{}",
    ]  # fmt: skip
    (path := tmp_path / "feed.jsonl").write_text("\n".join(lines), encoding="utf-8")
    good, bad = split(open_delivery(path, source=source).rows())
    assert [(record.row, record.text) for record in good] == [(1, "好"), (10, "差"), (12, "😀")]
    assert [(reject.row, reject.reason) for reject in bad] == [
        (3, "不是有效的 JSON"), (4, "不是 JSON 对象"), (5, "不是 JSON 对象"), (6, "正文不是文字"),
        (7, "不是有效的 JSON"),
        (8, "含有空字节（NUL）"), (9, "正文为空"), (11, "不是有效的 JSON"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_json_lines_come_in_every_encoding(encoding: str, tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "feed.jsonl").write_bytes(
        '{"text": "手机银行打不开"}\n{"text": "客服没人接"}\n'.encode(encoding)
    )
    delivery = open_delivery(path, source=source)
    assert (delivery.encoding, [row.text for row in delivery.rows()]) == (encoding, ["手机银行打不开", "客服没人接"])  # type: ignore[union-attr]


def test_json_lines_under_another_name_are_read_by_content(tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "feed.txt").write_text('{"text": "好,的"}\n', encoding="utf-8")
    assert open_delivery(path, source=source).format == "jsonl"


@pytest.mark.parametrize("body", ['[{"text": "好"}]', '{\n  "rows": []\n}'])
def test_one_big_json_document_is_refused(body: str, tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "feed.json").write_text(body, encoding="utf-8")
    with pytest.raises(SenderError, match=r"feed\.json: .*one object per line"):
        open_delivery(path, source=source)


def test_a_key_that_holds_a_person_is_kept_nowhere(tmp_path: Path, source: Source) -> None:
    lines = [{"text": "好"}, {"text": "差", "张伟强13800138000": "柜面", "li@example.com": "热线", "店": "东"}]
    (path := tmp_path / "feed.jsonl").write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    delivery = open_delivery(path, source=source)
    _, second = delivery.rows()
    assert isinstance(second, RawFeedback)
    assert second.extra == {"其他列": "柜面", "其他列2": "热线", "店": "东"}
    path.write_text(json.dumps({"li@example.com": "x", "甲": "y"}, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(SenderError, match="the columns are: 其他列, 甲"):
        open_delivery(path, source=source)


def test_a_long_key_that_the_settings_name_is_found(tmp_path: Path) -> None:
    question = "您对我行网点服务还有哪些意见建议希望我们改进的地方"
    (path := tmp_path / "feed.jsonl").write_text(json.dumps({question: "排队太久"}), encoding="utf-8")
    (record,) = open_delivery(path, source=Source("feed", "survey", {"text": question})).rows()
    assert isinstance(record, RawFeedback)
    assert record.text == "排队太久"
