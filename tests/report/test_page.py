from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from feedback_nlp.report.page import render_page
from feedback_nlp.report.rules import percent

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """Collects what stands in which element, and refuses elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data.strip()


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


@pytest.fixture
def render(summarise: Any) -> Any:
    def make(data: dict[str, Any], **changed: Any) -> str:
        told = {**data, **changed}
        return render_page(summarise(told), told["priorities"], told["items"])

    return make


def test_the_page_is_whole_chinese_and_needs_no_network(render: Any, full: dict[str, Any]) -> None:
    page = render(full)
    found = outline(page)
    assert page.startswith("<!doctype html>")
    assert ("html", {"lang": "zh-CN"}) in found.tags
    assert not re.search(r"https?:|//[a-z]|url\(|@import|\bsrc=|\bhref=|<script", page)


def test_its_counts_equal_those_made_by_hand(render: Any, full: dict[str, Any]) -> None:
    rows = full["rows"][full["rows"]["day"] >= "2026-10-01"].query("kind == 'complaint'")
    table = {row[0]: row for row in outline(render(full)).rows if row}
    for label, name in (("system.crash", "崩溃卡顿"), ("pricing.fee", "手续费年费"), ("rules.limit", "额度")):
        assert table[name][2] == str(rows[rows["leaves"] == label]["case_id"].nunique())
    for branch in rows["org"].dropna().unique():
        assert table[branch][5] == str(rows[rows["org"] == branch]["case_id"].nunique())
    assert table["投诉台账_2026Q4.xlsx"][3:9] == ["1,310", "1,254", "21", "32", "3", "相符"]


def test_the_most_urgent_come_first_with_their_reasons(render: Any, full: dict[str, Any]) -> None:
    page = render(full)
    listed = re.search(r"今日优先案件.*?</section>", page, flags=re.S)
    assert listed
    shown = re.findall(r"<code>(\w+)</code>", listed[0])
    order = full["priorities"].assign(urgent=full["priorities"]["level"] >= 2)
    order = order.sort_values(["urgent", "score", "due_on", "case_id"], ascending=[False, False, True, True])
    assert shown == [case[:8] for case in order["case_id"].head(20)]
    assert order["urgent"].head(20).nunique() == 2
    assert "提到向监管部门投诉 +20.0" in page and "办结期限不足 2 天" in page


def test_the_evidence_is_marked_where_it_stands_or_told_apart(render: Any, full: dict[str, Any]) -> None:
    one = full["priorities"].head(1)
    inside = render(full, priorities=one.assign(excerpt="更新后天天闪退，没法用", evidence="天天闪退"))
    assert "更新后<mark>天天闪退</mark>，没法用" in inside
    apart = render(full, priorities=one.assign(excerpt="更新后没法用", evidence="天天闪退"))
    assert "依据：<mark>天天闪退</mark>" in apart


def test_texts_are_escaped_wherever_they_stand(render: Any, full: dict[str, Any]) -> None:
    bad = '<script>alert("1")</script>'
    cases = full["priorities"].assign(excerpt=bad, evidence=bad, orgs=bad, floor=bad, theme=f"{bad}/x")
    items = full["items"].assign(title=bad, owner=bad, reason=bad, status=bad)
    events = full["events"].assign(org=bad, complaint_channel=bad)
    batches = full["batches"].assign(file=bad, encoding=bad)
    page = render(full, priorities=cases, items=items, events=events, batches=batches)
    assert "<script" not in page and page.count("&lt;script&gt;") > 100
    outline(page)


def test_drawings_have_names_and_headers_a_scope(render: Any, full: dict[str, Any]) -> None:
    found = outline(render(full))
    drawings = [attrs for tag, attrs in found.tags if tag == "svg"]
    assert drawings and all(attrs.get("aria-label") or attrs.get("aria-hidden") == "true" for attrs in drawings)
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in found.tags if tag == "th")


def test_colours_of_text_have_enough_contrast() -> None:
    pairs = [("1c2730", "ffffff"), ("55636e", "ffffff"), ("55636e", "f3f6f9"), ("8e1b12", "f8c9c4")]
    pairs += [("6b4200", "fde7b0"), ("1f4e79", "e4ecf4"), ("55636e", "fff0c2"), ("1f4e79", "ffffff")]
    assert all(_contrast(*pair) >= 4.5 for pair in pairs)  # WCAG 2.1, level AA


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_few_are_not_told_in_percent(render: Any, full: dict[str, Any]) -> None:
    assert percent(0.5, 9) == "–" and percent(0.5, 10) == "50.0%"
    few = full["events"][full["events"]["day"] >= "2026-10-01"].head(9)
    page = render(full, events=few, states=full["states"].assign(all=1, recent=1))
    assert "1 / 2 件" in page
    assert not re.findall(r"\d%", re.sub(r"<style>.*?</style>|95% 区间|用时过 80%|已用去 80%", "", page, flags=re.S))


def test_nothing_at_all_is_a_page_that_says_so(render: Any, nothing: dict[str, Any]) -> None:
    found = outline(render(nothing))
    assert found.text.count("暂无") == 17
    assert "本季至今没有收到反馈。" in found.text


def test_the_foot_says_that_labels_are_predictions_and_by_which_versions(render: Any, full: dict[str, Any]) -> None:
    text = outline(render(full)).text
    for told in ("标签为模型预测", "linear-2026.11", "分类体系第 1 版", "triage 1", "生成日 2026-11-24"):
        assert told in text
    now = full["rows"][full["rows"]["day"] >= "2026-10-01"]
    assert f"本季 {now['review'].sum()} 条（{now['review'].mean():.1%}）模型拿不准" in text


def test_an_open_case_without_a_score_stands_on_the_page_with_the_reason(render: Any, full: dict[str, Any]) -> None:
    frame = full["priorities"].copy()
    old = frame.index[-1]
    frame["score"] = frame["score"].where(frame.index != old)
    frame.loc[old, "level"] = 3
    frame.at[old, "parts"] = []
    first = outline(render({**full, "priorities": frame})).text
    graver = frame[(frame["level"] == 3) & frame["score"].notna()]
    told = frame.loc[old, "case_id"][:8]
    assert first.count("还没有评分") == 1 and told in first
    assert all(first.index(case_id[:8]) < first.index(told) for case_id in graver["case_id"])


def test_the_same_input_gives_the_same_page(render: Any, full: dict[str, Any]) -> None:
    shuffled = full["priorities"].sample(frac=1, random_state=1)
    assert render(full) == render(full, priorities=shuffled)


def test_missing_values_leave_gaps_and_no_errors(render: Any, full: dict[str, Any]) -> None:
    names = ["orgs", "product", "sentiment", "excerpt", "evidence", "due_on", "floor", "status", "review"]
    names += ["department", "owner", "group_id", "rule", "provisional"]
    page = render(full, priorities=full["priorities"].assign(**dict.fromkeys(names, None)))
    assert "None" not in page and "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S).lower()
