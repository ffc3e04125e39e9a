"""Decide whether what a pattern hit is an identifier: by checksum, by the cue before it, by how its digits are grouped.

Each function takes a hit in a narrowed text and gives the span to mask, or None. Cues, units and the numbers that
everybody may know lie in ``lexicon/mask_cues.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from feedback_nlp.text.checksums import credit_code, identity_card, identity_shape, luhn, real_date
from feedback_nlp.text.numerals import digits
from feedback_nlp.text.resources import table

Span = tuple[int, int]
Judge = Callable[[re.Match[str]], Span | None]

MARK = "\ue000\ue001"  # stand-ins for what is masked already: see text.mask

EDGES = r"\[\]\s，。！？；：、（）()【】“”\"「」,.!?;:<>《》|/…—\-\ue000\ue001A-Za-z0-9"  # in [ ]: no name goes on here

LEXICON = table("mask_cues.toml")
CUES: dict[str, list[str]] = LEXICON["cues"]


def either(words: list[str]) -> str:
    """Write a pattern for any of these words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def longest(spans: Iterable[Span]) -> Iterator[Span]:
    """Keep the longer of two spans that begin together, and the first of two that overlap."""
    free = 0
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start >= free:
            free = end
            yield start, end


_SURVIVE: dict[str, list[str]] = LEXICON["survive"]
_REFERENCE = re.compile(
    rf"(?:{either(_SURVIVE['references'])})(?:{either(_SURVIVE['reference_tails'])})[\s:：为是“\"(（#]{{0,4}}[A-Za-z]{{0,4}}$"
)
_SERVICE = re.compile("|".join([*map(re.escape, _SURVIVE["services"]), *_SURVIVE["service_shapes"]]))
_SOMETHING_ELSE = re.compile(f"(?:{either(_SURVIVE['gaps'])})|[{''.join(_SURVIVE['about'])}]$")
_BEFORE = {name: re.compile(either(words)) for name, words in CUES.items()}
_GROUP = re.compile("[0-9]+")
_LISTED = re.compile(r"[ .-][0-9]")
_CONTINUED = re.compile("[0-9]{4}[ -]$")  # what follows is a part of a longer number
_DATED = re.compile(r"[12][0-9]{3}[-./ ][01]?[0-9][-./ ][0-3]?[0-9](?:\s|$)")
_PASSPORT = re.compile(r"(?:E[0-9A-HJ-NP-Z]|[GDSP][0-9])[0-9]{7}")
_MOBILE_GROUPS = ([3, 4, 4], [3, 8], [7, 4], [4, 3, 4], [3, 3, 5], [4, 4, 3], [3, 5, 3], [5, 6], [6, 5])


def always(hit: re.Match[str]) -> Span:
    """Take the group "value" where the pattern has one, else the whole hit."""
    return hit.span("value") if "value" in hit.re.groupindex else hit.span()


def whole(hit: re.Match[str]) -> Span:
    """Take the whole hit, country code included."""
    return hit.span()


def identity(hit: re.Match[str]) -> Span | None:
    """Take 18 digits that check, or nearly so: a typing error spoils the check digit, not the birthday."""
    if identity_card(digits(hit[0][:-1]) + hit[0][-1].upper().replace("叉", "X")):
        return hit.span()
    neat = identity_shape(digits(hit[0])) and not _reference(hit) and _sizes(hit[0])[0] in (1, 3, 4, 6, 17, 18)
    return hit.span() if neat or _cued(hit, "identity", within=8) else None


def old_identity(hit: re.Match[str]) -> Span | None:
    """Take the 15 digits of old cards, which have no check digit."""
    sizes = _sizes(hit[0])
    neat = (len(sizes) == 1 or sizes[0] in (3, 6) or max(sizes) == 1) and identity_shape(digits(hit[0]))
    return hit.span() if _cued(hit, "identity", within=8) or (neat and not _reference(hit)) else None


def broken_mobile(hit: re.Match[str]) -> Span | None:
    """Take a mobile number in the groups people write; any other grouping needs a cue."""
    sizes = _sizes(hit["value"])
    if sizes in _MOBILE_GROUPS or (len(sizes) == 11 and not _in_a_list(hit)):
        return hit.span()
    internet = hit["value"].count(".") == 3  # 192.168.110.25
    return hit.span() if not internet and len(sizes) < 10 and _cued(hit, "phone", within=12) else None


def card(hit: re.Match[str]) -> Span | None:
    """Take the longest run of whole groups that is a card number."""
    if _reference(hit) or _CONTINUED.search(hit.string, max(0, hit.start() - 6), hit.start()):
        return None
    for group in reversed(list(_GROUP.finditer(hit[0]))):
        part = hit[0][: group.end()]
        if 13 <= len(digits(part)) <= 19 and _is_card(hit, part):
            return hit.start(), hit.start() + group.end()
    return None


def unless_reference(hit: re.Match[str]) -> Span | None:
    """Take the whole hit, unless it is the number of an order or a ticket."""
    return None if _reference(hit) else hit.span()


