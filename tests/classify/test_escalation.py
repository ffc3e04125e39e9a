"""What cannot wait, and in whose mouth."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp import policy
from feedback_nlp.classify.escalation import Hit, detect, level_of, summary
from feedback_nlp.errors import OperatorError
from feedback_nlp.policy.cues import first_characters
from feedback_nlp.policy.escalation import MODALITIES
from feedback_nlp.records import MaskedText
from feedback_nlp.text.mask import PLACEHOLDERS
from feedback_nlp.text.prepare import prepare

POLICY = policy.load().escalation
LABELLED = Path(__file__).parents[2] / "data" / "labelled"
GRAVE = ("self_harm", "violence")
BEGINNINGS = frozenset(character for row in POLICY.cue for cue in row.cues for character in first_characters(cue))
INNOCENT = "".join(sorted(frozenset("天空晴朗树叶绿色桌椅杯盘汤饭鸟鱼花草") - BEGINNINGS))


def found(text: str) -> tuple[Hit, ...]:
    return detect(MaskedText(text), policy=POLICY)


def level(text: str, kind: str) -> int | None:
    return max((hit.level for hit in found(text) if hit.kind == kind), default=None)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("催收威胁起诉我", ("collection_abuse:done", "legal:quoted")),
        ("再不处理我就去12378", ("regulator:threat",)),
        ("已经投诉到银保监", ("regulator:done",)),
        ("请问怎么打12378", ("regulator:asked",)),
        ("我不想去投诉什么监管，就想问清楚", ("regulator:negated",)),
        ("【12378转办】来电人反映扣费", ("regulator:done",)),
        ("客服说你去打12378也没用", ("regulator:quoted",)),
        ("有本事你去投诉", ("regulator:quoted",)),
        ("三天内不退钱我就起诉", ("legal:threat",)),
        ("报了警，回执也有", ("legal:done",)),
        ("对方说再不还款就起诉到法院", ("legal:quoted",)),
        ("函内称“三日内将会同法院冻结其工资”", ("legal:quoted",)),
        ("咨询逾期后会不会被起诉", ("legal:asked",)),
        ("客户称“再不解决就法院见”", ("legal:threat",)),
        ("坐席：您可以报警 客户：我已经报警了", ("legal:done",)),
        ("不改我就发抖音曝光", ("media:threat",)),
        ("视频已经发抖音了", ("media:done",)),
        ("我也不想发网上闹", ("media:negated",)),
        ("我们十一个人一起去网点讨说法", ("group:threat",)),
        ("【某局转办】李某等21人联名反映", ("group:done", "regulator:done")),
        ("不给说法我就去省里上访", ("petition:threat",)),
        ("卡已经销了，工资卡也换了别家", ("churn_intent:done",)),
    ],
)
def test_the_same_words_mean_what_their_speaker_means(text: str, pairs: tuple[str, ...]) -> None:
    assert summary(found(text)) == pairs


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("催收威胁起诉我", "legal", 0),
        ("再不处理我就去12378", "regulator", 2),
        ("已经投诉到银保监", "regulator", 2),
        ("【12378转办】来电人反映扣费", "regulator", 3),
        ("【12345转办】来电人反映扣费", "regulator", 2),
        ("我真的不想活了", "self_harm", 3),
        ("请问喝农药多少会死", "self_harm", 3),
        ("我没有要跳楼", "self_harm", 2),  # somebody calls all the same
        ("我跟她说过我不会做傻事", "self_harm", 2),
        ("我爸喝了农药，还在抢救", "self_harm", 3),
        ("催收打电话跟我说你不还钱就上门，真的不想活了", "self_harm", 3),
        ("催收说你跳楼也没用，我真的站在楼顶了", "self_harm", 3),
        ("我女儿说不想活了", "self_harm", 3),  # the family counts as the customer
        ("催收说“你去跳楼啊，跳了也得还”", "self_harm", 1),
        ("弄点汽油把你们网点点了", "violence", 3),
        ("再打就拿刀去找他们", "violence", 3),
        ("催收威胁要弄死我全家", "violence", 1),
        ("对方说不还钱就砸我家玻璃", "violence", 1),
        ("我不会去砸你们网点", "violence", 1),
        ("卡被盗刷了两万", "funds", 2),
        ("如果卡被盗刷了银行会赔吗", "funds", 1),
        ("是谁泄露了我的手机号", "info_leak", 2),
        ("催收一天打我三十多个电话", "collection_abuse", 2),
        ("我今年七十三岁，眼睛不好", "vulnerable", 0),
    ],
)
def test_a_hit_weighs_what_its_meaning_weighs(text: str, kind: str, expected: int) -> None:
    assert level(text, kind) == expected


@pytest.mark.parametrize(
    "text",
    [
        "手机银行很好用",
        "跳楼价",
        "一直激活不成功",
        "活动期间不能参加",
        "我在人行道上捡到一张卡",
        "根据人民银行规定三天到账",
        "卡死在登录页面",
        "气得要死",
        "基金最近跳水",
        "奖品曝光率",
        "带孩子跳绳",
        "砸钱做推广",
        "联名信用卡怎么申请",
        "广告太多了",
        "告知书发我邮箱",
        "我要销户怎么操作",
        "在抖音上看到你们的广告",
        "银行让我先报警",
        "",
        "怎么提额",
    ],
)
def test_everyday_words_are_no_cue(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        # a stranger knows, the bank told, papers went astray
        ("昨天刚在柜台问了房贷，今天就有中介打电话问我要不要垫资", "info_leak:done"),
        ("对方一张口就报出我的全名和卡号", "info_leak:done"),
        ("打印机吐出来的是另一位客户的对账单，上面身份证号清清楚楚", "info_leak:done"),
        ("柜员居然把我的余额告诉了我前夫", "info_leak:done"),
        ("请问我填的资料会不会给第三方公司", "info_leak:asked"),
        ("听说有家银行的客户名单在网上卖", "info_leak:quoted"),
        ("经核实并非我行泄露客户信息", "info_leak:negated"),
        # money that went without him
        ("一觉醒来卡里少了六千块，短信一条没有", "funds:done"),
        ("有人用我的身份证在你们这里办了贷款", "funds:done"),
        ("刷了一下脸，名下平白多了一笔培训贷", "funds:done"),
        ("按对方说的把屏幕共享打开，两万块就转走了", "funds:done"),
        ("卡一直在我钱包里，却在外省被刷了三笔", "funds:done"),
        ("万一卡丢了被人盗刷，银行赔吗", "funds:asked"),
        ("自称银行客服的人说我的卡被盗刷了，让我转账，我没信", "funds:quoted"),
        ("我没有被骗，那是我给儿子的生活费", "funds:negated"),
        # pressed for payment
        ("逾期三天，半夜一点还给我打电话催", "collection_abuse:done"),
        ("欠款的事他们打到我单位，领导同事都知道了", "collection_abuse:done"),
        ("催收把我的照片P成通缉令发到家长群", "collection_abuse:done"),
        ("两个纹身男子堵在我家门口，说不还钱就不走", "collection_abuse:done"),
        ("催收冒充法院的人给我妈打电话", "collection_abuse:done"),
        ("请问逾期以后会不会联系我的家人", "collection_abuse:asked"),
        ("催收扬言下周要上门找我父母，目前还没来", "collection_abuse:quoted"),
        ("催收的人没有骚扰我家里人", "collection_abuse:negated"),
    ],
)
def test_what_befell_the_customer_is_told_from_what_might(text: str, pair: str) -> None:
    assert pair in summary(found(text))
    assert {each for each in summary(found(text)) if each.startswith(pair.split(":")[0])} == {pair}


@pytest.mark.parametrize(
    "text",
    [
        "柜员拦下了正要给骗子汇款的大爷，点赞",
        "反诈宣传做得很好，我妈学会了",
        "还款日前收到一条温馨提醒短信",
        "逾期一天客服打来一次电话，很客气",
        "一天接到你们三个推销贷款的电话",
        "存单丢了，带身份证就能挂失",
        "今天是第九个工作日，钱还没到账",
        "通讯录里选联系人转账很方便",
        "怎么知道我的信用卡额度有多少",
        "版本更新后余额和明细都看不见",
        "是不是本人操作，先发短信问一句也好",
        "空调漏水，水管泄漏",
        "基金亏了，账面少了两千多",
        "开会说要保障资金安全",
    ],
)
def test_ordinary_matters_are_no_leak_no_theft_and_no_harassment(text: str) -> None:
    assert not {hit.kind for hit in found(text)} & {"info_leak", "funds", "collection_abuse"}


@pytest.mark.parametrize("text", ["他爬上二十楼想跳下去", "我从你们大楼的窗户口往外跳下去"])
def test_a_shown_cue_is_a_word_of_the_text(text: str) -> None:
    cues = [hit.cue for hit in found(text) if hit.kind == "self_harm"]
    assert cues
    assert "楼想跳下" not in cues


def test_no_danger_to_life_in_the_corpus_is_missed_and_none_is_raised_by_others() -> None:
    """Recall 1.0 on train and dev; threats and deeds reach a person at once, what the collector says does not."""
    checked = 0
    for split in ("train", "dev"):
        for row in map(json.loads, (LABELLED / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()):
            hits = detect(prepare(row["text"]).text, policy=POLICY)
            for each in row["escalation"]:
                if each["kind"] in GRAVE:
                    mine = [hit for hit in hits if hit.kind == each["kind"]]
                    expected = level_of(each["kind"], each["modality"], policy=POLICY)
                    assert max((hit.level for hit in mine), default=-1) == expected, row["text"]
                    checked += 1
    assert checked >= 22


def test_the_gravest_comes_first_and_every_pair_once() -> None:
    hits = found("再不处理我就去12378，不然就跳楼，对方说要起诉我，还说要起诉我")
    assert summary(hits) == ("self_harm:threat", "regulator:threat", "legal:quoted")
    assert [hit.cue for hit in hits] == ["12378", "跳楼", "起诉", "起诉"]


words = st.text(
    alphabet="我要去12378投诉起诉法院你们不想怎么，。“”跳楼维权群催收说已经了：坐席客户 *lou崔", max_size=80
)


@given(words)
def test_a_hit_stands_where_it_says_and_reading_twice_finds_the_same(text: str) -> None:
    hits = found(text)
    assert hits == found(text)
    assert list(hits) == sorted(hits, key=lambda hit: (hit.start, hit.end, hit.kind))
    for hit in hits:
        assert hit.start < hit.end
        assert text[hit.start : hit.end] == hit.cue
        assert hit.modality in MODALITIES
        assert 0 <= hit.level <= 3


@given(words)
def test_hits_of_one_kind_never_overlap(text: str) -> None:
    hits = found(text)
    for one in hits:
        assert not [each for each in hits if each != one and each.kind == one.kind and one.start < each.end > each.start
                    and each.start < one.end]  # fmt: skip


@given(st.text(alphabet=INNOCENT + "，。！？ \n", max_size=60))
def test_a_text_without_a_first_character_of_any_cue_gives_nothing(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize("placeholder", sorted(set(PLACEHOLDERS.values())))
def test_what_was_masked_is_no_cue(placeholder: str) -> None:
    assert found(placeholder) == ()
    assert summary(found(f"我叫{placeholder}，电话{placeholder}，再不处理我就去12378")) == ("regulator:threat",)


def test_every_kind_of_the_lexicon_has_cues_and_every_modality_a_name() -> None:
    assert {row.id for row in POLICY.kind} == {row.kind for row in POLICY.cue}
    assert len(POLICY.kind) == 12
    assert set(POLICY.modality_names) == set(MODALITIES)
    assert POLICY.name("legal", "quoted") == "司法（他人所言）"
    assert POLICY.response_hours == {"3": 1, "2": 4, "1": 24}


@pytest.mark.parametrize("modality", MODALITIES)
def test_what_others_say_or_the_customer_denies_never_outweighs_his_own_threat(modality: str) -> None:
    for row in POLICY.kind:
        assert row.levels[modality] <= max(row.levels["threat"], row.levels["fact"])
        if row.id not in ("self_harm", "collection_abuse"):
            assert max(row.levels["quoted"], row.levels["negated"]) <= 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("threat = 3, done = 3, fact = 3", "threat = 4, done = 3, fact = 3", "a level lies between 0 and 3"),
        ("threat = 3, done = 3, fact = 3", "thread = 3, done = 3, fact = 3", "'thread' is no modality"),
        ("threat = 3, done = 3, fact = 3", "done = 3, fact = 3", "levels has no 'threat'"),
        ("'轻生'", "'轻生('", r"'轻生\(' is no regular expression"),
        ("'轻生'", "'轻?生'", r"cue '轻\?生' must begin with a character"),
        ("'轻生'", "'.生'", r"cue '\.生' must begin with a character"),
        ('kind = "petition"', 'kind = "petitions"', "found a cue of 'petitions'"),
        ("2 = 4", "2 = 48", "a higher level never has more time"),
        ("2 = 4\n", "", "response_hours needs the levels 1, 2, 3"),
        ('"许多" =', '"很多" =', "'<许多>' in .* is no class"),
        ("'轻生'", "'轻(生)(命)'", "more than one group"),
        ('speakers = "told"', 'speakers = "all"', "speakers is others, collectors, told or nobody"),
        ('of_others = "quoted"', 'of_others = "dropped"', "of_others is quoted or ignored, found 'dropped'"),
        ("by_sound = ['跳楼'", "by_sound = ['跳'", "'跳' is neither a Chinese word"),
    ],
)
def test_nonsense_in_the_policy_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    for source in files("feedback_nlp.policy").iterdir():
        if source.name.endswith(".toml"):
            shutil.copy(str(source), tmp_path)
    path = tmp_path / "escalation.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OperatorError, match=message):
        policy.load(tmp_path)
