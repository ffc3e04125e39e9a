"""Quote what a letter says: the words that something was read from, and the clause around them."""

from __future__ import annotations

import re
from typing import NamedTuple

_ENDS = re.compile(r"[。！？!?；;\n]")
MOST, ELLIPSIS = 60, "…"
"""Characters of a clause that are read aloud."""


class Quote(NamedTuple):
    """Some words and what stands around them."""

    words: str
    clause: str


def quote(text: str, start: int, end: int) -> Quote:
    """Quote a span with the sentence it stands in, cut to a length that can be read aloud.

    >>> quote("柜台没人管。再不退钱我就打12378！急。", 13, 18)
    Quote(words='12378', clause='再不退钱我就打12378')

    An empty span was not read from any words: it has no clause.
    """
    if start == end:
        return Quote("", "")
    first = max((match.end() for match in _ENDS.finditer(text, 0, start)), default=0)
    found = _ENDS.search(text, end)
    last = found.start() if found else len(text)
    spare = max(0, MOST - (end - start)) // 2
    left, right = max(first, start - spare), min(last, end + spare)
    clause = (ELLIPSIS if left > first else "") + text[left:right].strip() + (ELLIPSIS if right < last else "")
    return Quote(text[start:end].strip(), clause)


def yuan(fen: int) -> str:
    """Write an amount.

    >>> yuan(120_000), yuan(12_050)
    ('1,200元', '120.50元')
    """
    return f"{fen // 100:,}元" if fen % 100 == 0 else f"{fen / 100:,.2f}元"
