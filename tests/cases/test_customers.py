import time
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.cases.customers import count_customers

PEOPLE = st.lists(st.frozensets(st.sampled_from("abcdefghijkl"), max_size=3), max_size=14)


def naive(people: Iterable[frozenset[str]]) -> int:
    """Join groups that share an identifier until none do."""
    groups = [set(each) for each in people]
    while pair := next(((a, b) for a in groups for b in groups if a is not b and a & b), None):
        groups = [each for each in groups if each is not pair[0] and each is not pair[1]] + [pair[0] | pair[1]]
    return len(groups)


@given(PEOPLE)
def test_the_count_is_that_of_the_definition(people: list[frozenset[str]]) -> None:
    assert count_customers(people) == naive(people)


@given(PEOPLE, st.randoms())
def test_the_order_of_events_does_not_count(people: list[frozenset[str]], lot: object) -> None:
    shuffled = sorted(people, key=lambda _: lot.random())  # type: ignore[attr-defined]
    assert count_customers(shuffled) == count_customers(people)


def test_a_case_of_a_hundred_thousand_letters_is_counted_in_seconds() -> None:
    letters = [frozenset({f"p{n}", f"c{n}"}) for n in range(100_000)]
    chain = [frozenset({f"p{n}", f"p{n + 1}"}) for n in reversed(range(50_000))]  # one writer with many telephones
    started = time.process_time()
    assert count_customers(letters + chain) == 50_000
    assert time.process_time() - started < 10  # 8,000 letters took 9 s when every pair was compared
