"""What may stand in a spreadsheet's cell: text that no spreadsheet takes for a formula."""

from __future__ import annotations

import re

LONGEST = 32_767
"""Characters in one cell, Excel's limit; it counts UTF-16 units."""
CUT = "…（超长，已截断）"

# Full-width signs too: spreadsheets in East Asian locales read ＝1+1 from a CSV as a formula.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def safe(text: str) -> str:
    """Make a text harmless: an apostrophe before what could start a formula, no illegal characters, not too long.

    The workbook stores every text as text, so in Excel nothing runs in any case. The apostrophe stays visible on
    purpose: it is part of the text and still protects when somebody saves the sheet as CSV and opens that.

    >>> safe("=HYPERLINK(1)"), safe("年费\\x00太高"), safe("-5分")
    ("'=HYPERLINK(1)", '年费太高', "'-5分")
    """
    clean = _ILLEGAL.sub("", text)
    if _FORMULA.match(clean):
        clean = "'" + clean
    if len(clean) * 2 > LONGEST:  # only then can it be too long, in whichever units
        clean = _cut(clean)
    return clean


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) // 2 <= LONGEST:
        return text
    # `ignore` drops the half of a pair that the cut may leave
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", errors="ignore") + CUT
