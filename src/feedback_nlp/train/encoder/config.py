"""What a pretraining configuration says: TOML into frozen records, with the package's numbers where it is silent."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from feedback_nlp.errors import OperatorError, TrainerError
from feedback_nlp.policy.strict import build

KINDS = ("mlm", "rtd")
DEVICES = ("cpu", "cuda")
LARGEST = 2**16  # ids are kept in 16 bits


@dataclass(frozen=True, slots=True)
class Source:
    """Files with texts of one kind; paths start at the configuration's folder."""

    name: str
    files: tuple[str, ...]  # .txt (a document a line), .csv or .jsonl, each also as .xz
    weight: float = 1.0  # how often its texts are read, against those of a source with weight 1
    domain: float = 0.0  # the same, while the rate decays
    share: float = 1.0  # of its documents, drawn by lot
    column: str = "text"  # of csv and jsonl
    about: str = "not described"  # origin and licence, for the card

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn or written."""
        if not self.name.replace("_", "").replace("-", "").isalnum():
            raise ValueError(f"'{self.name}' must be of letters, digits, - and _")
        if not self.files:
            raise ValueError("files names none")
        if self.weight < 0 or self.domain < 0 or not 0 < self.share <= 1:
            raise ValueError("weight and domain must not be negative, share lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class Apart:
    """A file whose texts, and texts like them, must not be learned from."""

    file: str
    column: str = "text"
    part: tuple[int, int] | None = None  # (4, 5): only rows 4, 9, 14 … of it, counted from 0


@dataclass(frozen=True, slots=True)
class Texts:
    """See pretrain.toml, here and below."""

    longest: int
    shortest: int
    least_shared: float
    chunk: int
    workers: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """How the tokenizer is made, or, with ``file``, which one is taken as it is."""

    size: int
    characters: int
    least: int
    emoji: int
    emoji_least: int
    longest: int
    rare: float
    file: str | None = None  # a tokenizer.json of an encoder made here

    def __post_init__(self) -> None:
        """Refuse more ids than fit."""
        if not 0 < self.size <= LARGEST:
            raise ValueError(f"size must lie between 1 and {LARGEST}")


@dataclass(frozen=True, slots=True)
class Start:
    """The first vectors of the pieces."""

    distance: int
    smoothing: float
    spread: float
    rounds: int
    likeness: float
    quiet: float


@dataclass(frozen=True, slots=True)
class Network:
    """The shape of an encoder."""

    layers: int
    width: int
    heads: int
    inner: int

    def __post_init__(self) -> None:
        """Refuse a width that the heads cannot share."""
        if self.width % self.heads:
            raise ValueError("width must be a multiple of heads")


@dataclass(frozen=True, slots=True)
class Model(Network):
    """The encoder that is made."""

    window: int


@dataclass(frozen=True, slots=True)
class Objective:
    """What the encoder learns to do."""

    kind: str
    masked: float
    weight: float

    def __post_init__(self) -> None:
        """Refuse an unknown kind."""
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Optimizer:
    """AdamW."""

    rate: float
    betas: tuple[float, float]
    epsilon: float
    decay: float
    clip: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """Tokens to read, and the rate on the way."""

    tokens: int
    warmup: int
    decay: float
    floor: float


@dataclass(frozen=True, slots=True)
class Run:
    """The machine's part."""

    batch: int
    device: str
    threads: int
    bf16: bool
    checkpoint_minutes: float
    report_steps: int

    def __post_init__(self) -> None:
        """Refuse an unknown device."""
        if self.device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}")


@dataclass(frozen=True, slots=True)
class Config:
    """A whole pretraining."""

    name: str
    seed: int
    sources: tuple[Source, ...]
    texts: Texts
    tokenizer: Pieces
    start: Start
    model: Model
    generator: Network
    objective: Objective
    optimizer: Optimizer
    schedule: Schedule
    run: Run
    apart: tuple[Apart, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what gives no work folder, no texts, or two sources in one place."""
        names = [source.name for source in self.sources]
        if Path(self.name).name != self.name or self.name in ("", ".", ".."):
            raise ValueError("name must be a plain name; it becomes a folder")
        if not names or len(set(names)) < len(names) or not any(source.weight for source in self.sources):
            raise ValueError("sources need names of their own, and one at least needs a weight above 0")

    @property
    def tokens_a_step(self) -> int:
        """Count the pieces of one batch."""
        return self.run.batch * self.model.window

    @property
    def steps(self) -> int:
        """Count the batches of the whole schedule."""
        return max(1, self.schedule.tokens // self.tokens_a_step)


def read_config(path: Path) -> Config:
    """Read a configuration; its paths become absolute. Raises TrainerError naming the key that does not fit."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainerError(f"{path}: {error.strerror}; name a pretraining configuration") from error
    except ValueError as error:
        raise TrainerError(f"{path}: {error}; write it as in models/pretrain.example.toml") from error
    try:
        return build(Config, _filled(said, home=path.parent.resolve()), where=str(path))
    except OperatorError as error:
        raise TrainerError(str(error)) from error


def key(*parts: object) -> str:
    """Hash what a stage depends on (16 hex digits).

    >>> key({"a": 1}, "b") == key({"a": 1}, "b") != key({"a": 2}, "b")
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def identity(config: Config, *, tokenizer: str) -> str:
    """Hash what a checkpoint's weights depend on: shape, objective and pieces, not how long or how fast."""
    return key(asdict(config.model), asdict(config.generator), config.objective.kind, tokenizer)


def _filled(said: Mapping[str, Any], *, home: Path) -> dict[str, Any]:
    given = tomllib.loads((files(__package__) / "pretrain.toml").read_text(encoding="utf-8"))
    del given["version"]
    table: dict[str, Any] = {"seed": 0, **said}
    for name, numbers in given.items():
        own = table.get(name, {})
        table[name] = {**numbers, **own} if isinstance(own, dict) else own
    for source in _tables(table, "sources"):
        if isinstance(source.get("files"), list):
            source["files"] = [str(home / str(name)) for name in source["files"]]
    for entry in _tables(table, "apart"):
        if "file" in entry:
            entry["file"] = str(home / str(entry["file"]))
    if "file" in table["tokenizer"]:
        table["tokenizer"]["file"] = str(home / table["tokenizer"]["file"])
    return table


def _tables(table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = table.get(name, [])
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
