import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import torch
from tests.train.encoder.small import texts, write_config
from transformers import AutoModel, AutoTokenizer

from feedback_nlp.classify.release import sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.prepare import prepare
from feedback_nlp.train.encoder import publish as publishing
from feedback_nlp.train.encoder import ship as shipping
from feedback_nlp.train.encoder.checkpoint import load, save
from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.folder import checked, open_encoder
from feedback_nlp.train.encoder.pretrain import Edge, pretrain
from feedback_nlp.train.encoder.publish import record
from feedback_nlp.train.encoder.ship import Shipment, ship

ORDER = Shipment("encoder-small", date(2026, 1, 2), fingerprint(), machine="two cores", hours=1.5)


@pytest.fixture
def folder(finished: tuple[Config, Path], tmp_path: Path) -> Path:
    config, work = finished
    return ship(config, ORDER, work=work, out=tmp_path)


def test_what_is_shipped_gives_the_checkpoints_answers(finished: tuple[Config, Path], folder: Path) -> None:
    model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    reader = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    state = load(finished[1] / "checkpoint.pt")["D"]
    assert {name: value.half().float().tolist() for name, value in state.items()} == {
        name: value.tolist() for name, value in model.state_dict().items()
    }
    found = reader("信用卡年费太高", return_tensors="pt")
    assert found["input_ids"][0, 0] == reader.cls_token_id == 2
    assert model(**found).last_hidden_state.shape[-1] == 16
    assert reader.convert_ids_to_tokens(reader("[手机号]")["input_ids"]) == ["[CLS]", "[手机号]", "[SEP]"]


def test_the_manifest_tells_what_was_read_and_how_long(finished: tuple[Config, Path], folder: Path) -> None:
    config, work = finished
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (source,) = manifest["corpus"]
    prepared = [" ".join(prepare(text).text.split()) for text in texts()]
    assert source["documents"] == 200
    assert source["characters"] == sum(len(text) for text in prepared)
    assert source["files"] == [{"file": "texts.jsonl", "sha256": sha256(Path(config.sources[0].files[0]))}]
    assert source["tokens"] == (work / "ids/own.u16").stat().st_size // 2
    assert (source["weight"], source["domain"], source["about"]) == (2, 1, "fictional feedback")
    assert manifest["seen"] == {"steps": 10, "tokens": 2560, "hours": 1.5, "machine": "two cores"}
    assert [row["step"] for row in manifest["loss"]] == list(range(1, 11))
    assert manifest["fingerprint"] == fingerprint()
    assert manifest["files"].keys() == {item.name for item in folder.iterdir()} - {"manifest.json"}
    assert str(work.parent) not in (folder / "manifest.json").read_text(encoding="utf-8")
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert "two cores" in card
    assert "2,560 tokens" in card


def test_a_probe_is_added_and_the_folder_stays_sealed(folder: Path) -> None:
    probed = {
        "figures": {"real_dev/kind": {"figure": "accuracy", "linear": [0.75, 0.7, 0.8]}},
        "mean": {"linear": 0.75},
    }
    record(folder, "probe", key="2026-01-03", value=probed)
    opened = open_encoder(str(folder), fingerprint=fingerprint())
    assert opened.manifest is not None
    assert opened.manifest["probe"] == {"2026-01-03": probed}
    assert "| real_dev/kind | accuracy | 0.750 (0.700–0.800) |" in (folder / "CARD.md").read_text(encoding="utf-8")


def test_what_somebody_says_about_a_run_stands_in_the_card(finished: tuple[Config, Path], tmp_path: Path) -> None:
    config, work = finished
    order = replace(ORDER, notes=("Stopped early:\n the disk was full.", "A second run will follow."))
    made = ship(config, order, work=work, out=tmp_path)
    assert checked(made)["notes"] == list(order.notes)
    told = "## Notes\n- Stopped early: the disk was full.\n- A second run will follow.\n"
    assert told in (made / "CARD.md").read_text(encoding="utf-8")


def test_without_notes_the_card_has_no_such_section(folder: Path) -> None:
    assert "## Notes" not in (folder / "CARD.md").read_text(encoding="utf-8")


def test_the_other_objective_and_a_checkpoint_without_an_identity_are_shipped_too(tmp_path: Path) -> None:
    config = write_config(tmp_path, kind="rtd")
    path = pretrain(config, edge=Edge(tmp_path / "work", lambda _: None, lambda: 0.0, fingerprint()), resume=False)
    state = load(path)
    save(tmp_path / "scratch.pt", {name: state[name] for name in ("D", "G", "opts", "step")})
    order = replace(ORDER, checkpoint=tmp_path / "scratch.pt", hours=None)
    made = ship(config, order, work=tmp_path / "work", out=tmp_path / "models")
    weights = open_encoder(str(made), fingerprint=None).model.state_dict()
    assert torch.equal(
        weights["embeddings.word_embeddings.weight"],
        state["D"]["electra.embeddings.word_embeddings.weight"].half().float(),
    )


def test_what_cannot_be_shipped_is_refused(finished: tuple[Config, Path], folder: Path, tmp_path: Path) -> None:
    config, work = finished
    for name, message in (("encoder-small", "exists already"), ("small", "begin with"), ("encoder-x/y", "begin with")):
        with pytest.raises(TrainerError, match=message):
            ship(config, replace(ORDER, name=name), work=work, out=tmp_path)
    other = replace(config, model=replace(config.model, layers=2))
    with pytest.raises(TrainerError, match="another configuration"):
        ship(other, replace(ORDER, name="encoder-other"), work=work, out=tmp_path)
    with pytest.raises(TrainerError, match="no checkpoint"):
        ship(config, replace(ORDER, name="encoder-none", checkpoint=tmp_path / "none.pt"), work=work, out=tmp_path)
    assert not (tmp_path / "encoder-other").exists()


def test_a_diverged_checkpoint_and_a_file_too_large_are_refused(
    finished: tuple[Config, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, work = finished
    state = load(work / "checkpoint.pt")
    state["D"]["embeddings.LayerNorm.bias"][0] = 1e6  # more than half precision holds
    save(tmp_path / "wild.pt", state)
    with pytest.raises(TrainerError, match="diverged"):
        ship(config, replace(ORDER, checkpoint=tmp_path / "wild.pt"), work=work, out=tmp_path)
    monkeypatch.setattr(shipping, "LARGEST", 1000)
    with pytest.raises(TrainerError, match="fewer pieces"):
        ship(config, ORDER, work=work, out=tmp_path)
    assert not (tmp_path / ORDER.name).exists()


def test_weights_of_a_larger_model_come_in_several_files(
    finished: tuple[Config, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, work = finished
    monkeypatch.setattr(publishing, "SHARD", "10KB")
    made = ship(config, ORDER, work=work, out=tmp_path)
    assert len(list(made.glob("*.safetensors"))) > 1
    opened = open_encoder(str(made), fingerprint=None)
    whole = load(work / "checkpoint.pt")["D"]
    assert all(torch.equal(value, whole[name].half().float()) for name, value in opened.model.state_dict().items())
    next(iter(sorted(made.glob("*.safetensors")))).unlink()
    with pytest.raises(TrainerError, match="is missing"):
        open_encoder(str(made), fingerprint=None)


def test_the_work_folder_can_be_somewhere_else_by_the_time_it_is_shipped(
    finished: tuple[Config, Path], tmp_path: Path
) -> None:
    config, work = finished
    moved = Path(shutil.copytree(work, tmp_path / "moved"))
    assert ship(config, ORDER, work=moved, out=tmp_path).is_dir()
