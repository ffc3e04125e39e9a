"""What a customer column says: identifiers with their type, in one spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from feedback_nlp.intake import cells
from feedback_nlp.intake.source import policy

_SEPARATORS = re.compile(r"[/、,;，；\n|]+|\s{2,}")
_DIGITAL = frozenset({"手机号", "电话", "银行卡", "身份证"})


def identifiers(value: object, *, role: str) -> list[tuple[str, str]]:
    """Read the identifiers in one cell of a customer column; names such as 匿名 identify nobody.

    A number that Excel has cut names somebody else and is left out.

    >>> identifiers("138 0013 8000 / a@b.cn", role="联系方式")
    [('手机号', '13800138000'), ('邮箱', 'a@b.cn')]
    """
    try:
        written = cells.number(value)
    except cells.LostDigits:
        return []
    if written is None:
        return []
    narrow = unicodedata.normalize("NFKC", written)
    parts = _SEPARATORS.split(narrow) if role in {"联系方式", "银行卡", "证件号码"} else [narrow]
    return [found for part in parts if (found := _one(part.strip(), role))]


def _one(part: str, role: str) -> tuple[str, str] | None:
    kind = _sorted_by_content(part, role)
    value = re.sub(r"[\s\-()]", "", part).upper() if kind in _DIGITAL else part
    if kind == "手机号":
        value = value[-11:]
    if cells.is_blank(value) or value.lower() in _anonymous() or (kind in _DIGITAL and len(set(value)) == 1):
        return None
    return kind, value


def _sorted_by_content(part: str, role: str) -> str:
    dense = re.sub(r"[\s\-()]", "", part)
    if role == "联系方式":
        if "@" in part:
            return "邮箱"
        return "手机号" if re.fullmatch(r"(?:\+?86|0086)?1[3-9]\d{9}", dense) else "电话"
    if role == "证件号码":
        return "身份证" if re.fullmatch(r"\d{17}[\dXx]|\d{15}", dense) else "证件"
    return role


@cache
def _anonymous() -> frozenset[str]:
    return frozenset(policy()["values"]["anonymous"])
