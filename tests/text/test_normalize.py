import re
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.text.normalize import bound_runs, name_emoji, normalize, repair, to_simplified

HOLE = r"(?<=[一-鿿])\?{2,}(?=[一-鿿])"

CHINESE_PUNCTUATION = "，。（）：；！？、“”‘’《》【】…—～￥％"


@pytest.mark.parametrize(
    ("delivered", "clean"),
    [
        ("業(yè)務", "業務"),
        ("優(yōu)化", "優化"),
        ("監(jiān)管", "監管"),
        ("發(fā)展", "發展"),
        ("銀行（háng）", "銀行"),
        ("行(xíng)長(zhǎng)", "行長"),
        ("客户们(men)", "客户们"),
        ("業(yè)(yè)", "業"),
        ("业(ye\u0300)务", "业务"),  # the accent as a character of its own
        ("監(ji\u0251\u0304n)管", "監管"),  # ɑ as phonetic fonts write it
    ],
)
def test_inserted_pinyin_goes_when_it_is_a_reading_of_the_character(delivered: str, clean: str) -> None:
    assert repair(delivered) == (clean, ("pinyin",))


@pytest.mark.parametrize("text", ["卡(abc)", "業(yì)務", "行(ok)", "银行(icbc)", "业(ye)", "他(she)", "(yè)業"])
def test_brackets_that_hold_no_reading_stay(text: str) -> None:
    assert repair(text) == (text, ())


@pytest.mark.parametrize("sentence", ["客服态度很差", "还款日不能改", "信用卡被盗刷要求赔偿", "我要投诉你们支行"])
def test_utf8_read_as_gbk_is_restored_and_flagged(sentence: str) -> None:
    assert repair(sentence.encode("utf-8").decode("gb18030")) == (sentence, ("garbled",))


@pytest.mark.parametrize("sentence", ["转账失败", "客服态度很差"])
def test_utf8_read_as_latin_is_restored_and_flagged(sentence: str) -> None:
    assert repair(sentence.encode("utf-8").decode("latin-1")) == (sentence, ("garbled",))


def test_garbled_text_that_lost_bytes_is_flagged_and_left_alone() -> None:
    lossy = "手机银行打不开".encode().decode("gb18030", "replace")
    assert repair(lossy) == (lossy, ("garbled",))


@pytest.mark.parametrize("text", ["确??蛻资金安全", "转账\ufffd失败", "锟斤拷锟斤拷", "半个\ud83d符号"])
def test_lost_characters_are_flagged(text: str) -> None:
    assert repair(text)[1] == ("garbled",)


@pytest.mark.parametrize(
    "text",
    [
        "为什么??快回答",
        "谢谢",
        "能不能退??我等了三天",
        "好吗??",
        "瑕疵，绯闻",
        "王瑜姗",
        "à la carte",
        "联通",
        "？？？？",
    ],
)
def test_sound_text_is_not_taken_for_garbled(text: str) -> None:
    assert repair(text) == (text, ())


def test_surrogate_pairs_become_the_character_they_stand_for() -> None:
    assert repair("\ud83d\ude21太差")[0] == "😡太差"


@pytest.mark.parametrize(
    ("delivered", "clean"),
    [
        ("第一<br/>第二", "第一\n第二"),
        ("&lt;重要&gt;", "<重要>"),
        ("费用&nbsp;880", "费用\xa0880"),
        ("A&amp;amp;B", "A&B"),
        ("<div class='x'>催收</div>", "\n催收\n"),
        ("<b>138</b>1234", "1381234"),
        ("&#30340;", "的"),
    ],
)
def test_html_remnants_are_resolved(delivered: str, clean: str) -> None:
    assert repair(delivered) == (clean, ("html",))


@pytest.mark.parametrize("text", ["关于<A市补偿办法>的通知", "AT&T", "R&D费用", "a<b且c>d", "余额<1000", "1 < 2 > 0"])
def test_what_only_looks_like_html_stays(text: str) -> None:
    assert repair(text) == (text, ())


