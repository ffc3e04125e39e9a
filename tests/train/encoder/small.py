"""A pretraining of a few seconds for tests."""

import json
from pathlib import Path

from feedback_nlp.train.encoder.config import Config, read_config

LABELLED = Path(__file__).parents[3] / "data/labelled/train.jsonl"
TOY = Path(__file__).parents[2] / "data/toy-encoder"


def texts(count: int = 200) -> list[str]:
    """Give the first texts of the project's own corpus."""
    with LABELLED.open(encoding="utf-8") as stream:
        return [json.loads(line)["text"] for line, _ in zip(stream, range(count), strict=False)]


def write_config(folder: Path, *, kind: str = "mlm", more: str = "") -> Config:
    """Write 200 texts and a configuration that reads them, and give it."""
    rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts())
    (folder / "texts.jsonl").write_text("".join(rows), encoding="utf-8")
    path = folder / "small.toml"
    path.write_text(f'name = "small"\nseed = 3\nobjective = {{ kind = "{kind}" }}\n{SMALL}\n{more}', encoding="utf-8")
    return read_config(path)


SMALL = """
tokenizer = { size = 900, characters = 700, least = 2, emoji_least = 2 }
model = { layers = 1, width = 16, heads = 2, inner = 16, window = 32 }
generator = { layers = 1, width = 8, heads = 1, inner = 8 }
schedule = { tokens = 2560, warmup = 256, decay = 0.5 }
run = { batch = 8, threads = 1, bf16 = true, report_steps = 1, checkpoint_minutes = 1 }

[[sources]]
name = "own"
files = ["texts.jsonl"]
about = "fictional feedback"
weight = 2
domain = 1
"""
