"""Which encoding a text file is in, judged by how Chinese the decoded sample looks.

Decoding without an error proves little: gb18030 reads nearly any Big5 text, into characters that nobody writes.
So every candidate decodes the same sample, and the one whose characters are the most common wins.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import IO

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake.source import policy

BROKEN = "\udc80"
"""Stands for undecodable bytes: no valid text holds a lone surrogate."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CODECS = {"big5": "big5hkscs"}  # a superset: also the characters of Cantonese
_PLAIN = frozenset("\t\n\r\f\x0b")


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return BROKEN, error.end


codecs.register_error("feedback_nlp.mark", _mark)


def detect(samples: Sequence[bytes], *, name: str) -> str:
    """Name the encoding of a file: a Python codec name, "big5" read with the Hong Kong characters.

    ``samples`` are pieces of the file, the first from its start, the others from even offsets;
    they may be cut anywhere. Raises SenderError where the bytes are no text or no candidate reads them.

    >>> detect(["投訴內容\\n收費不合理\\n".encode("big5")], name="a.csv")
    'big5'
    """
    for mark, bom_name in _BOMS:
        if samples[0].startswith(mark):
            return bom_name
    limits = policy()["encoding"]
    scored = {each: _score(each, samples) for each in limits["candidates"] if _possible(each, samples)}
    best: str = max(scored, key=lambda each: scored[each][0])
    _, broken, control = scored[best]
    if control > limits["max_control_share"]:
        raise SenderError(f"{name}: this is no text file; export the data again as csv (UTF-8) or xlsx")
    if broken > limits["max_broken_share"]:
        raise SenderError(
            f'{name}: the encoding is not recognised; save it as UTF-8, or set encoding = "…" for this source'
        )
    return best


def open_text(path: str, *, encoding: str) -> IO[str]:
    """Open a text file with its line ends untouched and undecodable bytes shown as ``BROKEN``."""
    try:
        codecs.lookup(codec := _CODECS.get(encoding.lower(), encoding))
    except LookupError:
        raise OperatorError(f"encoding {encoding!r} is unknown; use utf-8, gb18030, big5 or utf-16") from None
    return open(path, encoding=codec, errors="feedback_nlp.mark", newline="")  # noqa: PTH123 (the caller closes)


def _possible(candidate: str, samples: Sequence[bytes]) -> bool:
    """Allow utf-16 only where a line end of it occurs: any bytes decode as utf-16, many of them into Chinese."""
    if not candidate.startswith("utf-16"):
        return True
    end = "\n".encode(candidate)
    return any(sample[at : at + 2] == end for sample in samples for at in _even_offsets(sample, end))


def _even_offsets(sample: bytes, end: bytes) -> Iterable[int]:
    at = sample.find(end)
    while at >= 0:
        if at % 2 == 0:
            yield at
        at = sample.find(end, at + 1)


def _score(candidate: str, samples: Sequence[bytes]) -> tuple[float, float, float]:
    """Give mean worth, share of broken characters (both outside ASCII) and share of control characters."""
    counts: Counter[str] = Counter()
    for index, sample in enumerate(samples):
        counts.update(_decode(candidate, sample, first=index == 0))
    total = counts.total()
    foreign = sum(n for char, n in counts.items() if char > "\x7f")
    control = sum(n for char, n in counts.items() if char < " " and char not in _PLAIN)
    worth = sum(_worth(char) * n for char, n in counts.items() if char > "\x7f")
    broken = counts[BROKEN]
    # "学校" in GBK is valid UTF-8 for two Cyrillic letters, "é" in UTF-8 is a rare Chinese character:
    # validity is one vote.
    bonus = 1.0 if candidate == "utf-8" and not broken else 0.0
    return worth / max(foreign, 1) + bonus - control / max(total, 1), broken / max(foreign, 1), control / max(total, 1)


def _decode(candidate: str, sample: bytes, *, first: bool) -> str:
    """Decode a piece; what a cut at either end has torn is left out."""
    codec = codecs.getincrementaldecoder(_CODECS.get(candidate, candidate))("feedback_nlp.mark")
    if candidate.startswith("utf-16"):
        return codec.decode(sample)
    if not first:
        sample = sample[sample.find(b"\n") + 1 :] if b"\n" in sample else b""
    return codec.decode(sample)


@cache
def _common() -> frozenset[str]:
    lines = (files("feedback_nlp.intake") / "common_characters.txt").read_text("utf-8").splitlines()
    return frozenset("".join(line for line in lines if not line.startswith("#")))


@cache
def _worth(char: str) -> float:
    """Rate a character outside ASCII: 1 for a common Chinese one, below 0 for one nobody writes in feedback."""
    if char in _common():
        return 1.0
    if char == BROKEN or unicodedata.category(char) in {"Cc", "Co", "Cn", "Cs"}:
        return -3.0
    code = ord(char)
    if 0x3000 <= code < 0x3040 or 0xFF00 <= code < 0xFF5F or 0x2010 <= code < 0x2030 or char in "·×￥":
        return 0.7  # Chinese punctuation, full-width signs
    if 0x4E00 <= code < 0xA000:
        return 0.0 if _in_gb2312(char) else -0.5
    return 0.2 if code >= 0x1F000 else -0.5  # emoji; kana, Cyrillic, boxes …


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
