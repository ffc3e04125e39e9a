import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.train.rows import record as record_of
from tests.train.rows import write_rows

from feedback_nlp.classify.linear import LinearPredictor
from feedback_nlp.classify.release import find, load, read_manifest, sha256
from feedback_nlp.errors import TrainerError
from feedback_nlp.records import MaskedText
from feedback_nlp.taxonomy import load as load_taxonomy
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.corpus import Labelled, read_labelled
from feedback_nlp.train.evaluate import evaluate
from feedback_nlp.train.release import Order, gather, hold_out, record, train_release
from feedback_nlp.train.vocabulary import LONGEST


def train(out: Path, files: tuple[Path, Path], *, name: str = "small", said: list[str] | None = None) -> Path:
    order = Order(name, date(2026, 1, 2), (files[0],), (files[1],))
    say = said.append if said is not None else lambda _: None
    train_release(order, out=out, fingerprint=fingerprint(), taxonomy=load_taxonomy(), say=say)
    return out / name


def labelled(number: int, text: str) -> Labelled:
    return Labelled(f"r{number}", MaskedText(text), {}, "mine.jsonl", "", None)


def test_a_small_release_learns_its_themes(release: Path, files: tuple[Path, Path]) -> None:
    rows = read_labelled(files[1], taxonomy=load_taxonomy())
    found = evaluate(load(release, fingerprint=fingerprint()), rows, taxonomy=load_taxonomy())
    assert found.facets["business"].accuracy == 1.0
    assert found.facets["leaves"].micro_f1.value > 0.9
    assert isinstance(load(release, fingerprint=fingerprint()), LinearPredictor)


