from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import vstack
from tests.train.rows import record, write_rows

from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.corpus import families, read_labelled
from feedback_nlp.train.linear import count, fit, folds, out_of_fold, row_weights
from feedback_nlp.train.recipe import recipe
from feedback_nlp.train.truth import truth_of
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


def test_a_label_is_learned_from_the_texts_that_carry_its_facet(tmp_path: Path) -> None:
    whole = [record(number) for number in range(60)]
    bare = [{**record(number), "id": f"b{number}", **dict.fromkeys(FACETS), "kind": "other"} for number in range(60)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", [*whole, *bare]), taxonomy=load(), partial=True)
    mixed, alone = (count(rows, taxonomy=load(), recipe=recipe(), say=print) for rows in (read, read[:60]))
    mixed = replace(mixed, vocabulary=alone.vocabulary, matrix=vstack([alone.matrix, alone.matrix]).tocsr())
    one, two = (fit(counted, recipe=recipe(), say=print) for counted in (mixed, alone))
    kinds = len(load().labels("kind"))
    assert np.array_equal(one.weights[:, kinds:], two.weights[:, kinds:])
    assert not np.array_equal(one.weights[:, :kinds], two.weights[:, :kinds])


def test_a_facet_that_no_text_carries_is_refused(tmp_path: Path) -> None:
    rows = [{**record(number), "sentiment": None} for number in range(10)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load(), partial=True)
    with pytest.raises(TrainerError, match="none of the 10 texts carries sentiment"):
        truth_of(read, taxonomy=load())
    rows = [{**record(number), ("business", "leaves")[number % 2]: None} for number in range(10)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load(), partial=True)
    with pytest.raises(TrainerError, match="carries business and leaves together"):
        truth_of(read, taxonomy=load())


def test_out_of_fold_scores_come_from_models_that_had_not_seen_the_text(tmp_path: Path) -> None:
    rows = [
        record(number, text=f"{number:03d}号的第{number}个问题", business="loan" if number % 2 else "fx")
        for number in range(60)
    ]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load())
    counted = count(read, taxonomy=load(), recipe=replace(recipe(), cost=100.0), say=print)
    fold = np.arange(60) // 20
    scores = out_of_fold(counted, fold, recipe=recipe(), say=print)
    inside = counted.matrix @ fit(counted, recipe=recipe(), say=print).weights
    assert scores.shape == inside.shape
    first = fold == 0
    changed = counted.truth.table["business"].copy()
    changed[first] = changed[first][:, ::-1]  # what the fold's own labels say does not matter for its scores
    truth = replace(counted.truth, table={**counted.truth.table, "business": changed})
    again = out_of_fold(replace(counted, truth=truth), fold, recipe=recipe(), say=print)
    assert np.array_equal(again[first], scores[first])
    assert not np.array_equal(again[~first], scores[~first])


def test_a_vocabulary_quotes_nobody() -> None:
    found = collect(["我的口令是correcthorse，电话13800", "口令是correcthorse，电话13811"], least=2)
    assert "口令 是" in found.words
    assert "correcthorse" not in found.words
    assert all(len(gram.replace(" ", "")) <= LONGEST for gram in found.words)
    assert all(len(gram) <= 2 for gram in found.characters)
    assert not set("123456789") & set("".join([*found.words, *found.characters]))


def test_a_rare_gram_is_not_known() -> None:
    assert "费" not in collect(["退款", "退费", "退票"], least=2).characters


@pytest.mark.parametrize("texts", [("", "", ""), ("年费", "登录", "排队")])
def test_texts_without_a_common_gram_are_refused(tmp_path: Path, texts: tuple[str, ...]) -> None:
    rows = [record(number, text=text) for number, text in enumerate(texts)]
    read = read_labelled(write_rows(tmp_path / "a.jsonl", rows), taxonomy=load())
    with pytest.raises(TrainerError, match="the 3 texts are empty, or no word or character stands in"):
        count(read, taxonomy=load(), recipe=recipe(), say=print)
