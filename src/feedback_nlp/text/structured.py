"""Know identity cards, telephones, bank cards and the other numbers that belong to a person.

A rule is a pattern and a function that accepts or refuses what the pattern hit. Patterns know shapes; the functions know
checksums, and cues from ``lexicon/mask_cues.toml`` that stand before the number. No pattern can be read in two ways, so
none backtracks: every repetition is bounded and its parts begin with different characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from feedback_nlp.text.checksums import credit_code, identity_card, identity_shape, luhn, real_date
from feedback_nlp.text.numerals import BREAK, digits
from feedback_nlp.text.resources import table

Span = tuple[int, int]
Accept = Callable[[re.Match[str]], Span | None]

MARK = "\ue000\ue001"  # stand-ins for what is masked already: see text.mask


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which one type of identifier is written."""

    type: str
    pattern: re.Pattern[str]  # its group "value", or else the whole hit, is masked
    accept: Accept
    needs: tuple[str, ...] = ()  # one of these stands in every text with a hit; none: three digits do
    spoken: bool = True  # also written in Chinese numerals


def _any(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_LEXICON = table("mask_cues.toml")
_CUES: dict[str, list[str]] = _LEXICON["cues"]
_SURVIVE: dict[str, list[str]] = _LEXICON["survive"]
_REFERENCE = re.compile(
    rf"(?:{_any(_SURVIVE['references'])})(?:{_any(_SURVIVE['reference_tails'])})[\s:：为是“\"(（#]{{0,4}}$"
)
_SERVICE = re.compile("|".join(map(re.escape, _SURVIVE["services"])) + "|" + "|".join(_SURVIVE["service_shapes"]))
_BEFORE = {name: re.compile(f"(?:{_any(words)})") for name, words in _CUES.items()}
_UNIT = rf"(?!\s?(?:{_any(_SURVIVE['units'])})|[:：/][0-9])"
_GROUP = re.compile("[0-9]+")
_GAP = r"[\s:：=是为“”\"'（）()【】「」号码数就叫,，]"  # between a cue and its number
_FAR = rf"[^0-9\n。！？；;{MARK}]"
_END = "(?![0-9])"
_START = "(?<![0-9])"


def rules() -> tuple[Rule, ...]:
    """Give the rules in the order in which they take from the text."""
    return _RULES


def scan(rule: Rule, text: str) -> Iterator[Span]:
    """Find what one rule takes from a narrowed text, in order, without overlaps."""
    position = 0
    while hit := rule.pattern.search(text, position):
        span = rule.accept(hit)
        if span:
            yield span
        position = max(span[1] if span else 0, hit.start() + 1)


def _cued(hit: re.Match[str], cue: str, *, within: int) -> bool:
    """Say whether a cue stands at most so many characters before the value, with no other number between."""
    start = hit.start("value") if "value" in hit.re.groupindex else hit.start()
    left = hit.string[max(0, start - within) : start]
    cut = max(map(left.rfind, (*MARK, "\n", "。")))
    return bool(_BEFORE[cue].search(left[cut + 1 :]))


def _reference(hit: re.Match[str]) -> bool:
    return bool(_REFERENCE.search(hit.string[max(0, hit.start() - 12) : hit.start()]))


def _service(number: str) -> bool:
    return bool(_SERVICE.fullmatch(number))


def _value(hit: re.Match[str]) -> Span:
    return hit.span("value") if "value" in hit.re.groupindex else hit.span()


def _sizes(text: str) -> list[int]:
    return [len(group) for group in _GROUP.findall(text)]


def _identity(hit: re.Match[str]) -> Span | None:
    number = digits(hit[0][:-1]) + hit[0][-1].upper().replace("叉", "X")
    if identity_card(number):
        return hit.span()
    typing_error = identity_shape(number) and not _reference(hit) and _sizes(hit[0])[0] in (1, 3, 4, 6, 17, 18)
    return hit.span() if typing_error or _cued(hit, "identity", within=8) else None


def _old_identity(hit: re.Match[str]) -> Span | None:
    sizes = _sizes(hit[0])
    neat = len(sizes) == 1 or sizes[0] in (3, 6) or max(sizes) == 1
    named = _cued(hit, "identity", within=8)
    return hit.span() if named or (neat and identity_shape(digits(hit[0])) and not _reference(hit)) else None


_MOBILE_GROUPS = ([3, 4, 4], [3, 8], [7, 4], [4, 3, 4], [3, 3, 5], [4, 4, 3], [3, 5, 3], [5, 6], [6, 5])


def _broken_mobile(hit: re.Match[str]) -> Span | None:
    sizes = _sizes(hit["value"])
    if sizes in _MOBILE_GROUPS or (len(sizes) == 11 and not _continues(hit)):
        return hit.span()
    address = hit["value"].count(".") == 3  # 192.168.110.25
    return hit.span() if not address and len(sizes) < 10 and _cued(hit, "phone", within=12) else None


_LISTED = re.compile(r"[ .-][0-9]")


def _continues(hit: re.Match[str]) -> bool:
    """Say whether another single digit stands before or behind: then it is a list, not a number."""
    before, behind = hit.string[max(0, hit.start() - 2) : hit.start()], hit.string[hit.end() : hit.end() + 2]
    return bool(_LISTED.fullmatch(before[::-1]) or _LISTED.fullmatch(behind))


def _card(hit: re.Match[str]) -> Span | None:
    """Take the longest run of whole groups that is a card number."""
    if _reference(hit):
        return None
    for group in reversed(list(_GROUP.finditer(hit[0]))):
        part = hit[0][: group.end()]
        if 13 <= len(digits(part)) <= 19 and _is_card(hit, part):
            return hit.start(), hit.start() + group.end()
    return None


def _is_card(hit: re.Match[str], part: str) -> bool:
    number, sizes = digits(part), _sizes(part)
    cued = _cued(hit, "card", within=8)
    neat = len(sizes) == 1 or set(sizes[:-1]) in ({4}, {1}) or (sizes[0] == 6 and len(sizes) == 2)
    if credit_code(number) and not cued:
        return False
    known = (number[0] in "3456" and luhn(number)) or (number.startswith("62") and len(number) >= 16)
    return neat and (known or cued)


def _landline(hit: re.Match[str]) -> Span | None:
    return None if _reference(hit) else hit.span()


def _local_landline(hit: re.Match[str]) -> Span | None:
    number = digits(hit["value"])
    return None if len(number) == 8 and real_date(number) else hit.span("value")


def _plate(hit: re.Match[str]) -> Span | None:
    sign = hit["sign"]
    plain = sign.upper().startswith(tuple(_LEXICON["plate"]["not_plates"]))
    written = any(map(str.isdigit, sign)) or sign.isupper()
    return hit.span() if written and not plain else None


_E_PASSPORT = re.compile(r"(?:E[0-9A-HJ-NP-Z]|[GDSP][0-9])[0-9]{7}")


def _travel(hit: re.Match[str]) -> Span | None:
    plain = _E_PASSPORT.fullmatch(hit[0].upper()) is not None
    return hit.span() if plain or _cued(hit, "travel", within=16) else None


def _secret_code(hit: re.Match[str]) -> Span | None:
    """Take a verification code: four to eight digits, and far from its cue only the usual four or six."""
    number, gap = digits(hit["value"]), hit["gap"]
    if (
        _service(number)
        or _SOMETHING_ELSE.search(gap)
        or real_date(number.ljust(8, "x") if len(number) != 8 else number)
    ):
        return None
    return hit.span("value") if len(gap) <= 6 or len(number) in (4, 6) else None


def _security(hit: re.Match[str]) -> Span | None:
    return hit.span("value")


def _expiry(hit: re.Match[str]) -> Span | None:
    left = hit.string[max(0, hit.start() - 40) : hit.start()]
    near_card = any(mark in left for mark in MARK) or _cued(hit, "card", within=40) or _cued(hit, "security", within=40)
    return hit.span("value") if near_card else None


def _password(hit: re.Match[str]) -> Span | None:
    value = hit["value"]
    count = len(digits(value))
    if (
        _SOMETHING_ELSE.search(hit.string[hit.end("cue") : hit.start("value")])
        or _service(digits(value))
        or (count < 4 and not (count and len(value) >= 6))
    ):
        return None
    return hit.span("value")


def _letters_password(hit: re.Match[str]) -> Span | None:
    return hit.span("value")


def _wechat(hit: re.Match[str]) -> Span | None:
    telling = any(not sign.isalpha() for sign in hit["value"])
    return hit.span("value") if telling or hit["cue"] == "微信号" else None


def _messenger_number(hit: re.Match[str]) -> Span | None:
    number = digits(hit["value"])
    return None if _service(number) or _SOMETHING_ELSE.search(hit["gap"]) else hit.span("value")


def _account(hit: re.Match[str]) -> Span | None:
    number, value = digits(hit["value"]), hit["value"]
    if _service(number) or (
        (real_date(number[:8]) if len(number) >= 8 else False) and (len(number) == 8 or _DATED.match(value))
    ):
        return None
    enough = 5 if hit["cue"] in _CUES["account_certain"] else 8
    return hit.span("value") if len(number) >= enough else None


def _login(hit: re.Match[str]) -> Span | None:
    return hit.span("value") if digits(hit["value"]) or len(hit["value"]) >= 6 else None


def _credit_code(hit: re.Match[str]) -> Span | None:
    return hit.span("value")


_SOMETHING_ELSE = re.compile(
    "单号|订单|金额|余额|转账|转了|充值|消费|客服|电话|拨打|电联|手续费|共计|尾号|代码|错误码|[超过约满近共达]$"
)
_DATED = re.compile(r"[12][0-9]{3}[-./ ][01]?[0-9][-./ ][0-3]?[0-9](?:\s|$)")


def _digits(least: int, most: int, *, first: str = "[0-9]") -> str:
    return rf"{first}(?:{BREAK}[0-9]){{{least - 1},{most - 1}}}"


def _cue(name: str) -> str:
    return f"(?P<cue>{_any(_CUES[name])})"


def _rule(type_: str, pattern: str, accept: Accept, *, needs: str | tuple[str, ...] = (), spoken: bool = True) -> Rule:
    wanted = tuple(_CUES[needs]) if isinstance(needs, str) else needs
    return Rule(type_, re.compile(pattern), accept, wanted, spoken)


_PREFIX = r"(?:(?:(?:\+|00)\s?)?86[\s-]{0,2}|\(\+?86\)\s?|(?:\+|00)86|0(?=1))?"
_AREA = r"[(（]?0(?:10|2[0-9]|[3-9][0-9]{2})[)）]?[\s.—–-]{0,2}"
_LOCAL = r"[2-9](?:[0-9]{6,7}|[0-9]{2,3}[\s.-][0-9]{4}|(?:[\s.-][0-9]){6,7})(?![0-9])"
_EXTENSION = r"(?:\s?(?:转|分机号?|转分机|ext\.?|-)\s?[0-9]{1,6}(?![0-9]))?"
_TOKEN = r"[A-Za-z0-9](?:[-_/]?[A-Za-z0-9]){4,39}(?![A-Za-z0-9])"
_LAW_STYLE = r"[(（〔]?(?:19|20)[0-9]{2}[)）〕]?年?[一-鿿]{0,10}?第?[0-9]{2,10}(?:-[0-9]{1,6})?号"
_ENDINGS = "|".join(_LEXICON["url"]["endings"])

_RULES = (
    _rule(
        "邮箱",
        r"[A-Za-z0-9._%+-]{1,64} ?@ ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}",
        _value,
        needs=("@",),
        spoken=False,
    ),
    _rule("网址", r"(?:https?://|www\.)[!-~]+", _value, needs=("http", "www."), spoken=False),
    _rule(
        "网址",
        rf"(?<![A-Za-z0-9@._-])[A-Za-z0-9][A-Za-z0-9-]{{0,40}}(?:\.[A-Za-z0-9-]{{1,40}}){{0,3}}\.(?:{_ENDINGS})(?![A-Za-z0-9@])(?:[/?#:][!-~]*)?",
        _value,
        needs=tuple("." + ending for ending in _LEXICON["url"]["endings"]),
        spoken=False,
    ),
    _rule("身份证", rf"{_START}{_digits(17, 17, first='[1-9]')}{BREAK}[0-9Xx叉]{_END}", _identity),
    _rule("手机号", rf"{_START}{_PREFIX}(?P<value>1[3-9][0-9]{{9}}){_END}", lambda hit: hit.span()),
    _rule("银行卡", rf"{_START}{_digits(13, 19, first='[1-9]')}{_END}", _card),
    _rule("身份证", rf"{_START}{_digits(15, 15, first='[1-9]')}{_END}", _old_identity),
    _rule("电话", rf"{_START}(?:(?:\+|00)86[\s-]{{0,2}})?{_AREA}{_LOCAL}{_EXTENSION}", _landline),
    _rule("手机号", rf"{_START}{_PREFIX}(?P<value>1{BREAK}[3-9]{BREAK}{_digits(9, 9)}){_END}", _broken_mobile),
    _rule(
        "账号",
        rf"{_cue('credit_code')}{_GAP}{{0,4}}(?P<value>[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){{14,17}})(?![0-9A-Za-z])",
        _credit_code,
        needs="credit_code",
    ),
    _rule(
        "车牌",
        rf"[{_LEXICON['plate']['provinces']}] ?[A-HJ-Za-hj-z][ ·.•-]{{0,2}}(?P<sign>[A-HJ-NP-Za-hj-np-z0-9](?:[ ·-]?[A-HJ-NP-Za-hj-np-z0-9]){{3}}"
        rf"[ ·-]?[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?:[ ·-]?[A-HJ-NP-Za-hj-np-z0-9])?)(?![A-Za-z0-9])",
        _plate,
        needs=tuple(_LEXICON["plate"]["provinces"]),
    ),
    _rule("证件", rf"(?<![A-Za-z0-9])[A-Za-z]{{1,2}}{BREAK}{_digits(6, 10)}(?![A-Za-z0-9])", _travel),
    _rule("证件", rf"{_cue('travel')}{_GAP}{{0,5}}(?P<value>{_digits(6, 10)}){_END}{_UNIT}", _security, needs="travel"),
    _rule("证件", r"[军南北沈兰成济广海空武政后]字第? ?[0-9]{5,8} ?号?", _value, needs=("字",)),
    _rule(
        "安全码",
        rf"{_cue('security')}[^0-9\n。{MARK}]{{0,8}}?(?P<value>{_digits(3, 4)}){_END}{_UNIT}",
        _security,
        needs="security",
    ),
    _rule(
        "安全码",
        r"有效期(?:限)?[至到是为：:\s]{0,4}(?P<value>(?:0[1-9]|1[0-2])[ /-]{0,3}(?:20)?[2-4][0-9])(?![0-9/年-])",
        _expiry,
        needs=("有效期",),
    ),
    _rule(
        "验证码",
        rf"{_cue('verification')}(?P<gap>{_FAR}{{0,14}}?)(?<![A-Za-z0-9])(?P<value>{_digits(4, 8)}){_END}{_UNIT}",
        _secret_code,
        needs="verification",
    ),
    _rule(
        "验证码",
        rf"{_cue('verification')}{_GAP}{{0,4}}(?P<value>(?=[A-Za-z]{{0,7}}[0-9])[A-Za-z0-9]{{4,8}})(?![A-Za-z0-9])",
        _security,
        needs="verification",
    ),
    _rule(
        "验证码",
        rf"{_START}(?P<value>{_digits(4, 8)})[)）”\" ]?(?:是|为|就是)?(?:您|你|我|他|她)?的?(?:登录|支付|短信|手机|动态)?{_cue('verification')}",
        _value,
        needs="verification",
    ),
    _rule(
        "密码",
        rf"{_cue('password')}{_GAP}{{0,4}}(?:设的是|设成了?|改成了?|写的是)?{_GAP}{{0,3}}(?P<value>(?:[0-9](?: ?[0-9]){{3,11}}|[!-~]{{4,20}}))(?![!-~]){_UNIT}",
        _password,
        needs="password",
    ),
    _rule(
        "密码",
        rf"{_cue('password')}[^0-9{MARK}]{{0,24}}?(?:是|为|成|设|：|:|输|填)\s?(?P<value>[A-Za-z]{{0,8}}[0-9]{{4,8}})(?![0-9A-Za-z]){_UNIT}",
        _password,
        needs="password",
    ),
    _rule(
        "密码",
        rf"{_cue('password')}(?:是|为|：|:)\s?(?P<value>[!-~]{{6,20}})(?![!-~])",
        _letters_password,
        needs="password",
        spoken=False,
    ),
    _rule("微信", r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{6,20}", _value, needs=("wxid_",), spoken=False),
    _rule(
        "微信",
        rf"{_cue('wechat')}[^0-9A-Za-z\n。！？{MARK}]{{0,8}}?(?P<value>[A-Za-z][A-Za-z0-9_-]{{5,19}})(?![A-Za-z0-9_-])",
        _wechat,
        needs="wechat",
        spoken=False,
    ),
    _rule(
        "微信",
        rf"{_cue('wechat')}(?P<gap>{_GAP}{{0,4}})(?P<value>{_digits(5, 11, first='[1-9]')}){_END}{_UNIT}",
        _messenger_number,
        needs="wechat",
    ),
    _rule(
        "QQ",
        rf"(?<![A-Za-z]){_cue('qq')}(?P<gap>[^0-9A-Za-z\n。！？；{MARK}]{{0,10}}?)(?P<value>{_digits(5, 12, first='[1-9]')}){_END}{_UNIT}",
        _messenger_number,
        needs="qq",
    ),
    _rule(
        "QQ",
        rf"(?<![A-Za-z0-9])[qQ][号群:：\s是]{{0,3}}(?P<value>{_digits(7, 11, first='[1-9]')}){_END}{_UNIT}",
        _value,
        needs=("q", "Q"),
    ),
    _rule(
        "电话",
        rf"(?:{_any(_CUES['landline'])})(?:号码?)?[\s:：是为（(]{{0,4}}(?P<value>{_LOCAL}{_EXTENSION})",
        _local_landline,
        needs="landline",
    ),
    _rule(
        "账号",
        rf"{_cue('account')}{_GAP}{{0,5}}(?P<value>[A-Za-z]{{0,8}}-?{_digits(5, 30)}){_END}(?![A-Za-z]){_UNIT}",
        _account,
        needs="account",
    ),
    _rule("账号", rf"{_cue('account')}{_GAP}{{0,5}}(?P<value>{_TOKEN}){_UNIT}", _account, needs="account"),
    _rule(
        "账号",
        rf"(?:合同|协议|借据)(?:编?号)?[\s:：是为（(]{{0,4}}(?P<value>{_LAW_STYLE})",
        _value,
        needs=("合同", "协议", "借据"),
    ),
    _rule(
        "账号",
        rf"{_cue('login')}{_GAP}{{0,4}}(?P<value>[A-Za-z][A-Za-z0-9_.-]{{3,29}})(?![A-Za-z0-9_@-])",
        _login,
        needs="login",
        spoken=False,
    ),
)
