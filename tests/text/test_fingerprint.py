import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from feedback_nlp.text.fingerprint import fingerprint, probes
from feedback_nlp.text.prepare import prepare
from feedback_nlp.text.segment import segment, tokenizer

ASK = "from feedback_nlp.text.fingerprint import fingerprint; print(fingerprint())"


@pytest.fixture
def fresh() -> Iterator[None]:
    fingerprint.cache_clear()
    yield
    tokenizer.cache_clear()
    fingerprint.cache_clear()


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_other_processes_give_the_same_fingerprint(seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONUTF8": "0"}
    answer = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == fingerprint()
    assert answer.stderr == ""


def test_another_dictionary_gives_another_fingerprint(fresh: None) -> None:
    before = fingerprint()
    tokenizer().add_word("爆通讯录说", freq=10**9)
    tokenizer().add_word("停息挂账被拒", freq=10**9)
    fingerprint.cache_clear()
    assert fingerprint() != before


def test_it_is_cheap_once_the_dictionaries_are_there(fresh: None) -> None:
    fingerprint()
    fingerprint.cache_clear()
    started = time.perf_counter()
    fingerprint()
    assert time.perf_counter() - started < 0.05


def test_the_probes_exercise_every_flag_and_kind_of_token() -> None:
    assert len(probes()) >= 40
    prepared = [prepare(probe) for probe in probes()]
    flags = {flag for one in prepared for flag in one.flags}
    assert flags == {"garbled", "html", "pinyin", "traditional", "boilerplate", "uninformative", "empty"}
    tokens = {token for one in prepared for token in segment(one.text)}
    assert {"[手机号]", "[身份证]", "[怒火中烧]", "[按键1]", "停息挂账", "U盾", "12378"} <= tokens
