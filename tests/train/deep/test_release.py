"""A whole run with the toy encoder: fine-tuned, mixed, calibrated, exported, measured, published."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.train.rows import record, write_rows

from feedback_nlp.classify.metrics import micro_f1, one_hot
from feedback_nlp.classify.release import load, read_manifest, sha256, write_release
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import FACETS
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.corpus import read_labelled
from feedback_nlp.train.deep.finetune import Workshop
from feedback_nlp.train.deep.recipe import DeepRecipe, deep_recipe
from feedback_nlp.train.deep.release import finetune_release
from feedback_nlp.train.release import Order

TOY = Path(__file__).parents[2] / "data" / "toy-encoder"
TODAY = date(2026, 11, 24)
QUICK = replace(deep_recipe(), epochs=2, folds=2, batch=16, rate=5e-3, head_rate=2e-2, trial_steps=1, say_seconds=0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give 90 texts to learn from, a third of which carry some facets only, and 20 that measure."""
    folder = tmp_path_factory.mktemp("labelled")
    rows = [record(number) for number in range(110)]
    for row in rows[0:90:3]:
        row.update({"demand": None, "touchpoint": None})
    rows[5]["text"] = f"{rows[105]['text']}！"  # near one that measures
    return write_rows(folder / "mine.jsonl", rows[:90]), write_rows(folder / "dev.jsonl", rows[90:])


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Workshop]:
    def made(**changes: object) -> Workshop:
        folder = tmp_path_factory.mktemp("work")
        plain = Workshop(
            folder / "models", folder / "checkpoints" / "run", False, "cpu", lambda _: None, lambda: 0.0, "two cores"
        )
        return replace(plain, **changes)

    return made


def run(files: tuple[Path, Path], place: Workshop, *, recipe: DeepRecipe = QUICK, day: date = TODAY) -> Path:
    order = Order("toy", day, (files[0],), (files[1],), base=str(TOY))
    finetune_release(order, fingerprint=fingerprint(), taxonomy=load_taxonomy(), deep=recipe, place=place)
    return place.out / "toy"


@pytest.fixture(scope="module")
def release(files: tuple[Path, Path], workshop: Callable[..., Workshop]) -> Path:
    return run(files, workshop())


def test_the_release_reads_as_well_as_its_manifest_says(release: Path, files: tuple[Path, Path]) -> None:
    predictor = load(release, fingerprint=fingerprint())
    rows = read_labelled(files[1], taxonomy=load_taxonomy())
    found = predictor.predict([row.text for row in rows])
    labels = load_taxonomy().labels("business")
    truth = one_hot([row.labels["business"] for row in rows], labels)
    reached = micro_f1(truth, one_hot([(made.business.id,) for made in found], labels))
    assert reached > 0.9
    assert read_manifest(release)["metrics"]["dev.jsonl"]["facets"]["business"]["micro_f1"][0] == round(reached, 4)


def test_the_manifest_tells_what_each_part_gave_and_what_was_used(release: Path) -> None:
    manifest = read_manifest(release)
    assert manifest["model"] == "wide-and-deep"
    assert set(manifest["mix"]) == set(FACETS)
    assert all(len(pair) == 2 and min(pair) >= 0 and max(pair) > 0 for pair in manifest["mix"].values())
    assert set(manifest["parts"]["dev.jsonl"]) == {"linear", "encoder"}
    assert all(set(part) == {"facets", "accepted"} for part in manifest["parts"]["dev.jsonl"].values())
    assert manifest["effort"] == {"hours": 0.0, "machine": "two cores"}
    assert manifest["data"][0]["rows"], manifest["data"][0]["used"] == (90, 89)
    assert manifest["encoder"]["layers"] == 2 and manifest["encoder"]["width"] == 32
    assert manifest["training"]["deep"]["epochs"] == 2
    assert set(manifest["files"]) == {"encoder.onnx", "tokenizer.json", "vocabulary.txt", "weights.npz", "CARD.md"}
    card = (release / "CARD.md").read_text(encoding="utf-8")
    linear = manifest["parts"]["dev.jsonl"]["linear"]["facets"]["kind"]["micro_f1"][0]
    assert f"| linear alone | {linear:.3f} |" in card


