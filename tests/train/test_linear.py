from pathlib import Path

import numpy as np
import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import families, read_labelled
from feedback_nlp.train.linear import folds, row_weights
from feedback_nlp.train.vocabulary import LONGEST, collect


def test_folds_part_no_family_and_are_about_equal(tmp_path: Path) -> None:
    rows = [record(number, dup_group=f"g{number // 3}" if number < 30 else None) for number in range(100)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load())
    found = folds(read, count=5, seed=3)
    homes = {(family, fold) for family, fold in zip(families(read), found.tolist(), strict=True)}
    assert len(homes) == len(set(families(read)))
    assert set(np.bincount(found)) <= {19, 20, 21}
    assert np.array_equal(found, folds(read, count=5, seed=3))
    assert not np.array_equal(found, folds(read, count=5, seed=4))


def test_rows_of_a_small_file_weigh_more(tmp_path: Path) -> None:
    large = read_labelled(write_rows(tmp_path / "a", [record(at) for at in range(16)]), taxonomy=load())
    small = read_labelled(write_rows(tmp_path / "b", [record(at) for at in range(4)]), taxonomy=load())
    assert row_weights([*large, *small], power=0.5) == pytest.approx([1.0] * 16 + [2.0] * 4)
    assert row_weights([*large, *small], power=1.0)[-1] == pytest.approx(4.0)


def test_a_vocabulary_quotes_nobody() -> None:
    found = collect(["我的口令是correcthorse，电话13800", "口令是correcthorse，电话13811"], least=2)
    assert "口令 是" in found.words
    assert "correcthorse" not in found.words
    assert all(len(gram.replace(" ", "")) <= LONGEST for gram in found.words)
    assert all(len(gram) <= 2 for gram in found.characters)
    assert not set("123456789") & set("".join([*found.words, *found.characters]))


def test_a_rare_gram_is_not_known() -> None:
    assert "费" not in collect(["退款", "退费", "退票"], least=2).characters
