"""Name records and people: stable ids for records, keyed hashes for personal identifiers.

Every hash is taken over a JSON list, so that neighbouring fields cannot run together ("ab", "c" is not "a", "bc").
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from feedback_nlp.records import Feedback, Identifier

_ID_DIGITS = 20
_HMAC_DIGITS = 32
_SPREADSHEET_NUMBER = re.compile(r"\d+\.0+|\d(?:\.\d+)?E\+?\d{1,2}", re.IGNORECASE)
_COUNTRY = re.compile(r"(?:00)?86(?=\d{10,12}$)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONES = frozenset({"手机号", "电话"})
_SIGNS_COUNT = {"邮箱": "@.-_+", "网址": ":/.-_?=&%#", "微信": "-_", "地址": "-"}  # elsewhere signs only part digits
_NOT_DELIVERED = frozenset({"id", "content", "flags", "file", "row"})


def record_id(source: str, source_id: str) -> str:
    """Name a record that its sender named: the same for every delivery of it.

    >>> record_id("ledger", "GD20240001") == record_id("ledger", "GD20240001") != record_id("hotline", "GD20240001")
    True
    """
    return _digest(["record", source, source_id])[:_ID_DIGITS]


def base_id(source: str, text: str, moment: datetime | None, *, marks: Sequence[str] = ()) -> str:
    """Name what records without a sender's id have in common when the same is said at the same time.

    ``marks`` are what else tells two people apart: keyed hashes of customer columns, a rating.
    """
    return _digest(["base", source, text, moment.isoformat() if moment else None, *marks])[:_ID_DIGITS]


def occurrence_id(base: str, n: int) -> str:
    """Name the n-th record (from 1) with this base, so that 300 people who write 垃圾 stay 300 records."""
    return _digest(["occurrence", base, n])[:_ID_DIGITS]


def content_hash(feedback: Feedback) -> str:
    """Hash everything delivered: the same for a redelivered record, another for an updated one (64 hex digits)."""
    named = {item.name: getattr(feedback, item.name) for item in fields(feedback) if item.name not in _NOT_DELIVERED}
    named["identifiers"] = sorted((known.type, known.hmac, known.column) for known in feedback.identifiers)
    named["extra"] = sorted(feedback.extra.items())
    return _digest(named)


def canonical(type: str, value: str) -> str:
    """Write an identifier in the one way that is hashed, however it was typed.

    >>> {canonical("手机号", typed) for typed in ("138-1234-5678", "+86 13812345678", "13812345678.0")}
    {'13812345678'}
    >>> canonical("身份证", "11010119900307 123x"), canonical("邮箱", " Wang.Li@Example.com ")
    ('11010119900307123X', 'WANG.LI@EXAMPLE.COM')
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    if _SPREADSHEET_NUMBER.fullmatch(plain):
        plain = str(int(Decimal(plain)))
    signs = _SIGNS_COUNT.get(type, "")
    kept = "".join(letter for letter in plain.upper() if letter.isalnum() or letter in signs)
    return _COUNTRY.sub("", kept).lstrip("0") if type in _PHONES else kept


def keyed_hash(type: str, value: str, *, key: bytes, column: bool = False) -> Identifier:
    """Hash one identifier under the installation's key; a mobile number is one, whatever its column was called.

    >>> keyed_hash("电话", "138 1234 5678", key=b"k") == keyed_hash("手机号", "13812345678", key=b"k")
    True
    """
    written = canonical(type, value)
    if type in _PHONES:
        type = "手机号" if _MOBILE.fullmatch(written) else "电话"
    return Identifier(type, _keyed(["identifier", type, written], key=key)[:_HMAC_DIGITS], column)


def key_id(key: bytes) -> str:
    """Tell keys apart without revealing them (8 hex digits)."""
    return _keyed(["key"], key=key)[:8]


def _digest(content: object) -> str:
    return hashlib.sha256(_bytes(content)).hexdigest()


def _keyed(content: object, *, key: bytes) -> str:
    return hmac.new(key, _bytes(content), hashlib.sha256).hexdigest()


def _bytes(content: object) -> bytes:
    return json.dumps(content, default=str, sort_keys=True).encode("ascii")
