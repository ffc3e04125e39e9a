"""Know the shapes of identity cards, telephones, bank cards and the other numbers that belong to a person.

A rule is a pattern and a judge of what it hit. No pattern can be read in two ways, so none backtracks: every repetition
is bounded and its parts begin with different characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feedback_nlp.text import judge
from feedback_nlp.text.judge import CUES, LEXICON, MARK, Judge, Span, either
from feedback_nlp.text.numerals import BREAK


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which one type of identifier is written."""

    type: str
    pattern: re.Pattern[str]
    judge: Judge
    needs: tuple[str, ...]  # one of these stands in every text with a hit; empty: no such words
    first: frozenset[str]  # the first characters of those
    least: int  # so many digits stand in a row in every hit
    spoken: bool  # also read in Chinese numerals

    def may_hit(self, text: str, *, signs: frozenset[str], digits: int) -> bool:
        """Say cheaply whether a text with these characters and so many digits in a row may hold a hit."""
        if digits < self.least or (self.first and self.first.isdisjoint(signs)):
            return False
        return not self.needs or any(map(text.__contains__, self.needs))


def scan(rule: Rule, text: str) -> Iterator[Span]:
    """Find what one rule takes from a narrowed text, in order, without overlaps."""
    position = 0
    while hit := rule.pattern.search(text, position):
        span = rule.judge(hit)
        if span:
            yield span
        position = max(span[1] if span else 0, hit.start() + 1)


def rules() -> tuple[Rule, ...]:
    """Give the rules in the order in which they take from the text."""
    return _RULES


def _rule(
    type_: str, *parts: str, by: Judge = judge.always, needs: str | list[str] = "", least: int = 3, spoken: bool = True
) -> Rule:
    words = CUES[needs] if isinstance(needs, str) and needs in CUES else list(needs)
    first = frozenset(word[0] for word in words)
    return Rule(type_, re.compile("".join(parts)), by, tuple(words), first, least if spoken else 0, spoken)


def _digits(least: int, most: int, *, first: str = "[0-9]") -> str:
    return rf"{first}(?:{BREAK}[0-9]){{{least - 1},{most - 1}}}"


def _value(pattern: str) -> str:
    return f"(?P<value>{pattern})"


def _cue(name: str) -> str:
    return f"(?P<cue>{either(CUES[name])})"


_START, _END = "(?<![0-9])", "(?![0-9])"
_WORD_START, _WORD_END = "(?<![A-Za-z0-9])", "(?![A-Za-z0-9])"
_UNIT = rf"(?!\s?(?:{either(LEXICON['survive']['units'])})|[:：/][0-9])"  # then it is an amount or a time
_NUMBER_END = _END + _UNIT
_GAP = r"[\s:：=是为“”\"'（）()【】「」号码数就叫,，]"  # between a cue and its number
_WITHIN = rf"[^0-9\n。！？；;{MARK}]"  # anything but numbers, within the sentence
_COUNTRY = r"(?:(?:(?:\+|00)\s?)?86[\s-]{0,2}|\(\+?86\)\s?|0(?=1))?"
_AREA = r"[(（]?0(?:10|2[0-9]|[3-9][0-9]{2})[)）]?[\s.—–-]{0,2}"
_LOCAL = r"[2-9](?:[0-9]{6,7}|[0-9]{2,3}[\s.-][0-9]{4}|(?:[\s.-][0-9]){6,7})(?![0-9])"
_EXTENSION = r"(?:\s?(?:转|分机号?|转分机|ext\.?|-)\s?[0-9]{1,6}(?![0-9]))?"
_LABEL = r"[A-Za-z0-9-]{1,63}"
_TOKEN = rf"[A-Za-z0-9](?:[-_/]?[A-Za-z0-9]){{4,39}}{_WORD_END}"
_DEED = r"[(（〔]?(?:19|20)[0-9]{2}[)）〕]?年?[一-鿿]{0,10}?第?[0-9]{2,10}(?:-[0-9]{1,6})?号"  # （2021）借字第0618号
_SIGN = "[A-HJ-NP-Za-hj-np-z0-9]"  # number plates know no I and no O
_PROVINCES = LEXICON["plate"]["provinces"]
_ENDINGS = LEXICON["url"]["endings"]
_BACK = f"(?:{either(CUES['security_places'])})"  # of the card

