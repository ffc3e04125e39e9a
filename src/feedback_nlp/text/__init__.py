"""From what was delivered to what may be kept: cleaned, masked, cut into words.

``prepare`` is the one door for a text and ``prepare_feedback`` for a row; ``segment``, ``words`` and ``clauses`` cut
what they give; ``fingerprint`` tells whether another installation would give the same. Dictionaries load on first use.
"""

from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.text.prepare import Prepared, prepare, prepare_feedback
from feedback_nlp.text.segment import clauses, segment, words

__all__ = ["Prepared", "clauses", "fingerprint", "prepare", "prepare_feedback", "segment", "words"]
