"""Change one corpus text: identifiers, dates, amounts, words, sentences; the matter stays the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from random import Random

from generator import people
from generator.scene import Scene
from generator.tables import Origin, toml

SPOKEN = frozenset({"asr"})
FORMAL = frozenset({"ticket", "letter", "forwarded", "platform", "web_form"})

_PII = 0xE000  # private-use characters stand for identifiers while the words around them change
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+[”」）]?|[^。！？；\n]+")
_KEEP = re.compile(r"要求|诉求|希望|请|建议|[一二三四五六]、|第[一二三四五六]|[①②③④⑤]|\d[、.)）]|[\ue000-\uf8ff]")
_LEANS = re.compile(r"^[”他她它这那但可所结然于再后第其才也还就却而否不再问答果像此因原共]|^一共")
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})([日号])")
_MONTH = re.compile(r"(?<![\d年个第])(?<!去年)(?<!前年)(?<!上年)(\d{1,2})(?=月(?!\d))")
_AMOUNT = re.compile(
    r"(?<![\d.，,])(\d[\d,]*(?:\.\d+)?)(?=\s*(?:万|千)?(?:元|块|美元|欧|澳元|港币))|(?<![\d.])(\d+(?:\.\d+)?)(?=万)"
)
_SPELT = re.compile(
    r"(?<![一二三四五六七八九十])[三四五六七八九](?=[百千万]|十?(?:个月|天|趟|个多月|分钟|个小时|个钟头|遍))"
)
_FEAST = re.compile(r"国庆|春节|五一|中秋|清明|端午|双十一|元旦|过年")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})([:：])(\d{2})(?!\d)")
_OWN = re.compile(r"(我叫|我是|本人|客户|信息】|投诉人|申诉人|来信人|信访人|户名|名字是|我姓\w，叫)[ ：]*$")
_OTHERS = re.compile(
    r"(陌生|推销|业务员|老婆|妈|爸|弟|儿子|父亲|母亲|公公|不是我的|她身份证|他身份证|看看|另一|加我)[^，。]{0,8}$"
)


def change(origin: Origin, *, scene: Scene, rng: Random, strength: int) -> str:
    """Give the origin's text as this customer would have written it; strength 0 touches facts, more touches wording."""
    text, values = _lift(origin, scene=scene, rng=rng)
    text = _dates(text, day=scene.at.date(), rng=rng)
    text = _amounts(text, rng=rng)
    text = _places(text, scene=scene, rng=rng)
    text = re.sub(r"我姓[\u4e00-\u9fff]", f"我姓{scene.person.name[0]}", text)
    if strength and not origin.escalation and not origin.group:
        text = _drop(text, rng=rng, count=strength)
    text = _words(text, rng=rng, share=min(0.9, 0.45 + 0.15 * strength))
    for place, value in enumerate(values):
        text = text.replace(chr(_PII + place), value)
    return text


def sentences(text: str) -> list[str]:
    """Cut after sentence marks, never inside quotation marks or brackets."""
    out: list[str] = []
    for piece in _SENTENCE.findall(text):
        if out and any(out[-1].count(a) != out[-1].count(b) for a, b in ("“”", "（）", "「」", "【】")):
            out[-1] += piece
        else:
            out.append(piece)
    return out


def _lift(origin: Origin, *, scene: Scene, rng: Random) -> tuple[str, list[str]]:
    """Replace every annotated identifier by a mark, and draw the identifier that will stand there."""
    text, values = origin.text, []
    for kind, found in sorted(origin.pii, key=lambda each: -len(each[1])):
        if found not in text:
            continue
        before = text[: text.index(found)]
        values.append(_identifier(kind, found, before=before, scene=scene, rng=rng))
        text = text.replace(found, chr(_PII + len(values) - 1))
    return text, values


def _identifier(kind: str, old: str, *, before: str, scene: Scene, rng: Random) -> str:
    """Draw a new identifier; the customer's own ones are those of the row."""
    person, own = scene.person, not _OTHERS.search(before[-14:])
    if kind == "name":
        own = bool(_OWN.search(before)) or len(before) < 4
        return person.name if own else people.name(rng, male=rng.random() < 0.5)
    if kind == "mobile":
        return people.dress(person.phone if own else people.phone(rng), like=old)
    if kind == "id_card":
        other = people.id_card(rng, region=scene.branch.region, born=rng.randint(1950, 1999), male=rng.random() < 0.5)
        return people.dress(person.id_card if own else other, like=old)
    if kind == "bank_card" and (length := people.digits_in(old)) >= 15:
        head = "".join(char for char in old if char.isdigit())[:1]
        return people.dress(people.luhn(rng, head="6291" if head == "6" else head, length=length), like=old)
    if kind == "address":
        return people.address(rng, city=scene.branch.city)
    if kind == "email":
        local, at, domain = old.partition("@")
        return people.scramble(rng, local) + at + domain
    if kind == "landline":
        area, dash, number = old.partition("-")
        return area + dash + people.scramble(rng, number)
    if kind == "passport":
        return "".join(people.scramble(rng, char) if char.isdigit() else char for char in old)
    return str(rng.randint(1, 9)) + people.scramble(rng, old[1:]) if kind == "qq" else people.scramble(rng, old)


