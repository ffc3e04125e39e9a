"""Say what each column of a delivery is: a field, a customer's identifier, or something else to keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from opencc import OpenCC

from feedback_nlp.errors import SenderError
from feedback_nlp.intake.source import Source, canonical_fields, policy

DROP = "(dropped)"
"""Role of a column that is kept nowhere."""


@dataclass(frozen=True)
class Roles:
    """What each column of a table is."""

    columns: tuple[str, ...]  # unique header of each column, as shown to the sender
    mapping: Mapping[str, str]  # field of RawFeedback → header
    customer: Mapping[str, str] = field(default_factory=dict)  # header → identifier type, or DROP


@dataclass(frozen=True)
class _Match:
    field: str
    rank: tuple[int, int]  # smaller is better: (0, place in names) or (1, -length of the part that fits)


def plain(name: object) -> str:
    """Reduce a header to what is compared.

    >>> plain(" *投诉内容（必填）："), plain("Created_At"), plain("工單號")
    ('投诉内容', 'createdat', '工单号')
    """
    text = _simplified(unicodedata.normalize("NFKC", str(name)).lower())
    shorter = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】", "", text)
    return re.sub(r"[\s_\-:*\ufeff\u200b]", "", shorter or text)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _simplified(name: str) -> str:
    return name if name.isascii() else str(_converter().convert(name.encode(errors="replace").decode()))


def assign(names: Sequence[str], *, source: Source, full: Sequence[str] = (), where: str = "") -> Roles:
    """Say what each column is: explicit settings first, then known names, then parts of names.

    ``full`` are the names with their group titles. Raises SenderError where a header named in the settings is missing.
    """
    columns = tuple(names)
    mapping = _explicit(columns, source=source, where=where)
    taken = {header: name for name, header in mapping.items()}
    matches: dict[str, list[tuple[tuple[int, int], int, str]]] = {}
    for index, name in enumerate(columns):
        if name not in taken and (match := _recognise(name, full[index] if full else name)):
            matches.setdefault(match.field, []).append((match.rank, index, name))
    for wanted, found in matches.items():
        mapping.setdefault(wanted, min(found)[2])
    used = set(mapping.values())
    customer = {name: role for name in columns if name not in used and (role := _personal(name))}
    customer |= {header: name for name, header in mapping.items() if name in policy()["customer"]}
    fields = {name: header for name, header in mapping.items() if name not in policy()["customer"]}
    return Roles(columns, fields, customer)


def add_late(names: Sequence[str], *, roles: Roles, source: Source) -> Roles:
    """Extend the roles to the keys of one JSON row: a key seen late may fill a field that is still free."""
    known = {name: header for name, header in roles.mapping.items() if header in names}
    rest = [name for name in names if name not in set(known.values()) and name not in roles.columns]
    late = assign(rest, source=Source(source.name, source.kind))
    free = {name: header for name, header in late.mapping.items() if name not in roles.mapping}
    customer = {header: role for header, role in roles.customer.items() if header in names}
    return Roles(tuple(names), known | free, customer | dict(late.customer))


@lru_cache(maxsize=4096)
def may_be_name(name: str) -> bool:
    """Tell whether a cell may stand where names stand, which are stored and shown: no person's words or numbers.

    >>> may_be_name("回复/作出处理决定日期"), may_be_name("张伟强13800138000"), may_be_name("我叫张伟强，" * 4)
    (True, False, False)
    """
    rules = policy()["header"]
    width = sum(1 if sign.isascii() else 2 for sign in plain(name))
    return width <= rules["max_name_width"] and not re.search(rules["never"], unicodedata.normalize("NFKC", name))


def looks_like_name(name: str) -> bool:
    """Tell a column's name from a cell of data: short, no sentence, no bare number."""
    return may_be_name(name) and not re.search(r"[。！!?，,;；]|^[\d.\-/ ]+$", plain(name))


def shown(names: Sequence[str]) -> str:
    """List headers for a message; what does not look like a name may be a customer's word and stays out of it."""
    return ", ".join(name if looks_like_name(name) else "…" for name in names)


def is_known(name: str) -> bool:
    """Tell whether a header is a known name of a field, a customer column or another column of common ledgers."""
    text = plain(name)
    return text in _names() or text in _others()


def is_field(name: str) -> bool:
    """Tell whether a header is a whole name of a field of ``RawFeedback``."""
    return (match := _names().get(plain(name))) is not None and match.field in policy()["fields"]


def _explicit(columns: Sequence[str], *, source: Source, where: str) -> dict[str, str]:
    by_plain = {plain(name): name for name in reversed(columns)}
    found = {}
    for name, header in source.columns.items():
        if plain(header) not in by_plain:
            raise SenderError(
                f"{where}: no column {header!r} for {name}; the columns are: {shown(columns)}. "
                f"Correct `columns` of source {source.name!r} in feedback.toml"
            )
        found[name] = header if header in columns else by_plain[plain(header)]
    return found


@cache
def _names() -> dict[str, _Match]:
    """Give every known whole name and the field or identifier type it stands for."""
    known = {plain(name): _Match(name, (0, -1)) for name in canonical_fields() if name not in policy()["customer"]}
    for kind in ("fields", "customer"):
        for wanted, entry in policy()[kind].items():
            for place, name in enumerate(entry["names"]):
                known.setdefault(plain(name), _Match(wanted, (0, place)))
    known |= {plain(name): _Match(DROP, (0, 0)) for name in policy()["dropped"]["names"]}
    return known


@cache
def _parts() -> list[tuple[str, str]]:
    parts = [(plain(part), wanted) for wanted, entry in policy()["fields"].items() for part in entry.get("within", ())]
    return sorted(parts, key=lambda each: -len(each[0]))


def _recognise(name: str, full: str) -> _Match | None:
    """Match a column to a field of ``RawFeedback``; customer columns are judged apart."""
    for text in (plain(name), plain(full)):
        if (match := _names().get(text)) is not None:
            return match if match.field in policy()["fields"] else None
    text = plain(name)
    if _personal(name) or re.search(policy()["matching"]["not_within"], text):
        return None
    return next((_Match(wanted, (1, -len(part))) for part, wanted in _parts() if part in text), None)


def _personal(name: str) -> str | None:
    """Give the identifier type of a customer column, DROP for one that is kept nowhere, None for any other."""
    text = plain(name)
    if (match := _names().get(text)) is not None:
        return match.field if match.field == DROP or match.field in policy()["customer"] else None
    rules: dict[str, Any] = {DROP: policy()["dropped"], **policy()["customer"]}
    if re.search(rules[DROP]["looks"], text):
        return DROP
    if re.search(policy()["matching"]["not_personal"], text):
        return None
    return next((role for role, rule in rules.items() if "looks" in rule and re.search(rule["looks"], text)), None)


@cache
def _others() -> frozenset[str]:
    return frozenset(plain(name) for name in policy()["matching"]["known"])
