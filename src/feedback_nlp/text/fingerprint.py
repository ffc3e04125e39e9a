"""Tell whether two installations prepare and cut text alike.

A model reads text as `prepare` and `segment` made it when it was trained. After a change of a rule, a list, jieba's or
OpenCC's dictionary, or the emoji names, the fingerprint is another, and the release says so instead of guessing worse.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from feedback_nlp.text.prepare import prepare
from feedback_nlp.text.resources import lines
from feedback_nlp.text.segment import clauses, segment, words


@lru_cache(maxsize=1)
def probes() -> tuple[str, ...]:
    """Give the probe sentences, fictional all of them, with their escapes (``\\u200b``, ``\\n``) resolved."""
    return tuple(json.loads(f'"{line}"') for line in lines("probes.txt"))


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Hash what this installation makes of the probe sentences (16 hex digits)."""
    return hashlib.sha256(json.dumps([_answer(probe) for probe in probes()]).encode("ascii")).hexdigest()[:16]


def _answer(probe: str) -> list[object]:
    prepared = prepare(probe)
    return [prepared.text, prepared.flags, segment(prepared.text), words(prepared.text), clauses(prepared.text)]
