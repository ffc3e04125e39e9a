import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch
from tests.train.encoder.publicsets import text, write, write_sets
from tests.train.rows import record, write_rows
from transformers import AutoModel, AutoTokenizer

from feedback_nlp.classify.release import CARD
from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import load
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.encoder.folder import Opened, checked, open_encoder
from feedback_nlp.train.encoder.heads import Shared, cross_entropy, padded, pooled
from feedback_nlp.train.encoder.intermediate import New, Order, make, measure
from feedback_nlp.train.encoder.material import Material, Sets, gather
from feedback_nlp.train.encoder.multitask import STATE, Budget, Done, Place, train
from feedback_nlp.train.encoder.publish import record as record_in
from feedback_nlp.train.encoder.task_batches import Rows, batches, columns, encode, pool, tokenised
from feedback_nlp.train.encoder.tasks import Example, Numbers, Plan, plan

TOY = Path(__file__).parents[2] / "data" / "toy-encoder"
SMALL = replace(plan(), training=replace(plan().training, pool=64, tokens=400, rate=2e-3, head_rate=2e-2))


def toy() -> Opened:
    return open_encoder(str(TOY), fingerprint=None)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("public"))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a labelled file that holds a text of waimai's part to learn from."""
    rows = [record(0), record(1, text=text(10, False))]
    return write_rows(tmp_path_factory.mktemp("labelled") / "dev.jsonl", rows)


@pytest.fixture
def gathered(public: Path, apart: Path, tmp_path: Path) -> Material:
    return gathering(public, apart, tmp_path)


def gathering(public: Path, apart: Path, work: Path, *, say: Callable[[str], None] = lambda _: None) -> Material:
    sets = Sets(public, (apart,), load())
    return gather(sets, plan=SMALL, opened=toy(), fingerprint=fingerprint(), work=work, say=say)


def ticking(step: float = 1.0) -> Callable[[], float]:
    """Give a clock that has moved on by ``step`` seconds whenever somebody looks."""
    ticks: Iterator[float] = iter(float(number) * step for number in range(1_000_000))
    return lambda: next(ticks)


def model(material: Material) -> Shared:
    torch.manual_seed(3)
    outputs = sum(len(labels) for heads in material.heads.values() for labels in heads.values())
    return Shared(toy().model, outputs, dropout=0.1)


def run(
    material: Material, work: Path, *, tokens: int, resume: bool = False, numbers: Numbers = SMALL.training
) -> Shared:
    made = model(material)
    place = Place(work, ticking(), lambda _: None)
    train(made, material, numbers=numbers, budget=Budget(1e9, tokens), place=place, resume=resume)
    return made


def test_a_text_becomes_opening_pieces_closing_and_no_more_than_its_room() -> None:
    opened = toy()
    ids, ends = encode(["很好", "很" * 50], opened=opened, size=10)
    own = opened.tokenizer.encode("很好", add_special_tokens=False).ids
    assert ids[: ends[1]].tolist() == [opened.opening, *own, opened.closing]
    assert (ends[2] - ends[1], ids[-1]) == (10, opened.closing)


def test_the_labels_of_a_text_share_its_target() -> None:
    examples = [Example(text(1, True), {"a": ("y", "x", "y"), "b": ("z",)}), Example(text(2, True), {"a": ("x",)})]
    rows = tokenised(examples, heads={"a": ("x", "y"), "b": ("w", "z")}, opened=toy(), size=16)
    np.testing.assert_allclose(rows.targets, [[1 / 3, 2 / 3, 0, 1], [1, 0, 0, 0]], rtol=1e-6)
    assert len(rows) == 2


def test_the_loss_of_known_scores_is_the_logarithm_of_their_softmax() -> None:
    scores = torch.tensor([[0.0, math.log(3), 9.0, 9.0], [5.0, 5.0, 0.0, 0.0]])
    targets = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]])  # each row belongs to one head only
    heads = columns({"one": {"h": ("a", "b")}, "two": {"h": ("c", "d")}}).values()
    assert cross_entropy(scores, targets, heads).item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)


