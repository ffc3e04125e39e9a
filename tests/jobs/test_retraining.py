"""From decisions to a candidate: what is learned, what measures, and that only a person promotes."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.jobs.bank import MADE, open_bank, people_decide, write_bank

from feedback_nlp.classify.release import read_manifest
from feedback_nlp.errors import TrainerError
from feedback_nlp.jobs.retraining import Candidate, Plan, collect, retrain
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.settings import DEEP, Settings

TODAY = date(2026, 3, 1)
BEFORE, SINCE = datetime(2026, 1, 2, 12), datetime(2026, 2, 10, 12)
TOY = Path(__file__).parents[1] / "data" / "toy-encoder"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_bank(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def work(bank: Settings) -> Iterator[Workplace]:
    """Give an installation where 20 decisions are older than the default, and 100 newer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_NLP_KEY", "k" * 32)
        opened = open_bank(bank, TODAY)
    people_decide(opened, range(90, 110), on=BEFORE)
    people_decide(opened, range(110, 210), on=SINCE)
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def done(work: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))  # no checkout: no corpus
        found = retrain(work, say=lambda _: None)
    assert isinstance(found, Candidate)
    return found


def texts(path: Path) -> set[str]:
    return {json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()}


def test_too_few_new_decisions_train_nothing(work: Workplace) -> None:
    asked = replace(work.settings.retrain, least_labels=101)
    found = retrain(replace(work, settings=replace(work.settings, retrain=asked)), say=lambda _: None)
    assert isinstance(found, Plan)
    assert (found.enough, found.fresh, found.since, found.default) == (False, 100, MADE, "small")
    assert found.learn == found.measure == ()
    assert "100 decisions" in found.told and "101" in found.told


def test_every_decision_that_holds_is_on_one_side_and_new_ones_alone_open_a_run(done: Candidate) -> None:
    plan = done.plan
    assert (plan.fresh, plan.decisions) == (100, 120)
    learned, held = texts(plan.learn[-1]), texts(plan.measure[-1])
    assert len(learned) + len(held) == 120 and not learned & held
    assert 12 <= len(held) <= 36  # a fifth, by lot


def test_the_same_texts_measure_in_every_run(work: Workplace, done: Candidate) -> None:
    people_decide(work, range(210, 230), on=SINCE)
    again = collect(replace(work, today=date(2026, 4, 1)))
    assert again.name != done.plan.name and again.decisions == 140
    assert texts(done.plan.measure[-1]) <= texts(again.measure[-1])
    assert texts(done.plan.learn[-1]) <= texts(again.learn[-1])


def test_the_candidate_stands_beside_the_default_and_takes_no_place(work: Workplace, done: Candidate) -> None:
    models = work.settings.own_models
    assert (models / "default").read_text(encoding="utf-8").strip() == "small"
    manifest = read_manifest(models / done.plan.name)
    assert [entry["file"] for entry in manifest["data"]] == ["mine.jsonl", f"{done.plan.name}-train.jsonl"]
    assert (done.comparison.one, done.comparison.two) == ("retrained-2026-03-01", "small")
    assert done.comparison.rows == done.evaluation.rows == 30 + len(texts(done.plan.measure[-1]))
    assert list(done.page.glob("*.html"))


def test_the_command_names_every_file_that_measured(done: Candidate) -> None:
    words = shlex.split(done.command(Path("my bank/feedback.toml")))
    assert words[:3] == ["feedback-nlp", "promote", done.plan.name]
    assert words[3:] == ["--data", str(done.plan.measure[0]), "--data", str(done.plan.measure[1]),
                         "--config", "my bank/feedback.toml"]  # fmt: skip


def test_figures_that_leave_the_machine_hold_no_text(done: Candidate) -> None:
    told = repr(done)
    assert not any(text in told for path in (*done.plan.learn, *done.plan.measure) for text in texts(path))


def test_an_encoder_is_fine_tuned_where_the_settings_say_so(work: Workplace) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    asked = replace(work.settings.retrain, model=DEEP, base=str(TOY), epochs=1)
    found = retrain(
        replace(work, settings=replace(work.settings, retrain=asked), today=date(2026, 5, 1)), say=lambda _: None
    )
    assert isinstance(found, Candidate)
    assert read_manifest(work.settings.own_models / found.plan.name)["model"] == DEEP


def test_nothing_to_measure_on_is_one_sentence(
    work: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = replace(work.settings.retrain, dev=(), held_out=1e-9)
    with pytest.raises(TrainerError, match=r"\[retrain\]"):
        collect(replace(work, settings=replace(work.settings, retrain=asked)))


def test_decisions_with_a_retired_label_are_left_out_counted_and_said(work: Workplace, done: Candidate) -> None:
    before = collect(replace(work, today=date(2026, 6, 1)))
    names = {facet: dict(labels) for facet, labels in work.taxonomy.names.items()}
    gone = sum("system.login" in record["leaves"] for path in before.learn[-1:] + before.measure[-1:]
               for record in map(json.loads, path.read_text(encoding="utf-8").splitlines()))  # fmt: skip
    del names["leaves"]["system.login"]
    plan = collect(replace(work, today=date(2026, 6, 2), taxonomy=replace(work.taxonomy, names=names)))
    assert gone > 0 and (plan.retired, plan.decisions) == (gone, before.decisions - gone)
    assert plan.fresh < before.fresh
    assert f"{gone} with a label that the taxonomy no longer has are left out" in plan.told
    assert "left out" not in before.told
    written = [path.read_text(encoding="utf-8") for path in (plan.learn[-1], plan.measure[-1])]
    assert not any("system.login" in content for content in written)
