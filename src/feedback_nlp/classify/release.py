"""A release: a folder that holds a model, what it was made of, how good it is, and a proof that nobody changed it.

``manifest.json``  everything that is known about the release; sealed by a hash over its own content
``weights.npz``    plain numpy arrays, read without pickle
``vocabulary.txt`` the grams, one a line, in the order of the weights' rows
``encoder.onnx``   the encoder with its heads, of a release that has one
``tokenizer.json`` how the encoder cuts texts
``CARD.md``        the manifest for people
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_nlp.classify.decide import Decision
from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.taxonomy import load as load_taxonomy

MANIFEST, CARD, POINTER = "manifest.json", "CARD.md", "default"
REPLACED = "replaced"
"""Key of a manifest that is being written again: file → hash of the bytes that count until the new ones are there."""
ENCODER = "encoder-"
"""Begins the names of encoders: their folders stand among the releases, and are none."""
FORMAT = 1
NEEDED = ("format", "name", "model", "created", "taxonomy", "fingerprint", "labels", "decision", "files", "seal")

if TYPE_CHECKING:
    from feedback_nlp.classify.linear import LinearModel

Manifest = dict[str, Any]
"""The content of manifest.json; see `train.release` for what each part holds."""


def find(name: str, *, folder: Path | None = None) -> Path:
    """Give the folder of a release by name; "default" is the one that the first pointer file names.

    Look in ``folder``, which need not exist, then among the releases that come with the package.
    """
    roots = (shipped(),) if folder is None else (folder, shipped())
    if name == POINTER:
        name = _pointed(roots)
    for root in roots:
        if root / name in releases(root):
            return root / name
    known = sorted({folder.name for root in roots for folder in releases(root)})
    where = " or ".join(map(str, roots))
    raise TrainerError(f"{where} holds no release '{name}'; there are: {', '.join(known) or 'none'}")


def releases(root: Path) -> list[Path]:
    """Give the folders of all releases below a folder, which need not exist."""
    return sorted(path.parent for path in root.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(ENCODER))


def shipped() -> Path:
    """Give the folder of the releases that come with the package: inside a wheel, or beside the sources."""
    package = Path(str(files("feedback_nlp")))
    inside = package / "_models"
    return inside if inside.is_dir() else package.parents[1] / "models"


def load(folder: Path, *, fingerprint: str, taxonomy: Taxonomy | None = None) -> Predictor:
    """Open a release after checking that it is whole, and that this installation reads text as it was trained to.

    Its labels must be the ``taxonomy``'s; without one, those of the taxonomy that comes with the package.
    """
    manifest = read_manifest(folder)
    check(manifest, folder=folder, fingerprint=fingerprint, taxonomy=taxonomy or load_taxonomy())
    opener = OPENERS.get(manifest["model"])
    if opener is None:
        raise TrainerError(f"{folder}: unknown kind of model '{manifest['model']}'; a newer feedback-nlp may read it")
    return opener(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest and check its seal."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: not a manifest ({error}); {_AGAIN}") from error
    if not isinstance(manifest, dict):
        raise TrainerError(f"{path}: not a manifest; {_AGAIN}")
    missing = [key for key in NEEDED if key not in manifest]
    if missing:
        raise TrainerError(f"{path}: '{missing[0]}' is missing; {_AGAIN}")
    if manifest["seal"] != seal(manifest):
        raise TrainerError(f"{path}: was changed after it was written; {_AGAIN}")
    return manifest


def check(manifest: Manifest, *, folder: Path, fingerprint: str, taxonomy: Taxonomy) -> None:
    """Refuse a release that is damaged or does not fit this installation."""
    if manifest["format"] != FORMAT:
        raise TrainerError(f"{folder}: format {manifest['format']}, this version reads {FORMAT}; train it again")
    for name in manifest["files"]:
        if not (folder / name).is_file():
            raise TrainerError(f"{folder}: {name} is missing; {_AGAIN}")
        if not unchanged(manifest, folder / name):
            raise TrainerError(f"{folder}: {name} was changed after it was written; {_AGAIN}")
    _check_labels(manifest, folder, taxonomy)
    if manifest["fingerprint"] != fingerprint:
        raise TrainerError(
            f"{folder}: trained on text with fingerprint {manifest['fingerprint']}, this installation prepares text "
            f"with fingerprint {fingerprint}; train it again with `feedback-nlp train`"
        )


def decision(manifest: Manifest) -> Decision:
    """Read how the release turns scores into labels."""
    data = manifest["decision"]
    return Decision(
        labels={facet: tuple(manifest["labels"][facet]) for facet in FACETS},
        temperature=data["temperature"],
        slope={facet: tuple(values) for facet, values in data["slope"].items()},
        offset={facet: tuple(values) for facet, values in data["offset"].items()},
        threshold={facet: tuple(values) for facet, values in data["threshold"].items()},
        confidence=tuple(data["confidence"]),
        review=data["review"],
        kind_sure=data["kind_sure"],
    )


def write_release(folder: Path, manifest: Mapping[str, Any], *, files: Mapping[str, bytes]) -> None:
    """Write the files, their hashes into the manifest, and the manifest's seal; the folder is made where needed.

    Of a folder that holds such files already, a kill leaves what can be opened: the manifest counts first, and lets the
    bytes that are replaced count, too, until all new ones are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    made = {key: value for key, value in manifest.items() if key != REPLACED}
    made |= {"format": FORMAT, "files": {**manifest.get("files", {}), **hashes}}
    if replaced := {name: sha256(folder / name) for name in files if (folder / name).is_file()}:
        _put(folder / MANIFEST, _sealed({**made, REPLACED: replaced}))
    for name, content in files.items():
        _put(folder / name, content)
    _put(folder / MANIFEST, _sealed(made))


