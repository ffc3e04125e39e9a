"""Who writes, where, when, and the slots that this fills in a phrase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from generator.people import Person
from generator.tables import Branch, toml


@dataclass(frozen=True)
class Scene:
    """The circumstances of one row."""

    at: datetime
    branch: Branch
    outlet: str
    product: str
    person: Person
    device: str
    version: str  # of the app on that day
    arrival: str  # 投诉渠道


def fill(phrase: str, *, scene: Scene, rng: Random, text: str = "") -> str:
    """Fill the slots of a phrase."""
    person, at = scene.person, scene.at
    return phrase.format(
        text=text,
        phone=person.phone,
        name=person.name,
        surname=person.name[0],
        title=person.title,
        id_card=person.id_card,
        outlet=scene.outlet,
        branch=scene.branch.name.removeprefix("华河银行"),
        city=scene.branch.city.removesuffix("市"),
        product=scene.product,
        device=scene.device,
        version=scene.version,
        arrival=toml("bank")["arrival_words"].get(scene.arrival, "转办函"),
        date=f"{at.month}月{max(1, at.day - rng.randint(0, 3))}日",
        month=at.month,
        n=rng.randint(2, 9),
        staff=f"{rng.choice(toml('bank')['people']['surnames'])}经理",
        amount=rng.randrange(60, 260) * 100,
        amount2=rng.randrange(40, 160) * 10,
        year=rng.randint(2021, 2024),
        mailbox=toml("phrases")["mailbox"],
    )


def version_on(at: datetime) -> str:
    """Name the app version that was current."""
    return str([entry["version"] for entry in toml("bank")["app"]["versions"] if entry["from"] <= at.date()][-1])
