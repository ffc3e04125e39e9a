from __future__ import annotations

from pathlib import Path

import pytest

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake import Source, open_delivery
from feedback_nlp.intake.encoding import detect

SIMPLIFIED = [
    "客服不接",
    "转账失败",
    "排队太久",
    "利率太高",
    "乱扣年费",
    "卡被吞了",
    "催收骚扰",
    "贷款难批",
    "系统崩溃",
    "态度很差",
]
TRADITIONAL = [
    "客服不接",
    "轉賬失敗",
    "排隊太久",
    "利率太高",
    "亂扣年費",
    "卡被吞了",
    "催收騷擾",
    "貸款難批",
    "系統崩潰",
    "態度很差",
]
LONG_SIMPLIFIED = "昨天我去网点办理业务，等了两个小时，工作人员说系统有问题，让我改天再来，没有任何解释。"
LONG_TRADITIONAL = "昨天我去網點辦理業務，等了兩個小時，工作人員說系統有問題，讓我改天再來，沒有任何解釋。"

CASES = [
    *(
        (each, SIMPLIFIED, LONG_SIMPLIFIED)
        for each in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
    ),
    *(
        (each, TRADITIONAL, LONG_TRADITIONAL)
        for each in ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be")
    ),
]


@pytest.mark.parametrize(("encoding", "short", "long"), CASES)
@pytest.mark.parametrize("header", ["text", "內容"])
def test_each_encoding_is_told_from_ten_short_texts_and_from_long_ones(
    encoding: str, short: list[str], long: str, header: str, tmp_path: Path, source: Source
) -> None:
    header = header if encoding == "big5" else header.replace("內", "内")
    explicit = Source("feed", "other", {"text": header})
    for texts in (short, [long + str(n) for n in range(3000)]):
        path = tmp_path / "feed.csv"
        path.write_bytes("\n".join([header, *texts]).encode(encoding))
        delivery = open_delivery(path, source=explicit)
        assert delivery.encoding == encoding
        assert [row.text for row in delivery.rows()] == texts  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
@pytest.mark.parametrize("cut", range(1, 6))
def test_a_sample_cut_inside_a_character_changes_nothing(encoding: str, cut: int) -> None:
    body = "\n".join(["text", *TRADITIONAL, LONG_TRADITIONAL]).encode(encoding)
    assert detect([body[:-cut], body[2 * cut :]], name="feed.csv") == encoding


def test_a_file_that_turns_chinese_only_late_is_still_told(tmp_path: Path, source: Source) -> None:
    rows = ["id,text", *(f"{n},plain words" for n in range(120_000)), "120000,手机银行打不开，客服没有人接听"]
    (path := tmp_path / "feed.csv").write_bytes("\n".join(rows).encode("gb18030"))
    assert path.stat().st_size > 2_000_000
    assert open_delivery(path, source=source).encoding == "gb18030"


def test_two_letters_valid_in_utf8_by_accident_are_read_as_chinese() -> None:
    assert "学校".encode("gb18030").decode("utf-8") != "学校"  # valid UTF-8: that is the trap
    assert detect(["text\n学校\n".encode("gb18030")], name="feed.csv") == "gb18030"
    assert detect(["text\ncafé\n".encode()], name="feed.csv") == "utf-8"


def test_cantonese_characters_of_big5_are_read(tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "feed.csv").write_bytes(
        "text\n部機食咗我張卡，打電話冇人聽\n分行職員態度好差\n".encode("big5hkscs")
    )
    assert next(row.text for row in open_delivery(path, source=source).rows()).startswith("部機食咗")  # type: ignore[union-attr]


def test_an_encoding_in_the_settings_wins_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "feed.csv").write_bytes("text\n学校\n".encode("gb18030"))
    assert open_delivery(path, source=Source("feed", "other", encoding="latin-1")).encoding == "latin-1"
    with pytest.raises(OperatorError, match="utf-99"):
        open_delivery(path, source=Source("feed", "other", encoding="utf-99"))


def test_a_wrong_encoding_in_the_settings_is_said(tmp_path: Path) -> None:
    (path := tmp_path / "feed.csv").write_bytes("编号,投诉内容\n1,卡被吞了\n".encode("gb18030"))
    with pytest.raises(SenderError, match=r"feed\.csv: the header cannot be read as utf-8; correct encoding"):
        open_delivery(path, source=Source("feed", "other", encoding="utf-8"))


def test_bytes_that_no_candidate_reads_are_refused(tmp_path: Path, source: Source) -> None:
    (path := tmp_path / "feed.csv").write_bytes(b"text\n" + b"\xff\xfa\xfb " * 50)
    with pytest.raises(SenderError, match=r"feed\.csv: the encoding is not recognised"):
        open_delivery(path, source=source)


def test_undecodable_bytes_reject_their_own_row_only(tmp_path: Path, source: Source) -> None:
    good = [f"{n},手机银行打不开，等了很久" for n in range(20)]
    body = "\n".join(["id,text", *good]).encode().replace("7,手机".encode(), b"7,\xe6\x89 \xff", 1)
    (path := tmp_path / "feed.csv").write_bytes(body)
    rows = list(open_delivery(path, source=source).rows())
    assert [(row.row, row.column) for row in rows if hasattr(row, "reason")] == [(9, "text")]
    assert len(rows) == 20
