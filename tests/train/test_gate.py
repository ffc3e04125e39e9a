"""What may take the default's place."""

from typing import Any

from tests.train.answers import guess, readings, row

from feedback_nlp.taxonomy import load
from feedback_nlp.train.compare import Comparison, compare
from feedback_nlp.train.gate import against, refusal

LEAST = 50


def compared(*parts: tuple[int, dict[str, Any], dict[str, Any], dict[str, Any]]) -> Comparison:
    """Compare two releases: so many texts read like this, the new one guesses this, the old one that."""
    pairs = [(row(at, **read), guess(**new), guess(**old)) for n, read, new, old in parts for at in range(n)]
    return compare(*readings(pairs), taxonomy=load())


def stopped(found: Comparison) -> set[str]:
    return {item.name for item in against(found, least=LEAST)}


def test_a_class_of_fifty_texts_that_got_worse_beyond_chance_stops_a_release() -> None:
    # The touchpoint is no headline figure, so that only its classes can speak.
    worse = compared((50, {"touchpoint": "phone"}, {"touchpoint": "sms"}, {"touchpoint": "phone"}), (80, {}, {}, {}))
    assert stopped(worse) == {"touchpoint: phone"}
    fewer = compared((49, {"touchpoint": "phone"}, {"touchpoint": "sms"}, {"touchpoint": "phone"}), (80, {}, {}, {}))
    assert stopped(fewer) == set()


def test_what_chance_may_have_done_stops_nothing() -> None:
    phone = {"touchpoint": "phone"}
    close = compared((58, phone, phone, phone), (3, phone, {}, phone), (2, phone, phone, {}), (80, {}, {}, {}))
    assert stopped(close) == set()


def test_a_worse_headline_figure_stops_a_release_whatever_the_classes() -> None:
    parts = [
        (15, {"business": label}, {"business": "other"}, {"business": label}) for label in ("fx", "loan", "treasury")
    ]
    assert stopped(compared(*parts)) == {"business, accuracy", "mean of the four"}


def test_a_better_release_passes() -> None:
    assert (
        stopped(compared((60, {"business": "fx"}, {"business": "fx"}, {"business": "other"}), (60, {}, {}, {})))
        == set()
    )


def test_sentiment_in_three_classes_counts_once() -> None:
    found = compared(
        (60, {"sentiment": "positive"}, {"sentiment": "neutral"}, {"sentiment": "positive"}), (60, {}, {}, {})
    )
    assert stopped(found) == {"sentiment (3), macro-F1", "mean of the four", "sentiment: positive"}


def test_the_refusal_names_every_class_with_its_figures() -> None:
    found = compared((50, {"touchpoint": "phone"}, {"touchpoint": "sms"}, {"touchpoint": "phone"}), (80, {}, {}, {}))
    said = refusal(found, against(found, least=LEAST))
    assert (
        "new is worse than old on 130 texts in: touchpoint: phone 0.000, before 1.000 (-1.000 to -1.000, 50 texts)"
        in said
    )
    assert "--override --reason" in said
