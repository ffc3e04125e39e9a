"""Parting labelled files, and finding what stands on both sides."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.rows import record, write_rows

from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import Labelled, families, read_labelled
from feedback_nlp.train.splits import Leak, first_leaf, leaks, split


def row(id: str, text: str, leaf: str = "pricing.fee", group: str | None = None) -> Labelled:
    return Labelled(id, MaskedText(text), {"leaves": (leaf,)}, "f", "", group)


def read(tmp_path: Path, number: int) -> list[Labelled]:
    rows = [record(at, dup_group=f"g{at // 4}" if at < 40 else None) for at in range(number)]
    return read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load())


def test_families_stay_together_and_each_first_leaf_is_parted_alike(tmp_path: Path) -> None:
    rows = read(tmp_path, 200)
    side = split(rows, share=0.2, seed=1)
    homes = set(zip(families(rows), side, strict=True))
    assert len(homes) == len(set(families(rows)))
    assert sum(side) == pytest.approx(40, abs=2)
    every = Counter(map(first_leaf, rows))
    small = Counter(first_leaf(item) for item, chosen in zip(rows, side, strict=True) if chosen)
    # a family may straddle leaves; of 40 texts a leaf about 8 belong to the smaller side
    assert {leaf: (count, 4 <= small[leaf] <= 12) for leaf, count in every.items()} == dict.fromkeys(every, (40, True))


def test_the_lot_is_the_seed(tmp_path: Path) -> None:
    rows = read(tmp_path, 100)
    assert split(rows, share=0.3, seed=1) == split(rows, share=0.3, seed=1) != split(rows, share=0.3, seed=2)


@given(st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=40), st.floats(0.05, 0.95))
def test_the_smaller_side_is_as_large_as_asked_for_up_to_half_a_family(leaves: list[str], share: float) -> None:
    rows = [row(str(at), f"{at:05d}号来信", leaf) for at, leaf in enumerate(leaves)]
    try:
        side = split(rows, share=share, seed=0)
    except TrainerError:
        assert len(rows) * min(share, 1 - share) < 1
    else:
        assert abs(sum(side) - share * len(rows)) <= 0.5 + 1e-9


@pytest.mark.parametrize("share", [0.0, 1.0, 1.5])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(TrainerError, match="between 0 and 1"):
        split([row("a", "一"), row("b", "二")], share=share, seed=0)


def test_texts_that_are_all_alike_cannot_be_parted() -> None:
    rows = [row(str(at), "年费太高了，请退还给我") for at in range(10)]
    with pytest.raises(TrainerError, match="1 of them unlike each other"):
        split(rows, share=0.3, seed=0)


def test_what_stands_on_both_sides_is_named_once_with_its_reason() -> None:
    one = [row("a", "手机银行登录不上怎么办"), row("b", "贷款利率能不能低一点"), row("c", "网点排队两小时", group="g")]
    other = [
        row("x", "手机银行登录不上，怎么办？？"),
        row("b", "贷款利率能不能低一点"),
        row("y", "柜员态度非常差", group="g"),
        row("z", "与此无关的一条"),
    ]
    assert leaks(one, other) == [Leak("b", "b", "same id"), Leak("a", "x", "near text"), Leak("c", "y", "same group")]
    assert leaks(one, other[3:]) == []


def test_a_split_leaks_nothing(tmp_path: Path) -> None:
    rows = read(tmp_path, 100)
    side = split(rows, share=0.3, seed=5)
    parts = [[item for item, chosen in zip(rows, side, strict=True) if chosen == want] for want in (False, True)]
    assert leaks(*parts) == []
