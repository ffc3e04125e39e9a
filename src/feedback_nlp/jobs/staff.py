"""Names of the bank's own people, as they stand in histories and lists."""

from __future__ import annotations

import re

from feedback_nlp.errors import OfficerError

_NUMBER = re.compile(r"\d[\d\s-]{9,}[\dXx]")  # a telephone, a card, an identity: no staff number is so long


def staff_name(written: str, *, what: str) -> str:
    """Give a name or staff number as it is stored; refuse what may be a customer's number.

    >>> staff_name(" 李四 8151 ", what="办理人")
    '李四 8151'
    """
    name = written.strip()
    if _NUMBER.search(name):
        raise OfficerError(f"{what}请填姓名或工号，不要填电话、证件号或卡号")
    return name
