from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import Delivery, Source, open_delivery
from feedback_nlp.records import RawFeedback, Reject

Split = Callable[..., tuple[list[RawFeedback], list[Reject]]]


def deliver(path: Path, body: str, source: Source) -> Delivery:
    path.write_bytes(body.encode())
    return open_delivery(path, source=source)


def test_a_row_carries_everything_its_sender_wrote(write_csv: Callable[..., Path]) -> None:
    header = ["工单号", "受理日期", "投诉内容", "投诉渠道", "评分", "客户姓名", "预留电话", "柜员号", "空列"]
    row = ["007", "2026/04/05 12:30", "  等了两小时\n没人管", " 电话 ", "2星", "李小明", "13800138000", "T9", " "]
    (record,) = open_delivery(write_csv([header, row]), source=Source("ledger", "ledger")).rows()
    assert record == RawFeedback(
        source="ledger",
        source_kind="ledger",
        file="feed.csv",
        row=2,
        text="  等了两小时\n没人管",
        source_id="007",
        received_at=datetime(2026, 4, 5, 12, 30),
        complaint_channel="电话",
        rating=2.0,
        identifiers=(("姓名", "李小明"), ("手机号", "13800138000")),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["feed.csv", "feed.tsv", "feed.TXT"])
def test_the_delimiter_is_found_whatever_the_name(
    delimiter: str, name: str, write_csv: Callable[..., Path], source: Source
) -> None:
    rows = [["id", "text"], ["1", "a,b;c|d\te"], ["2", "好"]]
    (first, second) = open_delivery(write_csv(rows, name=name, delimiter=delimiter), source=source).rows()
    assert (first.text, second.text) == ("a,b;c|d\te", "好")  # type: ignore[union-attr]


def test_commas_in_a_file_of_one_column_separate_nothing(tmp_path: Path, source: Source) -> None:
    rows = list(deliver(tmp_path / "a.txt", 'text\n好,很好,非常好\n"引号,里"\n差\n', source).rows())
    assert [row.text for row in rows] == ["好,很好,非常好", "引号,里", "差"]  # type: ignore[union-attr]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8))
def test_whatever_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str, str]], tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("col a", "text", "col b"), ("x", "有内容的一行文字", "y"), *rows])
    (path := tmp_path / "feed.csv").write_bytes(out.getvalue().encode())
    records = list(open_delivery(path, source=Source("feed", "other", {"text": "text"}, encoding="utf-8")).rows())[1:]
    present = [row for row in rows if any(each.strip() for each in row)]
    assert len(records) == len(present)
    nothing = {"nan", "null", "none", "nat", "n/a", "#n/a", "<na>", "#null!", "\\n"}  # as machines write it
    for record, (_, text, _) in zip(records, present, strict=True):
        expected = text if text.strip() and text.strip().lower() not in nothing else None
        assert (record.text if isinstance(record, RawFeedback) else None) == (None if text == "text" else expected)


def test_row_numbers_count_records_with_header_and_blank_lines(tmp_path: Path, source: Source) -> None:
    body = 'id,text\n1,"两行\n文字"\n\n2,好\n,\n3,差\n'
    assert [row.row for row in deliver(tmp_path / "a.csv", body, source).rows()] == [2, 4, 6]


def test_a_row_with_too_many_or_too_few_columns_is_rejected_not_shifted(
    tmp_path: Path, source: Source, split: Split
) -> None:
    body = "id,日期,text\n1,2026-04-05,好\n2,2026-04-05,好,但是\n3,2026-04-05\n4,2026-04-05,差,,\n"
    good, bad = split(deliver(tmp_path / "a.csv", body, source).rows())
    assert [record.source_id for record in good] == ["1", "4"]
    assert [(reject.row, reject.reason[:5]) for reject in bad] == [(3, "有 4 列"), (4, "有 2 列")]


@pytest.mark.parametrize("broken", ['2,"没有闭合', '2,"半截"文字'])
@pytest.mark.parametrize("after", [0, 1, 30])
def test_an_unclosed_quote_costs_one_row(broken: str, after: int, tmp_path: Path, source: Source, split: Split) -> None:
    rest = "".join(f'{n},"引号内, {n}"\n' for n in range(3, 3 + after))
    good, bad = split(deliver(tmp_path / "a.csv", f"id,text\n1,好\n{broken}\n{rest}", source).rows())
    assert [record.source_id for record in good] == ["1", *map(str, range(3, 3 + after))]
    assert [(reject.row, "引号" in reject.reason) for reject in bad] == [(3, True)]


def test_an_unclosed_quote_at_the_end_of_a_long_file_is_found_again(
    tmp_path: Path, source: Source, split: Split
) -> None:
    rest = "".join(f"{n},没有引号的一行\n" for n in range(120_000))
    good, bad = split(deliver(tmp_path / "a.csv", f'id,text\nx,"没有闭合\n{rest}', source).rows())
    assert (len(good), len(bad)) == (120_000, 1)


@pytest.mark.parametrize(
    ("length", "accepted"), [(200_000, True), (1_000_000, True), (1_000_001, False), (5_000_000, False)]
)
def test_a_field_is_read_up_to_a_million_characters(
    length: int, accepted: bool, tmp_path: Path, source: Source, split: Split
) -> None:
    good, bad = split(deliver(tmp_path / "a.csv", f"id,text\n1,{'好' * length}\n2,差\n", source).rows())
    assert [record.source_id for record in good] == (["1", "2"] if accepted else ["2"])
    assert [reject.row for reject in bad] == ([] if accepted else [2])


