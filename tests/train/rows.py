"""Labelled rows for tests."""

import json
from pathlib import Path
from typing import Any

THEMES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("手机银行登录不上，一直提示验证码错误", {"leaves": ["system.login"], "demand": ["fix"]}),
    ("信用卡年费太高了，要求退还", {"business": "credit_card", "leaves": ["pricing.fee"], "demand": ["refund"]}),
    ("客服态度很差，爱理不理", {"business": "other", "touchpoint": "phone", "leaves": ["service.attitude"]}),
    (
        "请问房贷怎么提前还款",
        {"kind": "inquiry", "business": "loan", "sentiment": "neutral", "leaves": ["rules.repayment"]},
    ),
    ("手机银行很好用，点赞", {"kind": "praise", "sentiment": "positive", "leaves": ["system.function"]}),
)
PLACES = "东南西北中前后左右上下山水云风花鸟"


def record(number: int, **changes: Any) -> dict[str, Any]:
    """Make a labelled row; neighbours differ enough not to be near-duplicates."""
    text, labels = THEMES[number % len(THEMES)]
    place = PLACES[number % len(PLACES)] + PLACES[number // len(PLACES) % len(PLACES)]
    return {
        "id": f"r{number}",
        "text": f"{place}城{place}街{place}支行{place}部：{text}，{place}",
        "kind": "complaint",
        "business": "digital_channel",
        "touchpoint": "mobile",
        "sentiment": "negative",
        "demand": [],
        "style": ("letter", "survey")[number % 2],
        **labels,
        **changes,
    }


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