def test_training_twice_gives_the_same_bytes_and_says_what_it_does(
    release: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    said: list[str] = []
    again = train(tmp_path, files, said=said)
    assert {item.name: sha256(item) for item in again.iterdir()} == {
        item.name: sha256(item) for item in release.iterdir()
    }
    assert len(said) > 5


def test_a_release_is_never_written_over(release: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(TrainerError, match="exists already"):
        train(release.parent, files)
    with pytest.raises(TrainerError, match="no plain name"):
        train(release.parent, files, name="../small")
    with pytest.raises(TrainerError, match="no plain name"):
        train(release.parent, files, name="default")  # the name of the pointer
    with pytest.raises(TrainerError, match="begins the names of encoders"):
        train(release.parent, files, name="encoder-mine")


def test_the_manifest_tells_what_was_used(release: Path, files: tuple[Path, Path]) -> None:
    manifest = read_manifest(release)
    (entry,) = manifest["data"]
    assert (entry["file"], entry["rows"], entry["sha256"]) == ("mine.jsonl", 150, sha256(files[0]))
    assert entry["about"] == "not described"
    assert manifest["created"] == "2026-01-02"
    assert set(manifest["metrics"]) == {"dev.jsonl"}


def test_recorded_figures_stand_in_the_card_and_the_release_still_loads(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = train(tmp_path, files)
    record(
        folder,
        "speed",
        key="a laptop",
        value={"rows_per_second": 4321, "characters": 35, "load_seconds": 0.5, "peak_mb": 200},
    )
    assert "4,321 texts a second" in (folder / "CARD.md").read_text(encoding="utf-8")
    assert load(folder, fingerprint=fingerprint()).name == "small"


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(6))
def test_killed_while_figures_are_recorded_the_release_still_loads_and_takes_them_again(
    release: Path, tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "small"))
    speed = {"rows_per_second": 4321, "characters": 35, "load_seconds": 0.5, "peak_mb": 200}
    steps = count()

    def killed(what: Any) -> Any:
        def before(*given: Any) -> Any:
            if next(steps) == step:
                raise Killed
            return what(*given)

        return before

    with monkeypatch.context() as patch:
        for name in ("write_bytes", "replace"):  # manifest, card, manifest: each written, then put in its place
            patch.setattr(Path, name, killed(getattr(Path, name)))
        with pytest.raises(Killed):
            record(folder, "speed", key="a laptop", value=speed)
    assert load(folder, fingerprint=fingerprint()).name == "small"
    record(folder, "speed", key="another", value={**speed, "rows_per_second": 8765})
    assert load(folder, fingerprint=fingerprint()).name == "small"
    manifest = read_manifest(folder)
    assert "replaced" not in manifest
    assert manifest["speed"].keys() == ({"another"} if step < 2 else {"a laptop", "another"})
    assert "8,765 texts a second" in (folder / "CARD.md").read_text(encoding="utf-8")
    (folder / "CARD.md").write_bytes((release / "CARD.md").read_bytes())  # the old one counts no more
    with pytest.raises(TrainerError, match=r"CARD.md was changed"):
        load(folder, fingerprint=fingerprint())


def test_every_figure_of_the_card_stands_in_the_manifest(release: Path) -> None:
    manifest = read_manifest(release)
    text = (release / "CARD.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| business \| ([\d.]+) \| ([\d.]+)–([\d.]+) \|", text, flags=re.MULTILINE)
    assert shown == [
        tuple(f"{value:.3f}" for value in manifest["metrics"]["dev.jsonl"]["facets"]["business"]["micro_f1"])
    ]


def test_a_release_trained_on_the_banks_own_taxonomy_needs_that_taxonomy(tmp_path: Path) -> None:
    package = resources.files("feedback_nlp.taxonomy").joinpath("taxonomy.toml").read_text(encoding="utf-8")
    own = tmp_path / "taxonomy.toml"
    leaf = '\n[reason.leaf."pricing.weather"]\nname = "天气收费"\nis = "按天气收费"\n'
    own.write_text(re.sub(r"(?m)^version = \d+", "version = 77", package) + leaf, encoding="utf-8")
    taxonomy = load_taxonomy(own)
    rows = [record_of(n, **({"leaves": ["pricing.weather"]} if n % 5 == 1 else {})) for n in range(100)]
    order = Order("own", date(2026, 1, 2), (write_rows(tmp_path / "mine.jsonl", rows),))
    train_release(order, out=tmp_path, fingerprint=fingerprint(), taxonomy=taxonomy, say=lambda _: None)
    (made,) = load(tmp_path / "own", fingerprint=fingerprint(), taxonomy=taxonomy).predict([MaskedText("年费太高了")])
    assert made.leaves[0].id == "pricing.weather"
    with pytest.raises(TrainerError, match=r"made for taxonomy version 77"):
        load(tmp_path / "own", fingerprint=fingerprint())


def test_where_everything_measures_nothing_is_learned(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="all of the 150 texts equal or nearly equal one that measures"):
        train(tmp_path, (files[0], files[0]))


def test_a_facet_that_always_says_the_same_is_learned_so(tmp_path: Path) -> None:
    rows = [record_of(number, kind="inquiry") for number in range(120)]
    files = write_rows(tmp_path / "a.jsonl", rows[:90]), write_rows(tmp_path / "b.jsonl", rows[90:])
    predictor = load(train(tmp_path / "models", files), fingerprint=fingerprint())
    found = predictor.predict([MaskedText(row["text"]) for row in rows[90:]])
    assert {(guess.kind.id, guess.kind.score > 0.9) for guess in found} == {("inquiry", True)}


def test_what_measures_is_kept_apart_and_complete_even_where_texts_carry_some_facets_only(tmp_path: Path) -> None:
    rows = [record_of(n) for n in range(60)]
    bare = [{"id": f"b{n}", "text": record_of(n)["text"], "kind": "complaint"} for n in range(60, 120)]
    dev = write_rows(tmp_path / "dev.jsonl", [record_of(n, text=f"{record_of(n)['text']}！") for n in (3, 70)])
    data = write_rows(tmp_path / "mine.jsonl", [*rows, *bare])
    order = Order("small", date(2026, 1, 2), (data,), (dev,))
    found = gather(order, taxonomy=load_taxonomy(), say=lambda _: None)
    assert {row.id for row in found.read[data]} - {row.id for row in found.kept} == {"r3", "b70"}
    drawn = gather(replace(order, dev=()), taxonomy=load_taxonomy(), say=lambda _: None)
    (held,) = drawn.dev.values()
    assert len(held) == 6 and all(len(row.labels) == 6 for row in held)
    assert not {row.id for row in held} & {row.id for row in drawn.kept}


def test_near_texts_are_held_out_together_and_the_same_ones_again() -> None:
    texts = [str(record_of(n)["text"]) for n in range(100)]
    rows = [labelled(n, text + end) for n, text in enumerate(texts) for end in ("", "。")]
    held = hold_out(rows, seed=0)
    assert len(held) == len(rows) // 10
    assert Counter(row.id for row in held) == {row.id: 2 for row in held}
    assert hold_out(rows, seed=0) == held != hold_out(rows, seed=1)


def test_texts_that_are_all_alike_cannot_be_held_out() -> None:
    with pytest.raises(TrainerError, match=r"30 labelled texts, most of them alike, are too few"):
        hold_out([labelled(n, "手机银行登录不上") for n in range(30)], seed=0)


def test_the_shipped_vocabulary_quotes_nobody() -> None:
    lines = (find("default") / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]
    grams = [line.split("\t") for line in lines]
    assert all(len(gram.replace(" ", "")) <= (LONGEST if block == "w" else 2) for block, gram in grams)
    assert not set("123456789") & set("".join(gram for _, gram in grams))


@pytest.mark.parametrize("side", ["data", "dev"])
def test_two_files_of_one_name_are_refused(files: tuple[Path, Path], tmp_path: Path, side: str) -> None:
    order = Order("small", date(2026, 1, 2), (files[0],), (files[1],))
    (first,) = getattr(order, side)
    twice = replace(order, **{side: (first, Path(shutil.copy(first, tmp_path)))})
    with pytest.raises(TrainerError, match=rf"{first.name} and .*{first.name} have the same name; rename one"):
        gather(twice, taxonomy=load_taxonomy(), say=lambda _: None)