def _dates(text: str, *, day: date, rng: Random) -> str:
    """Move all dates by the same number of days, so that the last lies shortly before the row's day."""
    days = [_day(int(m), int(d)) for m, d, _ in _DAY.findall(text)]
    if _FEAST.search(text):
        return text
    if days:
        gap = day - timedelta(days=rng.randint(1, 9)) - max(days)
        months = round(gap.days / 30.4)

        def moved(match: re.Match[str]) -> str:
            new = _day(int(match[1]), int(match[2])) + gap
            return f"{new.month}月{new.day}{match[3]}"

        text = re.sub(r"(\d{1,2})月(\d{1,2})日至(\d{1,2})日", r"\1月\2日至\1月\3日", text)
        text = _DAY.sub(moved, text)
    else:
        named = [int(m) for m in _MONTH.findall(text) if 1 <= int(m) <= 12]
        months = day.month - rng.randint(0, 1) - max(named) if named else 0
    return _MONTH.sub(lambda m: str((int(m[1]) - 1 + months) % 12 + 1), text)


def _day(month: int, day: int) -> date:
    return date(2026, min(max(month, 1), 12), min(max(day, 1), 28))


def _amounts(text: str, *, rng: Random) -> str:
    """Scale all amounts by one factor, so that their relations hold; change written-out ones in their first digit."""
    factor = rng.choice((0.5, 0.6, 0.75, 0.8, 1.2, 1.25, 1.5, 2, 2.5))

    def scaled(match: re.Match[str]) -> str:
        old = match[0]
        value = float(old.replace(",", ""))
        if value < 20 and "." not in old and match[2] is None:
            return old
        places = len(old.partition(".")[2])
        step = next((s for s in (1000, 100, 10) if value >= 10 * s and value % s == 0), 1)
        new = round(value * factor, places) if places else max(1, round(value * factor / step) * step)
        return f"{new:,.{places}f}" if "," in old else f"{new:.{places}f}"

    text = _AMOUNT.sub(scaled, text)
    spelt = dict(
        zip("三四五六七八九", rng.sample("三四五六七八九", 7), strict=True)
    )  # one exchange, so that equal ones stay equal
    text = text if re.search(r"\d{3}", text) else _SPELT.sub(lambda m: spelt[m[0]], text)
    return _CLOCK.sub(lambda m: f"{m[1]}{m[2]}{rng.randrange(60):02d}", text)


def _places(text: str, *, scene: Scene, rng: Random) -> str:
    """Name the bank and sometimes the outlet where the corpus says 某支行."""
    outlet = scene.outlet.removeprefix(scene.branch.city.removesuffix("市"))
    text = re.sub(r"X{2,}银行", "华河银行", text)
    text = re.sub(r"某银行|某行(?!支行)", lambda m: "华河银行" if rng.random() < 0.7 else m[0], text)
    return re.sub(r"(?:某行|某)支行|X{2,}支行", lambda m: outlet if rng.random() < 0.7 else m[0], text)


def _drop(text: str, *, rng: Random, count: int) -> str:
    """Leave out sentences that carry no request and on which the next one does not lean."""
    parts = sentences(text)
    spare = 0.35 * len(text)  # what is left must still tell the matter
    for _ in range(count):
        free = [
            i
            for i in range(1, len(parts))
            if not _KEEP.search(parts[i])
            and 6 <= len(parts[i]) <= spare
            and (i + 1 == len(parts) or not _LEANS.match(parts[i + 1]))
        ]
        if len(parts) < 4 or not free:
            break
        spare -= len(parts.pop(rng.choice(free)))
    return "".join(parts)


def _words(text: str, *, rng: Random, share: float) -> str:
    """Exchange words for their synonyms; one word is treated alike in the whole text."""
    table, pattern = _synonyms()
    chosen: dict[str, str] = {}

    def swapped(match: re.Match[str]) -> str:
        word = match[0]
        if word not in chosen:
            chosen[word] = rng.choice(table[word]) if word in table and rng.random() < share else word
        return chosen[word]

    return pattern.sub(swapped, text)


@cache
def _synonyms() -> tuple[dict[str, list[str]], re.Pattern[str]]:
    phrases = toml("phrases")
    table = phrases["synonyms"]
    words = sorted([*table, *phrases["keep"]], key=len, reverse=True)
    return table, re.compile("|".join(map(re.escape, words)))
