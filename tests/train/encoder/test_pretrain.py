import json
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import torch
from tests.train.encoder.small import write_config

from feedback_nlp.errors import TrainerError
from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.encoder.checkpoint import load
from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.losses import read_losses
from feedback_nlp.train.encoder.pretrain import Edge, pretrain


class Killed(Exception):
    """The process is gone."""


def kill_at(step: int) -> Callable[[str], None]:
    def say(line: str) -> None:
        if line.startswith(f"step {step}/"):
            raise Killed

    return say


def minutes() -> Callable[[], float]:
    ticks: Iterator[int] = count()
    return lambda: 45.0 * next(ticks)  # a checkpoint is due every second step


def run(
    config: Config,
    work: Path,
    *,
    resume: bool = False,
    say: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = lambda: 0.0,
) -> Path:
    return pretrain(config, edge=Edge(work, say, clock, fingerprint()), resume=resume)


def same(one: object, two: object) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(two, torch.Tensor) and torch.equal(one, two)
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two


@pytest.mark.parametrize("kind", ["mlm", "rtd"])
def test_killed_and_resumed_gives_the_same_weights_as_one_run(kind: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, kind=kind)
    whole = load(run(config, tmp_path / "whole"))
    shutil.copytree(tmp_path / "whole", tmp_path / "work")  # the stages are done
    (tmp_path / "work/checkpoint.pt").unlink()
    with pytest.raises(Killed):
        run(config, tmp_path / "work", say=kill_at(6), clock=minutes())
    kept = load(tmp_path / "work/checkpoint.pt")
    assert 0 < kept["step"] < 6
    again = load(run(config, tmp_path / "work", resume=True))
    assert again["step"] == config.steps == 10
    assert same({**again, "seconds": 0}, {**whole, "seconds": 0})
    assert not same(again["D"], kept["D"])
    assert [row["step"] for row in read_losses(tmp_path / "work/loss.jsonl")] == list(range(1, 11))


def test_stages_that_are_done_are_not_done_again(finished: tuple[Config, Path], tmp_path: Path) -> None:
    config, work = finished
    shutil.copytree(work, tmp_path / "work")
    said: list[str] = []
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*") if path.suffix != ".jsonl"}
    run(config, tmp_path / "work", resume=True, say=said.append)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*") if path.suffix != ".jsonl"}
    assert before == after
    assert not [line for line in said if "preparing" in line or "counting" in line]


def test_a_changed_text_makes_its_stages_anew(finished: tuple[Config, Path], tmp_path: Path) -> None:
    _, work = finished
    shutil.copytree(work, tmp_path / "work")
    (tmp_path / "work/checkpoint.pt").unlink()
    config = write_config(tmp_path)
    with (tmp_path / "texts.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"text": "柜台排队太久了，希望多开两个窗口。"}, ensure_ascii=False) + "\n")
    said: list[str] = []
    run(config, tmp_path / "work", say=said.append)
    assert [line for line in said if "preparing texts.jsonl" in line]
    assert [line for line in said if "201 documents" in line]


def test_it_says_before_it_starts_how_much_and_how_long(tmp_path: Path) -> None:
    said: list[str] = []
    run(write_config(tmp_path), tmp_path / "work", say=said.append, clock=minutes())
    plan = next(place for place, line in enumerate(said) if "2,560 tokens to read in 10 steps" in line)
    # the pretended clock gives every step 45 seconds: 10 of them are seven and a half minutes
    assert "at about 6 tokens/s: 8 min" in said[plan]
    first = next(line for line in said[plan:] if line.startswith("step 1/10"))
    assert "tokens 256" in first
    assert "loss " in first
    assert first.endswith("left")


def test_a_checkpoint_is_never_begun_over_by_accident(finished: tuple[Config, Path]) -> None:
    config, work = finished
    with pytest.raises(TrainerError, match="--resume"):
        run(config, work)


def test_a_checkpoint_of_another_shape_is_refused(finished: tuple[Config, Path], tmp_path: Path) -> None:
    _, work = finished
    shutil.copytree(work, tmp_path / "work")
    config = write_config(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("layers = 1, width = 16", "layers = 2, width = 16"))
    from feedback_nlp.train.encoder.config import read_config

    assert read_config(path) != config
    with pytest.raises(TrainerError, match="another shape"):
        run(read_config(path), tmp_path / "work", resume=True)


def test_a_loss_that_is_no_number_is_not_kept(tmp_path: Path) -> None:
    config = write_config(tmp_path, more="[optimizer]\nrate = 1e30")
    with pytest.raises(TrainerError, match="no number"):
        run(config, tmp_path / "work")
    assert not (tmp_path / "work/checkpoint.pt").exists()


def test_a_missing_gpu_is_said(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    config = write_config(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("batch = 8,", 'batch = 8, device = "cuda",'))
    from feedback_nlp.train.encoder.config import read_config

    assert config.run.device == "cpu"
    with pytest.raises(TrainerError, match="CUDA"):
        run(read_config(path), tmp_path / "work")
