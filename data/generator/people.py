"""Fictional people and their identifiers, well formed down to the check digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from generator.tables import Branch, toml

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_SCRIPTS = ("0123456789", "０１２３４５６７８９", "零幺二三四五六七八九", "〇一二三四五六七八九")
_DIGIT = {char: digit for script in reversed(_SCRIPTS) for digit, char in enumerate(script)} | {"一": 1, "零": 0}
_OLD = re.compile(r"退休|养老金|老伴|存折|今年[六七八]十|[我本]人?[67八七六]\d?岁|老头|外孙|孙子")
_STUDENT = re.compile(r"大[一二三四]学?生?|大学生|宿舍|我同学|室友")
_MAN = re.compile(r"我老婆|我媳妇|我妻子|先生|老头一个|退伍|退役")
_WOMAN = re.compile(r"我老公|我丈夫|女士|产后|单亲母亲|阿姨|奶奶")


@dataclass(frozen=True)
class Person:
    """One customer."""

    name: str
    male: bool
    id_card: str
    born: int
    phone: str
    number: str  # the bank's customer number
    card: str

    @property
    def title(self) -> str:
        """先生 or 女士."""
        return "先生" if self.male else "女士"


def draw(rng: Random, *, branch: Branch, text: str) -> Person:
    """Invent a customer who could have written the text: age and sex follow its plainest hints."""
    male = False if _WOMAN.search(text) else True if _MAN.search(text) else rng.random() < 0.5
    low, high = (1946, 1964) if _OLD.search(text) else (2003, 2007) if _STUDENT.search(text) else (1966, 2001)
    born = rng.randint(low, high)
    return Person(
        name=name(rng, male=male),
        male=male,
        id_card=id_card(rng, region=branch.region, born=born, male=male),
        born=born,
        phone=phone(rng),
        number=f"8{rng.randrange(10**9):09d}",
        card=luhn(rng, head="6291", length=19),
    )


def name(rng: Random, *, male: bool) -> str:
    """Draw a full name."""
    lists = toml("bank")["people"]
    return str(rng.choice(lists["surnames"]) + rng.choice(lists["male" if male else "female"]))


def phone(rng: Random) -> str:
    """Draw a mobile number."""
    return f"{rng.choice(toml('bank')['people']['prefixes'])}{rng.randrange(10**8):08d}"


def id_card(rng: Random, *, region: str, born: int, male: bool) -> str:
    """Draw an identity card number with the right check character."""
    serial = rng.randrange(50) * 2 + (1 if male else 0)
    body = f"{region}{born}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randrange(10)}{serial:02d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def luhn(rng: Random, *, head: str, length: int) -> str:
    """Draw a card number that begins with ``head`` and passes the Luhn check."""
    body = head + "".join(str(rng.randrange(10)) for _ in range(length - len(head) - 1))
    doubled = (int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(body)))
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def address(rng: Random, *, city: str) -> str:
    """Draw a home address."""
    lists = toml("bank")["people"]
    house = f"{rng.randint(1, 28)}栋{rng.randint(1, 3)}单元{rng.randint(1, 18)}0{rng.randint(1, 4)}"
    return f"{city}{rng.choice(lists['roads'])}{rng.randint(2, 188)}号{rng.choice(lists['estates'])}{house}"


def dress(value: str, *, like: str) -> str:
    """Write digits the way another number was written: spaced, full-width, in Chinese numerals.

    >>> dress("13900001111", like="幺八六 ０００1 2345")
    '幺三九 ００００ 1111'
    """
    digits = iter(value)
    out = [_written(next(digits), like=char) if char in _DIGIT or char in "xX" else char for char in like]
    return "".join(out) + "".join(digits)


def digits_in(text: str) -> int:
    """Count the places of a written number that hold a digit."""
    return sum(char in _DIGIT or char in "xX" for char in text)


def scramble(rng: Random, like: str) -> str:
    """Draw another value of the same shape: digits for digits, letters for letters, the rest kept."""
    return "".join(
        _written(str(rng.randrange(10)), like=char) if char in _DIGIT
        else rng.choice("abcdefghjkmnpqrstuvwxyz") if char.isascii() and char.islower()
        else rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") if char.isascii() and char.isupper()
        else char
        for char in like
    )  # fmt: skip


def _written(digit: str, *, like: str) -> str:
    if digit == "X":
        return "X"
    script = next((s for s in _SCRIPTS if like in s), _SCRIPTS[0])
    return script[int(digit)]
