from pathlib import Path

import pytest
from tests.train.encoder.publicsets import text, write, write_sets

from feedback_nlp.errors import TrainerError
from feedback_nlp.taxonomy import load
from feedback_nlp.train.corpus import read_labelled
from feedback_nlp.train.encoder.tasks import kept_apart, merged, near_places, plan, present, read_task, source

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
CORPUS = Path(__file__).parents[3] / "data" / "labelled"
CLEAN = {"waimai", "chnsenticorp", "bank_forum", "cars"}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("public"))


def bare(words: str) -> str:
    return "".join(filter(str.isalnum, words.lower()))


def test_every_fifth_row_measures_and_is_counted_before_anything_is_dropped(tmp_path: Path) -> None:
    rows = [(number % 2, "" if number == 1 else text(number, True)) for number in range(10)]
    write(tmp_path / "waimai_10k/waimai_10k.csv", "label,review", rows)
    task = read_task("waimai", plan().sources["waimai"], public=tmp_path)
    assert [example.text for example in task.measure] == [text(4, True), text(9, True)]
    assert len(task.train) == 7  # ten, less two that measure and an empty one
    assert task.heads == {"sentiment": ("0", "1")}


def test_the_rows_of_one_group_stay_on_one_side(public: Path) -> None:
    task = read_task("cars", plan().sources["cars"], public=public)
    assert {example.text for example in task.measure} == {text(460 + place, True) for place in (19, 39)}
    assert len(task.measure) == 4  # both topics of each


def test_a_text_with_two_topics_is_learned_from_once_with_both(public: Path) -> None:
    (cars,) = kept_apart([read_task("cars", plan().sources["cars"], public=public)], [])
    assert len(cars.train) == 38
    assert cars.train[0].labels == {"opinion": ("油耗/0", "动力/1")}


def test_what_two_readers_read_differently_keeps_both_labels(tmp_path: Path) -> None:
    write(tmp_path / "weibo_senti_sample/weibo_senti_sample.csv", "label,review", [(0, "就这样"), (1, "就这样")])
    task = read_task("weibo", plan().sources["weibo"], public=tmp_path)
    assert [example.labels["sentiment"] for example in merged(task.train)] == [("0", "1")]


def test_texts_pass_through_prepare(tmp_path: Path) -> None:
    write(tmp_path / "waimai_10k/waimai_10k.csv", "label,review", [(0, "打 13812345678 没人接😡")])
    (example,) = read_task("waimai", plan().sources["waimai"], public=tmp_path).train
    assert example.text == "打 [手机号] 没人接[怒火中烧]"


def test_nothing_near_a_text_that_measures_or_is_held_out_is_learned_from(public: Path, tmp_path: Path) -> None:
    held = "转账三天没有到账，客服说还在处理"
    measured = text(4, False)  # the fifth row of waimai
    planted = [
        measured + "！！",
        bare(measured),
        held.replace("，", "……") + "。",
        text(320, False),
        "他们都没有说过的话",
    ]
    write(tmp_path / "weibo_senti_sample/weibo_senti_sample.csv", "label,review", [(0, row) for row in planted])
    tasks = [
        read_task("weibo", plan().sources["weibo"], public=tmp_path),
        read_task("waimai", plan().sources["waimai"], public=public),
        read_task("chnsenticorp", plan().sources["chnsenticorp"], public=public),  # text 320: the first of its test
    ]
    weibo, waimai, hotels = kept_apart(tasks, [held])
    assert [example.text for example in weibo.train] == ["他们都没有说过的话"]
    assert weibo.dropped == 4
    assert (waimai.dropped, len(waimai.train)) == (0, 160)
    assert (hotels.dropped, len(hotels.measure)) == (0, 20)


def test_near_texts_are_found_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback_nlp.train.encoder.tasks.AT_ONCE", 7)
    texts = [text(number, True) for number in range(40)]
    assert near_places(texts, [texts[3] + "。", texts[38].upper(), "别的"]) == {3, 38}


def test_a_drawn_part_is_the_same_every_time(public: Path) -> None:
    wanted = plan().sources["waimai"]
    one, two, other = (read_task("waimai", wanted, public=public, rows=30, seed=seed).train for seed in (1, 1, 2))
    assert one == two != other
    assert len(one) == 30


@pytest.mark.parametrize(
    ("header", "says"), [("label,words", "column 'review' is missing"), ("review", "column 'label' is missing")]
)
def test_a_file_with_other_columns_is_refused(tmp_path: Path, header: str, says: str) -> None:
    write(tmp_path / "waimai_10k/waimai_10k.csv", header, [])
    with pytest.raises(TrainerError, match=says):
        read_task("waimai", plan().sources["waimai"], public=tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "waimai_10k/waimai_10k.csv"
    path.parent.mkdir()
    path.write_bytes("label,review\n1,好吃".encode("gb18030"))
    with pytest.raises(TrainerError, match="UTF-8"):
        read_task("waimai", plan().sources["waimai"], public=tmp_path)


def test_sources_are_present_with_all_their_files(public: Path) -> None:
    assert {name for name, wanted in plan().sources.items() if present(wanted, public)} == CLEAN
    alone = source({"file": "waimai_10k/waimai_10k.csv", "text": "review", "heads": {}, "apart": ["no.csv"]})
    assert not present(alone, public)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets are not here")
def test_no_dev_or_test_text_is_left_in_the_public_sets() -> None:
    """Online shopping holds nearly all of ChnSentiCorp's test, finfe's train half of its evaluation."""
    tasks = [
        read_task(name, plan().sources[name], public=SHARED / "public", rows=1000)
        for name in ("online_shopping", "chnsenticorp", "shares")
    ]
    files = (SHARED / "labelled/real_dev.jsonl", CORPUS / "dev.jsonl", CORPUS / "test.jsonl")
    held = [row.text for path in files for row in read_labelled(path, taxonomy=load())]
    cleared = kept_apart(tasks, held)
    texts = {task.name: {bare(example.text) for example in task.train} for task in cleared}
    away = {bare(words) for task in tasks for words in (*task.apart, *(row.text for row in task.measure))}
    away |= set(map(bare, held))
    away.discard("")  # texts without a letter or digit
    assert [name for name, found in texts.items() if found & away] == []
    dropped = {task.name: task.dropped for task in cleared}
    assert dropped["online_shopping"] > 0
    assert dropped["shares"] > 40  # of 1,000 rows; about a tenth of the distinct ones
