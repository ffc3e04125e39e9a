"""The one door from raw to usable text: for training, scoring, pages and notebooks alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from feedback_nlp.records import Feedback, Identifier, MaskedText, RawFeedback
from feedback_nlp.text.identity import base_id, canonical, content_hash, keyed_hash, occurrence_id, record_id
from feedback_nlp.text.mask import PLACEHOLDERS, Found, Masked, mask
from feedback_nlp.text.normalize import bound_runs, is_traditional, name_emoji, normalize, repair, to_simplified
from feedback_nlp.text.resources import limits, table

_COPIED = ("source", "source_kind", "received_at", "occurred_at", "due_at", "closed_at", "rating")
_SHORT = ("complaint_channel", "service_channel", "org", "product", "status")
_LONG = ("request", "reply")
_CACHED_LENGTH = 32  # channels, products, yes and no come back row after row; the cache lives and dies with the process


@dataclass(frozen=True, slots=True)
class Prepared:
    """One text, ready to be kept."""

    text: MaskedText
    flags: tuple[str, ...]  # garbled, html, pinyin, traditional, boilerplate, uninformative, empty
    found: tuple[Found, ...] = field(repr=False)  # the personal data taken out; hash it or drop it, never store it


def prepare(text: str) -> Prepared:
    """Repair, simplify and mask a text, and flag what it is not good for. Preparing twice is preparing once.

    >>> prepare("我的手機是１３８ 1234 5678，APP閃退😡").text
    '我的手机是[手机号]，APP闪退[怒火中烧]'
    >>> prepare("无。").flags
    ('uninformative',)
    """
    clean, flags = _clean(text)
    masked = mask(clean)
    return Prepared(masked.text, (*flags, *_usefulness(masked.text)), masked.found)


# An id that names nobody: fewer digits than a mobile number, no passport or permit (E12345678, EA1234567).
_PLAIN_ID = re.compile(
    r"(?!(?:\D*\d){11})(?!.*(?<![0-9A-Z])[A-Z](?:\d{8}|[A-Z]\d{7})(?!\d))[0-9A-Z_-]{1,64}", re.IGNORECASE
)
_ORDER_WORDS = re.compile(
    "工单|编号|单号|序号|流水|投诉|客诉|信访|举报|咨询|建议|留言|反馈|来电|来信|来访|热线|受理|转办|督办|案件|号|第|年|月|日"
)
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def prepare_feedback(raw: RawFeedback, *, key: bytes) -> Feedback:
    """Mask every text of a row, keep its identifiers as keyed hashes, and give it its id and content hash.

    A row without the sender's id is named as the first of its kind; the batch counts on with `occurrence_id`.
    """
    text = prepare(raw.text)
    parts = {name: _masked(value) for name in (*_SHORT, *_LONG) if (value := getattr(raw, name))}
    extra = {header: _under(header, value) for header, value in raw.extra.items()}
    found = [*text.found, *(item for part in (*parts.values(), *extra.values()) for item in part.found)]
    source_id = _safe_id(raw.source_id, key=key) if raw.source_id else None
    identifiers = _identifiers(raw, found, key=key)
    marks = [
        *(item.hmac for item in identifiers if item.column),
        *([str(raw.rating)] if raw.rating is not None else []),
    ]
    base = base_id(raw.source, text.text, raw.received_at, marks=marks)
    fields: dict[str, Any] = {name: getattr(raw, name) for name in _COPIED}
    fields |= {name: part.text for name, part in parts.items()}
    feedback = Feedback(
        **fields,
        id=record_id(raw.source, source_id) if source_id else occurrence_id(base, 1),
        source_id=source_id,
        text=text.text,
        content="",
        flags=text.flags,
        identifiers=identifiers,
        extra={header: part.text for header, part in extra.items()},
    )
    return replace(feedback, content=content_hash(feedback))


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    """Repeat all steps until none changes anything: an entity may hide a tag, a tag an emoji."""
    flags: list[str] = []
    for _ in range(limits()["rounds"]):
        before = text
        text, seen = repair(text)
        text = normalize(text)
        flags += seen if not is_traditional(text) else (*seen, "traditional")
        text = bound_runs(name_emoji(to_simplified(text)))
        if text == before:
            break
    return text, tuple(dict.fromkeys(flags))


def _usefulness(text: str) -> tuple[str, ...]:
    if not text:
        return ("empty",)
    if _made_of("words").fullmatch(text):
        return ("uninformative",)
    return ("boilerplate",) if _made_of("words", "phrases").fullmatch(text) else ()


@lru_cache(maxsize=2)
def _made_of(*lists: str) -> re.Pattern[str]:
    """Match a text of nothing but these phrases, placeholders, digits and punctuation."""
    phrases = [phrase for name in lists for phrase in table("boilerplate.toml")[name]]
    known = sorted((*PLACEHOLDERS.values(), *phrases), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, known))}|[\W\d_])*+", re.IGNORECASE)


def _masked(text: str) -> Masked:
    return _masked_short(text) if len(text) <= _CACHED_LENGTH else mask(_clean(text)[0])


@lru_cache(maxsize=4096)
def _masked_short(text: str) -> Masked:
    return mask(_clean(text)[0])


def _under(header: str, value: str) -> Masked:
    """Mask the value of a column, its header read as a cue: 经办人 says that what follows is a name."""
    return _under_short(header, value) if len(value) <= _CACHED_LENGTH else _after_cue(header, value)


@lru_cache(maxsize=4096)
def _under_short(header: str, value: str) -> Masked:
    return _after_cue(header, value)


def _after_cue(header: str, value: str) -> Masked:
    cue, clean = f"{_clean(header)[0]}：", _clean(value)[0]
    masked = mask(cue + clean)
    if not masked.text.startswith(cue):
        return mask(clean)
    return Masked(MaskedText(masked.text.removeprefix(cue)), masked.found)


def _safe_id(source_id: str, *, key: bytes) -> str:
    """Give the sender's id, or its keyed hash where it is or holds somebody's name, telephone, card or identity number.

    No cue tells the name in 李娜20260901, so Chinese other than words of order (工单, 第…号) is taken for one.
    """
    if _PLAIN_ID.fullmatch(source_id):
        return source_id
    clean = _clean(source_id)[0]
    named = _CHINESE.search(_ORDER_WORDS.sub("", clean)) or mask(clean).found
    return keyed_hash("编号", source_id, key=key).hmac if named else source_id


def _identifiers(raw: RawFeedback, found: Iterable[Found], *, key: bytes) -> tuple[Identifier, ...]:
    """Hash what customer columns and texts hold, each once; a column's word goes before a text's."""
    rules = table("rules.toml")["identity"]
    columns = [pair for type, value in raw.identifiers for pair in _people(type, value, contacts=rules["contacts"])]
    texts = [(item.type, item.value) for item in found if item.type not in rules["secret"]]
    hashed = [
        *(keyed_hash(type, value, key=key, column=True) for type, value in columns),
        *(keyed_hash(type, value, key=key) for type, value in texts),
    ]
    first = {(known.type, known.hmac): known for known in reversed(hashed)}
    return tuple(first[known] for known in dict.fromkeys((known.type, known.hmac) for known in hashed))


def _people(type: str, value: str, *, contacts: list[str]) -> list[tuple[str, str]]:
    """Read one cell of a customer column: several numbers, one, or nobody's."""
    if type in contacts and (several := mask(_clean(value)[0]).found):
        return [(item.type, item.value) for item in several]
    written = canonical(type, value)
    nobody = table("rules.toml")["identity"]["nobody"]
    return [] if "*" in value or len(set(written)) < 2 or written in nobody else [(type, value)]
