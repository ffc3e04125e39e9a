"""A release against a BERT-base pipeline, in one run on the same texts and cores.

    python benchmarks/deep.py [--release NAME | --random LAYERSxWIDTH] [--texts FILE] [--rows 5000] [--sample 200]

FILE is a JSONL file with a field ``text``; the default mixes texts of the labelled corpus with single clauses and with
long letters put together from several. All differ, and their order was drawn by lot. The pipeline
(`transformers.pipeline("text-classification")`, BERT-base's size, 32-bit random weights, texts cut at 512 tokens) reads
the first ``--sample`` of them, one by one and in batches of eight, and its faster turn counts; the release reads the
same ones, then all, then those of 10 to 60 characters. Every turn has a process of its own, so that its peak memory is
known, and ``--cores`` cores. ``--random`` puts random weights of a size beside the shipped linear model: what they say
makes no difference to speed.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CORPUS = [ROOT / "data" / "labelled" / f"{part}.jsonl" for part in ("train", "dev")]
WIDE = "linear-v1"
BATCH = 1_000
TURNS = 2  # of the release; the faster counts
HEAD = 64  # width of an attention head
PIECES = 12_000

Found = dict[str, Any]


def main() -> None:
    """Measure both and print what was found."""
    options = _options()
    if options.only:
        print(json.dumps(CONTENDERS[options.only](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        given = _given(options, Path(folder))
        mixed, short = _files(options, Path(folder))
        sample = str(options.sample)
        pipeline = _child("pipeline", options, "--texts", mixed, "--rows", sample)
        same = _child("release", options, "--texts", mixed, "--rows", sample, *given)
        print(f"{pipeline}\n{same}\nrows a second: {same['rows_per_second'] / pipeline['rows_per_second']:.1f} times")
        for path in (mixed, short):
            print(_child("release", options, "--texts", path, *given))


def _child(name: str, options: argparse.Namespace, *arguments: str) -> Found:
    command = [sys.executable, __file__, "--only", name, "--cores", str(options.cores), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **_ENVIRONMENT})
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "TRANSFORMERS_VERBOSITY": "error"}


def _files(options: argparse.Namespace, folder: Path) -> list[str]:
    """Write the mixed texts and the short ones among them."""
    mixed = _mixed(options.texts, options.rows)
    short = [text for text in mixed if 10 <= len(text) <= 60]
    for name, texts in (("mixed", mixed), ("short", short)):
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return [str(folder / f"{name}.jsonl") for name in ("mixed", "short")]


def _mixed(path: Path | None, rows: int) -> list[str]:
    """Draw prepared texts, each with a number of its own: equal ones would be read once."""
    from feedback_nlp.text.prepare import prepare
    from feedback_nlp.text.segment import clauses

    lot = random.Random(0)
    lines = [line for each in ([path] if path else CORPUS) for line in each.read_text(encoding="utf-8").splitlines()]
    texts: list[str] = [prepare(json.loads(line)["text"]).text for line in lines]
    if path is None:
        texts += [clause for text in texts for clause in clauses(text) if len(clause) >= 10]
        texts += ["".join(lot.sample(texts, 8)) for _ in range(len(texts) // 20)]
    lot.shuffle(texts)
    return [f"{text}{number}" for number, text in zip(range(rows), (texts * (rows // len(texts) + 1)), strict=False)]


def _read(options: argparse.Namespace) -> list[str]:
    lines = options.texts.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[: options.rows]]


def release(options: argparse.Namespace) -> Found:
    """Read the texts with a release, prediction with evidence."""
    from feedback_nlp.classify.release import find, load
    from feedback_nlp.records import MaskedText
    from feedback_nlp.text.fingerprint import fingerprint

    texts = [MaskedText(text) for text in _read(options)]
    stamp = fingerprint()  # builds the dictionaries, which every step of the pipeline shares
    started = time.perf_counter()
    predictor = load(options.folder or find(options.release), fingerprint=stamp)
    loaded = time.perf_counter() - started
    predictor.predict(texts[:20])

    def turn() -> None:
        for start in range(0, len(texts), BATCH):
            predictor.predict(texts[start : start + BATCH])

    found = _timed([turn] * TURNS, texts)
    return {"what": predictor.name, **found, "load_seconds": round(loaded, 2), "peak_mb": _peak()}


def pipeline(options: argparse.Namespace) -> Found:
    """Read the texts with a BERT-base-sized pipeline."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
    from transformers import pipeline as made

    torch.set_num_threads(options.cores)
    texts = _read(options)
    started = time.perf_counter()
    model = BertForSequenceClassification(BertConfig(vocab_size=21_128, num_labels=8)).eval()
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.txt"
        characters = sorted(set("".join(texts)) - set(" \n"))
        vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), encoding="utf-8")
        tokenizer = BertTokenizerFast(vocab_file=str(vocabulary), vocab=str(vocabulary), model_max_length=512)
    run = made("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    loaded = time.perf_counter() - started
    run(texts[:2], truncation=True)
    turns = [lambda size=size: run(texts, truncation=True, batch_size=size) for size in (1, 8)]
    found = _timed(turns, texts)
    return {"what": "BERT-base, fp32", **found, "load_seconds": round(loaded, 2), "peak_mb": _peak()}


CONTENDERS: dict[str, Callable[[argparse.Namespace], Found]] = {"release": release, "pipeline": pipeline}


def _timed(turns: list[Callable[[], Any]], texts: list[Any]) -> Found:
    seconds = []
    for turn in turns:
        started = time.perf_counter()
        turn()
        seconds.append(time.perf_counter() - started)
    found = {"rows": len(texts), "characters": round(sum(map(len, texts)) / len(texts))}
    return {**found, "rows_per_second": round(len(texts) / min(seconds), 1), "seconds": [round(s, 1) for s in seconds]}


def _peak() -> int:
    """Give this process's largest memory; getrusage would count the parent's before the start, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return round(int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024)


def _given(options: argparse.Namespace, folder: Path) -> list[str]:
    if not options.random:
        return ["--release", options.release]
    layers, width = map(int, options.random.split("x"))
    return ["--folder", str(_random_release(folder / "random", layers=layers, width=width))]


def _random_release(folder: Path, *, layers: int, width: int) -> Path:
    """Write the shipped linear model and random weights beside it as a release."""
    from tokenizers import Tokenizer, trainers
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from transformers import ElectraConfig, ElectraModel

    from feedback_nlp.classify.release import find, read_manifest, write_release
    from feedback_nlp.taxonomy import FACETS
    from feedback_nlp.train.deep.export import export
    from feedback_nlp.train.deep.model import Reader

    wide = find(WIDE)
    manifest = read_manifest(wide)
    cutter = Tokenizer(WordPiece(unk_token="[UNK]"))
    cutter.pre_tokenizer = BertPreTokenizer()
    named = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    texts = _mixed(None, 5_000)
    cutter.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=PIECES, special_tokens=named, show_progress=False)
    )
    shape = {"hidden_size": width, "embedding_size": width, "intermediate_size": 4 * width}
    heads = {"num_hidden_layers": layers, "num_attention_heads": width // HEAD}
    encoder = ElectraModel(ElectraConfig(vocab_size=PIECES, max_position_embeddings=128, **shape, **heads))
    special = {"padding": 0, "opening": 2, "closing": 3}
    reader = Reader(encoder, [len(manifest["labels"][facet]) for facet in FACETS]).eval()
    content = {name: (wide / name).read_bytes() for name in manifest["files"]}
    manifest |= {"name": f"random-{layers}x{width}", "model": "wide-and-deep", "special": special, "files": {}}
    manifest |= {"mix": {facet: [0.5, 0.5] for facet in FACETS}}
    write_release(folder, manifest, files={**content, **export(reader, cutter, special=special)})
    return folder


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", default="default")
    parser.add_argument("--random", metavar="LAYERSxWIDTH")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--only", choices=("release", "pipeline"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    return options


if __name__ == "__main__":
    main()
