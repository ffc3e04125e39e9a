"""The sample data comes out of its generator, and what planted.json promises is in the files."""

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from math import comb
from pathlib import Path

import openpyxl
import pytest

DATA = Path(__file__).parents[2] / "data"
SAMPLES = DATA / "samples"
PLANTED = json.loads((SAMPLES / "truth" / "planted.json").read_text(encoding="utf-8"))
TODAY = date(2026, 9, 30)
FEEDS = {"ledger_2026Q2.xlsx", "ledger_2026Q3.xlsx", "survey_2026.csv", "app_reviews_2026.jsonl", "hotline_2026.csv"}
BOOKS = sorted(name for name in FEEDS if name.endswith(".xlsx"))


def sheet(name):
    """Read a workbook with a reader that is not the one under test elsewhere: names, then row number → cells."""
    book = openpyxl.load_workbook(SAMPLES / name, read_only=True)
    rows = list(book["投诉台账"].iter_rows(values_only=True))
    book.close()
    return rows[2], dict(enumerate(rows[3:], 4))


def gold():
    with (SAMPLES / "truth" / "gold.csv").open(encoding="utf-8") as file:
        return {row["row"]: row for row in csv.DictReader(file)}


def as_day(cell):
    """Read a date as a clerk wrote it: a date cell, a serial number, or words; None where it is no date."""
    if cell is None or isinstance(cell, datetime):
        return cell and cell.date()
    if isinstance(cell, int | float):
        return date(1899, 12, 30) + timedelta(days=int(cell))
    try:
        return date(*map(int, re.findall(r"\d+", cell)))
    except (TypeError, ValueError):
        return None


@pytest.fixture(scope="module")
def ledgers():
    """Give both workbooks as 工单号 → {column: cell}; of columns that stand twice, the last."""
    books = []
    for name in BOOKS:
        names, rows = sheet(name)
        books.append({str(row[names.index("工单号")]): dict(zip(names, row, strict=True)) for row in rows.values()})
    return books


@pytest.fixture(scope="module")
def flat_rows():
    """Give the rows of the three other feeds as they are named in planted.json."""
    rows = {}
    survey = (SAMPLES / "survey_2026.csv").read_bytes().decode("gb18030", errors="replace")
    for number, row in enumerate(csv.DictReader(survey.splitlines()), 2):
        rows[f"survey/row {number}"] = row
    with (SAMPLES / "hotline_2026.csv").open(encoding="utf-8-sig", errors="replace") as file:
        rows |= {f"hotline/{row['流水号']}": row for row in csv.DictReader(file)}
    for line in (SAMPLES / "app_reviews_2026.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(row, dict):
            rows.setdefault(f"app/{row['id']}", row)
    return rows


def test_the_generator_gives_the_same_files_again(tmp_path):
    subprocess.run([sys.executable, DATA / "make_samples.py", tmp_path], check=True)
    made = {str(path.relative_to(tmp_path)): path for path in tmp_path.rglob("*") if path.is_file()}
    kept_files = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.is_file()}
    assert made.keys() == kept_files - {"README.md"}
    for name, path in made.items():
        kept = SAMPLES / name
        if path.suffix == ".xlsx":
            assert _members(path) == _members(kept)
        else:
            assert path.read_bytes() == kept.read_bytes(), path.name


def _members(path):
    """Give the checksums of the sheets and the dates of all parts: packing and styles differ between versions."""
    with zipfile.ZipFile(path) as book:
        parts = {each.filename: each for each in book.infolist()}
    sheets = {name: part.CRC for name, part in parts.items() if re.match(r"xl/(worksheets/|sharedStrings)", name)}
    assert len(sheets) == 3
    return sheets, {part.date_time for part in parts.values()}


def test_the_readme_counts_what_planted_json_promises():
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\S+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", readme, flags=re.M)
    promised = {
        name: [str(counts[key]) for key in ("rows", "new", "updated", "duplicate", "rejected")]
        for name, counts in PLANTED["files"].items()
    }
    assert {name: counts for name, *counts in found} == promised
    improvements = PLANTED["improvements"]
    assert f"{improvements['worked']['Q2']} complaints before, {improvements['worked']['Q3']} after" in readme
    assert f"{improvements['failed']['Q2']} before, {improvements['failed']['Q3']} after" in readme