def test_padding_changes_no_score(gathered: Material) -> None:
    made = model(gathered).eval()
    rows = [np.array([2, 9, 10, 11, 3], dtype=np.int32), np.arange(2, 40, dtype=np.int32)]
    alone = made(*padded(rows[:1], padding=gathered.padding, device="cpu"))
    together = made(*padded(rows, padding=gathered.padding, device="cpu"))
    torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=1e-4)
    mean = pooled(torch.tensor([[[2.0], [4.0], [100.0]]]), torch.tensor([[1, 1, 0]]))
    assert mean.item() == 3.0


def test_tasks_are_drawn_by_the_root_of_their_size_and_every_text_before_any_again() -> None:
    sizes = [10_000, 100]
    drawn = np.concatenate([pool(sizes, number=at, rows=1000, power=0.5, seed=5) for at in range(10)])
    small = Counter(drawn[drawn[:, 0] == 1, 1].tolist())
    assert sum(small.values()) / len(drawn) == pytest.approx(10 / 110, abs=0.01)
    assert max(small.values()) - min(small.values()) <= 1
    large = drawn[drawn[:, 0] == 0, 1].tolist()
    assert len(set(large)) == len(large) > 8000


def test_batches_hold_every_text_once_and_no_more_than_their_tokens() -> None:
    lengths = np.random.default_rng(1).integers(3, 60, size=200)
    found = list(batches(lengths, tokens=120, lot=np.random.default_rng(2)))
    assert sorted(np.concatenate(found).tolist()) == list(range(200))
    assert max(len(batch) * lengths[batch].max() for batch in found) <= 120
    assert [lengths[batch].max() for batch in found] != sorted(lengths[batch].max() for batch in found)


def test_one_text_longer_than_a_batch_stands_alone() -> None:
    assert [batch.tolist() for batch in batches(np.array([5, 300, 5]), tokens=10)] == [[1], [0, 2]]


def test_what_is_gathered_keeps_apart_what_measures(gathered: Material) -> None:
    part = gathered.parts["waimai"]
    assert (part.rows, len(part.train), len(part.measure), part.dropped) == (160, 159, 40, 1)
    assert set(gathered.parts) == {"waimai", "chnsenticorp", "bank_forum", "cars"}
    assert gathered.apart == ("dev.jsonl",)


def test_gathering_again_reads_the_stored_tokens_and_other_files_are_read_anew(
    public: Path, apart: Path, tmp_path: Path
) -> None:
    first = gathering(public, apart, tmp_path)
    told: list[str] = []
    again = gathering(public, apart, tmp_path, say=told.append)
    assert told[-1] == "the tokenised texts are there already"
    np.testing.assert_array_equal(again.parts["cars"].train.targets, first.parts["cars"].train.targets)
    other = write_rows(tmp_path / "other.jsonl", [record(5)])
    assert len(gathering(public, other, tmp_path).parts["waimai"].train) == 160


def test_stored_tokens_that_are_cut_short_are_made_again(public: Path, apart: Path, tmp_path: Path) -> None:
    gathering(public, apart, tmp_path)
    tokens = tmp_path / "tokens.npz"
    tokens.write_bytes(tokens.read_bytes()[:1000])
    assert len(gathering(public, apart, tmp_path).parts["waimai"].train) == 159


def test_an_interrupted_training_ends_where_an_unbroken_one_does(gathered: Material, tmp_path: Path) -> None:
    numbers = replace(SMALL.training, keep_minutes=0.1)  # a checkpoint every six steps
    whole = run(gathered, tmp_path / "whole", tokens=6000, numbers=numbers)

    class Stop(Exception):
        pass

    told: list[str] = []

    def stop(line: str) -> None:
        told.append(line)
        if len(told) == 2:
            raise Stop

    place = Place(tmp_path / "broken", ticking(), stop)
    with pytest.raises(Stop):
        train(model(gathered), gathered, numbers=numbers, budget=Budget(1e9, 6000), place=place, resume=False)
    at = torch.load(tmp_path / "broken" / STATE, weights_only=True)["done"]
    assert 0 < at["tokens"] < 6000
    kept = run(gathered, tmp_path / "broken", tokens=6000, resume=True, numbers=numbers)
    assert weights_equal(kept, whole)


