"""The planted truths that need rows of their own: outbreak, repeats, template letters, group burst, equal texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import cycle
from random import Random

from generator import edit, people
from generator.frame import quoted_in
from generator.scene import Scene, fill
from generator.tables import Origin, branches, origins, toml
from generator.writer import Entry, Writer

_NOT_APP = ("网银", "公众号", "小程序", "U盾", "IE", "电脑", "5.2", "9.2")  # other doors, other versions
_FAILURES = ("system.login", "system.crash", "system.compat")


def write(writer: Writer) -> None:
    """Write every plot."""
    _outbreak(writer)
    _repeats(writer)
    _templates(writer)
    _burst(writer)
    _equal(writer)


def _outbreak(writer: Writer) -> None:
    """Let version 6.4.0 of the app fail for two weeks."""
    plan = toml("plan")["outbreak"]
    pool = [o for o in origins() if _about_app(o)]
    for feed, rows in plan["rows"].items():
        for _ in range(rows):
            origin = writer.rng.choice(pool)
            scene = writer.scene(origin, at=writer.moment(feed, start=plan["start"], end=plan["end"]))
            text = writer.fresh(partial(_failure, origin, feed=feed, scene=scene, rng=writer.rng))
            leaves = tuple(dict.fromkeys((*origin.leaves[:2], "system.compat")))[:3]
            writer.accept(Entry(feed, scene, text, (origin,), leaves, plot="outbreak"))


def _about_app(origin: Origin) -> bool:
    return (
        origin.kind == "complaint"
        and origin.business == "digital_channel"
        and origin.leaves[0] in _FAILURES
        and len(origin.text) < 70
        and "\n" not in origin.text
        and origin.style not in ("asr", "ticket")
        and not any(word in origin.text for word in _NOT_APP)
    )


def _failure(origin: Origin, *, feed: str, scene: Scene, rng: Random) -> str:
    """Tell what the update broke, sometimes followed by the corpus text itself."""
    words = toml("phrases")["outbreak"]
    broken = rng.choice(words["what"][origin.leaves[0]])
    text = rng.choice(words["lead"]) + broken + rng.choice(words["tried"]) + rng.choice(words["harm"])
    if feed != "ledger" and rng.random() < 0.3:
        text += "。" + edit.change(origin, scene=scene, rng=rng, strength=2)
    text = fill(text, scene=scene, rng=rng)
    return quoted_in(feed, text, scene=scene, rng=rng) if feed in ("ledger", "hotline") else text


def _repeats(writer: Writer) -> None:
    """Let customers call, complain in writing, and come back, always about the same matter."""
    plan, rng = toml("plan")["repeats"], writer.rng
    third = cycle([feed for feed, n in plan["third"].items() for _ in range(n)])
    for number, origin in enumerate(_repeatable(rng)[: plan["customers"]]):
        start = datetime(2026, 4, 8) + timedelta(
            days=8 * number + rng.randint(0, 3), hours=9, minutes=rng.randrange(500)
        )
        branch = writer.branch()
        person = people.draw(rng, branch=branch, text=origin.text)
        for feed, frame, days, part in _visits(origin, last=next(third), rng=rng):
            scene = writer.scene(origin, at=start + timedelta(days=days), branch=branch, person=person)
            tell = partial(_told, replace(origin, text=part), frame=frame, scene=scene, rng=rng)
            text = writer.fresh(tell, limit=plan["near_limit"])
            name = f"repeat {number + 1:02d}"
            writer.accept(Entry(feed, scene, text, (origin,), origin.leaves, plot=name, known=True))


def _visits(origin: Origin, *, last: str, rng: Random) -> list[tuple[str, str, int, str]]:
    """Plan the three times: feed, frame of the phrase, days after the first, what is told."""
    parts = edit.sentences(origin.text)
    frame = {"hotline": "call_again", "app": "review", "survey": "survey"}[last]
    return [
        ("hotline", "call_first", 0, "".join(parts[: len(parts) // 2])),
        ("ledger", "", rng.randint(2, 4), origin.text),
        (last, frame, rng.randint(7, 14), "".join(parts[-2:])),
    ]


def _told(origin: Origin, *, frame: str, scene: Scene, rng: Random) -> str:
    text = edit.change(origin, scene=scene, rng=rng, strength=0).strip()
    if not frame:
        return text
    text = text.replace("\n", " ")
    text = text if text[-1] in "。！？”" else text.rstrip("，；：") + "。"
    return fill(rng.choice(toml("phrases")["again"][frame]), scene=scene, rng=rng, text=text)


def _repeatable(rng: Random) -> list[Origin]:
    """List complaints long enough to be told three times, each theme once."""
    fits = [
        o
        for o in origins()
        if o.kind == "complaint"
        and o.style in ("ticket", "web_form", "platform")
        and 70 <= len(o.text) <= 210
        and not o.escalation
        and o.group is None
        and "【" not in o.text
        and _even(edit.sentences(o.text))
        and o.business not in ("digital_channel", "treasury")
    ]
    rng.shuffle(fits)
    return list({origin.theme: origin for origin in fits}.values())


def _even(parts: list[str]) -> bool:
    """Tell whether neither the first half nor the last two sentences hold most of the text."""
    whole = sum(map(len, parts))
    halves = (parts[: len(parts) // 2], parts[-2:])
    return 4 <= len(parts) <= 8 and all(0.2 < sum(map(len, half)) / whole < 0.6 for half in halves)


def _templates(writer: Writer) -> None:
    """Let an agent send the same letter under many names."""
    for group, plan in toml("plan")["templates"].items():
        members = [o for o in origins() if o.group == group]
        for _ in range(plan["letters"]):
            origin = writer.rng.choice(members)
            scene = writer.scene(origin, at=writer.moment("ledger", start=plan["start"], end=plan["end"]))
            text = fill(toml("phrases")["templates"][group], scene=scene, rng=writer.rng)
            entry = Entry("ledger", scene, text, (origin,), origin.leaves, plot=f"template {group}")
            writer.accept(entry, planted_twin=True)


def _burst(writer: Writer) -> None:
    """Let the families of one closed training school write within three days."""
    plan, rng = toml("plan")["burst"], writer.rng
    branch = next(each for each in branches() if each.city == plan["city"])
    origin = next(o for o in origins() if "分期学费贷" in o.text)
    openings = rng.sample(toml("phrases")["burst"]["who"], plan["ledger"] + plan["hotline"])
    for number, opening in enumerate(openings):
        feed = "ledger" if number < plan["ledger"] else "hotline"
        at = writer.moment("hotline", start=plan["start"], end=plan["end"])
        # The corpus text was forwarded by a city hotline; these families write themselves.
        scene = writer.scene(replace(origin, style="web_form"), at=at, branch=branch)
        text = writer.fresh(_mixed(opening, scene=scene, rng=rng))
        writer.accept(Entry(feed, scene, text, (replace(origin, escalation=()),), origin.leaves, plot="burst"))


def _mixed(opening: str, *, scene: Scene, rng: Random) -> Callable[[], str]:
    words = toml("phrases")["burst"]

    def text() -> str:
        rest = "".join(rng.choice(words[key]) for key in ("signed", "gone", "still", "asks"))
        return fill(opening + rest, scene=scene, rng=rng)

    return text


def _equal(writer: Writer) -> None:
    """Let twenty people write one word, five of them on one day."""
    plan, quarters = toml("plan")["equal"], toml("bank")["quarters"]
    origin = next(o for o in origins() if o.leaves == ("other.general",) and o.kind == "complaint" and len(o.text) < 8)
    for number in range(plan["survey"] + plan["app"]):
        feed = "survey" if number < plan["survey"] else "app"
        at = writer.moment(feed, start=quarters[0]["start"], end=quarters[1]["end"])
        at = datetime.combine(plan["same_day"], time(9 + number)) if number < 5 else at
        entry = Entry(feed, writer.scene(origin, at=at), plan["text"], (origin,), origin.leaves, plot="equal")
        writer.accept(entry, planted_twin=True)