def test_a_run_that_is_killed_is_resumed_and_gives_the_same_release(
    release: Path, files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    place = workshop()

    def killed(line: str) -> None:
        if line.startswith("fold 2 of 2: loss "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(files, replace(place, say=killed))
    assert (place.checkpoints / "fold-1.npy").is_file() and not (place.checkpoints / "fold-2.npy").is_file()
    assert not place.out.exists()
    with pytest.raises(TrainerError, match="add --resume"):
        run(files, place)
    with pytest.raises(TrainerError, match="with another encoder, recipe or version"):
        run(files, replace(place, resume=True), recipe=replace(QUICK, epochs=3))
    again = run(files, replace(place, resume=True))
    assert {item.name: sha256(item) for item in again.iterdir()} == {
        item.name: sha256(item) for item in release.iterdir()
    }
    assert not place.checkpoints.exists()


def test_what_is_to_be_done_is_said_before_it_is_begun(
    files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "all texts: loss" in line:
            raise KeyboardInterrupt

    looks = iter(range(10_000))
    with pytest.raises(KeyboardInterrupt):
        run(files, workshop(say=say, clock=lambda: float(next(looks))))
    plan = next(at for at, line in enumerate(said) if "2 folds and a fit on all texts, 2 epochs each" in line)
    assert said[plan].startswith("89 texts, ")
    assert "of fine-tuning to go" in said[plan + 1] and "--resume" in said[plan + 1]
    assert said[plan + 2].startswith("fold 1 of 2: loss ")


def test_the_hours_of_a_run_count_what_it_took_before_it_was_killed(
    files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    place, now, said = workshop(), 0.0, 0

    def hour() -> float:  # every sentence takes an hour
        return 3600.0 * said

    def say(line: str) -> None:
        nonlocal said
        said += 1
        if said == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(files, replace(place, say=say, clock=hour))
    before = float((place.checkpoints / "seconds.txt").read_text(encoding="utf-8"))
    assert 0 < before <= 9 * 3600.0
    again = run(files, replace(place, resume=True, clock=lambda: now))
    assert read_manifest(again)["effort"]["hours"] == round(before / 3600, 2)


def test_an_encoder_of_the_installation_is_found_by_its_name_and_its_data_is_named(
    files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    place = workshop()
    own = shutil.copytree(TOY, place.out / "encoder-own")
    manifest = json.loads((own / "manifest.json").read_text(encoding="utf-8"))
    part = {"file": "waimai_10k/waimai_10k.csv", "about": "meals; no licence stated", "rows": 9, "used": 8}
    manifest["intermediate"] = {"base": "encoder-toy", "tasks": {"waimai": part}}
    write_release(own, {**manifest, "name": "encoder-own"}, files={})
    order = Order("small", TODAY, (files[0],), (files[1],), base="encoder-own")
    taxonomy = load_taxonomy()
    quick = replace(QUICK, epochs=1)
    finetune_release(order, fingerprint=fingerprint(), taxonomy=taxonomy, deep=quick, place=place)
    made = read_manifest(place.out / "small")
    assert made["encoder"]["name"] == "encoder-own"
    assert made["encoder"]["corpus"] == manifest["corpus"]
    assert made["encoder"]["intermediate"]["tasks"] == {
        "waimai": {"file": "waimai_10k/waimai_10k.csv", "about": "meals; no licence stated", "used": 8}
    }
    card = (place.out / "small" / "CARD.md").read_text(encoding="utf-8")
    assert "- waimai (`waimai_10k/waimai_10k.csv`): 8 texts; meals; no licence stated." in card
    assert all(entry["about"] in card for entry in manifest["corpus"])


def test_a_release_is_never_written_over(
    release: Path, files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    with pytest.raises(TrainerError, match="exists already"):
        run(files, workshop(out=release.parent))


def test_a_text_of_nothing_is_left_to_a_person(release: Path) -> None:
    found = load(release, fingerprint=fingerprint()).predict([MaskedText(""), MaskedText("😀" * 3), MaskedText("？")])
    assert all(made.review for made in found)


def test_an_encoder_that_cannot_be_exported_is_refused_before_anything_is_learned(
    files: tuple[Path, Path], workshop: Callable[..., Workshop], tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("manifest.json", "CARD.md"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}), encoding="utf-8")
    order, place = Order("toy", TODAY, (files[0],), (files[1],), base=str(folder)), workshop()
    with pytest.raises(TrainerError, match="with relu cannot be exported"):
        finetune_release(order, fingerprint=fingerprint(), taxonomy=load_taxonomy(), deep=QUICK, place=place)
    assert not place.checkpoints.exists()


def test_public_sets_that_may_hold_the_texts_are_said_before_it_starts(
    files: tuple[Path, Path], workshop: Callable[..., Workshop]
) -> None:
    place, said = workshop(), list[str]()
    own = shutil.copytree(TOY, place.out / "encoder-own")
    manifest = json.loads((own / "manifest.json").read_text(encoding="utf-8"))

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("learning the vocabulary"):
            raise KeyboardInterrupt

    def told(apart: list[str], sha: str) -> bool:
        said.clear()
        section = {"base": "encoder-toy", "tasks": {}, "kept_apart": apart}
        entries = [{"file": "mine.jsonl", "sha256": sha}]
        made = {**manifest, "name": "encoder-own", "intermediate": section, "kept_apart": entries}
        write_release(own, made, files={})
        order = Order("small", TODAY, (files[0],), (files[1],), base="encoder-own")
        shutil.rmtree(place.checkpoints, ignore_errors=True)
        with pytest.raises(KeyboardInterrupt):
            finetune_release(
                order, fingerprint=fingerprint(), taxonomy=load_taxonomy(), deep=QUICK, place=replace(place, say=say)
            )
        return any("not kept apart from mine.jsonl: out-of-fold figures may flatter it" in line for line in said)

    assert told([], sha256(files[0]))
    assert told(["mine.jsonl"], "ab" * 32)  # another file of that name
    assert not told(["mine.jsonl"], sha256(files[0]))


def test_an_unfinished_run_does_not_go_on_with_other_weights_of_the_same_name(
    files: tuple[Path, Path], workshop: Callable[..., Workshop], tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("manifest.json", "CARD.md"))

    def killed(line: str) -> None:
        if line.startswith("learning the vocabulary"):
            raise KeyboardInterrupt

    order, place = Order("toy", TODAY, (files[0],), (files[1],), base=str(folder)), workshop(say=killed, resume=True)
    for _ in range(2):  # the same encoder goes on
        with pytest.raises(KeyboardInterrupt):
            finetune_release(order, fingerprint=fingerprint(), taxonomy=load_taxonomy(), deep=QUICK, place=place)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "layer_norm_eps": 1e-6}), encoding="utf-8")
    with pytest.raises(TrainerError, match="with another encoder, recipe or version"):
        finetune_release(order, fingerprint=fingerprint(), taxonomy=load_taxonomy(), deep=QUICK, place=place)
