"""Seeded identifiers, the ways people write them, and numbers that only look like identifiers.

Independent of ``feedback_nlp.text``: checksums are computed here from the standards' own wording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # number plates and credit codes know neither I nor O
SMALL = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Sample:
    """One sentence with one identifier in it."""

    text: str
    identifier: str  # as written in the text
    canonical: str  # as `Found.value` must give it
    type: str
    spelling: str


# ---------------------------------------------------------------------------------------------------- the identifiers


def some(rng: Random, signs: str, count: int) -> str:
    return "".join(rng.choice(signs) for _ in range(count))


def birthday(rng: Random) -> date:
    return date(1935, 1, 1) + timedelta(days=rng.randrange(27_000))


def region(rng: Random) -> str:
    first = rng.choice("123456")
    second = rng.randint(1, {"1": 5, "2": 3, "3": 7, "4": 6, "5": 4, "6": 5}[first])
    return f"{first}{second}{rng.randrange(1, 30):02d}{rng.randrange(1, 80):02d}"


def identity_card(rng: Random) -> str:
    body = f"{region(rng)}{birthday(rng):%Y%m%d}{rng.randrange(1000):03d}"
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """ISO 7064, MOD 11-2, as GB 11643 uses it: fold from the left, double modulo 11."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return "10X98765432"[rest]


def old_identity_card(rng: Random) -> str:
    return f"{region(rng)}{birthday(rng):%y%m%d}{rng.randrange(1000):03d}"


def mobile(rng: Random) -> str:
    return "1" + rng.choice("3456789") + some(rng, DIGITS, 9)


def landline(rng: Random) -> str:
    area = rng.choice(["010", "021", "025", "028", "0571", "0755", "0838", "0431", "0991"])
    return area + rng.choice("2345678") + some(rng, DIGITS, 7 if len(area) == 3 else rng.choice([6, 7]))


def luhn_digit(body: str) -> str:
    doubled = sum(int(d) if place % 2 else sum(map(int, str(2 * int(d)))) for place, d in enumerate(reversed(body)))
    return str(-doubled % 10)


def bank_card(rng: Random) -> str:
    body = rng.choice([("62", 16), ("62", 19), ("4", 16), ("5" + rng.choice("12345"), 16), ("3568", 16)])
    digits = body[0] + some(rng, DIGITS, body[1] - len(body[0]) - 1)
    return digits + luhn_digit(digits)


def travel_document(rng: Random) -> str:
    shapes = [("E", 8), ("E" + rng.choice("ABCDEFGH"), 7), ("G", 8), ("H", 8), ("M", 8), ("C", 8)]
    letters, count = rng.choice(shapes)
    return letters + some(rng, DIGITS, count)


def plate(rng: Random) -> str:
    sign = rng.choice("京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼") + rng.choice("ABCDEFGHJK")
    return sign + rng.choice(
        [some(rng, CAPITALS + DIGITS, 4) + rng.choice(DIGITS), rng.choice("DF") + some(rng, DIGITS, 5)]
    )


def email(rng: Random) -> str:
    name = some(rng, SMALL, rng.randint(3, 9)) + rng.choice(["", "_", "."]) + some(rng, DIGITS, rng.randint(1, 4))
    return f"{name}@{rng.choice(['example.com', 'mail.example.cn', '163.com', 'foxmail.com', 'qq.com'])}"


def wechat(rng: Random) -> str:
    return some(rng, SMALL, rng.randint(3, 8)) + rng.choice(["_", "-", ""]) + some(rng, DIGITS, rng.randint(3, 6))


def qq(rng: Random) -> str:
    return rng.choice("123456789") + some(rng, DIGITS, rng.randint(6, 9))


def account(rng: Random) -> str:
    return rng.choice("0123789") + some(rng, DIGITS, rng.randint(10, 16))


def verification_code(rng: Random) -> str:
    return some(rng, DIGITS, rng.choice([4, 6, 6, 6]))


