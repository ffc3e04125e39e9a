"""What becomes a case event, who is the same person, what is the same letter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opens:
    """Which feedback is counted in cases; one of these is enough."""

    kinds: tuple[str, ...]  # from anywhere
    always: tuple[str, ...]  # sources whose feedback a person has called a complaint, whatever the model says
    sources: tuple[str, ...]  # sources of which every kind counts but some
    unless_kinds: tuple[str, ...]
    leaves: tuple[str, ...]  # reasons too grave to be passed over because of a kind, unless it is praise


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
    same: str  # what makes it the same demand: theme (business and first leaf) or business
    vague: tuple[str, ...]  # businesses that say too little: there the theme must be the same
    apart: tuple[str, ...]  # reasons that are a matter of their own, whatever else the customer complains about

    def __post_init__(self) -> None:
        """Refuse a comparison that does not exist."""
        if self.same not in ("theme", "business"):
            raise ValueError(f"same is theme or business, found '{self.same}'")


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
class Closed:
    """Which words in a source's status column say that nothing is left to do."""

    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listening:
    """Cases that no clock runs for, such as app reviews: nobody ever closes them."""

    days: int  # how long they are scored and listed


@dataclass(frozen=True, slots=True)
class CasesPolicy:
    """``cases.toml``."""

    version: str
    opens: Opens
    people: People
    repeat: Repeat
    duplicate: Duplicate
    closed: Closed
    listening: Listening