def weights_equal(one: Shared, two: Shared) -> bool:
    return all(torch.equal(value, two.state_dict()[name]) for name, value in one.state_dict().items())


def test_another_tasks_checkpoint_is_refused(gathered: Material, tmp_path: Path) -> None:
    run(gathered, tmp_path, tokens=100)
    with pytest.raises(TrainerError, match="other tasks"):
        run(replace(gathered, key="another"), tmp_path, tokens=100, resume=True)


def test_the_minutes_end_the_training(gathered: Material, tmp_path: Path) -> None:
    place = Place(tmp_path, ticking(), lambda _: None)
    done = train(model(gathered), gathered, numbers=SMALL.training, budget=Budget(0.5), place=place, resume=False)
    assert (done.seconds, done.steps) == (30.0, 30)  # the clock moves on by a second a step
    assert Budget(0.5).spent(Done(seconds=15.0)) == 0.5
    assert Budget(0.5, 100).spent(Done(seconds=15.0, tokens=80)) == 0.8


def test_training_learns_what_the_tasks_teach(gathered: Material, tmp_path: Path) -> None:
    before = measure(model(gathered), gathered, numbers=SMALL.training)["waimai/sentiment"]["accuracy"]
    made = run(gathered, tmp_path, tokens=40_000)
    after = measure(made, gathered, numbers=SMALL.training)
    assert after["waimai/sentiment"]["accuracy"] >= 0.9 > before + 0.1
    assert after["waimai/sentiment"]["rows"] == 40
    assert set(after) == {"waimai/sentiment", "chnsenticorp/sentiment", "bank_forum/sentiment", "cars/opinion"}


