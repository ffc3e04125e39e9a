"""Find home addresses: a chain of places that ends in a house, a flat or a village group; or what a cue introduces.

Every search begins at a short tail (12栋, 四组, 88号) or at a cue and looks a bounded distance to the left or right, so
the time grows with the length of the text and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.text.judge import LEXICON, Span, either, longest
from feedback_nlp.text.resources import entries

_WORDS = LEXICON["addresses"]
_REACH = 40  # characters of an address before its first house number
_NUMBER = r"(?:[A-Za-z]?[0-9]{1,5}|[A-Za-z甲乙丙丁]|[一二三四五六七八九十百零〇]{1,4})"
_BUILDING = "号楼|号院|栋|幢|单元|座|号|室|组|弄|巷|社|队"
_PART = rf"[甲乙丙丁附]?{_NUMBER}(?:[-－][0-9]{{1,4}})?(?:{_BUILDING})"
_DOOR = r"(?:[A-Za-z]?[0-9]{1,2}-[0-9]{1,2}-[0-9]{1,4}|[A-Za-z][0-9]?(?:-[0-9]{1,4}){1,2})(?![0-9-])"  # 6-2-301, A-1507
_AREA = rf"(?:{either(_WORDS['area_words'])}|[{_WORDS['areas']}])"
_TAIL = re.compile(f"{_PART}|{_DOOR}")
_ROOM = rf"[0-9]{{2,4}}(?:-[0-9]{{1,4}})?(?![0-9]|{either(_WORDS['not_rooms'])})"
_MORE = re.compile(
    rf"[ ,，]?(?:{_PART}|{_DOOR}|{_NUMBER}(?:户|层|楼|门)|{_ROOM}"
    rf"|[一-鿿]{{2,8}}?(?:{either(_WORDS['area_words'])}|[苑园院城庄寨])(?=[A-Za-z0-9一二三四五六七八九十]))"
)
_STEP = re.compile(rf"(?<![{_WORDS['areas']}]){_AREA}")
_NAMELESS = re.compile(rf"(?:{either(_WORDS['unnamed'])})?(?:{either(_WORDS['area_words'])})")
_VILLAGE = re.compile("(?<=[向在到给由经从的])[一-鿿]{2,5}村(?=村委|村民|村支)")
_STRONG = re.compile(rf"(?:栋|幢|单元|座|号楼|室|组|弄|户|{_DOOR})$")
_LOOSE = re.compile("[一两几二三][座栋幢室]")  # 县城一座
_FITS = {unit: re.compile(f"[{_WORDS['areas']}]$") for unit in "号弄巷"} | {
    unit: re.compile("[村屯庄寨乡镇场]$") for unit in "组社队"
}  # what stands before 88号, and before 四组
_HOME = re.compile(rf"(?:{either(_WORDS['homes'])})$")
_CHAIN = re.compile(
    rf"(?:{either(entries('mask_places.txt'))})[省市]?"
    rf"(?:[^\W\d_{_WORDS['areas']}{_WORDS['stops']}]{{1,5}}(?:街道|[市区县旗镇乡村])){{2,4}}"
)
_CUE = re.compile(
    rf"(?<![{_WORDS['not_after']}])(?:{either(_WORDS['cues'])})(?![{_WORDS['not_before']}])[是为在于：:\s（(“]{{0,3}}"
)
_CUE_SIGNS = frozenset(cue[-1] for cue in _WORDS["cues"])
_UNITS = frozenset(_WORDS["areas"] + "号栋幢元座室组社队")
_DISTRICTS = frozenset("县旗镇乡村")
_BRANCH = re.compile(rf"(?:{either(_WORDS['public'])})[）)一-鿿]{{0,6}}[：:]\s*$")
_STOP = frozenset(_WORDS["stops"])
_PLACES = re.compile(either(entries("mask_places.txt")))
_PUBLIC = re.compile(rf"[一-鿿（(]{{0,6}}?(?:{either(_WORDS['public'])})")
_NEAR_PUBLIC = re.compile(rf"[^。！？\n]{{0,12}}?(?:{either(_WORDS['public'])})")
_HAN = re.compile(r"[一-鿿A-Za-z0-9－-]{1,40}")
_WALL = re.compile(r"[^一-鿿A-Za-z0-9－-]")
_FARMHOUSE = re.compile(rf"{_DOOR}|[东西南北村]?[头边口面侧]?第?[一二三四五六七八九十0-9]{{1,2}}[家户]")


def find_addresses(text: str) -> list[Span]:
    """Find addresses in a narrowed text, in order."""
    signs = frozenset(text)
    if signs.isdisjoint(_UNITS):
        return []
    villages = (hit.span() for hit in _VILLAGE.finditer(text)) if "村" in signs else ()
    cued = _by_cue(text) if not signs.isdisjoint(_CUE_SIGNS) else ()
    placed = _by_place(text) if not signs.isdisjoint(_DISTRICTS) else ()
    return list(longest([*_by_tail(text), *villages, *cued, *placed]))


def _by_tail(text: str) -> Iterator[Span]:
    position = 0
    while tail := _TAIL.search(text, position):
        position = tail.end()
        if tail.start() == 0 or not ("一" <= text[tail.start() - 1] <= "\u9fff"):
            continue
        start, cued = _beginning(text, tail.start())
        end, parts = _ending(text, tail)
        if _accept(text, start, tail, end=end, parts=parts, cued=cued):
            yield start, end
            position = end


def _beginning(text: str, tail: int) -> tuple[int, bool]:
    """Say where the address before a house number begins, and whether a cue stands there."""
    low = max(0, tail - _REACH)
    left = text[low:tail]
    for wall in _WALL.finditer(left):
        low = max(low, tail - len(left) + wall.end())
    left = text[low:tail]
    cues = [cue.end() for cue in _CUE.finditer(left) if cue.end() < len(left)]
    if cues and not any(sign in _STOP for sign in left[cues[-1] :]):
        return low + cues[-1], True
    cued = bool(_CUE.search(text[max(0, low - 6) : low]))
    for place in _PLACES.finditer(left):
        if not any(sign in _STOP for sign in left[place.end() :]):
            return low + place.start(), cued
    stops = [index for index, sign in enumerate(left) if sign in _STOP]
    return low + (stops[-1] + 1 if stops else 0), cued


def _ending(text: str, tail: re.Match[str]) -> tuple[int, list[str]]:
    """Follow the chain to the right: 7号 → 7号2单元301."""
    end, parts = tail.end(), [tail[0]]
    while (more := _MORE.match(text, end)) and len(parts) < 8:
        end = more.end()
        parts.append(more[0])
    return end, parts


def _accept(text: str, start: int, tail: re.Match[str], *, end: int, parts: list[str], cued: bool) -> bool:
    way = text[start : tail.start()]
    if len(way) < 2 or _NAMELESS.match(way) or _is_public(text, start, end, way=way):
        return False
    steps, strong = len(_STEP.findall(way)), sum(bool(_STRONG.search(part)) for part in parts)
    if not steps:
        return strong >= 2 or (cued and strong >= 1)
    fits = _FITS.get(tail[0][-1])
    if len(parts) == 1 and (_LOOSE.fullmatch(tail[0]) or (fits and not fits.search(way))):
        return False
    if cued or strong >= 2:
        return True
    return (steps >= 2 or strong >= 1 or len(parts) >= 2) and not _NEAR_PUBLIC.match(text, end)


def _is_public(text: str, start: int, end: int, *, way: str) -> bool:
    if any(word in way for word in _WORDS["public"]):
        return True
    return bool(_PUBLIC.match(text, end) or _BRANCH.search(text[max(0, start - 16) : start]))


def _by_cue(text: str) -> Iterator[Span]:
    """家住南石桥村东头第三家, 住址：河北省平山县岗南镇: no house number, but a cue and two steps."""
    for cue in _CUE.finditer(text):
        found = _HAN.match(text, cue.end())
        if not found or _NAMELESS.match(found[0]):
            continue
        stop = next((index for index, sign in enumerate(found[0]) if sign in _STOP), len(found[0]))
        steps = [step.end() for step in _STEP.finditer(found[0][:stop])]
        if not steps or steps[-1] < 3:
            continue
        end = cue.end() + steps[-1]
        farmhouse = _FARMHOUSE.match(text, end)
        home = len(found[0][: steps[-1]]) >= 4 and _HOME.search(found[0][: steps[-1]])
        if not (len(steps) > 1 or farmhouse or home) or _PUBLIC.match(text, end):
            continue
        yield cue.end(), farmhouse.end() if farmhouse else end


def _by_place(text: str) -> Iterator[Span]:
    """河北省平山县岗南镇石桥村: three steps down from a known place, wherever it stands."""
    for chain in _CHAIN.finditer(text):
        if not _NEAR_PUBLIC.match(text, chain.end()) and not any(word in chain[0] for word in _WORDS["public"]):
            yield chain.span()