def unchanged(manifest: Manifest, path: Path) -> bool:
    """Tell whether a file that a manifest names holds what it held when it was sealed."""
    return sha256(path) in (manifest["files"].get(path.name), manifest.get(REPLACED, {}).get(path.name))


def seal(manifest: Mapping[str, Any]) -> str:
    """Hash a manifest's content without its seal; spacing and order do not count."""
    content = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sealed(manifest: Manifest) -> bytes:
    made = {**manifest, "seal": seal(manifest)}
    return f"{json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()


def _put(path: Path, content: bytes) -> None:
    """Write beside and rename: the file is the old one or the new one, never half."""
    beside = path.with_name(f".{path.name}.unfinished")
    beside.write_bytes(content)
    beside.replace(path)


def _pointed(roots: Sequence[Path]) -> str:
    for root in roots:
        if (root / POINTER).is_file():
            return (root / POINTER).read_text(encoding="utf-8").strip()
    raise TrainerError(f"{roots[-1] / POINTER}: no such file; it must name the release to run, in one line")


def _check_labels(manifest: Manifest, folder: Path, taxonomy: Taxonomy) -> None:
    if manifest["taxonomy"] != taxonomy.version:
        raise TrainerError(
            f"{folder}: made for taxonomy version {manifest['taxonomy']}, this installation has {taxonomy.version}; "
            "train it again with `feedback-nlp train`"
        )
    for facet in FACETS:
        for label in manifest["labels"].get(facet, ()):
            taxonomy.check(facet, label)
        if not manifest["labels"].get(facet):
            raise TrainerError(f"{folder}: no labels of {facet}; train it again")


def _open_linear(folder: Path, manifest: Manifest) -> Predictor:
    from feedback_nlp.classify.linear import LinearPredictor

    return LinearPredictor(manifest["name"], _linear(folder, manifest), decision(manifest))


def _open_deep(folder: Path, manifest: Manifest) -> Predictor:
    from feedback_nlp.classify.deep import DeepPredictor
    from feedback_nlp.classify.onnx import ENCODER, TOKENIZER, EncoderModel

    _check_parts(manifest, folder, files=(ENCODER, TOKENIZER), keys=("mix", "special"))
    encoder = EncoderModel.open(folder, manifest["special"])
    chosen = decision(manifest)
    if list(encoder.sizes) != [len(chosen.labels[facet]) for facet in FACETS]:
        raise TrainerError(f"{folder / ENCODER}: {_WIDTH}")
    return DeepPredictor(manifest["name"], _linear(folder, manifest), encoder, manifest["mix"], chosen)


def _linear(folder: Path, manifest: Manifest) -> LinearModel:
    from feedback_nlp.classify.linear import VOCABULARY, WEIGHTS, read_model

    _check_parts(manifest, folder, files=(WEIGHTS, VOCABULARY))
    model = read_model(folder)
    if model.weights.shape != (len(model.vocabulary), sum(len(manifest["labels"][facet]) for facet in FACETS)):
        raise TrainerError(f"{folder / WEIGHTS}: {_WIDTH}")
    return model


def _check_parts(manifest: Manifest, folder: Path, *, files: Sequence[str], keys: Sequence[str] = ()) -> None:
    """Refuse a release that lacks what its kind of model needs."""
    for name in files:
        if name not in manifest["files"]:
            raise TrainerError(f"{folder}: the manifest names no {name}; {_AGAIN}")
    for key in keys:
        if key not in manifest:
            raise TrainerError(f"{folder / MANIFEST}: '{key}' is missing; {_AGAIN}")


_AGAIN = "fetch the release again, or train a new one with `feedback-nlp train`"
_WIDTH = f"gives scores for other labels than the manifest names; {_AGAIN}"
OPENERS = {"linear": _open_linear, "wide-and-deep": _open_deep}
