"""A checkpoint into an encoder folder that this project ships and anything can read that reads Hugging Face files."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import torch
from transformers import ElectraModel

from feedback_nlp.classify.release import ENCODER, Manifest, sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.encoder.checkpoint import FILE, State, load
from feedback_nlp.train.encoder.config import Apart, Config, Source, identity
from feedback_nlp.train.encoder.learner import shape
from feedback_nlp.train.encoder.losses import read_losses, thinned
from feedback_nlp.train.encoder.pieces import id_file
from feedback_nlp.train.encoder.publish import publish
from feedback_nlp.train.encoder.stage import note_of
from feedback_nlp.train.encoder.texts import text_file
from feedback_nlp.train.encoder.vocabulary import FILE as TOKENIZER
from feedback_nlp.train.encoder.vocabulary import SPECIAL

PACKAGES = ("feedback-nlp", "jieba", "numpy", "opencc", "tokenizers", "torch", "transformers")
LARGEST = 16_000_000  # bytes of a file, so that any git server takes it
DROPOUT = 0.1  # while it is fine-tuned; pretraining uses none
CURVE = 60  # points of the loss curve that are kept


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is to be shipped, and what the checkpoint does not know."""

    name: str  # encoder-…
    created: date
    fingerprint: str
    machine: str = "not described"
    hours: float | None = None  # None: as the checkpoint counted
    checkpoint: Path | None = None  # None: the work folder's
    notes: tuple[str, ...] = ()  # what somebody wants to say about the run


def ship(config: Config, order: Shipment, *, work: Path, out: Path) -> Path:
    """Write ``out``/name from the checkpoint in the work folder; an existing folder is refused."""
    folder = out / order.name
    if Path(order.name).name != order.name or not order.name.startswith(ENCODER) or folder.exists():
        raise TrainerError(
            f"{folder}: exists already, or its name does not begin with '{ENCODER}'; choose another name"
        )
    state = load(order.checkpoint or work / FILE)
    note = _note(work / TOKENIZER)
    wanted = identity(config, tokenizer=note["key"])
    if state.get("identity", wanted) != wanted:
        raise TrainerError(f"{work}: the checkpoint was made with another configuration or tokenizer; name its own")

    def tokenizer(made: Path) -> None:
        shutil.copyfile(work / TOKENIZER, made / TOKENIZER)
        (made / "tokenizer_config.json").write_text(_tokenizer_config(config), encoding="utf-8")

    publish(
        folder,
        _model(state, config, pieces=note["pieces"]),
        tokenizer=tokenizer,
        manifest=_about(config, order, state=state, work=work),
        largest=LARGEST,
    )
    return folder


def _model(state: State, config: Config, *, pieces: int) -> Any:
    """Build the encoder that a checkpoint holds, in half precision."""
    model: Any = ElectraModel(shape(config.model, model=config.model, pieces=pieces))
    weights = {name.removeprefix("electra."): value for name, value in state["D"].items()}
    kept = {name: value for name, value in weights.items() if not name.startswith("discriminator_predictions.")}
    try:
        model.load_state_dict(kept)
    except RuntimeError as error:
        raise TrainerError(
            "the checkpoint does not fit the configuration's [model] or tokenizer; name its own"
        ) from error
    model.half()
    if not all(torch.isfinite(value).all() for value in model.state_dict().values()):
        raise TrainerError("the checkpoint has weights that half precision cannot hold; the run has diverged")
    model.config.hidden_dropout_prob = model.config.attention_probs_dropout_prob = DROPOUT
    return model


def _tokenizer_config(config: Config) -> str:
    pad, unknown, opening, closing, mask = SPECIAL
    said = {
        "tokenizer_class": "PreTrainedTokenizerFast",  # or transformers would rebuild it as ELECTRA's word pieces
        "pad_token": pad,
        "unk_token": unknown,
        "cls_token": opening,
        "sep_token": closing,
        "mask_token": mask,
        "model_max_length": config.model.window,
    }
    return json.dumps(said, indent=1) + "\n"


def _about(config: Config, order: Shipment, *, state: State, work: Path) -> Manifest:
    steps = int(state["step"])
    hours = state.get("seconds", 0.0) / 3600 if order.hours is None else order.hours
    return {
        "model": "electra",
        "created": order.created.isoformat(),
        "fingerprint": order.fingerprint,
        "architecture": {**asdict(config.model), "pieces": _note(work / TOKENIZER)["pieces"]},
        "training": {
            name: asdict(getattr(config, name))
            for name in ("objective", "generator", "optimizer", "schedule", "start", "texts")
        }
        | {
            "tokenizer": {name: value for name, value in asdict(config.tokenizer).items() if name != "file"},
            "seed": config.seed,
            "batch": config.run.batch,
            "bf16": config.run.bf16,
        },
        "corpus": [_source(source, work=work) for source in config.sources],
        "kept_apart": [_apart(entry) for entry in config.apart],
        "seen": {
            "steps": steps,
            "tokens": steps * config.tokens_a_step,
            "hours": round(hours, 2),
            "machine": order.machine,
        },
        "loss": thinned([row for row in read_losses(work / "loss.jsonl") if row["step"] <= steps], most=CURVE),
        "notes": list(order.notes),
        "probe": {},
        "packages": {"python": python_version(), **{name: version(name) for name in PACKAGES}},
    }


def _source(source: Source, *, work: Path) -> dict[str, Any]:
    texts, ids = _note(text_file(work, source.name)), _note(id_file(work, source.name))
    counted = {name: texts[name] for name in ("documents", "dropped", "pieces", "characters", "files")}
    chosen = {name: getattr(source, name) for name in ("about", "weight", "domain", "share")}
    return {"source": source.name, **chosen, **counted, "tokens": ids["tokens"]}


def _apart(entry: Apart) -> dict[str, Any]:
    path = Path(entry.file)
    return {"file": path.name, "part": entry.part, "sha256": sha256(path) if path.is_file() else None}


def _note(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(note_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(
            f"{note_of(path)}: cannot be read; pretrain with this configuration and folder first"
        ) from error
    return found