def test_rows_add_up():
    assert set(PLANTED["files"]) == FEEDS
    for counts in PLANTED["files"].values():
        assert counts["rows"] == counts["new"] + counts["updated"] + counts["duplicate"] + counts["rejected"]
        assert counts["rejected"] == len(counts["rejects"])
    assert 2_800 <= sum(counts["rows"] for counts in PLANTED["files"].values()) <= 3_200


def test_the_files_stay_small():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*")) < 3_000_000
    assert (SAMPLES / "truth" / "gold.csv").stat().st_size < 600_000


@pytest.mark.parametrize("name", BOOKS)
def test_the_ledger_has_69_columns_under_three_header_rows(name):
    book = openpyxl.load_workbook(SAMPLES / name)
    page = book["投诉台账"]
    merged = {str(each) for each in page.merged_cells.ranges}
    assert page.max_column == 69 and "A1:BQ1" in merged and len(merged) > 5
    assert page["A1"].value.startswith("华河银行") and page["D3"].value == "工单号"
    assert isinstance(page["D4"].value, int) and page.max_row == 3 + PLANTED["files"][name]["rows"]


def test_the_second_ledger_repeats_part_of_the_first(ledgers):
    first, second = ledgers
    both = first.keys() & second.keys()
    unchanged = {number for number in both if first[number] == second[number]}
    counts = PLANTED["files"]["ledger_2026Q3.xlsx"]
    assert (len(unchanged), len(both - unchanged)) == (counts["duplicate"], counts["updated"])
    redelivered = {key: {ref.removeprefix("ledger/") for ref in refs} for key, refs in PLANTED["redelivered"].items()}
    assert unchanged == redelivered["unchanged"]
    assert both - unchanged == redelivered["closed_since"] | redelivered["supplemented"] | redelivered["reopened"]
    assert all(
        second[number]["工单状态"] == "处理中" != first[number]["工单状态"] for number in redelivered["reopened"]
    )


def test_broken_ledger_rows_are_broken_and_no_others():
    for name in BOOKS:
        names, rows = sheet(name)
        text, day = names.index("投诉内容"), names.index("受理日期")
        broken = {number for number, row in rows.items() if not row[text] or as_day(row[day]) is None}
        assert broken == {reject["row"] for reject in PLANTED["files"][name]["rejects"]}


