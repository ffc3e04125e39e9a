"""How a cue is meant: does the customer threaten, has he done it, does somebody else say it, does he ask or deny it.

Rules of speech, not of single sentences: who speaks (quotation marks, verbs of saying and their subjects, turns of a
transcript), to whom it is done, the scope of negations and questions within the clause, marks of the past against
marks of what is still to come. The words are in ``escalation.toml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.policy.escalation import CueRow, EscalationPolicy, KindRow, Speech

_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_CLAUSE_END = re.compile(r"[，,、：:。！？!?；;\n“”\"（）()【】「」]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_QUOTE = re.compile(r"“[^“”]{0,160}(?:”|$)|\"[^\"\n]{1,160}\"|‘[^‘’]{0,80}’|「[^「」]{0,160}」|『[^『』]{0,160}』")
_REACH = 80  # characters before a cue in which somebody may have been named who says it
_GAP = 14  # characters within a clause that a negation, a question or a mark of the past reaches over


@dataclass(frozen=True, slots=True)
class Place:
    """A cue with the words around it."""

    text: str
    start: int
    end: int
    cue: str
    clause: str  # from the start of its clause to the cue
    tail: str  # from the cue to the end of its clause, and the mark that ends it
    sentence: str  # from the start of its sentence, or of what is quoted, to the cue
    before_quote: str | None  # what introduces the quotation marks that the cue stands in
    by_agent: bool  # in a turn of the clerk


def modality(text: str, start: int, end: int, *, row: CueRow, policy: EscalationPolicy) -> str | None:
    """Say how the cue at a place is meant; None where it is no matter between the customer and the bank at all."""
    rules, kind = _rules(policy), _kinds(policy)[row.kind]
    place = _place(text, start, end, rules)
    if kind.speakers == "told":
        return _befell(place, kind, row, rules)
    if not row.modality and _no_matter(place, kind, rules):
        return None
    if _reported(place, kind, rules):
        return "quoted"
    if row.modality:
        return _as_given(place, row, kind, rules)
    return _own(place, kind, row, rules)


def _befell(place: Place, kind: KindRow, row: CueRow, rules: _Rules) -> str:
    """Read what befell the customer: whether it did, or might, or is only said to have, or to be coming."""
    if _supposed(place, kind, rules):
        return "asked"
    if rules.spares.search(place.clause) or rules.negates_after.match(place.text, place.end):
        return "negated"
    if rules.hearsay.search(place.sentence):
        return "quoted"
    return row.modality or ("quoted" if _told(place, kind, rules) else kind.default)


def _supposed(place: Place, kind: KindRow, rules: _Rules) -> bool:
    """Say whether it is asked about or feared; what somebody says he will do to the customer is not."""
    words = place.sentence + place.cue
    supposed = _final(rules.supposes, words)
    if supposed and not rules.befell.search(words, supposed.end()):
        return not (kind.announced and rules.tellers.search(words, 0, supposed.start()))
    return rules.supposes_after.match(place.tail) is not None


def _told(place: Place, kind: KindRow, rules: _Rules) -> bool:
    """Say whether a stranger claims it, or whoever does such things only says that he will."""
    before = (place.before_quote or "") + place.sentence
    if kind.announced:
        teller = _final(rules.tellers, before + place.cue)
        words = before + place.cue + place.tail
        return teller is not None and rules.plans.search(words, teller.end()) is not None
    teller = _final(rules.tellers, before)
    return teller is not None and len(before) - teller.end() <= _GAP


def _as_given(place: Place, row: CueRow, kind: KindRow, rules: _Rules) -> str:
    """Give what the cue means by itself, unless it is asked about or still to come."""
    if row.modality == "quoted" and _asked(place, rules):
        return "asked"
    ahead = rules.resolves.search(place.clause) and not rules.just_done.search(place.clause + place.cue)
    return kind.default if row.modality == "done" and ahead else row.modality


def _no_matter(place: Place, kind: KindRow, rules: _Rules) -> bool:
    """Say whether a rule is only named, somebody beside the bank goes to court, or the customer was given advice."""
    if kind.cited and (rules.cites.search(place.clause) or rules.cited.match(place.text, place.end)):
        return True
    if not kind.advised:
        return False
    advised = re.search(kind.advised, place.cue) and rules.advised.search(place.clause)
    return bool(advised or rules.outsider.search(place.clause)) and not _asked(place, rules)


def _own(place: Place, kind: KindRow, row: CueRow, rules: _Rules) -> str | None:
    """Read what the customer says himself."""
    around = place.sentence + place.cue + place.tail
    to_customer = kind.of_others != "" and rules.objects.match(place.text, place.end) is not None
    if rules.insists.search(around) or (rules.rhetorical.search(around) and not to_customer):
        return kind.default
    if any(rule.search(words) for rule, words in ((rules.negates, place.clause), (rules.spared, place.sentence))):
        return "negated"
    if rules.negates_after.match(place.text, place.end):
        return "negated"
    if _asked(place, rules):
        return "asked"
    if kind.of_others and _by_others(place, rules):
        return "quoted" if kind.of_others == "quoted" else None
    return "done" if not row.state and _done(place, rules) else kind.default


def _reported(place: Place, kind: KindRow, rules: _Rules) -> bool:
    """Say whether the words are somebody else's: a clerk's turn, a quotation, reported speech, a dare."""
    if kind.speakers == "nobody":
        return False
    if place.by_agent:
        return kind.speakers == "others"
    own_life = kind.speakers == "collectors"
    if own_life and not rules.you.search(place.clause + place.cue + place.tail):
        return False  # what is not said to the customer he says of himself: better one call too many
    frames = rules.collector_frames if own_life else rules.frames
    if place.before_quote is not None:
        return _others_words(place, frames, rules)
    if _speaker(place.sentence, frames, rules) == "other":
        return not own_life or rules.self.search(place.clause) is None
    return not own_life and rules.dares.search(place.clause) is not None


def _others_words(place: Place, frames: re.Pattern[str], rules: _Rules) -> bool:
    """Say whether what stands in quotation marks was said by somebody else, or by the customer or a clerk about him."""
    before = place.before_quote or ""
    within = _speaker(place.sentence, frames, rules)
    if within:
        return within == "other"
    addressed = rules.you.search(place.sentence + place.tail) is not None
    if rules.self.search(place.clause) and not addressed:
        return False
    speaker = _speaker(before, frames, rules) or ("other" if rules.nobody_named.search(before) else None)
    if speaker is None and rules.saying.search(before) and (actor := _final(rules.actors, before)):
        speaker = actor.lastgroup
    return speaker == "other" or (speaker is None and addressed)


def _speaker(words: str, frames: re.Pattern[str], rules: _Rules) -> str | None:
    """Name who said last that something follows, ``other`` or ``customer``; None where nobody did."""
    speaker, end = None, 0
    for frame in frames.finditer(words):
        speaker, end = (speaker or "other") if frame.lastgroup == "same" else frame.lastgroup, frame.end()
    return "customer" if speaker == "other" and rules.resumes.search(words, end) else speaker


def _by_others(place: Place, rules: _Rules) -> bool:
    """Say whether somebody else does it, or it is done to the customer."""
    if rules.objects.match(place.text, place.end) or rules.object_before.search(place.clause):
        return True
    if rules.self_will.search(place.clause):
        return False
    last = _final(rules.actors, place.clause)
    return last is not None and last.lastgroup == "other" and not rules.turned.search(place.clause, last.end())


def _asked(place: Place, rules: _Rules) -> bool:
    strongly = rules.asks_strongly.search(place.sentence) and not rules.resolves.search(place.clause)
    if strongly or rules.asks_before.search(place.clause):
        return True
    return not rules.resolves.search(place.clause) and rules.asks_after.match(place.tail) is not None


def _done(place: Place, rules: _Rules) -> bool:
    if rules.just_done.search(place.clause + place.cue) or rules.ever_done.match(place.tail):
        return True
    goes_on = rules.goes_on.match(place.clause) is not None  # 已向监管投诉，并委托律师
    words = place.sentence if goes_on else place.clause
    past = _final(rules.done_before, words)
    if past is not None and (goes_on or len(words) - past.end() <= _GAP):
        return not rules.will.search(words + place.cue, past.end())
    return not rules.will.search(place.clause + place.cue) and rules.done_after.match(place.tail) is not None


def _place(text: str, start: int, end: int, rules: _Rules) -> Place:
    begin, by_agent = _turn(text, start, rules)
    quote = next((found for found in _QUOTE.finditer(text, begin) if found.start() < start < found.end()), None)
    opening = quote.start() + 1 if quote else begin
    sentence = _last(_SENTENCE_END, text, max(opening, start - _REACH), start)
    introduction = None
    if quote:
        introduction = text[_last(_SENTENCE_END, text, max(begin, quote.start() - _REACH), quote.start()) : opening - 1]
    stop = _CLAUSE_END.search(text, end)
    return Place(
        text=text,
        start=start,
        end=end,
        cue=text[start:end],
        clause=text[_last(_CLAUSE_END, text, sentence, start) : start],
        tail=text[end : stop.end() if stop else len(text)],
        sentence=text[sentence:start],
        before_quote=introduction,
        by_agent=by_agent,
    )


def _turn(text: str, start: int, rules: _Rules) -> tuple[int, bool]:
    """Give where the speaker's turn in a transcript began, and whether it is the clerk's."""
    last = _final(rules.turn, text[:start])
    if last is None:
        return 0, False
    closed = last.group().startswith(("(", "（")) and re.search("[)）]", text[last.end() : start])
    return last.end(), last.lastgroup == "agent" and not closed


def _final(expression: re.Pattern[str], words: str) -> re.Match[str] | None:
    """Give the last match."""
    return next(reversed(list(expression.finditer(words))), None)


def _last(expression: re.Pattern[str], text: str, begin: int, end: int) -> int:
    """Give the end of the last match, or where the search began."""
    for found in expression.finditer(text, begin, end + 1):  # one more, for what looks ahead
        begin = found.end() if found.end() <= end else begin
    return begin


@dataclass(frozen=True, slots=True)
class _Rules:
    frames: re.Pattern[str]  # somebody says that …: groups other, customer, same
    collector_frames: re.Pattern[str]
    actors: re.Pattern[str]  # groups other, customer
    turn: re.Pattern[str]  # groups agent, customer
    outsider: re.Pattern[str]
    advised: re.Pattern[str]
    self: re.Pattern[str]
    self_will: re.Pattern[str]
    resolves: re.Pattern[str]
    saying: re.Pattern[str]
    nobody_named: re.Pattern[str]
    goes_on: re.Pattern[str]
    you: re.Pattern[str]
    cites: re.Pattern[str]
    cited: re.Pattern[str]
    spared: re.Pattern[str]
    resumes: re.Pattern[str]
    turned: re.Pattern[str]
    objects: re.Pattern[str]
    object_before: re.Pattern[str]
    dares: re.Pattern[str]
    negates: re.Pattern[str]
    negates_after: re.Pattern[str]
    insists: re.Pattern[str]
    rhetorical: re.Pattern[str]
    asks_strongly: re.Pattern[str]
    asks_before: re.Pattern[str]
    asks_after: re.Pattern[str]
    done_before: re.Pattern[str]
    just_done: re.Pattern[str]
    ever_done: re.Pattern[str]
    done_after: re.Pattern[str]
    will: re.Pattern[str]
    tellers: re.Pattern[str]
    plans: re.Pattern[str]
    hearsay: re.Pattern[str]
    supposes: re.Pattern[str]
    supposes_after: re.Pattern[str]
    befell: re.Pattern[str]
    spares: re.Pattern[str]


@lru_cache(maxsize=4)
def _kinds(policy: EscalationPolicy) -> dict[str, KindRow]:
    return {row.id: row for row in policy.kind}


@lru_cache(maxsize=4)
def _rules(policy: EscalationPolicy) -> _Rules:
    speech = policy.speech
    gap = rf"[^，。！？；\n]{{0,{_GAP}}}$"
    return _Rules(
        frames=_frames(speech, speech.others),
        collector_frames=_frames(speech, speech.collectors),
        actors=re.compile(
            rf"{speech.not_object}(?P<other>{_any(speech.others)})|(?P<customer>{_any(speech.customer)})"
        ),
        turn=re.compile(rf"(?P<agent>{speech.agent_turn})|(?P<customer>{speech.customer_turn})"),
        outsider=re.compile(rf"(?:{_any(speech.outsiders)})[^我本客]{{0,{2 * _GAP}}}$"),
        advised=re.compile(rf"(?:{_any(speech.advises)})[^，。！？；\n]{{0,6}}$"),
        self=re.compile(speech.self),
        self_will=re.compile(speech.self_will),
        resolves=re.compile(speech.resolves),
        saying=re.compile(rf"(?:{_any(speech.says)})[：:，,]?$"),
        nobody_named=re.compile(speech.nobody_named),
        goes_on=re.compile("并|且|同时|又"),
        you=re.compile(speech.you),
        cites=re.compile(speech.cites),
        cited=re.compile(speech.cited),
        spared=re.compile(speech.spared),
        resumes=re.compile(speech.resumes),
        turned=re.compile(speech.turned),
        objects=re.compile(speech.objects),
        object_before=re.compile(speech.object_before),
        dares=re.compile(speech.dares),
        negates=re.compile(rf"(?:{_any(speech.negates)})$"),
        negates_after=re.compile(speech.negates_after),
        insists=re.compile(_any(speech.insists)),
        rhetorical=re.compile(_any(speech.rhetorical)),
        asks_strongly=re.compile(_any(speech.asks_strongly)),
        asks_before=re.compile(rf"(?:{_any(speech.asks_before)}){gap}"),
        asks_after=re.compile(_any(speech.asks_after)),
        done_before=re.compile(_any(speech.done_before)),
        just_done=re.compile(rf"(?:{_any(speech.just_done)})$"),
        ever_done=re.compile(speech.ever_done),
        done_after=re.compile(_any(speech.done_after)),
        will=re.compile(_any(speech.will)),
        tellers=re.compile(_any(speech.tellers)),
        plans=re.compile(_any(speech.plans)),
        hearsay=re.compile(_any(speech.hearsay)),
        supposes=re.compile(_any(speech.supposes)),
        supposes_after=re.compile(speech.supposes_after),
        befell=re.compile(speech.befell),
        spares=re.compile(rf"(?:{_any(speech.spares)})$"),
    )


def _frames(speech: Speech, others: tuple[str, ...]) -> re.Pattern[str]:
    says, other = _any(speech.says), _any(others)
    return re.compile(
        rf"{speech.not_object}(?P<other>(?:{other})(?:{speech.between_other}){{0,14}}?[，,]?(?:{says}))"
        rf"|(?P<customer>(?:{_any(speech.customer)})(?:(?!{other}){speech.between_customer}){{0,24}}?(?:{says}))"
        rf"|(?P<same>{speech.same_speaker})"
    )


def _any(expressions: tuple[str, ...]) -> str:
    return "|".join(expressions) or "(?!)"  # which never matches