def test_a_new_encoder_opens_everywhere_and_says_what_was_done(public: Path, apart: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "encoder-next"
    folder.parent.mkdir()
    new = New(folder, TOY, date(2026, 1, 2), fingerprint(), notes=("only meals",))
    order = Order(new, SMALL, Budget(1e9, 2000))
    make(toy(), Sets(public, (apart,), load(), ("waimai",)), order=order, place=Place(tmp_path / "w", ticking(), print))
    opened = open_encoder(str(folder), fingerprint=fingerprint())
    assert opened.manifest == checked(folder)
    section = checked(folder)["intermediate"]
    about = "waimai_10k: reviews of delivered meals, signs made from stars; no licence stated"
    assert section["tasks"] == {
        "waimai": {"file": "waimai_10k/waimai_10k.csv", "about": about, "rows": 160, "used": 159, "dropped": 1}
    }
    assert section["tokens"] >= 2000
    assert section["base"] == toy().name
    assert section["figures"]["waimai/sentiment"]["rows"] == 40
    card = (folder / CARD).read_text(encoding="utf-8")
    assert f"| waimai | {about} | waimai_10k/waimai_10k.csv | 160 | 159 | 1 |" in card
    assert "## Notes\n- only meals\n" in card
    moved = AutoModel.from_pretrained(folder, local_files_only=True).state_dict()
    assert any((moved[name].float() - value).abs().max() > 1e-3 for name, value in toy().model.state_dict().items())
    pieces = AutoTokenizer.from_pretrained(folder, local_files_only=True)("很好")["input_ids"]
    assert pieces == AutoTokenizer.from_pretrained(TOY, local_files_only=True)("很好")["input_ids"]
    assert not (tmp_path / "w" / STATE).exists()


def test_a_checkpoint_of_others_is_told_by_what_was_done_to_it(public: Path, apart: Path, tmp_path: Path) -> None:
    theirs, folder = copytree(TOY, tmp_path / "their-bert"), tmp_path / "models" / "encoder-next"
    for name in ("manifest.json", CARD):
        (theirs / name).unlink()
    opened = open_encoder(str(theirs), fingerprint=None)
    order = Order(New(folder, theirs, date(2026, 1, 2), fingerprint()), SMALL, Budget(1e9, 500))
    make(
        opened, Sets(public, (apart,), load(), ("waimai",)), order=order, place=Place(tmp_path / "w", ticking(), print)
    )
    record_in(folder, "probe", key="9 texts", value={"figures": {}, "mean": {"tuned": 0.5}})
    assert checked(folder)["probe"] == {"9 texts": {"figures": {}, "mean": {"tuned": 0.5}}}
    card = (folder / CARD).read_text(encoding="utf-8")
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    assert headings == ["## Intermediate training", "## Probe", "## Limits", "## Proof"]
    assert "`their-bert`, a checkpoint that this project did not make" in card
    assert "| mean | | 0.500 |" in card


def test_every_public_set_says_where_it_comes_from_and_under_which_licence() -> None:
    for name, wanted in plan().sources.items():
        assert wanted.about.endswith(("; no licence stated", "; Apache-2.0 stated with the copy")), name


def test_what_is_said_about_a_set_does_not_make_tokens_stale(public: Path, apart: Path, tmp_path: Path) -> None:
    first = gathering(public, apart, tmp_path)
    other = replace(SMALL, sources={name: replace(item, about="else") for name, item in SMALL.sources.items()})
    sets = Sets(public, (apart,), load())
    again = gather(sets, plan=other, opened=toy(), fingerprint=fingerprint(), work=tmp_path, say=print)
    assert again.key == first.key


def test_an_unfinished_training_is_not_thrown_away(public: Path, apart: Path, tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"")
    order = Order(New(tmp_path / "encoder-x", TOY, date(2026, 1, 2), "f"), SMALL, Budget(1.0))
    with pytest.raises(TrainerError, match="--resume"):
        make(toy(), Sets(public, (apart,), load()), order=order, place=Place(tmp_path, ticking(), print))


@pytest.mark.parametrize(("only", "says"), [(("nothing",), "no task 'nothing'"), (("weibo",), "holds none")])
def test_tasks_that_are_not_there_are_refused(
    public: Path, apart: Path, tmp_path: Path, only: tuple[str, ...], says: str
) -> None:
    told: list[str] = []
    with pytest.raises(TrainerError, match=says):
        gather(
            Sets(public, (apart,), load(), only),
            plan=SMALL,
            opened=toy(),
            fingerprint=fingerprint(),
            work=tmp_path,
            say=told.append,
        )
    assert any("weibo is left out" in line for line in told) == (only == ("weibo",))


def test_what_a_task_measures_on_is_kept_away_where_the_task_is_not_learned_from(
    public: Path, apart: Path, tmp_path: Path
) -> None:
    copytree(public, tmp_path, dirs_exist_ok=True)
    taken = [text(0, True), text(320, False), text(364, False), text(7, True)]  # its own 5th, a test, the forum's fifth
    reviews = [(0, words) for words in (text(1, True), text(2, True), taken[1], taken[2], taken[0])]
    write(tmp_path / "waimai_10k/waimai_10k.csv", "label,review", [*reviews, (0, taken[0] + "！"), (1, taken[3])])
    sets = Sets(tmp_path, (apart,), load(), ("waimai",))
    made = gather(sets, plan=SMALL, opened=toy(), fingerprint=fingerprint(), work=tmp_path / "w", say=print)
    assert set(made.parts) == {"waimai"}
    assert (len(made.parts["waimai"].train), made.parts["waimai"].dropped) == (3, 3)


def test_a_task_without_a_text_left_is_refused(apart: Path, tmp_path: Path) -> None:
    write(tmp_path / "waimai_10k/waimai_10k.csv", "label,review", [(1, "好吃")] * 5)
    with pytest.raises(TrainerError, match="leave the task waimai out"):
        gathering(tmp_path, apart, tmp_path)


def test_rows_give_back_their_texts() -> None:
    rows = Rows(np.array([1, 2, 3, 4, 5], dtype=np.int32), np.array([0, 2, 5]), np.zeros((2, 0), dtype=np.float32))
    assert [rows.text(place).tolist() for place in range(2)] == [[1, 2], [3, 4, 5]]
    assert rows.lengths().tolist() == [2, 3]


def test_the_plan_is_complete() -> None:
    assert isinstance(plan(), Plan)
    assert all(bool(wanted.every) != bool(wanted.measure) for wanted in plan().sources.values())