def password(rng: Random) -> str:
    return some(rng, DIGITS, 6) if rng.random() < 0.5 else some(rng, SMALL, rng.randint(3, 5)) + some(rng, DIGITS, 4)


def security_code(rng: Random) -> str:
    return some(rng, DIGITS, 3)


def url(rng: Random) -> str:
    host = f"{some(rng, SMALL, 6)}.example.{rng.choice(['com', 'cn', 'net'])}"
    return f"https://{host}/{some(rng, SMALL + DIGITS, 5)}?id={rng.randrange(999)}"


# ------------------------------------------------------------------------------------------------------ the spellings

FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in DIGITS + SMALL + SMALL.upper() + "@"}
SPOKEN = str.maketrans(DIGITS, "零一二三四五六七八九")
PHONED = str.maketrans(DIGITS, "零幺二三四五六七八九")
TYPESET = str.maketrans(DIGITS, "〇一二三四五六七八九")


def grouped(*sizes: int) -> Callable[[Random, str], str]:
    def write(rng: Random, value: str) -> str:
        parts, place, between = [], 0, rng.choice([" ", "-"])
        for size in (*sizes, len(value)):
            parts.append(value[place : place + size])
            place += size
        return between.join(part for part in parts if part)

    return write


def mobile_groups(rng: Random, value: str) -> str:
    if rng.random() < 0.1:
        return " ".join(value)
    written = rng.choice([grouped(3, 4, 4), grouped(3, 4, 4), grouped(3, 8), grouped(7, 4), grouped(4, 3, 4)])(
        rng, value
    )
    return rng.choice(["", "", "", "+86 ", "86-", "+86"]) + written


def landline_groups(rng: Random, value: str) -> str:
    area = 3 if value[:2] in ("01", "02") else 4
    head, tail = value[:area], value[area:]
    return rng.choice(
        [
            f"{head}-{tail}",
            f"({head}){tail}",
            f"（{head}）{tail}",
            f"{head} {tail[:4]} {tail[4:]}" if len(tail) == 8 else f"{head} {tail}",
        ]
    )


def plate_groups(rng: Random, value: str) -> str:
    return value[:2] + rng.choice(["·", " ", "-"]) + value[2:]


def spoken(rng: Random, value: str) -> str:
    return value.translate(rng.choice([SPOKEN, PHONED, TYPESET])).replace("X", rng.choice("Xx叉"))


def full_width(_: Random, value: str) -> str:
    return value.translate(FULL_WIDTH)


def typed(rng: Random, value: str) -> str:
    return value.lower() if value.endswith("X") and rng.random() < 0.5 else value


# -------------------------------------------------------------------------------------------------------- the carriers

BEFORE = (
    "",
    "你好，",
    "麻烦查一下，",
    "我要投诉，",
    "昨天去办业务，",
    "客服您好！",
    "我都说了三遍了，",
    "这事拖了两个月，",
    "柜台让我登记，",
    "对，",
    "坐席：请讲\n客户：",
    "补充一下：",
    "再次来电，",
    "贵行系统里",
    "本来不想说的，",
    "请核实。",
    "1、",
    "（补充材料）",
)
AFTER = (
    "",
    "。",
    "，请尽快处理。",
    "，谢谢！",
    "，你们查查看",
    " 快点回我",
    "，已经等了15天了。",
    "，当时扣了300元。",
    "；其他的没有了",
    "，打95588也没人管。",
    "\n请在3个工作日内答复。",
    "，就是这个",
    "（白天方便接）",
    "!!",
    "，别再弄错了",
    "，2024年5月6日办的。",
    "你记一下",
)

Generator = Callable[[Random], str]
Spelling = Callable[[Random, str], str]


@dataclass(frozen=True)
class Kind:
    type: str
    make: Generator
    carriers: tuple[str, ...]
    groups: Spelling | None
    numerals: bool = True
    wide: bool = True


