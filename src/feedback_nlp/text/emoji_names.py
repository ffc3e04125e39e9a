"""Write emoji as ``[中文名]``, the way Weibo writes them, so that words and models can read them."""

from __future__ import annotations

import re
from functools import lru_cache

# Every block that holds emoji, and what joins or varies them. Digits, # and * begin keycaps: these end in U+20E3.
_CANDIDATE = re.compile(
    "[\u200d\u203c\u2049\u20e3\u2122-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)
_SKIN_TONE = re.compile("_|(?:较[深浅]|中等[深浅]?)肤色")  # as the names write it
_LEFT_OVER = re.compile("[\u200d\u20e3\ufe0f\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f]")
_TYPOGRAPHIC = frozenset("©®™〰〽")  # signs that printed text uses


def name_emoji(text: str) -> str:
    """Replace each emoji by its Chinese name; skin tones, joiners and halves of flags leave nothing behind.

    >>> name_emoji("客服👍🏿太慢😡按1️⃣")
    '客服[拇指向上]太慢[怒火中烧]按[按键1]'
    """
    if not _CANDIDATE.search(text):
        return text
    from emoji import replace_emoji

    named: str = replace_emoji(text, replace=_name)
    return _LEFT_OVER.sub("", named)


def _name(found: str, _data: dict[str, str]) -> str:
    return found if found[0] in _TYPOGRAPHIC else _chinese(found)


@lru_cache(maxsize=4096)
def _chinese(found: str) -> str:
    from emoji import demojize

    name = _SKIN_TONE.sub("", demojize(found, language="zh", delimiters=("", "")))
    return f"[{name}]" if name else ""
