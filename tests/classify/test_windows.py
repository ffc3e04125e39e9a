import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.classify.toy import tokenizer

from feedback_nlp.classify.windows import Windows, windows
from feedback_nlp.text.segment import clauses

PIECES = ("手机银行登录不上", "，", "。", "客服态度很差！", "\n", "[手机号]", "a1", "😀", "长" * 70, "。" * 9)
CUTTER = tokenizer(list(PIECES))
texts = st.lists(st.sampled_from(PIECES), max_size=15).map("".join) | st.text(max_size=40)


def tokens_of(batch: Windows, text: int) -> list[int]:
    return [token for ids, owner in zip(batch.ids, batch.owner, strict=True) if owner == text for token in ids]


@given(st.lists(texts, max_size=5), st.integers(4, 40))
def test_no_token_is_lost_moved_or_doubled(batch: list[str], size: int) -> None:
    made = windows(batch, tokenizer=CUTTER, size=size)
    for number, text in enumerate(batch):
        pieces = clauses(text) or [text]
        want = [token for piece in pieces for token in CUTTER.encode(piece, add_special_tokens=False).ids]
        assert tokens_of(made, number) == want


@given(st.lists(texts, max_size=5), st.integers(4, 40))
def test_every_token_knows_its_clause_and_every_window_its_text(batch: list[str], size: int) -> None:
    made = windows(batch, tokenizer=CUTTER, size=size)
    found: list[list[int]] = [[] for _ in made.clauses]
    for ids, places in zip(made.ids, made.clause, strict=True):
        assert len(ids) == len(places) <= size - 2
        for token, place in zip(ids, places, strict=True):
            found[place].append(token)
    assert found == [CUTTER.encode(clause, add_special_tokens=False).ids for clause in made.clauses]
    assert sorted(set(made.owner.tolist())) == list(range(len(batch)))
    assert made.owner.tolist() == sorted(made.owner.tolist())


@given(st.lists(texts, max_size=5))
def test_the_clauses_of_a_text_join_to_the_text(batch: list[str]) -> None:
    made = windows(batch, tokenizer=CUTTER)
    ends = [*made.starts[1:].tolist(), len(made.clauses)] if batch else []
    assert ["".join(made.clauses[a:b]) for a, b in zip(made.starts.tolist(), ends, strict=True)] == batch


@pytest.mark.parametrize(
    ("lengths", "want"),
    [
        ([3, 3, 3], [6, 3]),  # whole clauses, as many as fit into eight
        ([8, 1], [8, 1]),
        ([5, 20], [5, 8, 8, 4]),  # a clause longer than a window starts a new one and is cut
        ([0], [0]),  # a text without a token still has a window
    ],
)
def test_windows_are_filled_with_whole_clauses(lengths: list[int], want: list[int]) -> None:
    text = "\n".join("长" * length for length in lengths)
    made = windows([text], tokenizer=CUTTER, size=10)
    assert [len(ids) for ids in made.ids] == want