ID_CARRIERS = (
    "身份证{}",
    "身份证号是{}",
    "证件号码：{}",
    "我的身份证 {}",
    "本人，{}",
    "{}是我的身份证号",
    "登记的是{}",
    "（身份证号：{}）",
)
KINDS: dict[str, Kind] = {
    "身份证（18位）": Kind("身份证", identity_card, ID_CARRIERS, grouped(6, 8, 4)),
    "身份证（15位）": Kind(
        "身份证", old_identity_card, ("身份证{}", "老身份证号是{}", "证件号码：{}", "一代身份证 {}"), grouped(6, 6, 3)
    ),
    "手机号": Kind(
        "手机号",
        mobile,
        (
            "电话{}",
            "手机号是{}",
            "打{}找我",
            "联系我{}",
            "{}是我的号",
            "回电 {}",
            "预留的{}早就不用了",
            "【{}】",
            "tel:{}",
            "骗子用{}打来的",
        ),
        mobile_groups,
    ),
    "固定电话": Kind(
        "电话", landline, ("座机{}", "家里电话是{}", "打{}也行", "传真：{}", "联系电话{}", "单位{}"), landline_groups
    ),
    "银行卡": Kind(
        "银行卡",
        bank_card,
        ("卡号{}", "我的卡{}", "信用卡（{}）", "尾款打到{}", "卡号是{}", "绑定的是{}这张", "转到了{}", "工资卡：{}"),
        grouped(4, 4, 4, 4),
    ),
    "护照与通行证": Kind(
        "证件",
        travel_document,
        ("护照{}", "护照号是{}", "通行证号码：{}", "港澳通行证{}", "证件号{}", "持护照（{}）"),
        grouped(1),
        wide=True,
    ),
    "车牌": Kind(
        "车牌",
        plate,
        ("车牌{}", "我的车{}", "{}办了ETC", "车牌号是{}", "（车辆{}）", "名下{}"),
        plate_groups,
        numerals=False,
    ),
    "邮箱": Kind("邮箱", email, ("邮箱{}", "发到{}", "e-mail：{}", "联系邮箱是{}", "材料发{}了"), None, numerals=False),
    "微信": Kind(
        "微信", wechat, ("微信{}", "微信号：{}", "加我微信{}", "微信号是{}", "vx {}", "加微信 {}"), None, numerals=False
    ),
    "QQ": Kind("QQ", qq, ("QQ{}", "QQ号是{}", "加我QQ {}", "qq：{}", "扣扣{}", "QQ号码{}"), grouped(3, 3, 4)),
    "账号": Kind(
        "账号",
        account,
        ("账号{}", "账号是{}", "存折账号：{}", "合同编号{}", "保单号：{}", "对公账户 {}", "客户号{}", "折号{}"),
        grouped(4, 4, 4, 4),
    ),
    "验证码": Kind(
        "验证码",
        verification_code,
        ("验证码{}", "验证码是{}", "短信验证码：{}", "我把验证码{}念给他了", "动态码 {}", "收到的验证码为{}"),
        grouped(3, 3),
    ),
    "密码": Kind(
        "密码", password, ("密码{}", "密码是{}", "取款密码：{}", "登录密码是{}", "密码为{}"), None, numerals=False
    ),
    "安全码": Kind(
        "安全码",
        security_code,
        ("CVV {}", "安全码是{}", "背面三位数{}", "背面的三位数是{}", "cvv2：{}", "安全码：{}"),
        None,
    ),
    "网址": Kind("网址", url, ("点了{}", "链接：{}", "网址是 {}", "打开{} 就要密码"), None, numerals=False, wide=False),
}