def test_invisible_characters_go() -> None:
    assert repair("\ufeff转\u200b账\u0007失\u00ad败\u2060\u202e")[0] == "转账失败"


def test_width_narrows_digits_and_letters_and_nothing_else() -> None:
    wide = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F))
    expected = "".join(
        unicodedata.normalize("NFKC", letter) if unicodedata.normalize("NFKC", letter).isalnum() else letter
        for letter in wide
    )
    assert normalize(wide) == expected


@given(st.text(alphabet=CHINESE_PUNCTUATION + "①㎡卡a1", max_size=40))
def test_chinese_punctuation_is_left_alone(text: str) -> None:
    assert normalize(text) == text


@given(st.text(max_size=80))
def test_no_white_space_runs_remain(text: str) -> None:
    folded = normalize(text)
    assert folded == folded.strip()
    assert not any(a.isspace() and b.isspace() for a, b in pairwise(folded))
    assert folded.split() == normalize(" ".join(text.split())).split()


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("我的帳戶被凍結", "我的账户被冻结"),
        ("收不到簡訊", "收不到短信"),
        ("著急", "着急"),
        ("乾坤，乾淨，皇后，後來", "乾坤，干净，皇后，后来"),
        ("著名，瞭望", "著名，瞭望"),
        ("网银登陆", "网银登录"),
        ("東西打坏了", "东西打坏了"),
    ],
)
def test_traditional_text_is_written_as_on_the_mainland(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified


@pytest.mark.parametrize(
    ("emoji", "name"),
    [
        ("😡", "[怒火中烧]"),
        ("👎", "[拇指向下]"),
        ("👍🏿", "[拇指向上]"),
        ("1️⃣", "[按键1]"),
        ("🇨🇳", "[中国]"),
        ("👨‍👩‍👧‍👦", "[家庭男人女人女孩男孩]"),
        ("❤️", "[红心]"),
        ("🏿", ""),
        ("🇨", ""),
        ("©®™", "©®™"),
        ("1#*", "1#*"),
    ],
)
def test_emoji_are_named_and_leave_nothing_behind(emoji: str, name: str) -> None:
    assert name_emoji(f"差{emoji}评") == f"差{name}评"


def test_every_emoji_of_the_library_is_named_in_one_piece() -> None:
    import emoji

    from feedback_nlp.text.segment import MARK

    full = [sign for sign, data in emoji.EMOJI_DATA.items() if data["status"] == emoji.STATUS["fully_qualified"]]
    names = {sign: name_emoji(sign) for sign in full}
    assert len(full) > 3000
    odd = {sign: name for sign, name in names.items() if name and not MARK.fullmatch(name)}
    assert set("".join(odd)) <= set("©®™〰〽\ufe0f")


def test_runs_are_bounded_but_never_those_of_digits_and_letters() -> None:
    assert bound_runs("！" * 40 + "0" * 20 + "w" * 20 + "[怒]" * 9) == "！" * 6 + "0" * 20 + "w" * 20 + "[怒]" * 6
    assert bound_runs("！！！！！！") == "！！！！！！"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    name_emoji(to_simplified(normalize(repair(text)[0])))


@given(st.text("啊为卡户??，。 ", max_size=40))
def test_a_hole_is_judged_by_its_own_clause(text: str) -> None:
    before = [re.split(r"[，,。！!？?；;\s]", text[: hole.start()])[-1] for hole in re.finditer(HOLE, text)]
    assert ("garbled" in repair(text)[1]) == any(not re.search("[啊为]", clause) for clause in before)


@pytest.mark.parametrize("unit", ["啊??", "啊" * 999 + "??", "?", "啊"])
def test_a_hundred_thousand_characters_of_holes_are_judged_in_a_second(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    repair(unit)
    started = time.process_time()
    repair(text)
    assert time.process_time() - started < 1


def test_a_carriage_return_as_excel_writes_it_is_gone() -> None:
    assert repair("尊敬的领导_x000D_\n一：公交车")[0] == "尊敬的领导\n一：公交车"
