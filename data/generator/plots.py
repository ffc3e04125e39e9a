"""The planted truths that need rows of their own: outbreak, repeats, template letters, group burst, equal texts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle

from generator import edit, people
from generator.scene import fill
from generator.tables import Origin, branches, origins, toml
from generator.writer import Entry, Writer

_NOT_APP = ("网银", "公众号", "小程序", "U盾", "IE", "电脑", "5.2", "9.2")


def write(writer: Writer) -> None:
    """Write every plot."""
    _outbreak(writer)
    _repeats(writer)
    _templates(writer)
    _burst(writer)
    _equal(writer)


def _outbreak(writer: Writer) -> None:
    """Let version 6.4.0 of the app fail for two weeks; short texts of the corpus, framed by what happened."""
    plan, words, rng = toml("plan")["outbreak"], toml("phrases")["outbreak"], writer.rng
    pool = [
        o
        for o in origins()
        if o.kind == "complaint"
        and o.business == "digital_channel"
        and o.leaves[0] in ("system.login", "system.crash", "system.compat")
        and len(o.text) < 70
        and "\n" not in o.text
        and o.style not in ("asr", "ticket")
        and not any(word in o.text for word in _NOT_APP)
    ]
    for feed, rows in plan["rows"].items():
        for _ in range(rows):
            at = writer.moment(feed, start=plan["start"], end=plan["end"])
            origin = rng.choice(pool)
            scene = writer.scene(origin, at=at)

            def said(origin: Origin = origin, feed: str = feed, scene=scene) -> str:  # type: ignore[no-untyped-def]
                own = edit.change(origin, scene=scene, rng=rng, strength=2) if rng.random() < 0.3 and feed != "ledger" else ""
                text = "".join(rng.choice(words[key]) for key in ("lead", "middle", "tried", "harm"))
                text = f"{text}。{own}" if own else text
                text = fill(text, scene=scene, rng=rng)
                if feed == "hotline":
                    text = fill(rng.choice(toml("phrases")["hotline"]["calls"]), scene=scene, rng=rng, text=text)
                if feed == "ledger":
                    text = fill(rng.choice(toml("phrases")["ledger"]["quotes"]), scene=scene, rng=rng, text=text)
                    text += ("" if text[-2] in "。！？" else "。") + fill(rng.choice(toml("phrases")["ledger"]["quote_tails"]), scene=scene, rng=rng)
                return text

            leaves = tuple(dict.fromkeys((*origin.leaves[:2], "system.compat")))[:3]
            writer.accept(Entry(feed, scene, writer.fresh(said), (origin,), leaves, plot="outbreak"))


def _repeats(writer: Writer) -> None:
    """Let customers call, complain in writing, and come back, always about the same matter."""
    plan, again, rng = toml("plan")["repeats"], toml("phrases")["again"], writer.rng
    third = cycle([feed for feed, n in plan["third"].items() for _ in range(n)])
    for number, origin in enumerate(_repeatable(writer)[: plan["customers"]]):
        name = f"repeat {number + 1:02d}"
        start = datetime(2026, 4, 8) + timedelta(days=number * 8 + rng.randint(0, 3), hours=9, minutes=rng.randrange(500))
        branch = writer.branch()
        person = people.draw(rng, branch=branch, text=origin.text)
        parts = edit.sentences(origin.text)
        for feed, key, after, share in (
            ("hotline", "call_first", 0, parts[: len(parts) // 2]),
            ("ledger", "", rng.randint(2, 4), parts),
            (next_feed := next(third), "call_again" if next_feed == "hotline" else "review" if next_feed == "app" else "survey", rng.randint(7, 14), parts[-2:]),
        ):  # fmt: skip
            scene = writer.scene(origin, at=start + timedelta(days=after), branch=branch, person=person)
            piece = _Piece(origin, text="".join(share))

            def said(piece: Origin = piece, key: str = key, scene=scene) -> str:  # type: ignore[no-untyped-def]
                text = edit.change(piece, scene=scene, rng=rng, strength=0).replace("\n", " " if key else "\n").strip()
                text = text if text[-1] in "。！？”" else text.rstrip("，；：") + "。"
                return fill(rng.choice(again[key]), scene=scene, rng=rng, text=text) if key else text

            entry = Entry(feed, scene, writer.fresh(said, limit=plan["near_limit"]), (origin,), origin.leaves, plot=name, known=True)
            writer.accept(entry)


def _Piece(origin: Origin, *, text: str) -> Origin:  # noqa: N802
    from dataclasses import replace

    return replace(origin, text=text)


def _repeatable(writer: Writer) -> list[Origin]:
    """List complaints long enough to be told three times, on many different themes."""
    fits = [
        o
        for o in origins()
        if o.kind == "complaint"
        and o.style in ("ticket", "web_form", "platform")
        and 70 <= len(o.text) <= 210
        and 4 <= len(edit.sentences(o.text)) <= 8
        and not o.escalation
        and o.group is None
        and "【" not in o.text
        and _even(edit.sentences(o.text))
        and o.business not in ("digital_channel", "treasury")
    ]
    writer.rng.shuffle(fits)
    seen: set[tuple[str, str]] = set()
    return [o for o in fits if not (o.theme in seen or seen.add(o.theme))]  # type: ignore[func-returns-value]


def _even(parts: list[str]) -> bool:
    """Tell whether neither the first half nor the last two sentences hold most of the text."""
    whole = sum(map(len, parts))
    return all(0.2 < sum(map(len, some)) / whole < 0.6 for some in (parts[: len(parts) // 2], parts[-2:]))


def _templates(writer: Writer) -> None:
    """Let an agent send the same letter under many names."""
    rng = writer.rng
    for group, plan in toml("plan")["templates"].items():
        members = [o for o in origins() if o.group == group]
        for _ in range(plan["letters"]):
            origin = rng.choice(members)
            scene = writer.scene(origin, at=writer.moment("ledger", start=plan["start"], end=plan["end"]))
            text = fill(toml("phrases")["templates"][group], scene=scene, rng=rng)
            writer.accept(Entry("ledger", scene, text, (origin,), origin.leaves, plot=f"template {group}"), planted_twin=True)


def _burst(writer: Writer) -> None:
    """Let the families of one closed training school write within three days."""
    plan, words, rng = toml("plan")["burst"], toml("phrases")["burst"], writer.rng
    branch = next(each for each in branches() if each.city == plan["city"])
    origin = next(o for o in origins() if "分期学费贷" in o.text)
    who = rng.sample(words["who"], plan["ledger"] + plan["hotline"])
    for number, opening in enumerate(who):
        feed = "ledger" if number < plan["ledger"] else "hotline"
        at = writer.moment("hotline", start=plan["start"], end=plan["end"])
        scene = writer.scene(origin, at=at, branch=branch)

        def said(opening: str = opening, scene=scene) -> str:  # type: ignore[no-untyped-def]
            rest = "".join(rng.choice(words[key]) for key in ("signed", "gone", "still", "asks"))
            return fill(opening + rest, scene=scene, rng=rng)

        writer.accept(Entry(feed, scene, writer.fresh(said), (origin,), origin.leaves, plot="burst"))


def _equal(writer: Writer) -> None:
    """Let twenty people write one word."""
    plan, quarters = toml("plan")["equal"], toml("bank")["quarters"]
    origin = next(o for o in origins() if o.leaves == ("other.general",) and o.kind == "complaint" and len(o.text) < 8)
    for number in range(plan["survey"] + plan["app"]):
        feed = "survey" if number < plan["survey"] else "app"
        at = writer.moment(feed, start=quarters[0]["start"], end=quarters[1]["end"])
        if number < 5:
            at = datetime.combine(plan["same_day"], time(9 + number))
        writer.accept(
            Entry(feed, writer.scene(origin, at=at), plan["text"], (origin,), origin.leaves, plot="equal"), planted_twin=True
        )
