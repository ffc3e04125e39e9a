import json
from pathlib import Path
from typing import Any

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.corpus import apart, families, read_labelled

LABELLED = Path(__file__).parents[2] / "data" / "labelled"


def test_texts_pass_through_the_one_door(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [record(0, text="請打我手機１３８００１３８０００，APP閃退")])
    (row,) = read_labelled(path, taxonomy=load())
    assert row.text == "请打我手机[手机号]，APP闪退"
    assert (row.file, row.kind, row.labels["leaves"]) == ("a.jsonl", "letter", ("system.login",))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"business": "weather"}, "line 2: 'weather' is no label of business"),
        ({"leaves": ["pricing.fee", "nothing"]}, "line 2: 'nothing' is no label of leaves"),
        ({"sentiment": None}, "line 2: 'sentiment' is missing"),
        ({"id": "r0"}, "line 2: id 'r0' stands in line 1 already"),
        ({"leaves": []}, "line 2: leaves is empty"),
        ({"leaves": "pricing.fee"}, "line 2: leaves must be a list of labels"),
        ({"kind": ["complaint"]}, "line 2: kind must be one label"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, broken: dict[str, Any], says: str) -> None:
    path = write_rows(tmp_path / "a.jsonl", [record(0), record(1, **broken)])
    with pytest.raises(TrainerError, match=rf"a\.jsonl, {says}"):
        read_labelled(path, taxonomy=load())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no labelled rows"),
        (b"{]", "line 1: not JSON"),
        (b"3", "line 1: not a JSON object"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_file_that_holds_no_rows_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(TrainerError, match=says):
        read_labelled(tmp_path / "a.jsonl", taxonomy=load())
    with pytest.raises(TrainerError, match="No such file"):
        read_labelled(tmp_path / "b.jsonl", taxonomy=load())


def test_a_group_of_any_kind_keeps_rows_together(tmp_path: Path) -> None:
    rows = [record(0, dup_group=["x"]), record(1, dup_group=7), record(2, dup_group="7"), record(3, dup_group=None)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load())
    assert [row.group for row in read] == ["['x']", "7", "7", None]
    assert len(set(families(read))) == 3
    assert apart(read, read[2:3]) == [read[0], read[3]]


def test_rows_to_learn_from_may_carry_some_facets_only(tmp_path: Path) -> None:
    rows = [record(0), {"id": "a", "text": "利息太高", "business": "loan", "leaves": None}]
    path = write_rows(tmp_path / "a.jsonl", rows)
    whole, part = read_labelled(path, taxonomy=load(), partial=True)
    assert part.labels == {"business": ("loan",)}
    assert set(whole.labels) == set(FACETS)
    with pytest.raises(TrainerError, match="line 2: 'kind' is missing"):  # what measures must be complete
        read_labelled(path, taxonomy=load())
    write_rows(path, [record(0), {"id": "a", "text": "利息太高", "kind": None}])
    with pytest.raises(TrainerError, match="line 2: carries no label"):
        read_labelled(path, taxonomy=load(), partial=True)


def test_an_error_never_quotes_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record(0, text="秘密"), ensure_ascii=False)[:-1] + "\n", encoding="utf-8")
    with pytest.raises(TrainerError) as caught:
        read_labelled(path, taxonomy=load())
    assert "秘密" not in str(caught.value)


def test_what_equals_or_nearly_equals_a_held_out_text_is_dropped(tmp_path: Path) -> None:
    long = "手机银行从昨天晚上开始一直登录不上，换了网络、重装了软件都没有用，客服让我等，等到现在也没有人联系我"
    texts = ["垃圾", long + "！！", "转账失败", "组内的信"]
    rows = [record(at, text=text) for at, text in enumerate(texts)]
    rows[3]["dup_group"] = "g1"
    held = [record(9, text="垃圾！"), record(10, text=long), record(11, text="另一封信", dup_group="g1")]
    read = [
        read_labelled(write_rows(tmp_path / name, part), taxonomy=load())
        for name, part in (("a.jsonl", rows), ("b.jsonl", held))
    ]
    assert [row.text for row in apart(*read)] == ["转账失败"]


def test_near_texts_and_groups_are_one_family(tmp_path: Path) -> None:
    rows = [
        record(0, text="垃圾"),
        record(1, text="信一", dup_group="g"),
        record(2, text="垃圾！"),
        record(3, text="别的"),
        record(4, text="信二", dup_group="g"),
    ]
    first, second, third, fourth, fifth = families(read_labelled(write_rows(tmp_path / "a", rows), taxonomy=load()))
    assert first == third
    assert second == fifth
    assert len({first, second, fourth}) == 3


def test_no_text_of_the_corpus_stands_on_two_sides() -> None:
    train, dev, test = (read_labelled(LABELLED / f"{name}.jsonl", taxonomy=load()) for name in ("train", "dev", "test"))
    kept = apart(train, [*dev, *test])
    assert not {row.text for row in kept} & {row.text for row in [*dev, *test]}
    assert not {row.group for row in kept if row.group} & {row.group for row in [*dev, *test] if row.group}
