"""Say why a case has its score, in words that can be read aloud."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from feedback_nlp.jobs.casefile import show_case
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.report.casefile import CaseFile
from feedback_nlp.report.read_aloud import Section, sections


class Explanation(NamedTuple):
    """What is known of a case, and the same in sentences."""

    file: CaseFile
    sections: tuple[Section, ...]


def explain_case(work: Workplace, case: str, *, now: datetime | None = None) -> Explanation:
    """Explain one case, named by the first digits of its id; OfficerError for none and for several."""
    found = show_case(work, case, now=now)
    return Explanation(found, sections(found))
