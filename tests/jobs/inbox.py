"""A small inbox with one of everything: new, redelivered, updated and broken rows, with and without ids."""

import csv
import json
from pathlib import Path

COLUMNS = ("工单号", "受理日期", "投诉内容", "被投诉机构", "投诉电话", "工单状态", "办结日期")
LETTER = (
    "本人在贵行办理的信用卡从未激活，却被连续收取年费三百元，多次致电客服都说会处理，"
    "至今没有任何结果，请尽快退还年费并给出书面说明。"
)


def write_inbox(folder: Path, *, rows: int = 60) -> Path:
    """Write a ledger of `rows` rows, the same ledger with changes a quarter later, and a survey without ids."""
    folder.mkdir(parents=True, exist_ok=True)
    first = [_row(number) for number in range(rows)]
    first[7]["投诉内容"] = ""
    first[9]["受理日期"] = "没有日期"
    _csv(folder / "ledger_2026Q2.csv", first)
    second = first[rows // 2 :] + [_row(number) for number in range(rows, rows + 15)]
    second[2] = {**second[2], "工单状态": "已办结", "办结日期": "2026-07-03"}
    _csv(folder / "ledger_2026Q3.csv", second)
    with (folder / "survey_2026.jsonl").open("w", encoding="utf-8") as file:
        for number in range(20):
            text = "垃圾" if number % 2 else f"手机银行第{number}次闪退，打不开"
            file.write(json.dumps({"评论内容": text, "评分": 1 + number % 5}, ensure_ascii=False) + "\n")
        file.write("{broken\n")
    (folder / "exposure.csv").write_text("机构,季度,网点数,个人客户数\n城东支行,2026Q3,4,120000\n", encoding="utf-8")
    return folder


def _row(number: int) -> dict[str, str]:
    texts = (
        f"在ATM取款{number}00元被吞卡，找了大堂经理也没有人管，身份证号忘带了",
        LETTER.replace("三百", "三百五十" if number % 2 else "三百"),
        f"提前还款被收了{number}0元违约金，签合同的时候没有人告诉我，再不处理我就打12378",
        f"感谢城东支行{number}号柜员，办事又快又耐心",
    )
    return {
        "工单号": f"GD2026{number:05d}",
        "受理日期": f"2026-{6 + number % 3:02d}-{1 + number % 28:02d}",
        "投诉内容": texts[number % 4],
        "被投诉机构": "城东支行",
        "投诉电话": f"1380013{number % 12:04d}",
        "工单状态": "处理中",
        "办结日期": "",
    }


def _csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