def local_landline(hit: re.Match[str]) -> Span | None:
    """Take a telephone number without area code, unless it is a day: 电话20240506打过."""
    number = digits(hit["value"])
    return None if len(number) == 8 and real_date(number) else hit.span("value")


def plate(hit: re.Match[str]) -> Span | None:
    """Take a number plate; all in small letters it needs a digit, 京ETC设备 is none."""
    sign = hit["sign"]
    plain = sign.upper().startswith(tuple(LEXICON["plate"]["not_plates"]))
    return hit.span() if not plain and (any(map(str.isdigit, sign)) or sign.isupper()) else None


def travel(hit: re.Match[str]) -> Span | None:
    """Take a Chinese passport by its shape, other documents by their cue."""
    plain = _PASSPORT.fullmatch(hit[0].upper()) is not None
    return hit.span() if plain or _cued(hit, "travel", within=16) else None


def secret_code(hit: re.Match[str]) -> Span | None:
    """Take a verification code: four to eight digits, and far from its cue only the usual four or six."""
    number, gap = digits(hit["value"]), hit["gap"]
    day = len(number) == 8 and real_date(number)
    service = _service(number) and (len(number) == 5 or len(gap) > 4)  # 962059 is a code as well
    if service or _SOMETHING_ELSE.search(gap) or day or (len(gap) > 6 and len(number) not in (4, 6)):
        return None
    return hit.span("value")


def expiry(hit: re.Match[str]) -> Span | None:
    """Take the end of a card's validity where a card is talked of; a coupon's stays."""
    around = hit.string[max(0, hit.start() - 40) : hit.end() + 40]
    near = any(mark in around for mark in MARK) or _BEFORE["card"].search(around) or _BEFORE["security"].search(around)
    return hit.span("value") if near else None


def password(hit: re.Match[str]) -> Span | None:
    """Take four digits or more, or six characters with a digit among them."""
    value, number = hit["value"], digits(hit["value"])
    gap = hit.string[hit.end("cue") : hit.start("value")]
    service = _service(number) and len(number) != 6
    if service or _SOMETHING_ELSE.search(gap) or len(number) < (1 if len(value) >= 6 else 4):
        return None
    return hit.span("value")


def wechat(hit: re.Match[str]) -> Span | None:
    """Take a name with a digit or a dash in it; plain letters may be a word, except after 微信号."""
    telling = any(not sign.isalpha() for sign in hit["value"])
    return hit.span("value") if telling or hit["cue"] == "微信号" else None


def messenger_number(hit: re.Match[str]) -> Span | None:
    """Take the number of a QQ or WeChat account."""
    number = digits(hit["value"])
    other = (len(number) < 7 and _service(number)) or _SOMETHING_ELSE.search(hit["gap"])
    return None if other else hit.span("value")


def account(hit: re.Match[str]) -> Span | None:
    """Take an account or contract number; after words that may also introduce an amount it must be longer."""
    number = digits(hit["value"])
    dated = len(number) >= 8 and real_date(number[:8]) and (len(number) == 8 or bool(_DATED.match(hit["value"])))
    enough = 5 if hit["cue"] in CUES["account_certain"] else 8
    service = len(number) in (5, 6, 10) and _service(number)
    return None if dated or service or len(number) < enough else hit.span("value")


def login(hit: re.Match[str]) -> Span | None:
    """Take a user name."""
    return hit.span("value") if digits(hit["value"]) or len(hit["value"]) >= 6 else None


def _is_card(hit: re.Match[str], part: str) -> bool:
    number, sizes, cued = digits(part), _sizes(part), _cued(hit, "card", within=14)
    if credit_code(number) and not cued:
        return False
    union_pay = number.startswith("62") and len(number) >= 16
    neat = len(sizes) == 1 or set(sizes[:-1]) in ({4}, {1}) or (sizes[0] == 6 and len(sizes) == 2)
    embossed = number[0] in "3456" and sizes[:4] == [4, 4, 4, 4]
    return (union_pay and min(sizes[:-1], default=4) > 1) or (
        neat and (cued or union_pay or embossed or (number[0] in "3456" and luhn(number)))
    )


def _cued(hit: re.Match[str], cue: str, *, within: int) -> bool:
    """Say whether a cue stands at most so many characters before the value, in the same line and sentence."""
    start = always(hit)[0]
    left = hit.string[max(0, start - within) : start]
    cut = max(map(left.rfind, (*MARK, "\n", "。")))
    return bool(_BEFORE[cue].search(left[cut + 1 :]))


def _reference(hit: re.Match[str]) -> bool:
    return bool(_REFERENCE.search(hit.string[max(0, hit.start() - 12) : hit.start()]))


def _service(number: str) -> bool:
    return bool(_SERVICE.fullmatch(number))


def _sizes(text: str) -> list[int]:
    return [len(group) for group in _GROUP.findall(text)]


def _in_a_list(hit: re.Match[str]) -> bool:
    """Say whether another single digit stands before or behind: then it is a list, not a number."""
    before, behind = hit.string[max(0, hit.start() - 2) : hit.start()], hit.string[hit.end() : hit.end() + 2]
    return bool(_LISTED.fullmatch(before[::-1]) or _LISTED.fullmatch(behind))
