"""Find the names of people.

Wherever a family name stands, points are added up: for characters that people give their children, for a cue before it
(我叫, 客户), for a signature, a rank or an identifier behind it; and taken away for everyday words in or across it. The
points lie in ``lexicon/mask_cues.toml``. 张女士 and 李某 stay: they name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.text.everyday import across, weights
from feedback_nlp.text.resources import entries, lines, table

Span = tuple[int, int]


def _any(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_WORDS = table("mask_cues.toml")["names"]
_POINTS: dict[str, float] = _WORDS["points"]
_GIVEN = {sign: int(score) for score, signs in map(str.split, lines("mask_given.txt")) for sign in signs}
_SURNAMES = frozenset(entries("mask_surnames.txt"))
_COMMON = frozenset(_WORDS["common"])
_EVERYDAY = frozenset(_WORDS["everyday"])
_FOLLOWERS = frozenset(_WORDS["followers"])
_FIRST = "".join(sorted({name[0] for name in _SURNAMES}))
_SECOND = {name[1] for name in _SURNAMES if len(name) == 2}
_NEVER = "".join(sign for sign, score in _GIVEN.items() if score < _POINTS["least_given"] and sign not in _SECOND)
_CANDIDATE = re.compile(rf"[{_FIRST}](?=[一-鿿])(?=[^{_NEVER}])")
_KINDS = {cue: kind for kind in ("weak", "likely", "certain") for cue in _WORDS[kind]}
_LONGEST = max(map(len, _KINDS))
_BETWEEN = ' \n\t:：“"「【】（('
_COPULA = "是为叫"
_CERTAIN = re.compile(rf"(?:{_any(_WORDS['certain'])})[\s:：]{{0,3}}[{_COPULA}]?[\s:：“\"「【（(]{{0,3}}")
_PLACES = frozenset(_WORDS["places"])
_PLACE = re.compile(_any(_WORDS["place_words"]))
_TITLE = re.compile(_any(_WORDS["titles"]))
_RANK = re.compile(_any(_WORDS["ranks"]))
_MARKS = r"\s，。！？；：、（）()【】“”\"「」,.!?;:<>《》|/…—\-\ue000\ue001A-Za-z0-9"
_EDGE = re.compile(rf"[{_MARKS}]|$")
_IDENTIFIED = re.compile(
    rf"[（(，,、：:\s]{{0,3}}(?:{_any(_WORDS['identified'])})?(?:号码?)?[:：是为\s]{{0,2}}[\ue000\ue001]"
)
_SIGNED = re.compile(r"[ \t]*(?:敬?[上启]|呈|亲?笔|书)?[ \t。]*(?:(?:19|20)\d\d[年./-].{0,12})?(?:\s*$|\n)")
_AFTER_NAME = re.compile("[\ue000\ue001][、/ 和跟与及]")
_BEFORE_NAME = re.compile("[、/ 和跟与及][\ue000\ue001]")
_SELF = re.compile(r"(?:我是|本人是?|我系)[^，。！？；、\n\ue000\ue001]{2,20}$")
_DOTTED = re.compile(r"[一-鿿]{2,7}[·•・][一-鿿]{2,8}")
_LATIN_WORD = "[A-Z][A-Za-z'’-]{1,20}"
_LATIN = re.compile(rf"{_LATIN_WORD}(?:,? {_LATIN_WORD}){{0,3}}(?![A-Za-z])")
_FULL_LATIN = re.compile(rf"{_LATIN_WORD}(?:,? (?:{_LATIN_WORD}|[A-Z]\.)){{1,3}}(?![A-Za-z])")
_LATIN_CUE = re.compile(rf"(?:{_any(_WORDS['latin'])})\s{{0,2}}", re.IGNORECASE)
_LIKELY = re.compile(rf"(?:{_any(_WORDS['likely'])})[】\s:：（(]{{0,3}}(?=[A-Z])")
_SYLLABLE = "(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiouv])"
_FAMILY = f"(?=(?-i:[A-Z]))(?:{_any(_WORDS['pinyin'])})"
_PERSONAL = f"(?=(?-i:[A-Z]))(?:{_SYLLABLE}){{1,2}}"
_PINYIN = re.compile(
    rf"(?<![A-Za-z])(?:{_FAMILY}(?:, ?| ){_PERSONAL}|{_PERSONAL} {_FAMILY})(?![A-Za-z])", re.IGNORECASE
)
_TRANSCRIBED = frozenset(_WORDS["transcribed"])
_OTHER_PEOPLES = re.compile(rf"(?:{_any(_WORDS['other_peoples'])}){{2}}")
_SPACED = re.compile(rf"[{_FIRST}][ \u3000][一-鿿](?=[{_MARKS}]|$)")
_UNSPACED = re.compile(rf"[一-鿿]{{3,7}}(?=[{_MARKS}]|$)")
_CAPITAL = re.compile("[A-Z][a-z]")
_ACRONYM = re.compile("[A-Z]{2,5}")
_DOT = re.compile("[·•・]")
_NAMING = re.compile("[叫是为:：]")
_NONE = re.compile(_any(_WORDS["never"] + _WORDS["public"]))
_PRODUCTS = frozenset(_WORDS["products"])


def find_names(text: str) -> list[Span]:
    """Find names in a text in which identifiers are masked already; a name found once is found everywhere in it."""
    spans = [*_of_families(text), *_of_other_peoples(text)]
    for name in {text[start:end] for start, end in spans}:
        if len(name) > 2 or name not in weights():
            spans += (hit.span() for hit in re.finditer(re.escape(name), text))
    return list(_longest(spans))


def _longest(spans: list[Span]) -> Iterator[Span]:
    """Keep the longer of two spans that overlap."""
    free = 0
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start >= free:
            free = end
            yield start, end


def _of_families(text: str) -> Iterator[Span]:
    free = 0
    for candidate in _CANDIDATE.finditer(text):
        start = candidate.start()
        if start < free or _NONE.match(text, start):
            continue
        scored = [(_score(text, start, end), end) for end in _ends(text, start)]
        best, end = max(scored, default=(0.0, start))
        if best >= _POINTS["enough"]:
            free = end
            yield start, end


def _cue(text: str, start: int) -> str | None:
    """Say what kind of cue stands before a name, if any: 户名：, 姓名是, 客户“."""
    stop = start
    while stop > max(0, start - 3) and text[stop - 1] in _BETWEEN:
        stop -= 1
    found = _kind(text, stop)
    if found != "certain" and stop and text[stop - 1] in _COPULA and _kind(text, stop - 1) == "certain":
        return "certain"
    return found


def _kind(text: str, stop: int) -> str | None:
    for length in range(min(_LONGEST, stop), 0, -1):
        if kind := _KINDS.get(text[stop - length : stop]):
            return kind
    return None


def _ends(text: str, start: int) -> Iterator[int]:
    """Give the places at which a name that begins here may end."""
    compound = text[start : start + 2] in _SURNAMES
    if text[start] not in _SURNAMES and not compound:
        return
    given = start + (2 if compound else 1)
    if _TITLE.match(text, given) or _TITLE.match(text, start):
        return
    for end in (given + 1, given + 2):
        if end <= len(text) and all(map(_may_be_given, text[given:end])):
            yield end


def _may_be_given(sign: str) -> bool:
    return "一" <= sign <= "\u9fff" and _GIVEN.get(sign, 0) >= _POINTS["least_given"]


def _score(text: str, start: int, end: int) -> float:
    """Add up what speaks for a name and take away what speaks against it; stop where it cannot be enough."""
    family = 2 if text[start : start + 2] in _SURNAMES else 1
    signs = text[start + family : end]
    score = sum(_GIVEN.get(sign, 0) for sign in signs) + (_POINTS["compound"] if family == 2 else _family(text[start]))
    cue = _cue(text, start)
    score += _POINTS[cue] if cue else 0.0
    if score < _POINTS["hopeless"]:
        return score
    score += _surroundings(text, start, end, cue=cue, short=len(signs) == 1)
    return score if score < _POINTS["enough"] else score - _words(text, start, end, cue=cue)


def _family(sign: str) -> float:
    if sign in _EVERYDAY:
        return _POINTS["both" if sign in _COMMON else "everyday"]
    return _POINTS["common" if sign in _COMMON else "rare"]


def _surroundings(text: str, start: int, end: int, *, cue: str | None, short: bool) -> float:
    before, bounded = start == 0 or bool(_EDGE.match(text, start - 1)), bool(_EDGE.match(text, end))
    score = _POINTS["edge"] * before + _POINTS["bounded"] * bounded
    if before and _IDENTIFIED.match(text, end):
        score += _POINTS["identified"]
    elif (start == 0 or text[start - 1] in "\n。！？”】") and _SIGNED.match(text, end):
        score += _POINTS["signed"]
    elif (_AFTER_NAME.match(text, start - 2) if start > 1 else False) or _BEFORE_NAME.match(text, end):
        score += _POINTS["listed"]
    elif _RANK.match(text, end):
        score += _POINTS["ranked"]
    elif not bounded and text[end] in _FOLLOWERS:
        score += _POINTS["followed"]
    elif short and not bounded:
        score += _POINTS["short_and_open"]
    if cue in (None, "weak") and (text[end - 1] in _PLACES or _PLACE.match(text, end)):
        score += _POINTS["place"]
    if cue in (None, "weak") and _PRODUCTS.issuperset(text[start:end]):
        score += _POINTS["product"]
    if not cue and bounded and _SELF.search(text, max(0, start - 24), start):
        score += _POINTS["self"]
    return score + _POINTS["short"] * short


def _words(text: str, start: int, end: int, *, cue: str | None) -> float:
    """Weigh the everyday words in and across a name: 高兴, 向|大家, 三|家银|行."""
    known, whole = weights(), text[start:end]
    inside = 0.0 if whole[:2] in _SURNAMES else max(known.get(whole[:2], 0.0), known.get(whole, 0.0))
    ending = (
        known.get(whole[1:], 0.0) * _POINTS["phrase" if whole[0] in _EVERYDAY else "ending"] if len(whole) > 2 else 0.0
    )
    left = start if cue else max(0, start - 3)
    crossing = across(text[left : end + 3], start - left, end - left)
    sure = cue == "certain" and _EDGE.match(text, end)
    return (inside * _POINTS["word"] + ending) * (_POINTS["sure"] if sure else 1.0) + crossing * _POINTS["crossing"]


def _of_other_peoples(text: str) -> Iterator[Span]:
    """Names in Latin letters, written with a dot or a space, or of other peoples of China behind a sure cue."""
    for cue in _CERTAIN.finditer(text):
        hit = _LATIN.match(text, cue.end()) or _SPACED.match(text, cue.end()) or _DOTTED.match(text, cue.end())
        if hit:
            yield hit.span()
        elif _NAMING.search(cue[0]) and (whole := _UNSPACED.match(text, cue.end())) and _is_foreign(whole[0]):
            yield whole.span()
    yield from (hit.span() for pattern in (_OTHER_PEOPLES, _PINYIN) for hit in pattern.finditer(text))
    yield from _latin(text)
    yield from _dotted(text)


def _latin(text: str) -> Iterator[Span]:
    if not _CAPITAL.search(text):
        return
    for cues, pattern in ((_LATIN_CUE, _LATIN), (_LIKELY, _FULL_LATIN)):
        for cue in cues.finditer(text):
            if (hit := pattern.match(text, cue.end())) and hit[0].isascii() and not _ACRONYM.fullmatch(hit[0]):
                yield hit.span()


def _dotted(text: str) -> Iterator[Span]:
    for hit in _DOTTED.finditer(text) if _DOT.search(text) else ():
        start = next((place for place in range(*hit.span()) if text[place] in _TRANSCRIBED), hit.end())
        signs = _DOT.sub("", text[start : hit.end()])
        if _DOT.search(text, start + 2, hit.end()) and 2 * sum(map(_TRANSCRIBED.__contains__, signs)) > len(signs):
            yield start, hit.end()


def _is_foreign(whole: str) -> bool:
    """Say whether nothing but a sure cue makes this a name: no everyday word in it, no sign that names never hold."""
    known = weights()
    parts = (whole[first:last] for first in range(len(whole)) for last in range(first + 2, len(whole) + 1))
    return all(map(_may_be_given, whole)) and not any(known.get(part, 0.0) > _POINTS["foreign_word"] for part in parts)
