"""What becomes a case event, who is the same person, what is the same letter, who complains together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opens:
    """Which feedback is counted in cases; one of these is enough."""

    kinds: tuple[str, ...]  # from anywhere
    always: tuple[str, ...]  # sources whose feedback a person has called a complaint, whatever the model says
    sources: tuple[str, ...]  # sources of which every kind counts but some
    unless_kinds: tuple[str, ...]
    leaves: tuple[str, ...]  # reasons too grave to be passed over because of a kind, unless it is praise
    level: int  # escalation from which a text counts whatever a model makes of it


@dataclass(frozen=True, slots=True)
class People:
    """Which identifiers name a person."""

    columns: tuple[str, ...]  # types that count when they stand in a customer column
    text: tuple[str, ...]  # types that count even when they were found in a text
    unique: tuple[str, ...]  # types of which a person has exactly one: two different ones are two people
    crowd: int  # an identifier that so many events of the window carry names nobody

    def __post_init__(self) -> None:
        """Refuse a crowd nobody could ever pass."""
        if self.crowd < 1:
            raise ValueError(f"crowd must be at least 1, found {self.crowd}")


@dataclass(frozen=True, slots=True)
class Repeat:
    """One customer with the same demand again."""

    days: int
    same: str  # what the labels must have in common: theme (business and first leaf) or business
    vague: tuple[str, ...]  # businesses that say too little: there the theme must be the same
    empty: tuple[str, ...]  # themes that say nothing: equal ones are no same demand
    category_columns: tuple[str, ...]  # where the bank's own people write down the business; the first that is filled
    vague_categories: tuple[str, ...]  # of these columns and the product's: they say too little
    apart: tuple[
        str, ...
    ]  # reasons or leaves that are a matter of their own, whatever else the customer complains about
    like: float  # share of the shorter text's 5-grams that the other has too, 0 to 1
    like_chars: int  # letters of the shorter text, counted as for letters
    stock: tuple[str, ...]  # regular expressions: what every note says is left out of this comparison
    again: tuple[str, ...]  # regular expressions: the customer himself says that he comes back

    def __post_init__(self) -> None:
        """Refuse a comparison that does not exist, a share outside 0 to 1, and broken expressions."""
        if self.same not in ("theme", "business"):
            raise ValueError(f"same is theme or business, found '{self.same}'")
        if not 0 < self.like <= 1 or self.like_chars < 5:
            raise ValueError("like lies between 0 and 1, and like_chars is at least 5")
        for expression in self.again + self.stock:
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"'{expression}' is no regular expression ({error})") from error


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same letter again, of whomever."""

    days: int
    shortest_chars: int  # letters counted: no digits, punctuation, white space, placeholders
    alike: float  # Jaccard similarity of character 5-grams, 0 to 1

    def __post_init__(self) -> None:
        """Refuse a threshold outside 0 to 1 and texts too short to have a 5-gram."""
        if not 0 < self.alike <= 1 or self.shortest_chars < 5:
            raise ValueError("alike lies between 0 and 1, and shortest_chars is at least 5")


@dataclass(frozen=True, slots=True)
class Group:
    """Many customers with one cause in a few days."""

    window_days: tuple[int, ...]  # spans that are looked at, each ending on every day
    least_customers: int
    baseline_days: int  # before the span: what is usual
    least_baseline_days: int  # a store that knows fewer days knows nothing usual yet
    p: float  # at most so likely, were nothing but chance at work
    grow_p: float  # the same for the days by which a group grows
    longest_days: int  # of one group; what lasts longer has become usual
    bank_wide: tuple[str, ...]  # businesses that no branch is answerable for: counted over the whole bank
    vague: tuple[str, ...]  # businesses that are no common cause
    letter_customers: int  # signers of one letter who are a group, whatever is usual

    def __post_init__(self) -> None:
        """Refuse spans and thresholds that no group could have or every day would reach."""
        if not self.window_days or min(self.window_days) < 1 or max(self.window_days) > self.longest_days:
            raise ValueError("window_days holds one or more spans of at least 1 day, none above longest_days")
        if not 0 < self.least_baseline_days <= self.baseline_days or not 0 < self.p <= self.grow_p < 1:
            raise ValueError("0 < least_baseline_days <= baseline_days, and 0 < p <= grow_p < 1")
        if min(self.least_customers, self.letter_customers) < 2:
            raise ValueError("a group has at least 2 customers")


@dataclass(frozen=True, slots=True)
class Registered:
    """What a source itself writes down beside the text."""

    amount_columns: Mapping[str, int]  # header → yuan that one unit is worth
    people_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listening:
    """Cases that no clock runs for, such as app reviews: nobody ever closes them."""

    days: int  # how long they raise alerts; scored and listed they are always


@dataclass(frozen=True, slots=True)
class CasesPolicy:
    """``cases.toml``."""

    version: str
    opens: Opens
    people: People
    repeat: Repeat
    duplicate: Duplicate
    group: Group
    registered: Registered
    listening: Listening
