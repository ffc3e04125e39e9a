import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.train.encoder.small import TOY
from tokenizers import Tokenizer

from feedback_nlp.errors import TrainerError
from feedback_nlp.text.mask import PLACEHOLDERS
from feedback_nlp.train.encoder.config import Config, Pieces, Start
from feedback_nlp.train.encoder.pieces import open_ids
from feedback_nlp.train.encoder.schedule import factor
from feedback_nlp.train.encoder.start import log_frequency, start_vectors
from feedback_nlp.train.encoder.vocabulary import CLOSING, SPECIAL, UNKNOWN, count, learn, read_tokenizer
from feedback_nlp.train.encoder.window_batches import Mix, draw, mixes

NUMBERS = Pieces(size=300, characters=200, least=1, emoji=5, emoji_least=2, longest=6, rare=0.02)
TEXTS = [
    "手机银行又闪退了[怒火中烧]",
    "手机银行登录不上[怒火中烧][手机号]",
    "客服态度不好，[手机号]没人接",
    "APP打不开[惊讶]",
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return learn(count(TEXTS), numbers=NUMBERS)


def cut(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text, add_special_tokens=False).tokens)


def test_every_placeholder_is_one_piece(tokenizer: Tokenizer) -> None:
    for made in (tokenizer, Tokenizer.from_file(str(TOY / "tokenizer.json"))):
        for placeholder in PLACEHOLDERS.values():
            assert cut(made, f"我{placeholder}你")[1:-1] == [placeholder]


def test_frequent_emoji_names_are_one_piece_and_rare_ones_are_not(tokenizer: Tokenizer) -> None:
    assert cut(tokenizer, "手机银行[怒火中烧]") == ["手机银行", "[怒火中烧]"]
    assert "[惊讶]" not in cut(tokenizer, "[惊讶]")


def test_words_are_found_in_any_case_digits_stand_alone_and_the_rest_is_unknown(tokenizer: Tokenizer) -> None:
    made = tokenizer.encode("App闪退，12鑫", add_special_tokens=False)
    assert made.tokens == ["app", "闪退", "，", "1", "2", "鑫"]
    assert made.ids[3:] == [UNKNOWN] * 3


def test_a_window_opens_and_closes(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("客服").tokens == ["[CLS]", "客服", "[SEP]"]
    assert [tokenizer.token_to_id(piece) for piece in SPECIAL] == [0, 1, 2, 3, 4]


def test_the_order_in_which_texts_were_counted_does_not_matter(tokenizer: Tokenizer) -> None:
    assert learn(count(reversed(TEXTS)), numbers=NUMBERS).to_str() == tokenizer.to_str()


def test_too_few_pieces_are_refused() -> None:
    with pytest.raises(TrainerError, match="raise size"):
        learn(count(TEXTS), numbers=replace(NUMBERS, size=30))
    with pytest.raises(TrainerError, match="there is no text"):
        learn(Counter(), numbers=NUMBERS)


@pytest.mark.parametrize("content", ["no json", "[]", '{"model": {}}', None])
def test_a_tokenizer_of_another_kind_is_refused(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    text = (TOY / "tokenizer.json").read_text(encoding="utf-8").replace("[手机号]", "[手机]")
    path.write_text(text if content is None else content, encoding="utf-8")
    with pytest.raises(TrainerError, match="encoder made here"):
        read_tokenizer(str(path))


def test_ids_say_what_the_texts_say(finished: tuple[Config, Path]) -> None:
    _, work = finished
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    lines = (work / "texts/own.txt").read_text(encoding="utf-8").splitlines()
    wanted = [number for line in lines for number in [*tokenizer.encode(line, add_special_tokens=False).ids, CLOSING]]
    assert open_ids(work, "own").tolist() == wanted


def test_a_batch_depends_on_seed_and_step_alone(finished: tuple[Config, Path]) -> None:
    config, work = finished
    mix, _ = mixes(config, work=work)
    first = draw(mix, step=7, seed=3, batch=4, window=16)
    assert (first == draw(mix, step=7, seed=3, batch=4, window=16)).all()
    assert (first != draw(mix, step=8, seed=3, batch=4, window=16)).any()
    assert (first != draw(mix, step=7, seed=4, batch=4, window=16)).any()
    flat = ",".join(map(str, open_ids(work, "own").tolist()))
    assert all(",".join(map(str, row[1:])) in flat for row in first.tolist())
    assert (first[:, 0] == 2).all()


def test_sources_are_drawn_by_weight_times_tokens() -> None:
    parts = (np.full(100, 5, np.uint16), np.full(300, 6, np.uint16))
    mix = Mix(parts, np.array([0.75, 0.25]))
    drawn = draw(mix, step=0, seed=0, batch=4000, window=2)[:, 1]
    assert abs((drawn == 5).mean() - 0.75) < 0.03  # four standard errors


def test_the_rate_warms_up_stays_and_falls(finished: tuple[Config, Path]) -> None:
    config, _ = finished
    schedule = replace(config.schedule, tokens=256 * 100, warmup=256 * 10, decay=0.2, floor=0.05)
    config = replace(config, schedule=schedule)
    assert config.tokens_a_step == 256
    found = [factor(step, config=config) for step in (0, 4, 9, 50, 79, 80, 90, 99)]
    assert found == pytest.approx([0.1, 0.5, 1, 1, 1, 1, 0.5, 0.05])


def test_pieces_that_keep_the_same_company_begin_alike() -> None:
    lot = np.random.default_rng(0)
    # 10 and 11 stand between 20 and 21, pieces 12 and 13 between 30 and 31
    rows = [
        [20, lot.choice([10, 11]), 21, 3] if lot.random() < 0.5 else [30, lot.choice([12, 13]), 31, 3]
        for _ in range(2000)
    ]
    ids = np.array(rows, dtype=np.uint16).ravel()
    numbers = Start(distance=1, smoothing=0.75, spread=0.05, rounds=5, likeness=0.0, quiet=1.0)
    vectors = start_vectors([(ids, 1.0)], pieces=40, width=8, numbers=numbers, seed=0)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert vectors.shape == (40, 8)
    assert unit[10] @ unit[11] > 0.99
    assert abs(unit[10] @ unit[12]) < 0.5


def test_frequencies_are_shares_of_the_weighted_tokens() -> None:
    found = log_frequency([(np.array([5, 5, 6], np.uint16), 1.0), (np.array([6], np.uint16), 2.0)], pieces=8)
    # every piece once, 5 twice more, 6 once more and once with weight 2: 8 + 5 in all
    assert found[5] == pytest.approx(math.log(3 / 13))
    assert found[6] == pytest.approx(math.log(4 / 13))
    assert np.exp(found).sum() == pytest.approx(1)
