"""The steps of handling a case: states, actions, and what each action asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

REQUIREMENTS = ("note", "informed_on", "informed", "result", "assignee", "reason", "rule")
ACTORS = ("anyone", "person", "system")
FIRST = "received"
"""The state of a case that nobody has touched."""
NEEDED = (
    *("accept", "investigate", "respond", "close", "reopen", "withdraw", "transfer", "reject", "assign", "pause"),
    *("resume", "extend", "contact", "note", "void", "restore"),
)
"""The actions that code knows by name; a bank may change what they ask for, not that they are there."""
_GUARDED = {
    "kinds": ("self_harm", "violence"),
    "modalities": ("threat", "done", "asked", "fact"),
    "contact_first": ("close", "withdraw", "transfer", "reject"),
    "people_only": ("respond", "close", "withdraw", "transfer", "reject"),
}


@dataclass(frozen=True, slots=True)
class State:
    """One state of a case."""

    id: str
    name: str  # in Chinese
    answered: bool  # nobody owes the customer an answer: the clocks of the answer stand still


@dataclass(frozen=True, slots=True)
class Action:
    """One step, and what it asks for."""

    id: str
    name: str  # in Chinese
    from_states: tuple[str, ...]
    to: str  # "" where it changes no state
    requires: tuple[str, ...] = ()
    by: str = "anyone"  # anyone, person, system

    def __post_init__(self) -> None:
        """Refuse what no guard knows: it would silently never be asked for."""
        unknown = [name for name in self.requires if name not in REQUIREMENTS]
        if unknown or self.by not in ACTORS:
            raise ValueError(
                f"action '{self.id}': requires knows {', '.join(REQUIREMENTS)}, by knows {', '.join(ACTORS)}; "
                f"found {', '.join([*unknown, self.by])}"
            )


@dataclass(frozen=True, slots=True)
class Safety:
    """Cases that only a person may end."""

    kinds: tuple[str, ...]  # of escalation
    modalities: tuple[str, ...]
    contact_first: tuple[str, ...]  # actions that wait until a person has reached the customer
    people_only: tuple[str, ...]  # actions that neither the ledger nor a program may take
    ledger_note: str  # what is written down where the ledger tries, in Chinese

    def __post_init__(self) -> None:
        """Refuse a guard with a hole: such a case must never close by itself."""
        for name, wanted in _GUARDED.items():
            missing = [item for item in wanted if item not in getattr(self, name)]
            if missing:
                raise ValueError(f"{name} must keep {', '.join(missing)}: such a case never ends without a person")


@dataclass(frozen=True, slots=True)
class StatesPolicy:
    """``states.toml``."""

    version: str
    state: tuple[State, ...]
    action: tuple[Action, ...]
    safety: Safety
    pause_reason: Mapping[str, str]  # id → Chinese
    ledger: Mapping[str, tuple[str, ...]]  # state → words of a status column
    actor: Mapping[str, str]  # who is no person: id → Chinese
    detail: Mapping[str, str]  # key of an event's details → Chinese

    def __post_init__(self) -> None:
        """Refuse ids that are missing, double, or lead nowhere."""
        states, actions = [item.id for item in self.state], [item.id for item in self.action]
        words = [word for listed in self.ledger.values() for word in listed]
        _refuse_double("state", states)
        _refuse_double("action", actions)
        _refuse_double("[ledger]", words)
        _refuse_unknown("action", NEEDED, actions)
        _refuse_unknown("state", (FIRST, *self.ledger), states)
        _refuse_unknown("action", (*self.safety.contact_first, *self.safety.people_only), actions)
        for item in self.action:
            _refuse_unknown("state", (*item.from_states, *([item.to] if item.to else ())), states)

    def name(self, state: str) -> str:
        """Give a state's Chinese name; an id that is gone stays as it is."""
        return next((item.name for item in self.state if item.id == state), state)

    def find(self, action: str) -> Action | None:
        """Find an action by its id or its Chinese name."""
        return next((item for item in self.action if action in (item.id, item.name)), None)

    def action_name(self, action: str) -> str:
        """Give an action's Chinese name."""
        found = self.find(action)
        return found.name if found else action

    def answered(self, state: str) -> bool:
        """Tell whether nobody owes the customer an answer in this state."""
        return any(item.answered for item in self.state if item.id == state)

    def meaning(self, word: str | None) -> str | None:
        """Give the state a word of a status column stands for."""
        return next((state for state, words in self.ledger.items() if word in words), None) if word else None


def _refuse_double(what: str, found: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in found:
        if item in seen:
            raise ValueError(f"{what}: '{item}' stands there twice")
        seen.add(item)


def _refuse_unknown(what: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    listed = list(known)
    for item in wanted:
        if item not in listed:
            raise ValueError(f"{what} '{item}' is missing; there are {', '.join(listed)}")
