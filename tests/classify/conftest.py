import pytest

from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.classify.release import find, load
from feedback_nlp.text.fingerprint import fingerprint


@pytest.fixture(scope="session")
def shipped() -> Predictor:
    """Load the release that a fresh clone runs."""
    return load(find("default"), fingerprint=fingerprint())
