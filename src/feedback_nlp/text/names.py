"""Find the names of people: after a cue, on a signature line, before a rank, or beside an identifier.

A name is a family name of the list and one or two characters that stand in given names; or a name of another people
of China, written with · or behind a sure cue. 张女士 and 李某 stay: they name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.text.resources import entries, lines, table

Span = tuple[int, int]


def _any(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _is_given(sign: str) -> bool:
    return "一" <= sign <= "\u9fff" and sign not in _NOT_GIVEN


_WORDS = table("mask_cues.toml")["names"]
_NOT_GIVEN = frozenset("".join(lines("mask_not_given.txt")))
_SURNAMES = entries("mask_surnames.txt")
_SINGLE = frozenset(name for name in _SURNAMES if len(name) == 1)
_COMPOUND = frozenset(name for name in _SURNAMES if len(name) == 2)
_COMMON = frozenset(_WORDS["common"])
_EVERYDAY = frozenset(_WORDS["everyday"])
_FOLLOWERS = frozenset(_WORDS["followers"])
_LOOKALIKES = frozenset(entries("mask_words.txt"))
_STREETS = frozenset(_WORDS["streets"])
_PLACES = re.compile(_any(entries("mask_places.txt")))
_FIRST = "".join(_SINGLE | {name[0] for name in _COMPOUND})

_CERTAIN = re.compile(rf"(?:{_any(_WORDS['certain'])})[\s:：]{{0,3}}(?:是|为|叫)?[\s:：“\"「【（(]{{0,3}}")
_LIKELY = re.compile(rf"(?:{_any(_WORDS['likely'])})[】\s:：“\"「（(]{{0,3}}(?=[{_FIRST}])")
_WEAK = re.compile(rf"(?:{_any(_WORDS['weak'])})(?=[{_FIRST}])")
_TITLE = re.compile(_any(_WORDS["titles"]))
_RANK = re.compile(_any(_WORDS["ranks"]))
_BARRIER = r"\s，。！？；：、（）()【】“”\"「」,.!?;:<>《》|/…—\-"
_END = re.compile(rf"[{_BARRIER}\ue000\ue001A-Za-z0-9]|$")
_EDGE = re.compile(rf"(?:^|(?<=[{_BARRIER}\ue000\ue001]))(?=[{_FIRST}][一-鿿])")
_IDENTIFIED = re.compile(
    r"[（(，,、：:\s]{0,3}(?:之?[女子妻夫母父])?[（(，,、：:\s]{0,2}"
    r"(?:居民)?(?:身份证|手机|电话|联系电话|联系方式|QQ|邮箱|微信|卡号|账号|银行卡|护照|车牌|住址?|还款卡|信用卡)?(?:号码?)?[:：是为\s]{0,2}[\ue000\ue001]"
)
_SIGNED = re.compile(r"[ \t]*(?:敬?[上启]|呈|亲?笔|书)?[ \t。]*(?:(?:19|20)\d\d[年./-].{0,12})?(?:\s*$|\n)")
_SELF = re.compile(r"(?:我是|本人(?:是|系)?|我系|我乃)(?=[^，。！？；、\n\ue000\ue001]{3,24}[，。,（(])")
_FOREIGN = re.compile(r"(?<![一-鿿])?[一-鿿]{2,7}[·•・][一-鿿]{2,8}")
_LATIN = re.compile(r"[A-Z][A-Za-z'-]{1,20},? ?[A-Z][A-Za-z'-]{0,20}(?: [A-Z][a-z]{1,20})?(?![A-Za-z])")
_TRANSCRIBED = frozenset(_WORDS["foreign"])
_INNER = re.compile(rf"(?:{_any(_WORDS['inner'])}){{1,2}}(?![一-鿿]{{0}}[一-鿿]·)")


def find_names(text: str) -> list[Span]:
    """Find names in a text in which identifiers are masked already; a name found once is found everywhere in it."""
    spans = (
        set(_after_cues(text))
        | set(_at_edges(text))
        | set(_in_self_descriptions(text))
        | set(_before_ranks(text))
        | set(_foreign(text))
    )
    for name in {text[start:end] for start, end in spans if end - start >= 3}:
        spans |= {hit.span() for hit in re.finditer(re.escape(name), text)}
    return sorted(spans)


def _after_cues(text: str) -> Iterator[Span]:
    for cue in _CERTAIN.finditer(text):
        if end := _name(text, cue.end(), certain=True) or _other(text, cue.end()):
            yield cue.end(), end
    for cue in _LIKELY.finditer(text):
        if end := _name(text, cue.end()):
            yield cue.end(), end
    for cue in _WEAK.finditer(text):
        end = _name(text, cue.end(), strict=True)
        if end and end - cue.end() >= 3 and _unmistakable(text, cue.end(), end):
            yield cue.end(), end


def _at_edges(text: str) -> Iterator[Span]:
    """Names between marks: signatures, 王建国（身份证…, and after a quotation mark."""
    for edge in _EDGE.finditer(text):
        start = edge.start()
        end = _name(text, start, strict=True)
        if not end:
            continue
        alone = start == 0 or text[start - 1] in "\n。！？ ”】"
        if (
            _IDENTIFIED.match(text, end)
            or (alone and _SIGNED.match(text, end))
            or (end - start >= 3 and _plain(text, start, end))
        ):
            yield start, end


def _plain(text: str, start: int, end: int) -> bool:
    """Say whether a full name stands alone between marks, or opens a quotation."""
    quoted = text[start - 1 : start] in ("“", '"', "「")
    return text[start] not in _EVERYDAY and (quoted or bool(_END.match(text, end)))


def _in_self_descriptions(text: str) -> Iterator[Span]:
    """我是靠山屯的佟福林，我是退休护士水秀珍，: the name ends the clause."""
    for opening in _SELF.finditer(text):
        stop = re.compile("[，。,（(]").search(text, opening.end())
        end = stop.start() if stop else len(text)
        for length in (4, 3):
            start = end - length
            if start > opening.end() and _name(text, start, strict=True) == end:
                yield start, end
                break


def _before_ranks(text: str) -> Iterator[Span]:
    """3号柜台周敬尧同志: but 谢张女士 thanks a 张女士."""
    for rank in _RANK.finditer(text):
        for length in (4, 3, 2):
            start = rank.start() - length
            if start < 0 or (text[rank.start() - 1] in _COMMON and length < 4 and not _is_edge(text, start)):
                continue
            if length == 2 and not _is_edge(text, start):
                continue
            if _parts(text, start, rank.start()) and not _wordlike(text[start : rank.start()]):
                yield start, rank.start()
                break


def _is_edge(text: str, start: int) -> bool:
    return start == 0 or bool(_END.match(text, start - 1))


def _foreign(text: str) -> Iterator[Span]:
    if "·" not in text and "•" not in text and "・" not in text:
        return
    for hit in _FOREIGN.finditer(text):
        signs = [sign for sign in hit[0] if sign >= "一"]
        left = re.split("[·•・]", hit[0])[0]
        start = hit.end() - len(hit[0])
        while left and left[0] not in _TRANSCRIBED:  # 客户买买提·…: the cue is no part of the name
            left, start = left[1:], start + 1
        if len(left) >= 2 and sum(sign in _TRANSCRIBED for sign in signs) * 2 > len(signs):
            yield start, hit.end()


def _other(text: str, start: int) -> int | None:
    """Give the end of a name without a family name of the list, behind a sure cue."""
    hit = _LATIN.match(text, start) or _INNER.match(text, start)
    if hit:
        return hit.end()
    dotted = _FOREIGN.match(text, start)
    return dotted.end() if dotted else None


def _parts(text: str, start: int, end: int) -> bool:
    """Say whether text[start:end] is a family name and one or two given characters."""
    whole = text[start:end]
    family = 2 if whole[:2] in _COMPOUND and len(whole) > 2 else 1
    if family == 1 and (whole[0] not in _SINGLE or len(whole) == 4):
        return False
    return 1 <= len(whole) - family <= 2 and all(map(_is_given, whole[family:]))


def _wordlike(whole: str) -> bool:
    return whole in _LOOKALIKES or (whole[0] in _EVERYDAY and (whole[:2] in _LOOKALIKES or whole[1:] in _LOOKALIKES))


def _unmistakable(text: str, start: int, end: int) -> bool:
    if text[start] in _EVERYDAY or any(text[index : index + 2] in _LOOKALIKES for index in range(start, end)):
        return False
    return bool(_END.match(text, end)) or _followed(text, end)


def _name(text: str, start: int, *, certain: bool = False, strict: bool = False) -> int | None:
    """Give the end of the name that begins here. ``strict``: nothing but its surroundings speak for it."""
    family = 2 if text[start : start + 2] in _COMPOUND and _parts(text, start, start + 3) else 1
    if _TITLE.match(text, start) or _TITLE.match(text, start + family):
        return None
    for end in (start + family + 2, start + family + 1):
        if (
            end <= len(text)
            and _parts(text, start, end)
            and _credible(text, start, end, certain=certain, strict=strict)
        ):
            return end
    return None


def _credible(text: str, start: int, end: int, *, certain: bool, strict: bool) -> bool:
    """Say whether what looks like a name is one, judged by what stands behind it and by common words."""
    whole, bounded = text[start:end], bool(_END.match(text, end))
    everyday = whole[0] in _EVERYDAY
    if (whole in _LOOKALIKES and not (certain and bounded and not everyday)) or (not certain and _wordlike(whole)):
        return False
    if certain and everyday and _wordlike(whole):
        return False
    if len(whole) == 2 and not (bounded or (not everyday and _followed(text, end))):
        return False
    if whole[-1] == "和" and not bounded:  # 李沁和吴卓羲
        return False
    return not strict or not (whole[-1] in _STREETS or (whole[:2] not in _COMPOUND and _begins_a_word(text, start)))


def _begins_a_word(text: str, start: int) -> bool:
    return text[start : start + 2] in _LOOKALIKES or bool(_PLACES.match(text, start))


def _followed(text: str, end: int) -> bool:
    return text[end] in _FOLLOWERS or bool(_RANK.match(text, end))
