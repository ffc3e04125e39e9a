import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from tests.classify.toy import KINDS, SIZES, SPECIAL, reader, tokenizer
from tokenizers import Tokenizer

from feedback_nlp.classify.onnx import ENCODER, EncoderModel
from feedback_nlp.classify.windows import windows
from feedback_nlp.errors import TrainerError
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.deep.export import export, small_integers
from feedback_nlp.train.deep.model import Reader

DEV = Path(__file__).parents[3] / "data" / "labelled" / "dev.jsonl"
LARGEST_MB = 16


@dataclass
class Material:
    texts: list[str]
    tokenizer: Tokenizer


@pytest.fixture(scope="module")
def material() -> Material:
    lines = DEV.read_text(encoding="utf-8").splitlines()[:150]
    texts: list[str] = [prepare(json.loads(line)["text"]).text for line in lines]
    return Material(texts, tokenizer(texts))


def written(folder: Path, made: Reader, cutter: Tokenizer) -> EncoderModel:
    for name, content in export(made, cutter, special=SPECIAL).items():
        (folder / name).write_bytes(content)
    return EncoderModel.open(folder, SPECIAL, threads=1)


def by_torch(made: Reader, texts: list[str], cutter: Tokenizer) -> Any:
    """Read all windows in one padded batch."""
    batch = windows(texts, tokenizer=cutter)
    length = max(map(len, batch.ids)) + 2
    ids, mask, content = (torch.zeros((len(batch.ids), length), dtype=torch.int64) for _ in range(3))
    for row, inside in enumerate(batch.ids):
        ids[row, : len(inside) + 2] = torch.tensor([SPECIAL["opening"], *inside, SPECIAL["closing"]])
        mask[row, : len(inside) + 2] = content[row, 1 : len(inside) + 1] = 1
    with torch.inference_mode():
        return made.scores(ids, mask, content, torch.from_numpy(batch.owner), len(texts)).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_equals_torch_within_three_percent_of_the_spread_of_scores(
    kind: str, material: Material, tmp_path: Path
) -> None:
    made = reader(kind, pieces=material.tokenizer.get_vocab_size())
    got = written(tmp_path, made, material.tokenizer).scores(material.texts)
    want = by_torch(made, material.texts, material.tokenizer)
    spread = want.std(axis=0).mean()
    assert np.abs(got - want).mean() < 0.03 * spread
    assert np.abs(got - want).max() < 0.3 * spread
    ends = np.cumsum(SIZES)
    parts = zip(np.split(got, ends, axis=1)[:-1], np.split(want, ends, axis=1)[:-1], strict=True)
    same = [(ours.argmax(axis=1) == theirs.argmax(axis=1)).mean() for ours, theirs in parts]
    assert np.mean(same) >= 0.99  # heads by lot: trained ones are surer, and agree in more


def test_an_encoder_that_is_near_the_identity_loses_no_more(material: Material, tmp_path: Path) -> None:
    made = reader("electra", pieces=material.tokenizer.get_vocab_size())
    with torch.no_grad():
        for layer in made.encoder.encoder.layer:
            own = layer.attention.self
            for each in (own.query, own.key, own.value, layer.attention.output.dense):
                each.weight += 2 * torch.eye(len(each.weight))
    got = written(tmp_path, made, material.tokenizer).scores(material.texts)
    want = by_torch(made, material.texts, material.tokenizer)
    assert np.abs(got - want).mean() < 0.02 * want.std(axis=0).mean()


def test_weights_that_are_whole_numbers_of_their_scale_lose_nothing() -> None:
    grid = np.array([[-127, 3], [127, 0], [1, 127]], dtype=np.float32)
    small, scale = small_integers(grid * np.array([[0.25], [2], [1]], dtype=np.float32), axis=1)
    assert np.array_equal(small, grid)
    assert scale.tolist() == [[0.25], [2], [1]]


def test_the_same_reader_gives_the_same_bytes_and_says_nothing(
    material: Material, capfd: pytest.CaptureFixture[str]
) -> None:
    made = reader("electra", pieces=material.tokenizer.get_vocab_size())
    assert export(made, material.tokenizer, special=SPECIAL) == export(made, material.tokenizer, special=SPECIAL)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("layers", "width"), [(4, 256), (6, 384)])
def test_twelve_thousand_pieces_fit_into_sixteen_megabytes(layers: int, width: int, material: Material) -> None:
    shape = {"hidden_size": width, "embedding_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers}
    made = reader("electra", pieces=12_000, **shape)
    content = export(made, material.tokenizer, special=SPECIAL)[ENCODER]
    assert len(content) <= LARGEST_MB * 2**20
    onnx.checker.check_model(onnx.load_from_string(content), full_check=False)


def test_a_tokenizer_with_more_pieces_than_the_encoder_is_refused(material: Material) -> None:
    with pytest.raises(TrainerError, match=r"the encoder knows 20 pieces.*take the tokenizer that the encoder was"):
        export(reader("bert", pieces=20), material.tokenizer, special=SPECIAL)


def test_special_tokens_beyond_the_pieces_are_refused(material: Material) -> None:
    pieces = material.tokenizer.get_vocab_size()
    with pytest.raises(TrainerError, match=r"the special tokens .*'closing': 99999"):
        export(reader("bert", pieces=pieces), material.tokenizer, special={**SPECIAL, "closing": 99_999})


def test_an_encoder_that_reads_less_than_a_window_is_refused(material: Material) -> None:
    made = reader("bert", pieces=material.tokenizer.get_vocab_size(), max_position_embeddings=64)
    with pytest.raises(TrainerError, match="reads 64 tokens at once, 128 are needed"):
        export(made, material.tokenizer, special=SPECIAL)


def test_an_encoder_that_the_graph_does_not_know_is_refused(material: Material) -> None:
    made = reader("bert", pieces=material.tokenizer.get_vocab_size(), hidden_act="relu")
    with pytest.raises(TrainerError, match=r"kind bert with relu cannot be exported; take one of the kinds bert"):
        export(made, material.tokenizer, special=SPECIAL)
