from feedback_nlp.classify.predictor import Predictor
from feedback_nlp.records import MaskedText


def test_evidence_is_the_clause_about_the_label(linear: Predictor) -> None:
    text = MaskedText("我昨天去网点办业务。柜员的服务态度特别差，一直不耐烦！今天手机银行又闪退打不开。")
    (made,) = linear.predict([text])
    clauses = {item.label: item.clause for item in made.evidence}
    assert clauses["leaves:service.attitude"] == "柜员的服务态度特别差，一直不耐烦！"
    assert clauses["leaves:system.crash"] == "今天手机银行又闪退打不开。"


def test_a_hundred_thousand_characters_are_read(linear: Predictor) -> None:
    letter = MaskedText("手机银行登录不上，客服一直打不通。" * 6_000)
    (made,) = linear.predict([letter])
    assert made.business.id == "digital_channel"
