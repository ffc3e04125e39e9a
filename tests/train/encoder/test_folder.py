import json
import shutil
import socket
from pathlib import Path

import pytest
import torch
from tests.train.encoder.small import TOY
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, RobertaConfig, RobertaModel

from feedback_nlp.classify import release
from feedback_nlp.classify.windows import windows
from feedback_nlp.errors import TrainerError
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.encoder.folder import open_encoder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError("a local folder must not reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY, tmp_path / "encoder-copy"))


def test_the_toy_encoder_reads_and_fits_this_installation() -> None:
    opened = open_encoder(str(TOY), fingerprint=fingerprint())  # a mismatch would warn: make the toy again
    assert (opened.opening, opened.closing, opened.padding) == (2, 3, 0)
    assert {weight.dtype for weight in opened.model.parameters()} == {torch.float32}
    assert not opened.model.training
    cut = windows(["手机银行闪退，[手机号]"], tokenizer=opened.tokenizer)
    ids = torch.tensor([[opened.opening, *cut.ids[0], opened.closing]])
    with torch.no_grad():
        hidden = opened.model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    assert hidden.shape == (1, ids.shape[1], 32)
    assert torch.isfinite(hidden).all()


def test_the_toy_encoder_is_small() -> None:
    assert sum(path.stat().st_size for path in TOY.iterdir()) < 400_000


def test_another_fingerprint_is_said_and_nothing_more() -> None:
    said: list[str] = []
    opened = open_encoder(str(TOY), fingerprint="0" * 16, say=said.append)
    assert opened.name == "encoder-toy"
    assert len(said) == 1
    assert "0" * 16 in said[0]
    with pytest.warns(UserWarning, match="fingerprint"):
        open_encoder(str(TOY), fingerprint="0" * 16)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_changed_byte_is_refused(name: str, copy: Path) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(TrainerError, match=rf"{name}: was changed"):
        open_encoder(str(copy), fingerprint=None)


def test_a_changed_manifest_a_missing_and_a_strange_file_are_refused(copy: Path) -> None:
    shutil.copyfile(copy / "model.safetensors", copy / "model-00001-of-00002.safetensors")
    with pytest.raises(TrainerError, match="none of the files"):
        open_encoder(str(copy), fingerprint=None)
    (copy / "model-00001-of-00002.safetensors").unlink()
    (copy / "tokenizer_config.json").unlink()
    with pytest.raises(TrainerError, match="is missing"):
        open_encoder(str(copy), fingerprint=None)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "seen": {}}), encoding="utf-8")
    with pytest.raises(TrainerError, match="was changed"):
        open_encoder(str(copy), fingerprint=None)


def test_a_name_is_looked_for_among_own_models_then_those_of_the_package(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_encoder("encoder-copy", fingerprint=None, own=tmp_path).tokenizer.get_vocab_size() == 1600
    monkeypatch.setattr("feedback_nlp.train.encoder.folder.shipped", lambda: tmp_path)
    assert open_encoder("encoder-copy", fingerprint=None).manifest is not None


@pytest.mark.parametrize("base", ["encoder-missing", "/no/such/folder", "tests/no-such-folder", "", "what is this"])
def test_a_name_that_can_only_be_a_mistake_never_reaches_the_hub(base: str) -> None:
    with pytest.raises(TrainerError, match="is no encoder"):
        open_encoder(base, fingerprint=None)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_other_checkpoints_are_opened_with_their_own_special_tokens(kind: str, tmp_path: Path) -> None:
    marks = {"bert": ("[CLS]", "[SEP]", "[PAD]"), "roberta": ("<s>", "</s>", "<pad>")}[kind]
    opening, closing, padding = marks
    text = (TOY / "tokenizer.json").read_text(encoding="utf-8")
    for own, other in zip(("[CLS]", "[SEP]", "[PAD]"), marks, strict=True):
        text = text.replace(own, other)
    (tmp_path / "given.json").write_text(text, encoding="utf-8")
    given = PreTrainedTokenizerFast(
        tokenizer_file=str(tmp_path / "given.json"), cls_token=opening, sep_token=closing, pad_token=padding
    )
    given.save_pretrained(tmp_path / "other")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    made = {"bert": (BertModel, BertConfig), "roberta": (RobertaModel, RobertaConfig)}[kind]
    made[0](made[1](vocab_size=1600, **sizes)).save_pretrained(tmp_path / "other")
    opened = open_encoder(str(tmp_path / "other"), fingerprint=fingerprint())
    assert opened.manifest is None
    assert opened.name == "other"
    ids = [opened.tokenizer.token_to_id(mark) for mark in marks]
    assert [opened.opening, opened.closing, opened.padding] == ids


def test_a_folder_that_transformers_cannot_open_is_named(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    (copy / "model.safetensors").unlink()
    with pytest.raises(TrainerError, match="cannot open it"):
        open_encoder(str(copy), fingerprint=None)


def test_no_release_is_taken_for_an_encoder() -> None:
    name = next(item.parent.name for item in release.shipped().glob("linear-*/manifest.json"))
    with pytest.raises(TrainerError):
        open_encoder(str(release.shipped() / name), fingerprint=None)
