"""Labels of people outside the store, merged into a training file; suspicious labels put right; parting a file."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.train.rows import record, write_rows
from typer.testing import CliRunner

from feedback_nlp.classify.answers import Vocabulary
from feedback_nlp.cli import app
from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.jobs.labelfile import write_rows as write_rows_for_people
from feedback_nlp.jobs.labelling import read_files, split_file, words_for, write_suspicious, write_wanted_of
from feedback_nlp.jobs.labelmerge import Merged, Near, merge_labels
from feedback_nlp.settings import Settings
from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.corpus import read_labelled
from feedback_nlp.train.guidance import guidance


@pytest.fixture
def words(tmp_path: Path) -> Vocabulary:
    return words_for(Settings(folder=tmp_path, store_url=""))


def counts(found: Merged) -> tuple[int, int, int, int]:
    return (found.added, found.corrected, found.repeated, found.untouched)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fill(path: Path, edits: Mapping[str, Mapping[str, Any]]) -> None:
    book = openpyxl.load_workbook(path)
    places = {cell.value: cell.column for cell in book["复核"][2]}
    for row in book["复核"].iter_rows(min_row=3):
        for header, value in edits.get(str(row[places["反馈号"] - 1].value), {}).items():
            row[places[header] - 1].value = value
    book.save(path)


def as_labels(row: Mapping[str, Any]) -> dict[str, list[str]]:
    return {facet: row[facet] if isinstance(row[facet], list) else [row[facet]] for facet in FACETS}


def test_rows_are_added_masked_with_their_ids_and_without_names(tmp_path: Path, words: Vocabulary) -> None:
    given = [
        record(1, reviewer="周文", escalation=[{"kind": "legal", "modality": "threat"}]),
        record(2, kind="咨询", text="请问贷款怎么还，电话13812345678", secret="x"),
        {"id": "r3", "text": "只读了一项的一条来信", "sentiment": "不满"},
        {"id": "r4", "text": "没有人读过的一条来信"},
    ]
    source, target = write_rows(tmp_path / "a.jsonl", given), tmp_path / "own.jsonl"
    found = merge_labels(source, target, words=words)
    assert (counts(found), found.problems, found.near) == ((3, 0, 0, 1), (), ())
    rows = read_labelled(target, taxonomy=load(), partial=True)
    assert [row.id for row in rows] == ["r1", "r2", "r3"]
    assert rows[1].labels["kind"] == ("inquiry",)
    assert rows[2].labels == {"sentiment": ("negative",)}
    told = target.read_text(encoding="utf-8")
    assert "[手机号]" in told and "138" not in told and "周文" not in told and "secret" not in told
    assert lines(target)[0]["escalation"] == [{"kind": "legal", "modality": "threat"}]
    merge_labels(source, tmp_path / "named.jsonl", words=words, people=True)
    assert lines(tmp_path / "named.jsonl")[0]["reviewer"] == "周文"


def test_merging_twice_adds_nothing_twice(tmp_path: Path, words: Vocabulary) -> None:
    source, target = write_rows(tmp_path / "a.jsonl", [record(at) for at in range(5)]), tmp_path / "own.jsonl"
    merge_labels(source, target, words=words)
    before = target.read_bytes(), target.stat().st_mtime_ns
    assert counts(merge_labels(source, target, words=words)) == (0, 0, 5, 0)
    assert (target.read_bytes(), target.stat().st_mtime_ns) == before


def test_texts_that_repeat_others_are_reported(tmp_path: Path, words: Vocabulary) -> None:
    target = write_rows(tmp_path / "own.jsonl", [record(1)])
    again = [record(2), record(2, id="r7"), {**record(1), "id": "r8", "text": record(1)["text"] + "！"}]
    found = merge_labels(write_rows(tmp_path / "a.jsonl", again), target, words=words)
    assert found.added == 3
    assert set(found.near) == {Near("r7", "r2"), Near("r8", "r1")}


def test_other_labels_for_the_same_id_need_to_know_what_stood_there(tmp_path: Path, words: Vocabulary) -> None:
    old = [record(1, decided_at="2026-09-01T09:00:00"), record(2), record(3), record(4)]
    target = write_rows(tmp_path / "own.jsonl", old)
    new = [
        record(1, kind="praise", decided_at="2026-09-02T09:00:00"),  # decided later
        record(2, kind="praise"),  # nobody knows
        record(3, kind="other", was={"kind": record(3)["kind"]}),  # put right
        record(4, kind="other", was={"kind": "suggestion"}),  # somebody was quicker
    ]
    found = merge_labels(write_rows(tmp_path / "a.jsonl", new), target, words=words)
    assert counts(found) == (0, 2, 0, 0)
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "id"), (4, "id")]
    assert [row["kind"] for row in lines(target)] == ["praise", record(2)["kind"], "other", record(4)["kind"]]
    assert lines(target)[1] == record(2)


def test_another_text_for_the_same_id_is_refused(tmp_path: Path, words: Vocabulary) -> None:
    target = write_rows(tmp_path / "own.jsonl", [record(1)])
    found = merge_labels(write_rows(tmp_path / "a.jsonl", [record(1, text="别的")]), target, words=words)
    assert [problem.column for problem in found.problems] == ["text"]
    assert lines(target) == [record(1)]


def test_a_target_that_is_none_is_left_alone(tmp_path: Path, words: Vocabulary) -> None:
    source, target = write_rows(tmp_path / "a.jsonl", [record(1)]), tmp_path / "own.jsonl"
    target.write_text('{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(OperatorError, match="line 1"):
        merge_labels(source, target, words=words)
    assert target.read_text(encoding="utf-8") == '{"id": "x"}\n'
    with pytest.raises(OperatorError, match=r"training files are \.jsonl"):
        merge_labels(source, tmp_path / "own.xlsx", words=words)


def test_a_target_in_which_an_id_stands_twice_keeps_all_its_lines(tmp_path: Path, words: Vocabulary) -> None:
    target = write_rows(tmp_path / "own.jsonl", [record(1), record(2), record(3, id="r1")])
    with pytest.raises(OperatorError, match="line 3: id 'r1' stands there before"):
        merge_labels(write_rows(tmp_path / "a.jsonl", [record(7)]), target, words=words)
    assert len(lines(target)) == 3


@pytest.mark.parametrize("name", ["none.xlsx", "folder.xlsx"])
def test_a_workbook_that_cannot_be_read_is_named(tmp_path: Path, words: Vocabulary, name: str) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(SenderError, match=name):
        merge_labels(tmp_path / name, tmp_path / "own.jsonl", words=words)


def test_a_row_of_which_some_facets_were_read_is_put_right_without_the_others(
    tmp_path: Path, words: Vocabulary
) -> None:
    read = ("id", "text", "leaves")
    rows = [record(at, **({"leaves": ["system.login"]} if at == 16 else {})) for at in range(90)]
    rows[:30] = [{name: row[name] for name in read} for row in rows[:30]]
    target, sheet = write_rows(tmp_path / "own.jsonl", rows), tmp_path / "s.xlsx"
    write_suspicious([target], sheet, taxonomy=load(), words=words, every=True, say=lambda _: None)
    fill(sheet, {"r16": {"原因1": "pricing.fee"}})
    merged = merge_labels(sheet, target, words=words)
    assert (merged.corrected, merged.problems) == (1, ())
    assert lines(target)[16] == {**rows[16], "leaves": ["pricing.fee"]}


def test_a_row_without_any_label_is_not_confirmed(tmp_path: Path, words: Vocabulary) -> None:
    sheet, row = tmp_path / "s.xlsx", {"id": "r1", "text": "没有人读过", "labels": {}, "why": ["看看"]}
    write_rows_for_people(sheet, [row], words=words)
    fill(sheet, {"r1": {"结论": "确认"}})
    found = merge_labels(sheet, tmp_path / "own.jsonl", words=words)
    assert (counts(found), found.problems, (tmp_path / "own.jsonl").exists()) == ((0, 0, 0, 1), (), False)


@pytest.mark.parametrize("confidence", [None, "sure", []])
def test_a_file_that_predict_did_not_write_is_refused(tmp_path: Path, words: Vocabulary, confidence: Any) -> None:
    row = {**record(1), "leaves": "system.login", "demand": "", "confidence": confidence}
    source = write_rows(tmp_path / "p.jsonl", [row])
    with pytest.raises(OperatorError, match="line 1: not what `feedback-nlp predict"):
        write_wanted_of(source, tmp_path / "w.jsonl", data=[], limit=5, taxonomy=load(), words=words)


def test_a_suspicious_label_is_put_right_in_excel_and_merged_back(tmp_path: Path, words: Vocabulary) -> None:
    target = write_rows(
        tmp_path / "own.jsonl", [record(at, **({"kind": "praise"} if at == 17 else {})) for at in range(60)]
    )
    sheet = tmp_path / "s.xlsx"
    written = write_suspicious([target], sheet, taxonomy=load(), words=words, limit=5, every=True, say=lambda _: None)
    found = written.suspects
    suspect = next(suspect for suspect in found if suspect.row.id == "r17")
    assert suspect.doubts[0].suggested == ("complaint",)
    cells = str(list(openpyxl.load_workbook(sheet)["复核"].values))
    assert "类型：标的是“表扬”，更像“投诉”" in cells
    assert counts(merge_labels(sheet, target, words=words)) == (0, 0, 0, len(found))
    json_lines = tmp_path / "s.jsonl"
    write_suspicious([target], json_lines, taxonomy=load(), words=words, limit=5, every=True, say=lambda _: None)
    assert counts(merge_labels(json_lines, target, words=words)) == (0, 0, len(found), 0)
    fill(
        sheet,
        {"r17": {"类型": "投诉"}, found[-1].row.id: {"结论": "确认"}}
        if found[-1] != suspect
        else {"r17": {"类型": "投诉"}},
    )
    merged = merge_labels(sheet, target, words=words)
    assert (merged.corrected, merged.problems) == (1, ())
    assert lines(target)[17] == record(17)
    assert merge_labels(sheet, target, words=words).corrected == 0


def test_small_doubts_are_left_out_and_counted_unless_all_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "own.jsonl", [record(at, **({"kind": "praise"} if at == 17 else {})) for at in range(60)])
    run = CliRunner().invoke
    command = ["labels", "suspicious", "own.jsonl", "--out", "s.jsonl"]
    told = run(app, command, catch_exceptions=False).stdout
    assert "列出 1 条可疑（类型1）" in told and "没有列出" not in told  # the planted one
    strict = replace(guidance().suspicious, odds=dict.fromkeys(FACETS, 1e9))
    monkeypatch.setattr("feedback_nlp.jobs.labelling.guidance", lambda: replace(guidance(), suspicious=strict))
    told = run(app, command, catch_exceptions=False).stdout
    assert "列出 0 条可疑（无）" in told and "另有 1 条没有列出：可疑程度较低；--all 全部列出" in told
    assert lines(tmp_path / "s.jsonl") == []
    told = run(app, [*command, "--all"], catch_exceptions=False).stdout
    assert "列出 1 条可疑（类型1）" in told and "没有列出" not in told
    assert [row["id"] for row in lines(tmp_path / "s.jsonl")] == ["r17"]


@pytest.mark.parametrize("name", ["none.jsonl", "blank.jsonl", "none.xlsx", "headers.xlsx"])
def test_a_file_without_rows_is_refused_in_one_sentence(tmp_path: Path, words: Vocabulary, name: str) -> None:
    path = tmp_path / name
    path.write_text("\n\n" if name.startswith("blank") else "", encoding="utf-8")
    if name == "headers.xlsx":
        write_rows_for_people(path, [], words=words)
    with pytest.raises(SenderError, match=rf"{name}: the file is empty; there are no labels to import$"):
        merge_labels(path, tmp_path / "own.jsonl", words=words)


@pytest.mark.parametrize("gone", ["业务", "原因2", "备注", "原标签", "内容（已脱敏）"])
def test_a_sheet_that_lacks_a_column_is_refused_once_with_its_name(
    tmp_path: Path, words: Vocabulary, gone: str
) -> None:
    sheet = tmp_path / "s.xlsx"
    rows = [{"id": f"r{at}", "text": f"第{at}条", "labels": as_labels(record(1)), "why": ["看看"]} for at in (1, 2, 3)]
    write_rows_for_people(sheet, rows, words=words)
    book = openpyxl.load_workbook(sheet)
    for merged in list(book["复核"].merged_cells.ranges):
        book["复核"].unmerge_cells(str(merged))
    (place,) = (cell.column for cell in book["复核"][2] if cell.value == gone)
    book["复核"].delete_cols(place)
    book.save(sheet)
    with pytest.raises(SenderError, match=rf"s.xlsx: the sheet 复核 lacks the column {gone}; nothing was imported"):
        merge_labels(sheet, tmp_path / "own.jsonl", words=words)


def test_the_sheet_asks_for_no_more_than_the_import_does(tmp_path: Path, words: Vocabulary) -> None:
    sheet = tmp_path / "s.xlsx"
    labels = as_labels(record(1))
    rows = [{"id": f"r{at}", "text": f"第{at}条来信的内容", "labels": labels, "why": ["看看"]} for at in (1, 2)]
    write_rows_for_people(sheet, rows, words=words)
    told = "".join(str(cell.value or "") for cell in openpyxl.load_workbook(sheet)["复核"][1])
    assert "复核人可以不填" in told and "复核人可不填" in told and "必填" not in told
    fill(sheet, {"r1": {"结论": "确认"}, "r2": {"类型": "表扬" if record(1)["kind"] != "praise" else "投诉"}})
    found = merge_labels(sheet, tmp_path / "own.jsonl", words=words)
    assert (counts(found), found.problems) == ((2, 0, 0, 0), ())


def test_what_is_wanted_of_a_predicted_file_is_labelled_outside_the_store(tmp_path: Path, words: Vocabulary) -> None:
    predicted = [
        {**record(at), "leaves": "|".join(record(at)["leaves"]), "demand": "", "confidence": 0.1 * at}
        for at in range(6)
    ]
    source = write_rows(tmp_path / "p.jsonl", predicted)
    sheet, target = tmp_path / "w.xlsx", write_rows(tmp_path / "own.jsonl", [record(0)])
    found = write_wanted_of(source, sheet, data=[target], limit=3, taxonomy=load(), words=words)
    ids = [choice.candidate.id for choice in found.choices]
    assert len(ids) == 3 and "r0" not in ids
    fill(sheet, {ids[0]: {"结论": "确认"}, ids[1]: {"业务": "贷款"}})
    merged = merge_labels(sheet, target, words=words)
    assert (counts(merged), merged.problems) == ((2, 0, 0, 1), ())
    assert [row["id"] for row in lines(target)] == ["r0", *sorted(ids[:2], key=ids.index)]
    with pytest.raises(OperatorError, match="line 1: not what"):
        write_wanted_of(
            write_rows(tmp_path / "q.jsonl", [{"id": "a"}]), sheet, data=[], limit=1, taxonomy=load(), words=words
        )


def test_a_file_is_parted_line_by_line_and_never_over_an_older_part(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "mine.jsonl", [record(at) for at in range(50)])
    parts = split_file(path, tmp_path, share=0.2, seed=0, taxonomy=load())
    assert list(parts) == [tmp_path / "mine-train.jsonl", tmp_path / "mine-dev.jsonl"]
    assert sum(parts.values()) == 50 and parts[tmp_path / "mine-dev.jsonl"] == pytest.approx(10, abs=1)
    written = [line for part in parts for line in part.read_text(encoding="utf-8").splitlines()]
    assert sorted(written) == sorted(path.read_text(encoding="utf-8").splitlines())
    with pytest.raises(OperatorError, match="exists already"):
        split_file(path, tmp_path, share=0.2, seed=0, taxonomy=load())


def test_the_commands_say_what_they_found_and_leaks_exit_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_rows(tmp_path / "mine.jsonl", [record(at) for at in range(50)])
    run = CliRunner().invoke
    assert run(app, ["labels", "split", "mine.jsonl", "--dev", "0.2"]).exit_code == 0
    assert run(app, ["labels", "leaks", "mine-train.jsonl", "mine-dev.jsonl"]).exit_code == 0
    leaking = run(app, ["labels", "leaks", "mine.jsonl", "mine-dev.jsonl"])
    assert leaking.exit_code == 2 and "same id: r" in leaking.stdout
    agreed = run(app, ["labels", "agreement", str(path), "mine-dev.jsonl", "--json"])
    assert json.loads(agreed.stdout)["shared"] == len(read_files([Path("mine-dev.jsonl")], taxonomy=load()))
    merged = run(app, ["labels", "import", "mine-dev.jsonl", "--to", "own.jsonl"])
    assert merged.exit_code == 0 and "新增" in merged.stdout
    write_rows(tmp_path / "bad.jsonl", [record(99, kind="怪事")])
    refused = run(app, ["labels", "import", "bad.jsonl", "--to", "own.jsonl"])
    assert refused.exit_code == 2 and "第 1 行，类型" in refused.stderr
    assert "下拉" not in refused.stderr
    write_rows(tmp_path / "same.jsonl", [{"id": "r1", "text": "没有人读过的一条来信"}])
    assert "未改动 1 条" in run(app, ["labels", "import", "same.jsonl", "--to", "own.jsonl"]).stdout