def test_bad_cells_reject_their_row_with_column_and_reason(tmp_path: Path, source: Source, split: Split) -> None:
    body = "id,日期,评分,text\n1,昨天,5,好\n2,2026-04-05,很多,好\n3,,,好\n4,2026-04-05,5,\n"
    body += "5,,,空\0字节\n6,2026-02-30,,好\n"
    good, bad = split(deliver(tmp_path / "a.csv", body, source).rows())
    assert [record.source_id for record in good] == ["3"]
    assert [(reject.row, reject.column, reject.reason) for reject in bad] == [
        (2, "日期", "无法识别的日期"),
        (3, "评分", "无法识别的评分"),
        (5, "text", "正文为空"),
        (6, "text", "含有空字节（NUL）"),
        (7, "日期", "不存在的日期"),
    ]


def test_a_reason_never_repeats_what_the_customer_wrote(tmp_path: Path, source: Source, split: Split) -> None:
    secret = "13800138000"
    body = f'id,日期,评分,text\n1,{secret},5,好\n2,,{secret}x,好\n3,,,"{secret}"{secret}\n4,,,{secret},{secret}\n'
    _, bad = split(deliver(tmp_path / "a.csv", body, source).rows())
    assert len(bad) == 4
    assert not [reject for reject in bad if secret in repr(reject)]


def test_a_repeated_header_row_is_no_feedback(tmp_path: Path, source: Source, split: Split) -> None:
    good, bad = split(deliver(tmp_path / "a.csv", "id,text\n1,好\nid,text\n2,差\n", source).rows())
    assert (len(good), [(reject.row, reject.reason) for reject in bad]) == (2, [(3, "重复的表头行")])


def test_an_id_with_lost_digits_is_kept_aside_and_a_whole_float_is_repaired(tmp_path: Path, source: Source) -> None:
    first, second = deliver(tmp_path / "a.csv", "id,text\n1.23457E+17,好\n20240123.0,差\n", source).rows()
    assert (first.source_id, first.extra) == (None, {"id": "1.23457E+17"})  # type: ignore[union-attr]
    assert second.source_id == "20240123"  # type: ignore[union-attr]


@pytest.mark.parametrize("start", [0, 1, 3, 7, 99])
def test_reading_from_a_row_on_gives_the_rest_of_reading_all(start: int, tmp_path: Path, source: Source) -> None:
    body = 'id,text\n1,好\n2,"没有闭合\n\n3,差\n,\n4,\n5,"两\n行"\n6,多,了\n'
    delivery = deliver(tmp_path / "a.csv", body, source)
    assert list(delivery.rows(start)) == list(delivery.rows())[start:]


def test_the_hash_is_that_of_the_bytes(tmp_path: Path, source: Source) -> None:
    # printf 'text\ngood\n' | sha256sum
    expected = "3e4f0a135b3b83b1c818c8842ffe63f68163ab5339ee608dae91603952ee42e5"
    delivery = deliver(tmp_path / "a.csv", "text\ngood\n", source)
    assert delivery.sha256 == expected


@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl"])
def test_memory_does_not_grow_with_the_file(name: str, tmp_path: Path, source: Source) -> None:
    line = (
        '{{"id": "{n}", "text": "手机银行打不开，等了很久{n}"}}\n'
        if name.endswith("l")
        else "{n},手机银行打不开，等了很久{n}\n"
    )

    def peak(rows: int) -> int:
        with (path := tmp_path / name).open("w", encoding="utf-8") as file:
            file.write("" if name.endswith("l") else "id,text\n")
            file.writelines(line.format(n=n) for n in range(rows))
        tracemalloc.start()
        assert sum(1 for _ in open_delivery(path, source=source).rows()) == rows
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    assert peak(60_000) < 1.2 * peak(20_000) + 500_000


def test_a_filler_in_a_deadline_is_none_and_in_a_day_of_receipt_a_reject(
    write_csv: Callable[..., Path], source: Source
) -> None:
    header = ["投诉内容", "受理日期", "办结期限", "办结日期"]
    rows = [["好", "2026-04-05", "9999-12-31", "9999-12-31"], ["差", "9999-12-31", "", ""]]
    first, second = open_delivery(write_csv([header, *rows]), source=source).rows()
    assert isinstance(first, RawFeedback)
    assert isinstance(second, Reject)
    assert (first.due_at, first.closed_at) == (None, None)
    assert (second.row, second.column, second.reason) == (3, "受理日期", "日期过晚，不可信")


@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl"])
def test_a_file_that_goes_away_while_it_is_read_is_said_in_one_sentence(
    name: str, tmp_path: Path, source: Source
) -> None:
    line = '{"text": "好"}' if name.endswith("jsonl") else "好"
    (path := tmp_path / name).write_text("\n".join(["text" if name == "feed.csv" else line, line]), encoding="utf-8")
    delivery = open_delivery(path, source=source)
    path.unlink()
    with pytest.raises(SenderError, match=f"{name}: it cannot be read to its end"):
        list(delivery.rows())
