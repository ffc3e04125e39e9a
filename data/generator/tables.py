"""The generator's inputs: three policy files and the training part of the labelled corpus."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CORPUS = HERE.parent / "labelled" / "train.jsonl"  # never dev or test


@dataclass(frozen=True)
class Branch:
    """One branch of the fictional bank."""

    city: str
    province: str
    district: str
    region: str  # first six digits of its people's identity cards
    code: str
    weight: int
    outlets: int
    customers: int
    subs: list[str]

    @property
    def name(self) -> str:
        """The name under which every feed and the exposure table know it."""
        return f"华河银行{self.city.removesuffix('市')}分行"


@dataclass(frozen=True)
class Origin:
    """One labelled text of the corpus."""

    id: str
    text: str
    style: str
    rating: float | None
    kind: str
    business: str
    touchpoint: str
    sentiment: str
    leaves: tuple[str, ...]
    demand: tuple[str, ...]
    escalation: tuple[tuple[str, str], ...]  # (kind, modality)
    pii: tuple[tuple[str, str], ...]  # (type, exact substring)
    group: str | None

    @property
    def theme(self) -> tuple[str, str]:
        """Business and first leaf."""
        return self.business, self.leaves[0]

    @property
    def grave(self) -> bool:
        """Self-harm or violence: used once and never shortened."""
        return any(kind in ("self_harm", "violence") for kind, _ in self.escalation)


@cache
def toml(name: str) -> dict[str, Any]:
    """Read bank, phrases or plan."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def branches() -> tuple[Branch, ...]:
    """List the branches in the order of bank.toml."""
    return tuple(Branch(**entry) for entry in toml("bank")["branches"])


@cache
def origins() -> tuple[Origin, ...]:
    """Read the corpus' training part; texts that hold U+FFFD cannot be told from a broken file and stay out."""
    with CORPUS.open(encoding="utf-8") as lines:
        return tuple(origin for line in lines if "\ufffd" not in (origin := _origin(json.loads(line))).text)


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(
        **{key: row[key] for key in ("id", "text", "style", "rating", "kind", "business", "touchpoint", "sentiment")},
        leaves=tuple(row["leaves"]),
        demand=tuple(row["demand"]),
        escalation=tuple((hit["kind"], hit["modality"]) for hit in row["escalation"]),
        pii=tuple((hit["type"], hit["text"]) for hit in row["pii"]),
        group=row["dup_group"],
    )


def quarter(day: date) -> str:
    """Name the quarter of a day: Q2 or Q3."""
    return "Q2" if day <= toml("bank")["quarters"][0]["end"] else "Q3"
