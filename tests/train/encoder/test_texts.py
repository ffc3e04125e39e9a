import json
import lzma
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.encoder.small import texts, write_config

from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.apart import HeldOut
from feedback_nlp.train.encoder.config import Apart, Config, Source, Texts, read_config
from feedback_nlp.train.encoder.sources import read_texts
from feedback_nlp.train.encoder.texts import pieces, prepare_sources, text_file
from feedback_nlp.train.near import shingles

LETTER = (
    "贵行信用卡中心：本人于上月办理分期，客服承诺手续费减免一半，账单出来后却是全额收取，请尽快核实并退还多收部分。"
)


def prepared(config: Config, work: Path) -> tuple[str, dict[str, int]]:
    facts = prepare_sources(config, work=work, fingerprint="f", say=lambda _: None)["own"]
    return text_file(work, "own").read_text(encoding="utf-8"), facts


def plant(folder: Path, *, held: str, document: str) -> Config:
    config = write_config(folder)
    with (folder / "texts.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"text": document}, ensure_ascii=False) + "\n")
    (folder / "held.txt").write_text(held + "\n", encoding="utf-8")
    return replace(config, apart=(Apart(str(folder / "held.txt")),))


@pytest.mark.parametrize(
    ("document", "dropped"),
    [
        (LETTER, 1),
        (LETTER.replace("，", "!!").replace("上月", "去年"), 1),  # a near copy
        (f"转发一封信。{LETTER}大家怎么看？" + "我觉得应该投诉。" * 80, 1),  # inside a document that is cut into pieces
        ("手续费是全额收取的吗？请尽快核实。", 0),
    ],
)
def test_a_planted_copy_of_a_held_out_text_is_dropped(document: str, dropped: int, tmp_path: Path) -> None:
    text, facts = prepared(plant(tmp_path, held=LETTER, document=document), tmp_path / "work")
    assert facts["dropped"] == dropped
    assert ("手续费" in text.splitlines()[-1]) == (not dropped)


def test_a_long_held_out_text_is_dropped_though_no_piece_holds_most_of_it(tmp_path: Path) -> None:
    held = "".join("".join(text.split()) for text in texts(30))
    assert len(held) > 1200
    _, facts = prepared(plant(tmp_path, held=held, document=held), tmp_path / "work")
    assert facts["dropped"] == 1


def test_only_the_named_part_of_a_file_is_kept_apart(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    whole = replace(config, apart=(Apart(str(tmp_path / "texts.jsonl")),))
    fifth = replace(config, apart=(Apart(str(tmp_path / "texts.jsonl"), part=(4, 5)),))
    assert prepared(whole, tmp_path / "one")[1]["dropped"] == 200
    assert 40 <= prepared(fifth, tmp_path / "two")[1]["dropped"] < 60  # and the few that are near one of the forty


words = st.text("转账失败了客服，", max_size=14)


@given(st.lists(words, max_size=6), words)
def test_exactly_the_documents_that_hold_most_of_a_text_are_found(held: list[str], document: str) -> None:
    found = shingles(document)

    def holds(text: str) -> bool:
        own = shingles(text)
        return found == own if len(own) == 1 else len(found & own) >= 0.6 * len(own)

    assert HeldOut(held, least=0.6).holds(document) == any(map(holds, held))


def test_every_document_goes_through_prepare(tmp_path: Path) -> None:
    config = plant(tmp_path, held="无关", document="我的手機是１３８ 1234 5678，APP閃退😡")
    assert prepared(config, tmp_path / "work")[0].splitlines()[-1] == "我的手机是[手机号]，APP闪退[怒火中烧]"


def test_several_workers_write_the_same_texts(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    busy = replace(config, texts=replace(config.texts, workers=2, chunk=30))
    one, two = prepared(config, tmp_path / "one"), prepared(busy, tmp_path / "two")
    assert one[0] == two[0]
    assert one[1]["key"] == two[1]["key"]


def test_a_share_is_drawn_by_the_seed(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    part = replace(config, sources=(replace(config.sources[0], share=0.5),))
    one, two = prepared(part, tmp_path / "one"), prepared(part, tmp_path / "two")
    assert one == two
    assert 70 < one[1]["documents"] < 130


def test_pieces_are_whole_clauses_that_join_to_the_document() -> None:
    numbers = Texts(longest=40, shortest=2, least_shared=0.6, chunk=1, workers=1)
    made = pieces(LETTER, numbers=numbers)
    assert "".join(made) == LETTER
    assert len(made) > 1
    assert pieces("。", numbers=numbers) == []


def test_all_kinds_of_files_give_their_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一\n二\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text('﻿star,review\n1,"一，\n一"\n2,二\n', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"text": "一"}\n\n{"text": "二"}\n', encoding="utf-8")
    (tmp_path / "b.txt.xz").write_bytes(lzma.compress("三\n".encode()))
    assert list(read_texts(tmp_path / "a.txt")) == ["一", "二"]
    assert list(read_texts(tmp_path / "a.csv", column="review")) == ["一，\n一", "二"]
    assert list(read_texts(tmp_path / "a.jsonl")) == ["一", "二"]
    assert list(read_texts(tmp_path / "b.txt.xz")) == ["三"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"x", "not one of"),
        ("a.csv", b"a,b\n1,2\n", "no column 'text'; it has a, b"),
        ("a.jsonl", b'{"text": "x"}\n[1]\n', "line 2"),
        ("a.txt", "转账".encode("gb18030"), "not UTF-8"),
        ("a.txt.xz", b"no archive", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainerError, match=message) as caught:
        list(read_texts(tmp_path / name))
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[optimizer]\nrat = 1", "optimizer: unknown key 'rat'; known are rate"),
        ('[optimizer]\nrate = "fast"', "rate: expected float"),
        ('[[sources]]\nname = "own"\nfiles = ["x.txt"]', "names of their own"),
        ('[[sources]]\nname = "more"\nfiles = []', "files names none"),
        ("[[apart]]\ncolumn = 'text'", "key 'file' is missing"),
        ('[[sources]]\nname = "../x"\nfiles = []', "must be of letters"),
        ("[[apart]]\nfile = 'x.txt'\npart = [1]", "expected 2 values"),
    ],
)
def test_a_wrong_configuration_names_the_key(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=message):
        write_config(tmp_path, more=line)


def test_a_missing_file_is_named_before_anything_is_prepared(tmp_path: Path) -> None:
    config = replace(write_config(tmp_path), sources=(Source("own", (str(tmp_path / "gone.txt"),)),))
    with pytest.raises(TrainerError, match=r"gone\.txt: no such file"):
        prepared(config, tmp_path / "work")
    with pytest.raises(TrainerError, match="name a pretraining configuration"):
        read_config(tmp_path / "gone.toml")


def test_the_example_configuration_can_be_read() -> None:
    config = read_config(Path(__file__).parents[3] / "models/pretrain.example.toml")
    assert len(config.sources) > 1
    assert config.apart
