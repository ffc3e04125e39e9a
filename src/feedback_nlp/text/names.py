"""Find the names of people.

Wherever a family name stands, two readings are compared: a name here, or everyday words throughout. Each costs the
bits of its characters or words (``mask_given.txt``, ``text.everyday``); cues before it (我叫, 客户), a signature, a
rank or an identifier behind it make the name cheaper. Their bits lie in ``lexicon/mask_cues.toml``. 张女士 and 李某
stay: they name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.text.everyday import bits, information
from feedback_nlp.text.foreign import find_foreign
from feedback_nlp.text.judge import EDGES, LEXICON, MARK, Span, either, longest
from feedback_nlp.text.resources import entries, lines

_WORDS = LEXICON["names"]
_BITS: dict[str, float] = _WORDS["bits"]
_GIVEN = {sign: int(cost) for cost, signs in map(str.split, lines("mask_given.txt")) for sign in signs}
_SURNAMES = frozenset(entries("mask_surnames.txt"))
_COMMON = frozenset(_WORDS["common"])
_FIRST = "".join(sorted({name[0] for name in _SURNAMES}))
_CANDIDATE = re.compile(rf"[{_FIRST}](?=[一-鿿])")

_KINDS = {cue: kind for kind in ("weak", "likely", "naming", "certain") for cue in _WORDS[kind]}
_LONGEST = max(map(len, _KINDS))
_LAST = frozenset(cue[-1] for cue in _KINDS)
_BETWEEN = ' \n\t:：“"「【】（(/|=>’‘'
_COPULA = "是为叫"
_NAMING = re.compile("[是为叫:：“「]")

_FOLLOWERS = re.compile(either(_WORDS["followers"]))
_PRODUCTS = frozenset(_WORDS["products"])
_STREETS = frozenset(_WORDS["places"])
_PLACE = re.compile(either(_WORDS["place_words"]))
_TITLE = re.compile(either(_WORDS["titles"]))
_NEVER = re.compile(either(_WORDS["never"]))
_PUBLIC = frozenset(_WORDS["public_people"])
_PUBLIC_PERSON = re.compile(either(_WORDS["public_people"]))
_STAFF = re.compile(either(_WORDS["staff"]))
_RELATED = re.compile(either(_WORDS["relations"]))
_RANK = re.compile(either(_WORDS["ranks"]))
_POLITE = ("女士", "先生")
_EDGE = re.compile(rf"[{EDGES}]|$")
_KNOWN_BY = rf"(?:{either(_WORDS['identified'])})(?:号码?)?"
_IDENTIFIED = re.compile(rf"(?:[（(，,、：:\s]{{1,3}}(?:{_KNOWN_BY})?|{_KNOWN_BY})[:：是为\s]{{0,2}}[\ue000\ue001]")
_SIGNED = re.compile(r"[ \t]*(?:敬?[上启]|呈|亲?笔|书)?[ \t。]*(?:(?:19|20)\d\d[年./-].{0,12})?(?:\s*$|\n)")
_SELF_CUE = re.compile("我是|本人|我系")
_SELF = re.compile(r"(?:我是|本人是?|我系)[^，。！？；、\n\ue000\ue001]{2,20}$")
_AFTER_NAME = re.compile("[\ue000\ue001][、/ 和跟与及]")
_BEFORE_NAME = re.compile("[、/ 和跟与及][\ue000\ue001]")


def find_names(text: str) -> list[Span]:
    """Find names in a text in which identifiers are masked already; a name found once is found everywhere in it."""
    spans = [*_chinese(text), *find_foreign(text)]
    for name in {text[start:end] for start, end in spans}:
        if len(name) > 2 or name not in information():
            spans += (hit.span() for hit in re.finditer(re.escape(name), text))
    return list(longest(spans))


def _chinese(text: str) -> Iterator[Span]:
    free, hope, uncued = 0, _hope(text), "uncued_praise" if _STAFF.search(text) else "uncued"
    for candidate in _CANDIDATE.finditer(text):
        start = candidate.start()
        if start < free or _NEVER.match(text, start) or (_PUBLIC_PERSON.match(text, start) and not _cued(text, start)):
            continue
        gains = [(_gain(text, start, end, uncued=uncued, hope=hope), end) for end in _ends(text, start)]
        best, end = max(gains, default=(-1.0, start))
        if best >= 0:
            free = end
            yield start, end


def _ends(text: str, start: int) -> Iterator[int]:
    """Give the places at which a name that begins here may end."""
    compound = text[start : start + 2] in _SURNAMES
    if text[start] not in _SURNAMES and not compound:
        return
    given = start + (2 if compound else 1)
    if _TITLE.match(text, given) or _TITLE.match(text, start):
        return
    for end in (given + 1, given + 2):
        if end <= len(text) and "一" <= text[end - 1] <= "\u9fff":
            yield end
        else:
            return


def _gain(text: str, start: int, end: int, *, uncued: str, hope: float) -> float:
    """Say how many bits the reading with a name saves; below 0 it is none.

    Everyday words never cost more than their single characters: where even those are too cheap, look no further.
    """
    family = 2 if text[start : start + 2] in _SURNAMES else 1
    known, rare, unknown = information(), _BITS["rare_given"], _BITS["unknown"]
    cost = _family(text[start : start + family]) + _BITS["one_given" if end - start - family == 1 else "two_given"]
    for sign in text[start + family : end]:
        cost += _GIVEN.get(sign, rare)
    most = 0.0
    for sign in text[start:end]:
        most += known.get(sign, unknown)
    if most + hope < cost + _BITS["certain"]:
        return -1.0
    cue = _cue(text, start)
    cost += _BITS[cue or uncued]
    if most + hope < cost:
        return -1.0
    cost -= _surroundings(text, start, end, cue=cue)
    return -1.0 if most < cost else _words(text, start, end, cued=cue in ("certain", "likely")) - cost


def _hope(text: str) -> float:
    """Give the most that surroundings may save a name in this text."""
    special = [_BITS["signed"]]
    special += [_BITS["identified"]] if MARK[0] in text or MARK[1] in text else []
    special += [_BITS["titled"]] if _RANK.search(text) else []
    special += [_BITS["related"]] if _RELATED.search(text) else []
    return max(special) + _BITS["edge"] + _BITS["bounded"] + (_BITS["self"] if _SELF_CUE.search(text) else 0.0)


def _family(name: str) -> float:
    return _BITS["compound"] if len(name) == 2 else _BITS["common" if name in _COMMON else "rare"]


def _words(text: str, start: int, end: int, *, cued: bool) -> float:
    """Give the bits of a name and its neighbours as everyday words, less those of the neighbours alone.

    What stands before a name behind a cue is the cue, and a word of its own. A public figure's name counts as a word,
    but a customer may have it too.
    """
    left, right = start if cued else _reach(text, start, -1), _reach(text, end, 1)
    name = text[start:end]
    whole = bits(text[left:right])
    if cued and (len(name) > 2 or name in _PUBLIC) and name in information():
        whole = max(whole, sum(bits(sign) for sign in name) + bits(text[end:right]))
    return whole - bits(text[left:start]) - bits(text[end:right])


def _reach(text: str, place: int, step: int) -> int:
    """Go at most three Chinese characters from a place."""
    for _ in range(3):
        index = place if step > 0 else place - 1
        if not (0 <= index < len(text) and "一" <= text[index] <= "\u9fff"):
            break
        place += step
    return place


def _cue(text: str, start: int) -> str | None:
    """Say what kind of cue stands before a name, if any: 户名：, 姓名是, 客户“."""
    stop = start
    while stop > max(0, start - 3) and text[stop - 1] in _BETWEEN:
        stop -= 1
    found = _kind(text, stop)
    if found in (None, "weak", "likely") and stop and text[stop - 1] in _COPULA:
        found, stop = (_kind(text, stop - 1) if _kind(text, stop - 1) in ("naming", "certain") else found), stop - 1
    if found == "naming":
        return "certain" if _NAMING.search(text[stop:start]) else "likely"
    return found


def _cued(text: str, start: int) -> bool:
    return _cue(text, start) in ("certain", "likely")


def _kind(text: str, stop: int) -> str | None:
    if text[stop - 1 : stop] not in _LAST:
        return None
    for length in range(min(_LONGEST, stop), 0, -1):
        if kind := _KINDS.get(text[stop - length : stop]):
            return kind
    return None


def _surroundings(text: str, start: int, end: int, *, cue: str | None) -> float:
    """Give the bits that what stands around it saves a name."""
    before, bounded = start == 0 or bool(_EDGE.match(text, start - 1)), bool(_EDGE.match(text, end))
    saved = (
        _BITS["edge"] * before
        + _BITS["bounded"] * bounded
        + _BITS[_behind(text, start, end, before=before, cued=bool(cue))]
    )
    if cue != "certain" and (text[end - 1] in _STREETS or _PLACE.match(text, end)):
        saved += _BITS["place"]
    if cue in (None, "weak") and _PRODUCTS.issuperset(text[start:end]):
        saved += _BITS["product"]
    if not cue and bounded and _SELF.search(text, max(0, start - 24), start):
        saved += _BITS["self"]
    return saved


def _behind(text: str, start: int, end: int, *, before: bool, cued: bool) -> str:
    """Name the strongest of the signs that stand behind a name or beside it."""
    if (before or cued) and _IDENTIFIED.match(text, end):
        return "identified"
    if (start == 0 or text[start - 1] in "\n。！？”】") and _SIGNED.match(text, end):
        return "signed"
    if (start > 1 and _AFTER_NAME.match(text, start - 2)) or _BEFORE_NAME.match(text, end):
        return "listed"
    if _RELATED.match(text, end):
        return "related"
    if _RANK.match(text, end):
        return "titled" if end - start > 2 and text.startswith(_POLITE, end) else "ranked"
    return "followed" if _FOLLOWERS.match(text, end) else "nothing"
