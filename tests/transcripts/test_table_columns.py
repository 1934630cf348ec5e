"""Tables as they come: other headers, no header, other delimiters, workbooks with sheets, merged cells and Excel's times."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.columns import delimiter_of, lay_out
from relcode.transcripts.read import FileRead, read_whole
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options
from relcode.transcripts.times import seconds, seconds_of_range

SAID = "and so the words are longer than the rest"


def put(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def read(path: Path, sheet: str | None = None, **columns: str) -> FileRead:
    return read_whole(path, Options(Roles(("Ada",)), columns=columns, sheet=sheet))


def said(found: FileRead) -> list[str]:
    return [f"{turn.speaker} {turn.text}" for turn in found.sessions[0].session.turns]


def workbook(folder: Path, *sheets: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
        for area in merged:
            sheet.merge_cells(area)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


@pytest.mark.parametrize(
    ("content", "columns", "turns"),
    [
        ("ID,Who,What was said\n1,T,a\n1,C,b\n", {"speaker": "Who", "text": "What was said"}, ["T a", "C b"]),
        ("ID,Who,What was said\n1,T,a\n1,C,b\n", {"text": "3"}, ["T a", "C b"]),
        ("x,Person,Satz\n1,T,a\n", {"speaker": "person", "text": "SATZ"}, ["T a"]),
        ("T,a\nC,b\n", {"speaker": "1", "text": "2"}, ["T a", "C b"]),
        ("Ada,a\nBo,b\nAda,c\n", {"speaker": "1", "text": "2"}, ["T a", "C b", "T c"]),
        ("person,satz\nAda,a\nBo,b\nAda,c\n", {"speaker": "1", "text": "2"}, ["T a", "C b", "T c"]),
        ("speaker,text,clean\nT,a,z\n", {"text": "clean"}, ["T z"]),
    ],
)
def test_columns_are_as_the_user_says(tmp_path: Path, content: str, columns: dict[str, str], turns: list[str]) -> None:
    assert said(read(put(tmp_path, "a.csv", content), **columns)) == turns


def test_headers_that_are_not_known_are_proposed_by_content_and_asked(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", f"Nr,Person,Satz\n1,T,{SAID}\n2,C,{SAID}\n3,T,{SAID}\n4,C,{SAID}\n")
    with pytest.raises(TranscriptError) as caught:
        read(path)
    assert len(caught.value.faults) == 2
    assert all("confirm with --column speaker=2 --column text=3" in fault for fault in caught.value.faults)
    assert SAID not in str(caught.value)
    report = import_transcripts([path], tmp_path / "out", ask_columns=lambda question: True)
    assert [turns for _, _, turns, _ in report.imported] == [4]
    refused = import_transcripts([path], tmp_path / "other", ask_columns=lambda question: False)
    assert len(refused.faults) == 2


def test_a_column_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="no column for t0 as given"):
        read(put(tmp_path, "a.csv", "speaker,text\nT,a\n"), t0="Start")


def test_the_columns_and_reasons_are_told(tmp_path: Path) -> None:
    found = read(put(tmp_path, "a.csv", "Interlocutor,Utterance Text,Beginn\nT,a,0:01\n"), t0="Beginn")
    assert [(column.what, column.number, column.header, column.why) for column in found.columns] == [
        ("speaker", 1, "Interlocutor", "by its name"),
        ("text", 2, "Utterance Text", "by its name"),
        ("t0", 3, "Beginn", "as given"),
    ]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("speaker,text\nT,a; b; c; d\n", ","),
        ("speaker;text\nT;a, b, c, d, e\n", ";"),
        ("speaker\ttext\nT\ta, b\n", "\t"),
        ("speaker|text\nT|a, b\n", "|"),
        ("x;y\nT;a, b, c\nC;d\n", ";"),
        ('x,y\nT,"a; b; c"\nC,d\n', ","),
        ("one", ","),
    ],
)
def test_the_delimiter_is_told_from_the_lines(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_a_table_has_no_header_where_its_first_row_has_a_speaker_of_the_others() -> None:
    rows = [["Ada", SAID], ["Bo", SAID], ["Ada", SAID]]
    without, header = lay_out(rows, {}), lay_out([["Wer", "Was"], *rows, *rows], {})
    assert not isinstance(without, list)
    assert not isinstance(header, list)
    assert (without.header, header.header) == (None, 0)
    assert dict(without.columns) == dict(header.columns) == {"speaker": 0, "text": 1}


@pytest.mark.parametrize(
    ("stamp", "value"),
    [
        ("1,5", 1.5),
        ("0:01,5", 1.5),
        ("1:02:03", 3723.0),
        ("10:02:15 AM", 36135.0),
        ("12:00:01 am", 1.0),
        ("1:00:00 p.m.", 46800.0),
        ("10:02 AM", 36120.0),
        ("12:30 PM", 45000.0),
        ("10:02", 602.0),
        ("soon", None),
        ("-1", None),
        ("nan", None),
    ],
)
def test_times_are_seconds(stamp: str, value: float | None) -> None:
    assert seconds(stamp) == value


@pytest.mark.parametrize(
    ("cell", "times"),
    [
        ("0:00.5 - 0:12.3", (0.5, 12.3)),
        ("00:01 --> 00:02", (1.0, 2.0)),
        ("0:01", (1.0, None)),
        ("0:01 and 0:05", (1.0, None)),
    ],
)
def test_a_cell_may_hold_start_and_end(cell: str, times: tuple[float | None, float | None]) -> None:
    assert seconds_of_range(cell) == times


@pytest.mark.parametrize(
    ("header", "cells", "times", "doubt"),
    [
        ("start_ms", ["1500", "3000"], [1.5, 3.0], None),
        ("start", ["0,00001", "0,00002", "0,00003", "0,00004"], [0.864, 1.728, 2.592, 3.456], "parts of a day"),
        ("start", ["0.5", "0.7"], [0.5, 0.7], None),
        ("time", ["10:00:00 AM", "10:00:05 AM"], [0.0, 5.0], "times of the day"),
        ("time", ["soon", "0:05"], [None, 5.0], "1 time(s) cannot be read"),
        ("time", ["11:00", "12:00"], [660.0, 720.0], None),
    ],
)
def test_times_of_a_column(
    tmp_path: Path, header: str, cells: list[str], times: list[float | None], doubt: str | None
) -> None:
    rows = [f'{"TC"[n % 2]},a,"{cell}"' for n, cell in enumerate(cells)]
    found = read(put(tmp_path, "a.csv", "\n".join([f"speaker,text,{header}", *rows])))
    assert [turn.t0 for turn in found.sessions[0].session.turns] == times
    assert [doubt is not None and doubt in text for text in found.doubts] == [True] * (doubt is not None)


def test_excels_times_are_meant_times(tmp_path: Path) -> None:
    rows = [
        ("Start", "Speaker", "Text"),
        (datetime.time(0, 1, 5), "T", "a"),
        (datetime.timedelta(minutes=2), "C", "b"),
        (95.5, "T", "c"),
    ]
    found = read(workbook(tmp_path, rows))
    assert [turn.t0 for turn in found.sessions[0].session.turns] == [65.0, 120.0, 95.5]


def test_the_sheet_with_the_transcript_is_read_and_said(tmp_path: Path) -> None:
    notes, talk = [("about", "this"), ("made", "2026")], [("Speaker", "Text"), ("T", "a")]
    found = read(workbook(tmp_path, notes, talk, [("Speaker", "Text"), ("C", "b")]))
    assert said(found) == ["T a"]
    assert found.doubts == ["sheet 2 of 3 was read; 1 further sheet(s) look like transcripts; choose with --sheet"]
    for sheet in ("3", "sheet 3"):
        assert said(read(tmp_path / "a.xlsx", sheet)) == ["C b"]
    with pytest.raises(TranscriptError, match="expected a name, or 1 to 3"):
        read(tmp_path / "a.xlsx", "4")


def test_rows_above_the_header_are_passed_over_and_noted(tmp_path: Path) -> None:
    found = read(workbook(tmp_path, [("Study 4",), (None,), ("No", "Speaker", "Text"), (1, "T", "a")]))
    assert (said(found), found.doubts) == (["T a"], ["1 row(s) above the header were passed over"])


def test_a_merged_speaker_holds_for_its_rows_and_merged_words_stand_once(tmp_path: Path) -> None:
    rows = [("Speaker", "Text"), ("T", "a"), (None, "b"), ("C", "c"), ("T", None)]
    assert said(read(workbook(tmp_path, rows, merged=["A2:A3", "B4:B5"]))) == ["T a b", "C c"]
    rows[2] = (None, "b")
    with pytest.raises(TranscriptError, match="row 3 names no speaker"):
        read(workbook(tmp_path, rows))


def test_ragged_rows_are_read_as_far_as_they_lose_nothing(tmp_path: Path) -> None:
    assert said(read(put(tmp_path, "a.csv", "speaker,text,note,note\nT,a\nC,b,,,,\n"))) == ["T a", "C b"]


def test_a_list_of_utterances_in_json_with_other_keys_beside_is_read(tmp_path: Path) -> None:
    utterances = [
        {"speaker": "counsellor", "volley_number": 1, "utterance_number": 1, "text": "Hello.", "word_count": 1},
        {"speaker": "counsellor", "volley_number": 1, "utterance_number": 2, "text": "How are you?", "word_count": 3},
        {"speaker": "client", "volley_number": 2, "utterance_number": 3, "text": "Unsure.", "word_count": 1},
    ]
    path = put(tmp_path, "a.json", json.dumps({"participant_id": "x1", "utterances": utterances}, indent=2))
    assert read_file(path)[0].turns == (Turn(1, "T", "Hello. How are you?"), Turn(2, "C", "Unsure."))


def test_a_large_workbook_is_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from relcode.transcripts import excel

    path = workbook(tmp_path, [("Speaker", "Text"), ("T", "a"), ("C", "b")])
    monkeypatch.setattr(excel, "_WITH_MERGED", 0)
    assert said(read(path)) == ["T a", "C b"]


def test_the_faults_of_all_sessions_of_a_table_are_listed(tmp_path: Path) -> None:
    rows = ["session_id,speaker,text,start,end", "a,T,x,5,2", "b,T,,1,2", "c,C,x,9,1", "d,T,x,1,2"]
    with pytest.raises(TranscriptError) as caught:
        read(put(tmp_path, "a.csv", "\n".join(rows)))
    assert [fault.rpartition(":")[2].strip() for fault in caught.value.faults] == [
        "it ends before it starts",
        "session b has no turn with words",
        "it ends before it starts",
    ]


def test_many_faults_of_one_kind_are_counted_after_the_first(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError) as caught:
        read(put(tmp_path, "a.csv", "speaker,text\n" + ",secret\n" * 90))
    assert len(caught.value.faults) == 51
    assert caught.value.faults[-1].endswith("40 further row(s): 40 that `names no speaker`")
