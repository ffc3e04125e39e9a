from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.report.cells import CUT, LONGEST, safe

STARTS = "=+-@\t\r\n＝＋－＠"


@given(st.sampled_from(STARTS), st.text(max_size=20))
def test_no_text_starts_like_a_formula(start: str, rest: str) -> None:
    assert safe(start + rest).startswith("'")


@given(st.text())
def test_what_is_written_is_legal_xml_not_too_long_and_no_formula(text: str) -> None:
    written = safe(text)
    assert all(sign in "\t\n\r" or sign >= " " for sign in written)
    assert not any("\ud800" <= sign <= "\udfff" for sign in written)
    assert not written.lstrip()[:1] or written.lstrip()[0] not in STARTS
    assert safe(written) == written


@pytest.mark.parametrize("hidden", ["\x00=1+1", "\x0b=1+1", " =1+1", "\u3000=1+1", "\ud800=1+1"])
def test_a_sign_that_is_removed_or_blank_hides_no_formula(hidden: str) -> None:
    assert safe(hidden).startswith("'")


@pytest.mark.parametrize("sign", ["账", "😡"])
def test_long_texts_are_cut_to_what_excel_holds_and_say_so(sign: str) -> None:
    written = safe(sign * 40_000)
    assert len(written.encode("utf-16-le")) // 2 <= LONGEST
    assert written.endswith(CUT) and set(written.removesuffix(CUT)) == {sign}
    whole = sign * (LONGEST // (len(sign.encode("utf-16-le")) // 2))
    assert safe(whole) == whole


def test_ordinary_texts_stay_as_they_are() -> None:
    text = "卡号[银行卡]被扣880元，\n请退还（含利息）。"
    assert safe(text) == text
