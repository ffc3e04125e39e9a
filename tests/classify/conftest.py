import json
from pathlib import Path

import pytest
from tests.classify.toy import SPECIAL, reader, tokenizer

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import find, load, read_manifest, write_release
from feedback_nlp.taxonomy import FACETS
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.deep.export import export

DEV = Path(__file__).parents[2] / "data" / "labelled" / "dev.jsonl"


@pytest.fixture(scope="session")
def linear() -> Predictor:
    """Load the linear release that comes with the package."""
    return load(find("linear-v1"), fingerprint=fingerprint())


@pytest.fixture(scope="session")
def deep_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a wide-and-deep release: the shipped linear model beside a random encoder."""
    wide = find("linear-v1")
    cutter = tokenizer([json.loads(line)["text"] for line in DEV.read_text(encoding="utf-8").splitlines()])
    files = export(reader("electra", pieces=cutter.get_vocab_size()), cutter, special=SPECIAL)
    files |= {name: (wide / name).read_bytes() for name in ("weights.npz", "vocabulary.txt", "CARD.md")}
    manifest = read_manifest(wide)
    manifest |= {"name": "toy", "model": "wide-and-deep", "files": {}, "special": SPECIAL}
    manifest["mix"] = {facet: [0.8, 0.3] for facet in FACETS}
    folder = tmp_path_factory.mktemp("models") / "toy"
    write_release(folder, manifest, files=files)
    return folder


@pytest.fixture(scope="session")
def deep(deep_release: Path) -> Predictor:
    """Load the wide-and-deep release."""
    return load(deep_release, fingerprint=fingerprint())


@pytest.fixture(scope="session", params=["linear", "deep"])
def predictor(request: pytest.FixtureRequest) -> Predictor:
    """Give a predictor of every kind."""
    found: Predictor = request.getfixturevalue(request.param)
    return found
