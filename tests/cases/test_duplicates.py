"""Letters that say the same."""

import hashlib
import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.cases.duplicates import BANDS, GRAM, ROWS, SCHEME, alike, bands, essence
from feedback_nlp.records import MaskedText

POLICY = policy.load().cases
LABELLED = Path(__file__).parents[2] / "data" / "labelled"
LETTER = MaskedText(
    "本人[姓名]，因突发重大变故致收入锐减，暂时无力全额偿还在贵行的个人消费贷款，现尚欠本金48600元，要求立即停止催收并减免全部利息。"
)

words = st.text(
    alphabet="的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工", max_size=80
)


def slowly(text: str) -> tuple[str, ...]:
    """Compute the bands from their definition, in plain integers."""

    def parameter(name: str, n: int) -> int:
        return int.from_bytes(hashlib.blake2b(f"{name}{n}".encode(), digest_size=8).digest(), "little")

    letters = essence(text)
    hashes = set()
    for start in range(len(letters) - GRAM + 1):
        value = 0
        for letter in letters[start : start + GRAM]:
            value = (value * 1_000_003 + ord(letter)) % 2**64
        hashes.add(value)
    least = [
        min(((value * (parameter("factor", n) | 1) + parameter("shift", n)) % 2**64) >> 32 for value in hashes)
        for n in range(BANDS * ROWS)
    ]
    rows = [least[n * ROWS : (n + 1) * ROWS] for n in range(BANDS)]
    digests = (
        hashlib.blake2b(b"".join(each.to_bytes(4, "little") for each in row), digest_size=8).hexdigest() for row in rows
    )
    return tuple(f"{SCHEME}{n:02d}{digest}" for n, digest in enumerate(digests))


@given(words)
def test_bands_are_what_their_definition_says(text: str) -> None:
    long = MaskedText(text + LETTER)
    assert bands(long, policy=POLICY) == slowly(long)


def test_band_keys_of_a_known_letter_never_change() -> None:
    """The keys stand in banks' tables: if this fails, SCHEME has to change and the table has to be rebuilt."""
    assert bands(LETTER, policy=POLICY)[:2] == ("a00901cd716a3641ff1", "a01d31c632619feb586")


@pytest.mark.parametrize("text", ["垃圾银行还我钱", "", "垃圾银行" * 7, "[手机号]" * 40, "1234567890" * 5, "？！" * 50])
def test_a_text_of_few_letters_has_no_bands(text: str) -> None:
    assert bands(MaskedText(text), policy=POLICY) == ()


def test_names_amounts_and_placeholders_make_no_difference() -> None:
    other = MaskedText(LETTER.replace("[姓名]", "[姓名]（[身份证]）").replace("48600", "113000"))
    assert bands(other, policy=POLICY) == bands(LETTER, policy=POLICY)
    assert alike(LETTER, other, policy=POLICY)


@given(words, words)
def test_likeness_has_no_direction(one: str, other: str) -> None:
    a, b = MaskedText(one), MaskedText(other)
    assert alike(a, b, policy=POLICY) == alike(b, a, policy=POLICY)
    assert alike(a, a, policy=POLICY)


def test_the_planted_letters_of_the_corpus_are_found_and_no_others() -> None:
    rows = [
        json.loads(line)
        for split in ("train", "dev")
        for line in (LABELLED / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    keyed = [(row["dup_group"], row["text"], set(bands(row["text"], policy=POLICY))) for row in rows]
    meeting = [(one, other) for one, other in combinations([each for each in keyed if each[2]], 2) if one[2] & other[2]]
    found = {(one[1], other[1]) for one, other in meeting if alike(one[1], other[1], policy=POLICY)}
    planted = {(one[1], other[1]) for one, other in combinations(keyed, 2) if one[0] is not None and one[0] == other[0]}
    assert len(planted) >= 15
    assert found == planted
