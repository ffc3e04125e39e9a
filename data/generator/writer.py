"""The one place that makes rows: it picks corpus texts, varies them, and refuses accidental near-duplicates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from generator import people
from generator.frame import compose
from generator.nearness import Index
from generator.people import Person
from generator.scene import Scene, version_on
from generator.tables import Branch, Origin, branches, toml

CONTROLLED = {(theme["business"], leaf) for theme in toml("plan")["themes"] for leaf in theme["leaves"]}
"""Themes whose counts plan.toml sets; only complaints count."""


@dataclass(eq=False)
class Entry:
    """One row of a feed, before it is written in the feed's shape."""

    feed: str
    scene: Scene
    text: str
    origins: tuple[Origin, ...]
    leaves: tuple[str, ...]
    plot: str = ""  # the planted truth it belongs to
    known: bool = False  # survey and app: the customer number stands in the row
    id: str = ""  # set when the feed is numbered
    refs: list[str] = field(default_factory=list)  # "feed/id", or "feed/row 12" where there is no id

    @property
    def first(self) -> Origin:
        """The corpus text that gives the labels."""
        return self.origins[0]


class Writer:
    """Draws rows from one random state and remembers what has been written."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.entries: list[Entry] = []
        self.highest = 0.0  # similarity among accepted rows
        self._index = Index()
        self._uses: Counter[str] = Counter()
        self._spent: set[tuple[str, str]] = set()  # (feed, corpus id) of texts that found no new wording any more
        self._plan = toml("plan")

    def moment(self, feed: str, *, start: date, end: date) -> datetime:
        """Draw a time between two days, working days more often where the feed is like that."""
        days = [start + timedelta(n) for n in range((end - start).days + 1)]
        day = self.rng.choices(days, [self._plan["weekdays"][feed][each.weekday()] for each in days])[0]
        hour = self.rng.randint(8, 22) if feed == "app" else self.rng.randint(8, 18)
        return datetime.combine(day, time(hour, self.rng.randrange(60), self.rng.randrange(60)))

    def branch(self) -> Branch:
        """Draw a branch by its share of the feedback."""
        return self.rng.choices(branches(), [each.weight for each in branches()])[0]

    def scene(
        self, origin: Origin, *, at: datetime, branch: Branch | None = None, person: Person | None = None
    ) -> Scene:
        """Put an origin into a place and give it a customer."""
        branch, bank, rng = branch or self.branch(), toml("bank"), self.rng
        return Scene(
            at=at,
            branch=branch,
            outlet=rng.choice(branch.subs),
            product=_product(origin),
            person=person or people.draw(rng, branch=branch, text=origin.text),
            device=rng.choice(bank["app"]["devices"]),
            version=version_on(at),
            arrival=self._arrival(origin),
        )

    def row(self, pool: Sequence[Origin], *, feed: str, at: datetime, plot: str = "") -> Entry:
        """Write one row from the least used fitting texts of a pool."""
        while True:
            fresh = [each for each in pool if (feed, each.id) not in self._spent]
            origin = self._pick(fresh, feed=feed)
            entry = self._vary(origin, pool=fresh, feed=feed, at=at)
            if entry:
                entry.plot = plot
                return entry
            self._spent.add((feed, origin.id))

    def accept(self, entry: Entry, *, planted_twin: bool = False) -> Entry:
        """Take a row in; planted twins may repeat each other."""
        if not planted_twin:
            self._index.add(_nameless(entry.text, person=entry.scene.person))
        self._uses.update(origin.id for origin in entry.origins)
        self.entries.append(entry)
        return entry

    def fresh(self, write: Callable[[], str], *, limit: float | None = None) -> str:
        """Repeat a phrase until it is near no other row."""
        for _ in range(400):
            if (near := self.near(text := write())) < (limit or self._plan["near_limit"]):
                self.highest = max(self.highest, near)
                return text
        raise RuntimeError(f"no fresh wording for: {text[:20]}…; add phrases")

    def near(self, text: str) -> float:
        """Give the similarity to the nearest row; short texts repeat as people repeat themselves."""
        return self._index.nearest(text) if len(text) >= 30 else 0.0

    def _vary(self, origin: Origin, *, pool: Sequence[Origin], feed: str, at: datetime) -> Entry | None:
        for attempt in range(self._plan["tries"]):
            scene = self.scene(origin, at=at)
            chosen = (origin, *self._partner(origin, pool=pool, wish=attempt > 2 or self.rng.random() < 0.4))
            strength = min(3, self._uses[origin.id] + attempt // 4)
            text = compose(chosen, feed=feed, scene=scene, rng=self.rng, strength=0 if origin.grave else strength)
            if (near := self.near(_nameless(text, person=scene.person))) < self._plan["near_limit"]:
                self.highest = max(self.highest, near)
                leaves = tuple(dict.fromkeys(leaf for each in chosen for leaf in each.leaves))[:3]
                return self.accept(Entry(feed, scene, text, chosen, leaves))
        return None

    def _partner(self, origin: Origin, *, pool: Sequence[Origin], wish: bool) -> list[Origin]:
        """Find a second short text on the same theme, said in the same manner."""
        limit = self._plan["join_below"]
        if not wish or not _joins(origin, limit=limit):
            return []
        fits = [each for each in pool if each.id != origin.id and _pairs(origin, each) and _joins(each, limit=limit)]
        return [self.rng.choice(fits)] if fits else []

    def _pick(self, pool: Sequence[Origin], *, feed: str) -> Origin:
        styles, businesses, cap = self._plan["styles"][feed], self._plan["businesses"], self._plan["cap"]
        weights = []
        for origin in pool:
            used = self._uses[origin.id]
            size = "short" if len(origin.text) < 60 else "medium" if len(origin.text) < 150 else "long"
            limit = 1 if origin.grave else cap[size]
            weight = styles.get(origin.style, 0.2) * businesses.get(origin.business, 1)
            weights.append(weight / (1 + 2 * used) ** 3 if used < limit else weight * 1e-6 / (1 + used) ** 6)
            if origin.grave and used:
                weights[-1] = 0
        return self.rng.choices(pool, weights)[0]

    def _arrival(self, origin: Origin) -> str:
        arrival = toml("bank")["arrival"]
        if origin.style != "forwarded":
            return str(self.rng.choice(arrival[origin.style]))
        table = arrival["forwarded"]
        return str(next((name for cue, name in table.items() if cue in origin.text), table["else"]))


def _nameless(text: str, *, person: Person) -> str:
    return text.replace(person.name, "某")


def _product(origin: Origin) -> str:
    products = toml("bank")["businesses"][origin.business]
    return next(str(name) for name, cue in products.items() if not cue or re.search(cue, origin.text))


def _pairs(one: Origin, other: Origin) -> bool:
    """Tell whether one person could say both in one breath: same theme, same kind, same manner, no two places."""
    places = {one.touchpoint, other.touchpoint} - {"unknown"}
    manner = [style in ("asr", "ticket", "forwarded") and style for style in (one.style, other.style)]
    return one.theme == other.theme and one.kind == other.kind and manner[0] == manner[1] and len(places) < 2


def _joins(origin: Origin, *, limit: int) -> bool:
    short = 4 <= len(origin.text.rstrip("。.…")) < limit and "\n" not in origin.text and "坐席：" not in origin.text
    return short and origin.kind != "other" and not origin.escalation and not origin.pii
