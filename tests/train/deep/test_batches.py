from itertools import pairwise

import numpy as np
import pytest

from feedback_nlp.train.deep.batches import Batch, Cut, Special, cut, drawn, stack, whole
from feedback_nlp.train.encoder.folder import Opened

SPECIAL = Special(opening=2, closing=3, padding=0)


@pytest.fixture(scope="module")
def found() -> Cut:
    """Give 300 texts of 1 to 40 tokens, every tenth of three windows."""
    lot = np.random.default_rng(0)
    lengths = lot.integers(1, 41, size=300).tolist()
    return Cut(
        tuple(((7,) * length,) * (3 if row % 10 == 0 else 1) for row, length in enumerate(lengths)), special=SPECIAL
    )


def test_a_window_opens_and_closes_and_only_the_texts_own_tokens_count() -> None:
    batch: Batch = whole(Cut((((5, 6, 7),), ((8,), (9, 9))), SPECIAL), [1, 0], most=9)
    assert batch.ids.tolist() == [[2, 8, 3, 0, 0], [2, 9, 9, 3, 0], [2, 5, 6, 7, 3]]
    assert batch.mask.tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    assert batch.content.tolist() == [[0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 1, 0]]
    assert batch.owner.tolist() == [0, 0, 1]


def test_of_a_very_long_text_the_first_windows_are_learned_from() -> None:
    long = Cut((((5,), (6,), (7,)),), SPECIAL)
    assert whole(long, [0], most=2).ids.tolist() == [[2, 5, 3], [2, 6, 3]]
    assert stack(long, [(0, 2)]).ids.tolist() == [[2, 7, 3]]


@pytest.mark.parametrize("seed", [0, 1])
def test_every_text_is_drawn_once_an_epoch_and_no_batch_is_too_large(found: Cut, seed: int) -> None:
    rows = np.arange(5, 300)
    made = list(drawn(found, rows, batch=16, tokens=400, most=2, lot=np.random.default_rng(seed)))
    assert sorted(row for group in made for row in group) == rows.tolist()
    assert max(map(len, made)) <= 16
    assert max(whole(found, group, most=2).ids.numel() for group in made) <= 400


def test_lengths_in_a_batch_are_alike_and_batches_come_by_lot(found: Cut) -> None:
    made = list(drawn(found, np.arange(300), batch=16, tokens=10_000, most=1, lot=np.random.default_rng(0)))
    own = sum(found.size(row, most=1)[1] for row in range(300))
    assert sum(whole(found, group, most=1).ids.numel() for group in made) < 1.1 * own
    longest = [max(found.size(row, most=1)[1] for row in group) for group in made]
    assert any(one > two for one, two in pairwise(longest))
    again = list(drawn(found, np.arange(300), batch=16, tokens=10_000, most=1, lot=np.random.default_rng(0)))
    other = list(drawn(found, np.arange(300), batch=16, tokens=10_000, most=1, lot=np.random.default_rng(1)))
    assert made == again != other


def test_a_letter_is_cut_into_windows_without_losing_a_token(toy: Opened) -> None:
    letter = "我在柜台办理业务，等了很久。" * 60
    found = cut([letter, "好"], tokenizer=toy.tokenizer, special=SPECIAL)
    expected = toy.tokenizer.encode(letter, add_special_tokens=False).ids
    assert [token for window in found.windows[0] for token in window] == expected
    assert found.tokens(0) == len(expected)
    assert len(found.windows[0]) > 4 and len(found.windows[1]) == 1
    assert max(map(len, found.windows[0])) <= 126
