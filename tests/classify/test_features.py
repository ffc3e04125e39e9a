import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.classify.features import Vocabulary, by_text, features, grams, lines, read
from feedback_nlp.text.segment import clauses

PIECES = (
    "手机银行",
    "登录",
    "不上",
    "。",
    "转账",
    "失败",
    "，",
    "[手机号]",
    "88",
    "元",
    "！",
    " ",
    "怎么",
    "啊",
    "信用卡",
)
texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    words, characters = grams("".join(PIECES))
    known = {gram: column for column, gram in enumerate(dict.fromkeys(words))}
    rest = {gram: len(known) + column for column, gram in enumerate(dict.fromkeys(characters))}
    return Vocabulary(known, rest, np.linspace(1, 3, len(known) + len(rest), dtype=np.float32))


def plain(text: str, vocabulary: Vocabulary) -> list[float]:
    """Compute a text's features as the module docstring defines them, one gram after the other."""
    row = [0.0] * len(vocabulary)
    for block, table in enumerate((vocabulary.words, vocabulary.characters)):
        found = Counter(gram for clause in clauses(text) for gram in grams(clause)[block] if gram in table)
        values = {gram: (1 + math.log(count)) * float(vocabulary.idf[table[gram]]) for gram, count in found.items()}
        length = math.sqrt(sum(value**2 for value in values.values()))
        for gram, value in values.items():
            row[table[gram]] = value / length
    return row


def occurrences(text: str, vocabulary: Vocabulary) -> int:
    tables = (vocabulary.words, vocabulary.characters)
    return sum(gram in tables[at] for clause in clauses(text) for at in (0, 1) for gram in grams(clause)[at])


@given(st.lists(texts, min_size=1, max_size=6))
def test_the_clauses_of_a_text_add_up_to_its_tf_idf(vocabulary: Vocabulary, batch: list[str]) -> None:
    made = features(batch, vocabulary=vocabulary)
    summed = by_text(made.matrix.toarray(), made.starts)
    assert summed == pytest.approx(np.array([plain(text, vocabulary) for text in batch]), abs=1e-5)
    assert made.known.tolist() == [occurrences(text, vocabulary) for text in batch]


@given(st.lists(texts, min_size=1, max_size=6))
def test_clauses_joined_give_the_texts_back(vocabulary: Vocabulary, batch: list[str]) -> None:
    made = features(batch, vocabulary=vocabulary)
    ends = [*made.starts.tolist()[1:], len(made.clauses)]
    assert ["".join(made.clauses[start:end]) for start, end in zip(made.starts, ends, strict=True)] == batch


def test_digits_are_zeros_and_placeholders_give_no_characters() -> None:
    words, characters = grams("138[手机号]打")
    assert words == ["000", "[手机号]", "打", "000 [手机号]", "[手机号] 打"]
    assert not {"手", "机", "号", "手机"} & set(characters)


def test_a_vocabulary_survives_its_file(vocabulary: Vocabulary) -> None:
    again = read(lines(vocabulary), idf=vocabulary.idf)
    assert (again.words, again.characters) == (vocabulary.words, vocabulary.characters)
