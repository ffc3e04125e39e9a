"""Dress a changed text for its feed: greeting, quotation, where it happened, a second matter of the same kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from random import Random

from generator.edit import FORMAL, SPOKEN, change
from generator.scene import Scene, fill
from generator.tables import Origin, toml

_SALUTED = re.compile(r"^.{2,18}[：:]\s*\n?|^【")
_DEVICE = re.compile(r"苹果|安卓|华为|某为|小米|手机|版本|ios|iOS|平板|电脑")
_CLERK = frozenset({"ticket", "forwarded"})
_END = "。！？!?~～…”）)」】"


def compose(chosen: tuple[Origin, ...], *, feed: str, scene: Scene, rng: Random, strength: int) -> str:
    """Write the row's text from one corpus text, or from two on the same theme."""
    origin = chosen[0]
    text = _joined(chosen, scene=scene, rng=rng, strength=strength)
    dressed = _DRESS[feed](text, origin=origin, scene=scene, rng=rng, strength=strength)
    return dressed if feed in ("ledger", "app") else re.sub(r"\s*\n\s*", " ", dressed).strip()


def _joined(chosen: tuple[Origin, ...], *, scene: Scene, rng: Random, strength: int) -> str:
    texts = [change(origin, scene=scene, rng=rng, strength=strength) for origin in chosen]
    if len(texts) == 1:
        return texts[0]
    style = chosen[0].style
    links = toml("phrases")["join"]["spoken" if style in SPOKEN else "formal" if style in _CLERK else "casual"]
    link = str(rng.choice(links))
    first = texts[0].rstrip("。，；;,. ") if link[0] in "，。；" else texts[0]
    if first[-1] in _END:  # ！ and ？ end the sentence already
        link = link.lstrip("，。；")
    return first + link + texts[1]


def _hotline(text: str, *, origin: Origin, scene: Scene, rng: Random, strength: int) -> str:
    words = toml("phrases")["hotline"]

    def say(key: str) -> str:
        return fill(rng.choice(_sayable(words[key], scene=scene)), scene=scene, rng=rng)

    if origin.style not in SPOKEN:
        if origin.style not in _CLERK:
            frames = _sayable(words["asks" if origin.kind == "inquiry" else "calls"], scene=scene)
            text = fill(rng.choice(frames), scene=scene, rng=rng, text=_ended(text))
        return _ended(text) + (say("notes") if rng.random() < 0.35 + 0.3 * strength else "")
    if "：" in text:  # a dialogue with speaker turns
        return _asides(text, rng=rng, share=0.06 + 0.05 * strength, words=words["asides"])
    text = _asides(text, rng=rng, share=0.05 + 0.06 * strength, words=words["asides"])
    lead = (
        [say("greetings")]
        if rng.random() < 0.3 + 0.3 * strength and not text.startswith(("喂", "你好", "您好"))
        else []
    )
    lead += [say("origins")] if rng.random() < 0.12 + 0.25 * strength else []
    tail = [say("closings")] if rng.random() < 0.15 + 0.25 * strength else []
    return " ".join([*lead, text, *tail])


def _asides(text: str, *, rng: Random, share: float, words: list[str]) -> str:
    """Put fillers into the pauses of speech; a pause may also close."""
    out = []
    for gap, piece in enumerate(text.split(" ")):
        out.append(piece if gap == 0 else f" {rng.choice(words)} {piece}" if rng.random() < share else f" {piece}")
    return "".join(out)


def _ledger(text: str, *, origin: Origin, scene: Scene, rng: Random, strength: int) -> str:
    words = toml("phrases")["ledger"]

    def say(key: str, *, text: str = "") -> str:
        return fill(rng.choice(_sayable(words[key], scene=scene)), scene=scene, rng=rng, text=text)

    likely = rng.random() < 0.25 + 0.3 * strength
    if origin.style in _CLERK:
        lead = say("lead") if likely and strength and not text.startswith(("【", "12")) else ""
        return lead + _ended(text) + (say("tail") if rng.random() < 0.3 + 0.3 * strength else "")
    if origin.style == "letter":
        head = "" if _SALUTED.match(text) or not likely else say("salutations") + "\n"
        return head + _ended(text) + ("\n" + say("regards") if rng.random() < 0.3 + 0.25 * strength else "")
    if origin.style in FORMAL and len(text) >= 30:
        return _ended(text) + (say("plain") if rng.random() < 0.25 + 0.35 * strength else "")
    quoted = say("quotes", text=text.replace("“", "‘").replace("”", "’"))
    return quoted + (_stop(quoted) + say("quote_tails") if rng.random() < 0.4 + 0.3 * strength else "")


def _remark(text: str, *, origin: Origin, feed: str, scene: Scene, rng: Random, strength: int) -> str:
    """Put a word about oneself before or after a short remark; idle talk stays as it is."""
    if origin.leaves[0] == "other.none":
        return text
    words = toml("phrases")[feed]
    ready = 0.12 if len(text) < 12 else 0.2 + 0.28 * strength
    own_phone = _DEVICE.search(text)  # a text that names its phone gets no other

    def say(key: str) -> str:
        phrases = [
            each
            for each in _sayable(words[key], scene=scene)
            if not (own_phone and ("{device}" in each or "{version}" in each))
        ]
        return fill(rng.choice(phrases), scene=scene, rng=rng)

    lead = say("lead") if rng.random() < ready else ""
    tail = say("tail") if rng.random() < ready * 0.7 else ""
    return lead + (_ended(text) if tail else text) + tail


def _sayable(phrases: list[str], *, scene: Scene) -> list[str]:
    """Leave out phrases that would name a product nobody calls by its name."""
    vague = scene.product in toml("bank")["vague"]
    return [each for each in phrases if not (vague and "{product}" in each)]


def quoted_in(feed: str, text: str, *, scene: Scene, rng: Random) -> str:
    """Put a customer's words into the mouth of the clerk who keeps the ledger or the hotline's notes."""
    words = toml("phrases")[feed]
    if feed == "hotline":
        return fill(rng.choice(_sayable(words["calls"], scene=scene)), scene=scene, rng=rng, text=text)
    quoted = fill(rng.choice(_sayable(words["quotes"], scene=scene)), scene=scene, rng=rng, text=text)
    return quoted + _stop(quoted) + fill(rng.choice(words["quote_tails"]), scene=scene, rng=rng)


def _stop(quoted: str) -> str:
    return "" if quoted[-2] in "。！？" else "。"


def _ended(text: str) -> str:
    return text if text.rstrip()[-1] in _END else text.rstrip("，,；; \n") + "。"


_DRESS: dict[str, Callable[..., str]] = {
    "hotline": _hotline,
    "ledger": _ledger,
    "survey": partial(_remark, feed="survey"),
    "app": partial(_remark, feed="app"),
}