def samples(name: str, count: int, *, seed: int) -> Iterator[Sample]:
    """Give sentences with one identifier of a kind each, its spellings in turn."""
    rng, kind = Random(f"{seed}/{name}"), KINDS[name]
    spellings: dict[str, Spelling] = {"typed": typed}
    spellings |= {"spaced": kind.groups} if kind.groups else {}
    spellings |= {"full-width": full_width} if kind.wide else {}
    spellings |= {"numerals": spoken} if kind.numerals else {}
    for number in range(count):
        spelling = list(spellings)[number % len(spellings)]
        canonical = kind.make(rng)
        written = spellings[spelling](rng, canonical)
        carrier = rng.choice(kind.carriers)
        after = rng.choice(AFTER)
        if spelling == "numerals" and carrier.endswith("}"):
            after = after.replace("你记一下", "，你记一下")
        if (
            kind.type in ("邮箱", "微信", "密码", "网址")
            and carrier.endswith("}")
            and not after.startswith(("，", "。", "；", "\n", "（", " "))
        ):
            after = "，" + after  # a full stop in ASCII or a letter would belong to it
        yield Sample(f"{rng.choice(BEFORE)}{carrier.format(written)}{after}", written, canonical, kind.type, spelling)


# ------------------------------------------------------------------------------------------------------ the look-alikes


def amount(rng: Random) -> str:
    return str(rng.choice([rng.randrange(1, 1000), rng.randrange(1000, 10**6), rng.randrange(10**6, 10**9)]))


def day(rng: Random) -> date:
    return date(2015, 1, 1) + timedelta(days=rng.randrange(4000))


