import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.classify.toy import SIZES, SPECIAL, reader, tokenizer

from feedback_nlp.classify.features import by_text
from feedback_nlp.classify.onnx import ENCODER, TOKENIZER, EncoderModel
from feedback_nlp.classify.windows import windows
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.deep.export import export

PIECES = (
    "手机银行登录不上",
    "，",
    "。",
    "客服态度很差！",
    "\n",
    "[手机号]",
    "年费怎么退",
    "95588",
    "打不通" * 50,
    "abc",
)
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cutter = tokenizer(list(PIECES))
    made = reader("electra", pieces=cutter.get_vocab_size())
    folder = tmp_path_factory.mktemp("encoder")
    for name, content in export(made, cutter, special=SPECIAL).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> EncoderModel:
    return EncoderModel.open(folder, SPECIAL, threads=1)


@given(st.lists(texts, min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(1, 4))
def test_size_order_and_threads_never_change_a_score_by_a_bit(
    encoder: EncoderModel, batch: list[str], lot: random.Random, size: int
) -> None:
    together = dict(zip(batch, replace(encoder, threads=3).scores(batch * 4), strict=False))
    lot.shuffle(batch)
    for start in range(0, len(batch), size):
        part = batch[start : start + size]
        for text, scores in zip(part, encoder.scores(part), strict=True):
            assert np.array_equal(scores, together[text])


@given(st.lists(texts, min_size=1, max_size=5))
def test_the_clauses_and_the_intercept_add_up_to_the_mean_over_all_tokens(
    encoder: EncoderModel, batch: list[str]
) -> None:
    found, shares = encoder.clause_scores(batch)
    got = by_text(shares, found.starts) + encoder.intercept
    assert shares.shape == (len(found.clauses), sum(SIZES))
    for number, scores in enumerate(got):
        upper, lower = np.zeros(sum(SIZES)), np.zeros(sum(SIZES))
        for ids in (ids for ids, owner in zip(found.ids, found.owner, strict=True) if owner == number):
            window = {"ids": np.array([[SPECIAL["opening"], *ids, SPECIAL["closing"]]])}
            weight, score, _ = encoder.session.run(None, window)
            for token in range(1, len(ids) + 1):
                for label, facet in enumerate(np.repeat(np.arange(6), SIZES)):
                    upper[label] += weight[0, token, facet] * score[0, token, label]
                    lower[label] += weight[0, token, facet]
        assert scores == pytest.approx(upper / np.maximum(lower, 1e-6) + encoder.intercept, abs=1e-4)


def test_a_text_without_a_token_says_nothing(encoder: EncoderModel) -> None:
    assert np.array_equal(encoder.scores(["", "\n"]), [encoder.intercept] * 2)
    assert encoder.scores([]).shape == (0, sum(SIZES))


def test_the_end_of_a_hundred_thousand_characters_counts(encoder: EncoderModel) -> None:
    letter = "手机银行登录不上，" * 11_111
    scores = encoder.scores([letter + "年费怎么退", letter + "打不通"])
    assert np.isfinite(scores).all()
    assert not np.array_equal(scores[0], scores[1])
    assert len(windows([letter], tokenizer=encoder.tokenizer).ids) >= 90_000 / 126


@pytest.mark.parametrize("name", ["opening", "closing", "padding"])
def test_other_special_tokens_than_those_of_the_training_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(TrainerError, match=rf"the {name} token has id {SPECIAL[name]}, the release says 9; fetch"):
        EncoderModel.open(folder, {**SPECIAL, name: 9})


@pytest.mark.parametrize("name", [ENCODER, TOKENIZER])
def test_a_missing_file_is_named(folder: Path, name: str, tmp_path: Path) -> None:
    for each in {ENCODER, TOKENIZER} - {name}:
        (tmp_path / each).write_bytes((folder / each).read_bytes())
    with pytest.raises(TrainerError, match=rf"{name}: .*fetch the release again"):
        EncoderModel.open(tmp_path, SPECIAL)


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x0a"])
def test_a_file_that_is_no_graph_is_refused(folder: Path, content: bytes, tmp_path: Path) -> None:
    (tmp_path / ENCODER).write_bytes(content)
    (tmp_path / TOKENIZER).write_bytes((folder / TOKENIZER).read_bytes())
    with pytest.raises(TrainerError, match=rf"{ENCODER}: .*fetch the release again"):
        EncoderModel.open(tmp_path, SPECIAL)


def test_a_tokenizer_with_pieces_that_the_encoder_does_not_know_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / ENCODER).write_bytes((folder / ENCODER).read_bytes())
    tokenizer([*PIECES, "魑魅魍魉"]).save(str(tmp_path / TOKENIZER))
    with pytest.raises(TrainerError, match=r"knows \d+ pieces, tokenizer.json has \d+; fetch"):
        EncoderModel.open(tmp_path, SPECIAL)
