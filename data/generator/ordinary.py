"""Everyday feedback: what the feeds would hold if nothing special had happened."""

from __future__ import annotations

from datetime import date

from generator.tables import Origin, origins, toml
from generator.writer import CONTROLLED, Writer

_WITHOUT_APP = ("网银", "公众号", "小程序", "ETC")


def write(writer: Writer) -> None:
    """Write the ordinary rows and the themes whose counts are set."""
    plan = toml("plan")
    quarters = toml("bank")["quarters"]
    for feed, rows in plan["ordinary"].items():
        pool = everyday(feed)
        for _ in range(rows):
            at = writer.moment(feed, start=quarters[0]["start"], end=quarters[1]["end"])
            writer.row(pool, feed=feed, at=at)
    for theme in plan["themes"]:
        for quarter in quarters:
            for feed, rows in theme[quarter["name"][-2:]].items():
                _theme(writer, theme, feed=feed, rows=rows, days=(quarter["start"], quarter["end"]))


def _theme(writer: Writer, theme: dict[str, object], *, feed: str, rows: int, days: tuple[date, date]) -> None:
    quiet = toml("plan")["outbreak"]["quiet"]
    pool = on_theme(theme, feed=feed)
    while rows:
        at = writer.moment(feed, start=days[0], end=days[1])
        if theme["name"] == "digital" and quiet["start"] <= at.date() <= quiet["end"]:
            continue
        writer.row(pool, feed=feed, at=at, plot=str(theme["name"]))
        rows -= 1


def everyday(feed: str) -> list[Origin]:
    """List the corpus texts that may stand in a feed: no template letters, no theme whose count is set."""
    fits = [
        origin
        for origin in origins()
        if origin.group is None
        and origin.style in toml("plan")["styles"][feed]
        and not (origin.kind == "complaint" and origin.theme in CONTROLLED)
    ]
    if feed == "ledger":
        return [origin for origin in fits if origin.kind == "complaint" and origin.leaves[0] != "other.none"]
    if feed == "app":
        return [o for o in fits if o.style in ("app_review", "in_app", "mini_program") or o.touchpoint == "mobile"]
    if feed == "survey":
        return [o for o in fits if o.style.startswith("survey") or (len(o.text) < 90 and not o.pii)]
    return [o for o in fits if o.style in ("asr", "ticket") or len(o.text) < 110]


def on_theme(theme: dict[str, object], *, feed: str) -> list[Origin]:
    """List the complaints on a theme that suit a feed; where there are few, any style will do."""
    fits = [
        origin
        for origin in origins()
        if origin.kind == "complaint"
        and origin.business == theme["business"]
        and origin.leaves[0] in theme["leaves"]  # type: ignore[operator]
        and not origin.grave
        and not (feed == "app" and any(word in origin.text for word in _WITHOUT_APP))
    ]
    if feed == "hotline":
        return [o for o in fits if o.style in ("asr", "ticket") or len(o.text) < 110]
    return [o for o in fits if o.style != "asr" and (feed == "ledger" or o.style != "ticket")]
