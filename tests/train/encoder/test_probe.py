import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score
from tests.train.encoder.publicsets import write_sets
from tests.train.rows import record, write_rows

from feedback_nlp.errors import TrainerError
from feedback_nlp.jobs.probing import Wish, intermediate, keep, probe
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import load
from feedback_nlp.train.encoder import probe as probing
from feedback_nlp.train.encoder.folder import Opened, checked, open_encoder
from feedback_nlp.train.encoder.probe import COLUMNS, FIGURES, Figure, Probed, as_record, as_table, judged
from feedback_nlp.train.encoder.probe_readers import frozen, linear, tuned, twin
from feedback_nlp.train.encoder.probe_sets import Head, Plan, Probe, plan, read_probes, spans
from feedback_nlp.train.encoder.tasks import Example

TOY = Path(__file__).parents[2] / "data" / "toy-encoder"
SMALL = replace(plan(), probe=replace(plan().probe, rows=150, rate=1e-3, head_rate=1e-2, passes=4))


def toy() -> Opened:
    return open_encoder(str(TOY), fingerprint=None)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the folders of labelled and of public sets."""
    labelled = tmp_path_factory.mktemp("labelled")
    write_rows(labelled / "real_train.jsonl", [record(number) for number in range(160)])
    write_rows(labelled / "real_dev.jsonl", [record(number) for number in range(160, 200)])
    return labelled, write_sets(tmp_path_factory.mktemp("public"))


def reading(folders: tuple[Path, Path], *only: str) -> list[Probe]:
    labelled, public = folders
    return read_probes(SMALL, labelled=labelled, public=public, taxonomy=load(), only=only, say=print)


def told(figure: str, several: bool, truth: Sequence[tuple[str, ...]], *, held: int = 0) -> Probe:
    """Make a probe of made texts; the first ``held`` of them find the threshold."""
    labels = tuple(sorted({label for row in truth for label in row}))
    examples = [Example(f"文{number}", {"h": row}) for number, row in enumerate(truth)]  # type: ignore[arg-type]
    return Probe("p", (Head("h", labels, several, figure),), [], examples[:held], examples[held:])


def test_the_probes_hold_what_they_should(folders: tuple[Path, Path]) -> None:
    real, hotels, forum, waimai = reading(folders)
    assert [len(probe.test) for probe in (real, hotels, forum, waimai)] == [40, 40, 20, 40]
    assert [len(probe.learn) + len(probe.held) for probe in (real, hotels, forum, waimai)] == [150, 100, 80, 150]
    assert len(real.held) == 15
    assert [(head.name, head.several) for head in real.heads] == [
        ("kind", False), ("business", False), ("sentiment", False), ("leaves", True),
    ]  # fmt: skip
    assert real.heads[2].labels == ("negative", "neutral", "positive")
    assert {example.labels["sentiment"] for example in real.test} == {("negative",), ("neutral",), ("positive",)}


def test_what_learns_what_finds_thresholds_and_what_measures_share_no_text(folders: tuple[Path, Path]) -> None:
    for made in reading(folders):
        learn, held, test = ({example.text for example in part} for part in (made.learn, made.held, made.test))
        assert not (learn & test or held & test or learn & held)


def test_the_same_rows_have_the_same_digest(folders: tuple[Path, Path]) -> None:
    one, two = (reading(folders, "waimai")[0] for _ in range(2))
    assert one.digest() == two.digest() != reading(folders, "bank_forum")[0].digest()


def test_a_probe_whose_files_are_absent_is_left_out_with_a_word(folders: tuple[Path, Path], tmp_path: Path) -> None:
    said: list[str] = []
    made = read_probes(SMALL, labelled=tmp_path, public=folders[1], taxonomy=load(), say=said.append)
    assert [found.name for found in made] == ["chnsenticorp", "bank_forum", "waimai"]
    assert said == [f"real_dev is left out: {tmp_path / 'real_train.jsonl'} is not there"]


def test_nothing_to_measure_by_and_unknown_probes_are_refused(folders: tuple[Path, Path]) -> None:
    with pytest.raises(TrainerError, match="--labelled"):
        read_probes(SMALL, labelled=None, public=None, taxonomy=load(), say=print)
    with pytest.raises(TrainerError, match="no probe 'takeaway'"):
        reading(folders, "takeaway")


@pytest.mark.parametrize("figure", ["accuracy", "macro_f1", "kappa"])
def test_figures_are_those_of_scikit_learn(figure: str) -> None:
    lot = np.random.default_rng(4)
    labels = np.array(["a", "b", "c"])
    truth, guess = (labels[lot.choice(3, size=300, p=[0.6, 0.3, 0.1])] for _ in range(2))
    guess[:150] = truth[:150]
    made = told(figure, False, [(label,) for label in truth])
    scores = (guess[:, None] == labels[None, :]).astype(float)
    found = judged(made, lambda probe, texts: scores, seed=0)["p", "h"]
    expected = {
        "accuracy": accuracy_score(truth, guess),
        "macro_f1": f1_score(truth, guess, average="macro"),
        "kappa": cohen_kappa_score(truth, guess),
    }
    assert found.value == pytest.approx(expected[figure], abs=1e-4)
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.2


def test_the_threshold_comes_from_texts_that_do_not_measure() -> None:
    truth = [("a",), ("a", "b"), ("b",), ("a",), ("a", "b"), ("b",)]
    scores = np.array([[3, 1.0], [3, 2], [1, 3], [9, 1.9], [9, 2.0], [1, 9]])  # held: labels from 2 on
    made = told("micro_f1", True, truth, held=3)
    assert judged(made, lambda probe, texts: scores, seed=0)["p", "h"].value == 1.0
    other = told("micro_f1", True, [("a", "b")] * 3 + truth[3:], held=3)  # held: everything is given
    assert judged(other, lambda probe, texts: scores, seed=0)["p", "h"].value == pytest.approx(8 / 10)


def test_scores_are_asked_for_once_and_in_order() -> None:
    made = told("accuracy", False, [("a",), ("b",), ("a",)], held=1)
    asked: list[list[str]] = []

    def read(probe: Probe, texts: Sequence[str]) -> np.ndarray:
        asked.append(list(texts))
        return np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])

    assert judged(made, read, seed=0)["p", "h"] == Figure(1.0, 1.0, 1.0)
    assert asked == [["文0", "文1", "文2"]]


def test_every_reader_learns_what_is_easy(folders: tuple[Path, Path]) -> None:
    (waimai,) = reading(folders, "waimai")
    numbers = SMALL.probe
    for read, least in (  # 40 texts, half of them positive: 0.65 is more than chance (p < 0.05)
        (linear, 0.9),
        (lambda probe, texts: frozen(probe, texts, opened=toy(), numbers=numbers), 0.65),
        (lambda probe, texts: tuned(probe, texts, opened=toy(), numbers=numbers), 0.8),
    ):
        assert judged(waimai, read, seed=0)["waimai", "sentiment"].value >= least


def test_readers_score_every_label_of_every_head(folders: tuple[Path, Path]) -> None:
    (real,) = reading(folders, "real_dev")
    texts = [example.text for example in real.test[:5]]
    width = sum(len(head.labels) for head in real.heads)
    assert [slice_.stop for _, slice_ in spans(real.heads)][-1] == width
    fast = replace(SMALL.probe, passes=1)
    for scores in (
        linear(real, texts),
        frozen(real, texts, opened=toy(), numbers=fast),
        tuned(real, texts, opened=toy(), numbers=fast),
    ):
        assert scores.shape == (5, width)
        assert not np.isnan(scores).any()


def test_tuning_leaves_the_encoder_as_it_is(folders: tuple[Path, Path]) -> None:
    (forum,) = reading(folders, "bank_forum")
    opened = toy()
    before = {name: value.clone() for name, value in opened.model.state_dict().items()}
    one, two = (tuned(forum, ["很好"], opened=opened, numbers=SMALL.probe) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert all(torch.equal(value, before[name]) for name, value in opened.model.state_dict().items())


def test_the_twin_has_the_shape_but_not_the_weights() -> None:
    opened = toy()
    one, two, other = (twin(opened, seed=seed).model.state_dict() for seed in (1, 1, 2))
    own = opened.model.state_dict()
    assert {name: value.shape for name, value in one.items()} == {name: value.shape for name, value in own.items()}
    pieces = "embeddings.word_embeddings.weight"
    assert torch.equal(one[pieces], two[pieces])
    assert not torch.equal(one[pieces], other[pieces])
    assert not torch.allclose(one[pieces], own[pieces])


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    fast: Plan = replace(SMALL, probe=replace(SMALL.probe, passes=1))
    monkeypatch.setattr("feedback_nlp.train.encoder.probe_sets.plan", lambda: fast)


def test_one_table_one_file_and_the_manifest(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch)
    settings = Settings(folder=tmp_path, store_url="sqlite://")
    labelled, public = folders
    wish = Wish(str(TOY), "encoder-made", public, date(2026, 1, 2), only=("waimai",), minutes=5.0, tokens=300)
    folder = intermediate(settings, wish, say=print)
    assert folder == tmp_path / "models" / "encoder-made"
    found = probe(settings, "encoder-made", labelled=labelled, public=public, only=("waimai", "real_dev"), say=print)
    assert [f"{line.probe}/{line.head}" for line in found.lines] == [
        "waimai/sentiment", "real_dev/kind", "real_dev/business", "real_dev/sentiment", "real_dev/leaves",
    ]  # fmt: skip
    assert all(tuple(line.readers) == COLUMNS for line in found.lines)
    keep(settings, "encoder-made", found, out=tmp_path / "figures" / "probe.json", record=False)
    written = json.loads((tmp_path / "figures" / "probe.json").read_text(encoding="utf-8"))
    assert written["encoder"] == "encoder-made"
    figure = found.lines[0].readers["tuned"]
    assert written["figures"]["waimai/sentiment"]["tuned"] == [figure.value, figure.low, figure.high]
    assert written["rows"]["waimai"]["test"] == 40
    assert checked(folder)["probe"] == {}
    keep(settings, "encoder-made", found, out=None, record=True)
    assert checked(folder)["probe"]["150 texts, 1 passes"]["mean"]["tuned"] == round(found.mean("tuned"), 4)
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert "## Intermediate training" in card
    leaves = found.lines[4].readers["tuned"]
    (line,) = (line for line in card.splitlines() if line.startswith("| real_dev/leaves |"))
    assert f"{leaves.value:.3f} ({leaves.low:.3f}–{leaves.high:.3f})" in line
    with pytest.raises(TrainerError, match="exists already"):
        intermediate(settings, wish, say=print)


def test_a_record_is_what_json_can_hold() -> None:
    made = as_record(made_figures())
    assert made["figures"]["p/h"] == {"figure": "accuracy", **{name: [0.5, 0.4, 0.6] for name in COLUMNS}}
    assert made["mean"]["tuned"] == 0.5
    assert json.loads(json.dumps(made)) == made


def made_figures() -> Probed:
    lines = (probing.Line("p", "h", "accuracy", dict.fromkeys(COLUMNS, Figure(0.5, 0.4, 0.6))),)
    return Probed("encoder-x", lines, {"p": {"learn": 9}}, {"rows": 9}, dict.fromkeys(COLUMNS, 1.0))


def test_the_table_names_every_question_and_column() -> None:
    table = as_table(made_figures())
    assert all(name in table for name in ("encoder-x", "p h", "accuracy", "0.500 (0.400–0.600)", "mean", *COLUMNS))


def test_every_probe_has_its_figures() -> None:
    heads = {f"{name}/{head}" for name, wanted in plan().sources.items() for head in wanted.heads}
    assert heads | {f"real_dev/{facet}" for facet in ("kind", "business", "sentiment", "leaves")} == set(plan().figures)
    assert set(plan().figures.values()) <= set(FIGURES)


def test_an_encoder_of_the_hub_keeps_no_record(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, store_url="sqlite://")
    with pytest.raises(TrainerError, match="--out"):
        keep(settings, "somebody/their-bert", made_figures(), out=None, record=True)


def test_a_name_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, store_url="sqlite://")
    for name in ("next", "encoder-a/b", "../encoder-a"):
        with pytest.raises(TrainerError, match="plain name that begins with encoder-"):
            intermediate(settings, Wish(str(TOY), name, tmp_path, date(2026, 1, 2)), say=print)
