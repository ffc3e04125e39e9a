"""Words that mean a matter cannot wait, in whose mouth they count, and how soon somebody must answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from feedback_nlp.policy.cues import first_characters, refuse_broken

MODALITIES = ("threat", "done", "fact", "quoted", "asked", "negated")
"""How a cue is meant; the first of a kind's is the one it is known by: a threat outweighs what was done already."""
NEVER = "(?!)"  # an expression that matches nowhere
_CLASS = re.compile("<([\u4e00-\u9fff]+)>")
LEVELS = (1, 2, 3)  # 1 watch, 2 urgent, 3 a person at once; 0 is noted only


def _refuse_unknown(modalities: Iterable[str], *, where: str) -> None:
    unknown = [name for name in modalities if name not in MODALITIES]
    if unknown:
        raise ValueError(f"{where}: '{unknown[0]}' is no modality; known are {', '.join(MODALITIES)}")


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of escalation."""

    id: str
    name: str  # in Chinese
    default: str  # the modality where nothing around a cue decides
    levels: Mapping[str, int]  # modality → 0 to 3
    speakers: str = "others"  # whose words are quoted: others, collectors, nobody; told: it befalls the customer
    of_others: str = ""  # what it is where somebody else does it, or it is done to the customer: quoted, ignored
    announced: bool = False  # told of only where it is still to come: what somebody says is itself the deed
    advised: str = ""  # cues that hold this expression are ignored where somebody tells the customer to do it
    cited: bool = False  # ignored where only its rules are named

    def __post_init__(self) -> None:
        """Refuse levels that nothing knows, and modalities without one."""
        refuse_broken([self.advised])
        _refuse_unknown((self.default, *self.levels), where=f"kind '{self.id}'")
        missing = [name for name in MODALITIES if name not in self.levels]
        if missing:
            raise ValueError(f"kind '{self.id}': levels has no '{missing[0]}'")
        if not all(0 <= level <= max(LEVELS) for level in self.levels.values()):
            raise ValueError(f"kind '{self.id}': a level lies between 0 and {max(LEVELS)}")
        if self.speakers not in ("others", "collectors", "told", "nobody"):
            raise ValueError(
                f"kind '{self.id}': speakers is others, collectors, told or nobody, found '{self.speakers}'"
            )
        if self.of_others not in ("", "quoted", "ignored"):
            raise ValueError(f"kind '{self.id}': of_others is quoted or ignored, found '{self.of_others}'")


@dataclass(frozen=True, slots=True)
class CueRow:
    """Cues of one kind that are read alike; a kind may have several rows."""

    kind: str
    cues: tuple[str, ...]  # regular expressions that begin with a character, a set of characters or a <class>; what
    # stands in a group, of which a cue may have one, is shown alone
    modality: str = ""  # what the cue means by itself, whatever stands around it
    level: int | None = None  # instead of the kind's
    state: bool = False  # a state of mind: what lasts since yesterday is not done with
    needs: str = ""  # an expression that must stand somewhere in the text
    unless: str = ""  # one that must not

    def __post_init__(self) -> None:
        """Refuse broken expressions and levels and modalities that nothing knows."""
        _refuse_unknown([self.modality] if self.modality else [], where=f"cue of '{self.kind}'")
        if self.level is not None and not 0 <= self.level <= max(LEVELS):
            raise ValueError(f"cue of '{self.kind}': level lies between 0 and {max(LEVELS)}, found {self.level}")
        refuse_broken((*self.cues, self.needs, self.unless))
        for cue in self.cues:
            first_characters(cue)
            if re.compile(cue).groups > 1:
                raise ValueError(f"cue '{cue}' has more than one group (...); write (?:...) for all but one")


def _spelt_out(rows: Iterable[CueRow], classes: Mapping[str, str]) -> Iterator[CueRow]:
    """Write for ``<name>`` what the class of that name holds; ValueError where there is none."""
    known: dict[str, str] = {}
    for name, expression in classes.items():
        known[name] = f"(?:{_with(known, expression)})"
    refuse_broken(known.values())
    for row in rows:
        if not _CLASS.search("".join((*row.cues, row.needs, row.unless))):
            yield row
            continue
        yield replace(
            row,
            cues=tuple(_with(known, cue) for cue in row.cues),
            needs=_with(known, row.needs),
            unless=_with(known, row.unless),
        )


def _with(known: Mapping[str, str], expression: str) -> str:
    strangers = [name for name in _CLASS.findall(expression) if name not in known]
    if strangers:
        raise ValueError(f"'<{strangers[0]}>' in '{expression}' is no class; known above it are {', '.join(known)}")
    return _CLASS.sub(lambda found: known[found[1]], expression)


@dataclass(frozen=True, slots=True)
class Speech:
    """Words that show who speaks, and how he means it. All are regular expressions."""

    customer: tuple[str, ...]  # the customer about himself, or a clerk about him
    others: tuple[str, ...]  # the bank, its collectors, and whoever else
    collectors: tuple[str, ...]  # of the others, those who press for payment
    outsiders: tuple[str, ...]  # whose lawsuits are no matter of the bank
    says: tuple[str, ...]  # verbs of saying
    between_other: str  # one character, or a few words, that may stand between the others and what they say
    between_customer: str  # likewise
    same_speaker: str  # a verb of saying without a subject: whoever spoke last; nobody but others where none did
    nobody_named: str  # before quotation marks, likewise
    not_object: str  # before the others, where they are not who speaks or acts but to whom
    advises: tuple[str, ...]  # before an act: somebody tells the customer to
    agent_turn: str  # opens what a clerk says in a transcript
    customer_turn: str  # opens what the customer says
    cites: str  # before the cue: a rule is named, nobody is turned to
    cited: str  # behind it, likewise
    spared: str  # up to the cue: it would have happened
    resumes: str  # after what others say: the customer speaks for himself again
    turned: str  # between the others and an act: the act is not theirs
    self_will: str  # the customer announces what he does
    resolves: str  # in the clause: no question any more
    self: str  # up to the cue: the customer is the subject
    you: str  # around the cue: the customer is addressed
    objects: str  # right behind an act: it is done to the customer
    object_before: str  # right before it, likewise
    dares: str  # before the cue: go and complain, if you can
    negates: tuple[str, ...]  # up to the cue
    negates_after: str  # behind the cue
    insists: tuple[str, ...]  # a negation that is none: do not think that I dare not
    rhetorical: tuple[str, ...]  # a question that is a threat
    asks_strongly: tuple[str, ...]  # anywhere before the cue in its sentence
    asks_before: tuple[str, ...]  # before the cue in its clause
    asks_after: tuple[str, ...]  # right behind it
    done_before: tuple[str, ...]
    just_done: tuple[str, ...]  # up to the end of the cue
    ever_done: str  # right behind the cue, whatever stands before it
    done_after: tuple[str, ...]
    will: tuple[str, ...]  # in the clause: it is still to come
    tellers: tuple[str, ...] = ()  # who tells of what befell others, or of what he will do to the customer
    hearsay: tuple[str, ...] = ()  # it befell somebody else, or nobody knows whom
    plans: tuple[str, ...] = ()  # in such a teller's words: he will do it
    supposes: tuple[str, ...] = ()  # before what befalls the customer: it might
    supposes_after: str = NEVER  # right behind it, likewise
    befell: str = NEVER  # between a supposition and it: it has happened before
    spares: tuple[str, ...] = ()  # before what befalls the customer: it did not

    def __post_init__(self) -> None:
        """Refuse broken expressions."""
        for name in self.__slots__:
            value = getattr(self, name)
            refuse_broken((value,) if isinstance(value, str) else value)


@dataclass(frozen=True, slots=True)
class Evasion:
    """How people write around word filters."""

    between: str  # characters put between those of a word, as a regular expression for one of them
    numbers: tuple[str, ...]  # hotlines
    digits: Mapping[str, str]  # digit → its other spellings
    words: tuple[str, ...]  # words looked for in disguise: marks between their characters, letters for a sound
    by_sound: tuple[str, ...]  # those also looked for with one character replaced by another of the same sound
    split: Mapping[str, str]  # a character taken apart → the character
    spellings: Mapping[str, str]  # as written → as meant

    def __post_init__(self) -> None:
        """Refuse what cannot be looked for."""
        refuse_broken((self.between,))
        broken = [word for word in (*self.words, *self.by_sound) if not re.fullmatch("[\u4e00-\u9fff]{2,}", word)]
        broken += [number for number in self.numbers if not re.fullmatch("[0-9]{3,}", number)]
        if broken:
            raise ValueError(f"evasion: '{broken[0]}' is neither a Chinese word of two characters or more nor a number")


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """``escalation.toml``."""

    version: str
    response_hours: Mapping[str, int]  # level → hours until a person has answered
    modality_names: Mapping[str, str]  # in Chinese
    kind: tuple[KindRow, ...]  # gravest first
    cue: tuple[CueRow, ...]
    speech: Speech
    evasion: Evasion
    classes: Mapping[str, str] | None = None  # name → expression; <name> in a cue, and in a class below it, is this

    def __post_init__(self) -> None:
        """Write the classes into the cues; refuse cues of unknown kinds, and levels without hours."""
        object.__setattr__(self, "cue", tuple(_spelt_out(self.cue, self.classes or {})))
        known = [row.id for row in self.kind]
        strangers = [row.kind for row in self.cue if row.kind not in known]
        if strangers or len(set(known)) < len(known):
            raise ValueError(f"kinds are {', '.join(known)}, each once; found a cue of '{', '.join(strangers[:1])}'")
        if sorted(self.response_hours) != [str(level) for level in LEVELS]:
            raise ValueError(f"response_hours needs the levels {', '.join(map(str, LEVELS))} and no others")
        hours = [self.response_hours[str(level)] for level in LEVELS]
        if min(hours) < 1 or hours != sorted(hours, reverse=True):
            raise ValueError("response_hours: at least 1, and a higher level never has more time than a lower one")
        _refuse_unknown(self.modality_names, where="modality_names")

    def __hash__(self) -> int:
        """Hash the version alone, which names the content: what is compiled of a policy is looked up for every text."""
        return hash(self.version)

    def name(self, kind: str, modality: str = "") -> str:
        """Give a kind's Chinese name, with how it is meant where that is asked for; both as they are if unknown."""
        name = next((row.name for row in self.kind if row.id == kind), kind)
        return f"{name}（{self.modality_names.get(modality, modality)}）" if modality else name