def credit_code(rng: Random) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100
    body = "91" + region(rng) + some(rng, alphabet, 9)
    total = sum(alphabet.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + alphabet[-total % 31]


def chinese_day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


BANKS = ("95588", "95533", "95599", "95566", "95555", "95559", "95511", "95580", "95577", "95528")
TITLES = ("女士", "先生", "经理", "主任", "老师", "阿姨", "师傅", "行长")
STREETS = ("中山路", "人民路", "解放路", "建设大道", "城东", "五一路")
BRANCHES = ("支行", "分理处", "营业部", "网点")
EMOJI = ("[微笑]", "[怒火中烧]", "[拇指向下]", "[脸红的笑脸]", "[流泪]")
SHAPES_400 = ("400-{}-{}", "400{}{}", "400 {} {}")

LOOK_ALIKES: dict[str, Callable[[Random], str]] = {
    "服务号95": lambda r: f"打了{r.choice(BANKS)}没人接",
    "服务号96": lambda r: f"客服{r.choice(['96110', '96888', '962888', '96555'])}态度不好",
    "监管热线": lambda r: f"已经打{r.choice(['12378', '12363', '12345', '12315', '12386'])}投诉了",
    "报警急救": lambda r: f"再不处理我打{r.choice(['110', '120', '12110', '96110'])}了",
    "400电话": lambda r: f"你们的{r.choice(SHAPES_400).format(some(r, '678', 3), some(r, DIGITS, 4))}一直占线",
    "800电话": lambda r: f"打800-{some(r, '8', 3)}-{some(r, DIGITS, 4)}转人工",
    "金额": lambda r: f"人民币{amount(r)}元到现在没到账",
    "带逗号的金额": lambda r: f"扣了我{int(amount(r)):,}元",
    "带小数的金额": lambda r: f"余额{amount(r)}.{some(r, DIGITS, 2)}元不对",
    "万元": lambda r: f"贷了{r.randrange(1, 900)}万，还剩{r.randrange(1, 900)}.{r.randrange(1, 9)}万",
    "中文金额": lambda r: f"转走了{r.choice('一二三四五六七八九')}万{r.choice('一二三四五六七八九')}千块",
    "外币": lambda r: f"汇了USD {amount(r)}，手续费{r.randrange(10, 90)}美元",
    "日期": lambda r: f"{chinese_day(day(r))}办的卡",
    "横线日期": lambda r: f"{day(r):%Y-%m-%d}到{day(r):%Y-%m-%d}的利息",
    "点日期": lambda r: f"账单{day(r):%Y.%m.%d}-{day(r):%Y.%m.%d}不对",
    "八位日期": lambda r: f"账户{day(r):%Y%m%d}被冻结",
    "时间": lambda r: f"{r.randrange(24):02d}:{r.randrange(60):02d}打的电话，{r.randrange(2, 90)}分钟没人接",
    "日期时间": lambda r: f"{day(r):%Y-%m-%d} {r.randrange(24):02d}:{r.randrange(60):02d}:00扣款失败",
    "中文日期": lambda r: f"二零二{r.choice('一二三四')}年{r.choice('三五七九')}月办的",
    "工单号": lambda r: f"工单号{day(r):%Y%m%d}{some(r, DIGITS, r.choice([6, 8, 10]))}",
    "订单号": lambda r: f"订单号：{day(r):%Y%m%d}{some(r, DIGITS, r.choice([6, 8, 10]))}退款",
    "流水号": lambda r: f"交易流水号{r.choice('2349')}{some(r, DIGITS, r.choice([15, 17, 19]))}",
    "快递单号": lambda r: f"快递单号{r.choice(['SF', 'YT', ''])}{some(r, DIGITS, 13)}",
    "投诉编号": lambda r: f"投诉编号{day(r):%Y}{some(r, DIGITS, 8)}没有下文",
    "员工工号": lambda r: f"工号{some(r, DIGITS, r.choice([4, 5, 6]))}的坐席挂我电话",
    "尾号": lambda r: f"{r.choice(['尾号', '卡尾号', '尾号是', '尾号为'])}{some(r, DIGITS, 4)}的卡",
    "后四位": lambda r: f"卡号后四位{some(r, DIGITS, 4)}",
    "利率": lambda r: f"年化{r.randrange(2, 24)}.{some(r, DIGITS, 2)}%，LPR加{r.randrange(10, 90)}个基点",
    "汇率": lambda r: f"汇率{r.randrange(6, 8)}.{some(r, DIGITS, 4)}，和昨天差{r.randrange(10, 300)}个点",
    "期数": lambda r: f"分{r.choice([12, 24, 36, 60])}期，每期{r.randrange(100, 9999)}.{some(r, DIGITS, 2)}元",
    "版本号": lambda r: f"APP版本{r.randrange(1, 12)}.{r.randrange(20)}.{r.randrange(20)}闪退",
    "错误码": lambda r: f"登录报错{r.choice(['E', 'ERR', ''])}{some(r, DIGITS, 4)}",
    "产品代码": lambda r: f"基金代码{some(r, DIGITS, 6)}亏了",
    "窗口和排号": lambda r: f"{r.randrange(1, 9)}号窗口叫到A{some(r, DIGITS, 3)}号，等了{r.randrange(10, 200)}人",
    "法条文号": lambda r: f"金规〔20{r.randrange(19, 26)}〕{r.randrange(1, 90)}号第{r.choice('三四五')}十条",
    "姓氏称呼": lambda r: f"{r.choice('王李张刘陈周吴郑')}{r.choice(TITLES)}来过两次",
    "支行": lambda r: f"{r.choice(STREETS)}{r.choice(BRANCHES)}排队太久",
    "路口支行": lambda r: f"{r.choice(['中山路', '人民路', '解放路'])}{r.randrange(1, 200)}号支行的ATM",
    "信用代码": lambda r: f"公司（{credit_code(r)}）",
    "验证码没收到": lambda r: f"验证码发了{r.randrange(1000, 3000)}次都没收到，密码错误{r.randrange(2, 9)}次",
    "密码位数": lambda r: f"密码要{r.choice([6, 8])}位数，有效期{r.randrange(3, 30)}天",
    "积分": lambda r: f"账户积分{amount(r)}分，信用卡{r.randrange(1000, 99999)}积分",
    "表情": lambda r: f"服务{r.choice(EMOJI)}第{r.randrange(2, 99)}次",
}


def look_alikes(per_kind: int, *, seed: int) -> Iterator[tuple[str, str]]:
    """Give (kind, sentence) of sentences that must come back unchanged."""
    for kind, make in LOOK_ALIKES.items():
        rng = Random(f"{seed}/{kind}")
        for _ in range(per_kind):
            yield kind, f"{rng.choice(BEFORE)}{make(rng)}{rng.choice(AFTER)}"