def test_broken_rows_of_the_other_files_are_broken_and_no_others():
    wrong = {name: {} for name in FEEDS}
    for name, encoding in (("survey_2026.csv", "gb18030"), ("hotline_2026.csv", "utf-8-sig")):
        lines = (SAMPLES / name).read_bytes().splitlines()
        columns = len(next(csv.reader([lines[0].decode(encoding)])))
        for number, raw in enumerate(lines[1:], 2):
            try:
                cells = next(csv.reader([raw.decode(encoding)]))
            except UnicodeDecodeError:
                wrong[name][number] = "bad bytes"
                continue
            if len(cells) != columns:
                wrong[name][number] = "too many columns"
            elif not cells[-2 if columns == 8 else 7].strip():
                wrong[name][number] = "empty text"
            elif as_day(cells[0 if columns == 8 else 1][:10]) is None:
                wrong[name][number] = "bad date"
            elif columns == 8 and cells[5] and not cells[5].isdecimal():
                wrong[name][number] = "bad rating"
    name = "app_reviews_2026.jsonl"
    for number, line in enumerate((SAMPLES / name).read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            wrong[name][number] = "cut line"
            continue
        if not isinstance(row, dict):
            wrong[name][number] = "no object"
        elif not row["content"].strip():
            wrong[name][number] = "empty text"
        elif not isinstance(row["stars"], int):
            wrong[name][number] = "bad rating"
        elif as_day(row["time"][:10]) is None:
            wrong[name][number] = "bad date"
    for name in FEEDS - set(BOOKS):
        assert wrong[name] == {reject["row"]: reject["wrong"] for reject in PLANTED["files"][name]["rejects"]}


def test_limits_are_kept_or_planted_as_missed(ledgers):
    first, second = ledgers
    latest = {**first, **second}
    broken = {number for number, row in latest.items() if as_day(row["受理日期"]) is None or not row["投诉内容"]}
    due = {number: as_day(row["办结期限"]) for number, row in latest.items() if number not in broken}
    left = {number: (due[number] - TODAY).days for number in due if latest[number]["工单状态"] == "处理中"}
    clocks = {key: {ref.removeprefix("ledger/") for ref in refs} for key, refs in PLANTED["clocks"].items()}
    assert left.keys() == clocks["open"]
    assert {number for number, days in left.items() if days < 0} == clocks["overdue"]
    assert {number for number, days in left.items() if 0 <= days <= 2} == clocks["due_within_2_days"]
    assert {number for number, days in left.items() if 0 <= days <= 7} == clocks["due_within_7_days"]
    closed = {number: as_day(latest[number]["办结日期"]) for number in due if number not in left}
    assert {number for number, day in closed.items() if day > due[number]} == clocks["closed_late"]
    assert (
        len(clocks["overdue"]) >= 10
        and len(clocks["due_within_2_days"]) >= 5
        and len(clocks["due_within_7_days"]) >= 10
    )
    limits = {"普通": 15, "复杂": 30, "重大": 60}
    reopened = {ref.removeprefix("ledger/") for ref in PLANTED["redelivered"]["reopened"]}
    for number in due.keys() - reopened:
        row = latest[number]
        assert due[number] - as_day(row["受理日期"]) == timedelta(days=limits[row["投诉等级"]])


def test_identity_cards_have_valid_check_characters(ledgers):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for row in ledgers[1].values():
        card = row["身份证号码"]
        assert card[17] == "10X98765432"[sum(int(d) * w for d, w in zip(card[:17], weights, strict=True)) % 11]
        assert int(card[6:10]) == row["出生年"] and (int(card[16]) % 2 == 1) == (row["性别"] == "男")


def test_every_row_comes_from_the_training_part_alone():
    rows = gold()
    known = {
        json.loads(line)["id"] for line in (DATA / "labelled" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert {origin for row in rows.values() for origin in row["origins"].split("|")} <= known
    accepted = {name: counts["new"] for name, counts in PLANTED["files"].items()}
    feeds = Counter(ref.split("/")[0] for ref in rows)
    assert feeds == {
        "ledger": accepted["ledger_2026Q2.xlsx"] + accepted["ledger_2026Q3.xlsx"],
        "survey": accepted["survey_2026.csv"],
        "app": accepted["app_reviews_2026.jsonl"],
        "hotline": accepted["hotline_2026.csv"],
    }


def test_no_two_rows_are_near_duplicates_by_accident(ledgers, flat_rows):
    texts = {f"ledger/{number}": row["投诉内容"] for number, row in {**ledgers[1], **ledgers[0]}.items()}
    texts |= {ref: row.get("评价内容") or row.get("来电内容") or row.get("content") for ref, row in flat_rows.items()}
    planted = {ref for refs in PLANTED["templates"].values() for ref in refs}
    texts = {ref: text for ref, text in texts.items() if text and len(text) >= 30 and ref not in planted}
    assert len(texts) > 2_000
    nearest, pair = _nearest({ref: re.sub(r"\d+", "0", "".join(text.split())) for ref, text in texts.items()})
    assert nearest < 0.7, pair


def _nearest(texts):
    """Find the two most similar texts by character-5-gram Jaccard, exactly, with an inverted index."""
    grams = {ref: {text[i : i + 5] for i in range(len(text) - 4)} for ref, text in texts.items()}
    holders, best = defaultdict(list), (0.0, None)
    for ref, own in grams.items():
        shared = Counter(other for gram in own for other in holders[gram])
        for other, n in shared.items():
            best = max(best, (n / (len(own) + len(grams[other]) - n), (other, ref)))
        for gram in own:
            holders[gram].append(ref)
    return best


def test_the_outbreak_stands_out_on_every_feed():
    outbreak = PLANTED["outbreak"]
    start, end = date.fromisoformat(outbreak["start"]), date.fromisoformat(outbreak["end"])
    weeks = {date.fromisoformat(day): n for day, n in outbreak["per_week"].items()}
    inside = [n for day, n in weeks.items() if start <= day <= end]
    outside = [n for day, n in weeks.items() if not start - timedelta(days=6) <= day <= end]
    assert min(inside) > 5 * max(outside)
    assert {ref.split("/")[0] for ref in outbreak["rows"]} == {"ledger", "survey", "app", "hotline"}


def test_one_improvement_worked_and_the_other_did_not():
    def chance(after, both):
        """Give P(no more rows after) if the rate had not changed; the quarters are about equally long."""
        return sum(comb(both, k) for k in range(after + 1)) / 2**both

    worked, failed = PLANTED["improvements"]["worked"], PLANTED["improvements"]["failed"]
    assert chance(worked["Q3"], worked["Q2"] + worked["Q3"]) < 1e-4
    assert chance(failed["Q3"], failed["Q2"] + failed["Q3"]) > 0.2
    rows = gold()
    for planted in (worked, failed):
        business, leaf = planted["theme"].split("/")
        about = {
            r
            for r, g in rows.items()
            if (g["kind"], g["business"]) == ("complaint", business) and g["leaves"].split("|")[0] == leaf
        }
        assert about == set(planted["rows"])


def test_repeating_customers_can_be_joined(ledgers, flat_rows):
    rows = flat_rows | {f"ledger/{number}": row for book in ledgers for number, row in book.items()}
    assert len(PLANTED["repeats"]) >= 15
    for customer in PLANTED["repeats"]:
        assert len(customer["rows"]) == 3 and len({ref.split("/")[0] for ref in customer["rows"]}) >= 2
        for ref in customer["rows"]:
            row = rows[ref]
            phone = re.sub(r"\D", "", str(row.get("来电号码") or row.get("预留电话") or ""))
            number = row.get("客户号") or row.get("customer_no")
            assert phone == customer["phone"] or number == customer["customer_no"]


def test_an_agents_letters_share_their_wording_but_not_their_people(ledgers):
    rows = {f"ledger/{number}": row for book in ledgers for number, row in book.items()}
    for letters in PLANTED["templates"].values():
        assert len({rows[ref]["身份证号码"] for ref in letters}) == len(letters)
    assert len(PLANTED["templates"]["g1"]) >= 12


def test_the_burst_is_one_branch_within_three_days(ledgers, flat_rows):
    burst = PLANTED["burst"]
    rows = flat_rows | {f"ledger/{number}": row for number, row in ledgers[1].items()}
    assert len(burst["rows"]) >= 8
    assert {rows[ref].get("被投诉机构") or rows[ref]["所属机构"] for ref in burst["rows"]} == {burst["org"]}
    days = {as_day(rows[ref].get("受理日期") or rows[ref]["来电时间"][:10]) for ref in burst["rows"]}
    assert max(days) - min(days) <= timedelta(days=2)


def test_twenty_people_wrote_one_word(flat_rows):
    equal = PLANTED["equal_texts"]
    texts = [flat_rows[ref].get("评价内容") or flat_rows[ref]["content"] for ref in equal["rows"]]
    assert len(equal["rows"]) == len(set(equal["rows"])) == 20 and set(texts) == {equal["text"]}


def test_the_dangerous_letters_are_there():
    escalation = PLANTED["escalation"]
    for hit in ("self_harm:threat", "regulator:threat", "media:threat", "legal:quoted", "legal:threat"):
        assert escalation[hit], hit
    assert PLANTED["calm_vulnerable"]
    assert not set(PLANTED["calm_vulnerable"]) & {ref for refs in escalation.values() for ref in refs}


def test_exposure_names_every_branch_of_every_feed(ledgers, flat_rows):
    with (SAMPLES / "exposure.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["季度"] for row in rows) == {"2026Q2": 12, "2026Q3": 12}
    branches = {row["被投诉机构"] for book in ledgers for row in book.values()}
    branches |= {row["所属机构"] for ref, row in flat_rows.items() if not ref.startswith("app/")}
    assert branches == {row["机构名称"] for row in rows}