_RULES = (
    _rule(
        "邮箱",
        rf"[A-Za-z0-9._%+-]{{1,64}} ?@ ?{_LABEL}(?:\.{_LABEL}){{0,4}}\.[A-Za-z]{{2,24}}",
        needs="@",
        spoken=False,
    ),
    _rule("网址", r"(?:https?://|www\.)[!-~]+", needs=["http", "www."], spoken=False),
    _rule(
        "网址",
        r"(?<![A-Za-z0-9@._-])[A-Za-z0-9][A-Za-z0-9-]{0,40}(?:\.[A-Za-z0-9-]{1,40}){0,3}",
        rf"\.(?:{'|'.join(_ENDINGS)})(?![A-Za-z0-9@])(?:[/?#:][!-~]*)?",
        needs=["." + ending for ending in _ENDINGS],
        spoken=False,
    ),
    _rule("身份证", _START, _digits(17, 17, first="[1-9]"), BREAK, "[0-9Xx叉]", _END, by=judge.identity, least=17),
    _rule("手机号", _START, _COUNTRY, _value("1[3-9][0-9]{9}"), _END, by=judge.whole, least=11),
    _rule("身份证", _START, _digits(15, 15, first="[1-9]"), _END, by=judge.old_identity, least=15),
    _rule("银行卡", _START, _digits(13, 19, first="[1-9]"), _END, by=judge.card, least=13),
    _rule(
        "银行卡",
        _START,
        _value("[3-6][0-9]{3}(?:[,，、/ ]{1,2}[0-9]{4}){3}(?:[,，、/ ]{1,2}[0-9]{1,3})?"),
        _END,
        by=judge.unless_reference,
    ),
    _rule(
        "银行卡", _START, _value(r"3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5}"), _END, by=judge.unless_reference, least=15
    ),
    # only its middle is hidden: what is left may be eight digits and four
    _rule("银行卡", _START, _value("[3-6][0-9]{3,7} ?[*＊]{2,12} ?[0-9]{3,4}"), _END, least=7),
    _rule("银行卡", rf"{_cue('card_number')}{_GAP}{{0,4}}", _value(_digits(8, 24)), _NUMBER_END, needs="card_number"),
    _rule(
        "账号",
        rf"{_cue('account')}{_GAP}{{0,5}}",
        _value(rf"[A-Za-z]{{0,8}}-?{_digits(5, 30)}"),
        "(?![0-9A-Za-z])",
        _UNIT,
        by=judge.account,
        needs="account",
    ),
    _rule("电话", _START, r"(?:(?:\+|00)86[\s-]{0,2})?", _AREA, _LOCAL, _EXTENSION, by=judge.unless_reference, least=7),
    _rule(
        "手机号",
        _START,
        _COUNTRY,
        _value(f"1{BREAK}[3-9]{BREAK}{_digits(9, 9)}"),
        _END,
        by=judge.broken_mobile,
        least=11,
    ),
    _rule(
        "账号",
        rf"{_cue('credit_code')}{_GAP}{{0,4}}",
        _value("[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){14,17}"),
        _WORD_END,
        needs="credit_code",
    ),
    _rule(
        "车牌",
        rf"[{_PROVINCES}] ?[A-HJ-Za-hj-z][ ·.•-]{{0,2}}",
        rf"(?P<sign>{_SIGN}(?:[ ·-]?{_SIGN}){{3}}[ ·-]?(?:{_SIGN}|[挂学警港澳])(?:[ ·-]?{_SIGN})?){_WORD_END}",
        by=judge.plate,
        least=0,
        needs=list(_PROVINCES),
    ),
    _rule(
        "证件",
        _WORD_START,
        rf"[A-Za-z](?:{BREAK}[A-Za-z])?{BREAK}",
        _digits(6, 10),
        _WORD_END,
        by=judge.travel,
        least=6,
    ),
    _rule("证件", _cue("travel"), f"{_GAP}{{0,5}}", _value(_digits(6, 10)), _NUMBER_END, needs="travel"),
    _rule("证件", r"[军南北沈兰成济广海空武政后]字第? ?[0-9]{5,8} ?号?", needs="字"),
    _rule(
        "安全码",
        _cue("security"),
        rf"[^0-9\n。{MARK}]{{0,14}}?",
        _value(_digits(3, 4)),
        _NUMBER_END,
        needs="security",
    ),
    _rule(
        "安全码",
        rf"(?:{_BACK}[的那这印着有]{{0,4}}[三3] ?[位个]|(?:{either(CUES['security_backs'])}))[^0-9\n。{MARK}]{{0,12}}?",
        _value(_digits(3, 3)),
        _NUMBER_END,
        needs="security_places",
    ),
    _rule(
        "安全码",
        rf"(?:有效期|{either(CUES['security'])})[^。\n]{{0,24}}?[后末][三3]位[^0-9\n。{MARK}]{{0,8}}?",
        _value(_digits(3, 3)),
        _NUMBER_END,
        needs=["位"],
    ),
    _rule(
        "安全码",
        rf"[那这][三3](?:个|位)数字?[^0-9\n。{MARK}]{{0,6}}?",
        _value(_digits(3, 3)),
        _NUMBER_END,
        needs=["个数", "位数"],
    ),
    _rule("安全码", _START, _value("[0-9]{3}"), f" ?[是为] ?(?:{_BACK}|{either(CUES['security'])})"),
    _rule(
        "安全码",
        r"有效期限?[至到是为：:\s]{0,4}",
        _value(
            r"(?:0[1-9]|1[0-2])[ /-]{0,3}(?:20)?[2-4][0-9]|20[2-4][0-9][-./](?:0?[1-9]|1[0-2])"
            r"|[2-4][0-9]/(?:0[1-9]|1[0-2])|(?:20)?[2-4][0-9]年(?:0?[1-9]|1[0-2])月"
        ),
        "(?![0-9/年日-])",
        by=judge.expiry,
        least=2,
        needs=["有效期"],
    ),
    _rule(
        "验证码",
        rf"{_cue('verification')}(?P<gap>{_WITHIN}{{0,14}}?){_WORD_START}",
        _value(_digits(4, 8)),
        _NUMBER_END,
        by=judge.secret_code,
        needs="verification",
    ),
    _rule(
        "验证码",
        rf"{_cue('verification')}{_GAP}{{0,4}}",
        _value("(?=[A-Za-z]{0,7}[0-9])[A-Za-z0-9]{4,8}"),
        _WORD_END,
        _UNIT,
        least=0,
        needs="verification",
    ),
    _rule(
        "验证码",
        _START,
        _value(_digits(4, 8)),
        rf"[)）”\" ]?(?:是|为|就是)?[您你我他她]?的?(?:登录|支付|短信|手机|动态)?{_cue('verification')}",
        needs="verification",
    ),
    _rule(
        "密码",
        rf"{_cue('password')}{_GAP}{{0,4}}(?:设的是|设成了?|改成了? ?|写的是)?{_GAP}{{0,3}}",
        _value("[0-9](?: ?[0-9]){3,11}|[!-~]{4,20}"),
        rf"(?![!-~]){_UNIT}",
        by=judge.password,
        least=0,
        needs="password",
    ),
    _rule(
        "密码",
        rf"{_cue('password')}[^0-9{MARK}]{{0,24}}?[是为成设：:输填]\s?",
        _value("[A-Za-z]{0,8}[0-9]{4,8}"),
        _WORD_END,
        _UNIT,
        by=judge.password,
        needs="password",
    ),
    _rule(
        "密码", rf"{_cue('password')}[是为：:]\s?", _value("[!-~]{6,20}"), "(?![!-~])", needs="password", spoken=False
    ),
    _rule("微信", r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{6,20}", needs=["wxid_"], spoken=False),
    _rule(
        "微信",
        rf"{_cue('wechat')}[^0-9A-Za-z\n。！？{MARK}]{{0,8}}?",
        _value("[A-Za-z][A-Za-z0-9_-]{5,19}"),
        "(?![A-Za-z0-9_-])",
        by=judge.wechat,
        needs="wechat",
        spoken=False,
    ),
    _rule(
        "微信",
        rf"{_cue('wechat')}(?P<gap>{_GAP}{{0,4}})",
        _value(_digits(5, 11, first="[1-9]")),
        _NUMBER_END,
        by=judge.messenger_number,
        needs="wechat",
    ),
    _rule(
        "QQ",
        rf"(?<![A-Za-z]){_cue('qq')}(?P<gap>[^0-9A-Za-z\n。！？；{MARK}]{{0,10}}?)",
        _value(_digits(5, 12, first="[1-9]")),
        _NUMBER_END,
        by=judge.messenger_number,
        needs="qq",
    ),
    _rule("QQ", _WORD_START, r"[qQ][号群:：\s是]{0,3}", _value(_digits(7, 11, first="[1-9]")), _NUMBER_END, needs="qQ"),
    _rule(
        "电话",
        rf"{_cue('landline')}(?:号码?)?[\s:：是为（(]{{0,4}}",
        _value(_LOCAL + _EXTENSION),
        by=judge.local_landline,
        needs="landline",
    ),
    _rule(
        "账号", rf"{_cue('account')}{_GAP}{{0,5}}", _value(_TOKEN), _UNIT, by=judge.account, needs="account", least=0
    ),
    _rule("账号", r"(?:合同|协议|借据)(?:编?号)?[\s:：是为（(]{0,4}", _value(_DEED), needs=["合同", "协议", "借据"]),
    _rule(
        "账号",
        rf"{_cue('login')}{_GAP}{{0,4}}",
        _value("[A-Za-z][A-Za-z0-9_.-]{3,29}"),
        "(?![A-Za-z0-9_@-])",
        by=judge.login,
        needs="login",
        spoken=False,
    ),
)
