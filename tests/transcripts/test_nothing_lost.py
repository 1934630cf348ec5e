"""No word is lost, doubled or given to another speaker without a word: what cannot be placed is refused, with its place."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from relcode.errors import DataError, TranscriptError
from relcode.records import Session, Turn
from relcode.transcripts import find_files, import_transcripts, read_file, read_sessions, write_session
from relcode.transcripts.metadata import read_metadata
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles

HEADER = '{"session_id": "S1"}\n'


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def said(session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def faults_of(path: Path, **options: Any) -> str:
    with pytest.raises(TranscriptError) as caught:
        read_file(path, **options)
    assert "secret" not in str(caught.value)
    return str(caught.value)


def word(folder: Path, *blocks: str | list[list[str]] | Any) -> Path:
    """A document of paragraphs (strings), tables (lists of rows) and raw body elements."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block, list):
            table = document.add_table(rows=0, cols=len(block[0]))
            for cells in block:
                row = table.add_row()
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        else:
            document.element.body.insert(len(document.element.body) - 1, block)
    document.save(str(folder / "a.docx"))
    return folder / "a.docx"


def element(xml: str) -> Any:
    return parse_xml(
        xml.replace(" ", f" {nsdecls('w')} ", 1)
        if " " in xml.split(">")[0]
        else xml.replace(">", f" {nsdecls('w')}>", 1)
    )


# --- WebVTT


def vtt(*cues: str) -> str:
    return "WEBVTT\n\n" + "\n".join(f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n{cue}\n" for n, cue in enumerate(cues))


@pytest.mark.parametrize(
    ("cues", "turns"),
    [
        (["<v T>One</v>\n<v C>Two</v>"], [("T", "One"), ("C", "Two")]),
        (["<v T>One</v> <v C>Two</v>"], [("T", "One"), ("C", "Two")]),
        (["T: One\nC: Two"], [("T", "One"), ("C", "Two")]),
        (["T: One\ntwo"], [("T", "One two")]),
        (["T: One\nand then: two"], [("T", "One and then: two")]),
        (["T: a --&gt; b &lt;c&gt; R&amp;D"], [("T", "a --> b <c> R&D")]),
        (["T: <i>so</i> <c.loud>loud</c> <laughs>"], [("T", "so loud [laughs]")]),
        (["T: fish &copy that &notin it"], [("T", "fish &copy that &notin it")]),
        (["", "T: One"], [("T", "One")]),
        (["T: at 5:30", "we met"], [("T", "at 5:30 we met")]),
    ],
)
def test_a_cue_gives_each_speaker_their_words(tmp_path: Path, cues: list[str], turns: list[tuple[str, str]]) -> None:
    (session,) = read_file(put(tmp_path, "a.vtt", vtt(*cues)))
    assert said(session) == turns


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nT: a\n\n00:00:03,000 --> 00:00:04,000\nC: secret\n", "a.vtt:6:"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nT: a\n\nsecret words\n\n00:03.000 --> 00:04.000\nC: b\n", "a.vtt:6:"),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\nT: secret\n", "a.vtt:3:"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nT: a --> secret\n", "a.vtt:4:"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nsecret\n", "a.vtt:3:"),
        ("WEBVTT\n\n", "no cue"),
    ],
)
def test_a_cue_that_cannot_be_placed_is_refused_by_line(tmp_path: Path, content: str, fault: str) -> None:
    assert fault in faults_of(put(tmp_path, "a.vtt", content))


def test_notes_styles_and_cue_numbers_are_no_words(tmp_path: Path) -> None:
    text = "WEBVTT Kind: captions\n\nNOTE a\nb\n\nSTYLE\n::cue {}\n\n1\n00:01.000 --> 00:02.500 align:start\nT: One\n"
    (session,) = read_file(put(tmp_path, "a.vtt", text))
    assert session.turns == (Turn(1, "T", "One", 1.0, 2.5),)


def test_overlapping_cues_end_with_the_latest(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:09.000\nT: One\n\n00:02.000 --> 00:03.000\nT: two\n"
    (session,) = read_file(put(tmp_path, "a.vtt", text))
    assert session.turns == (Turn(1, "T", "One two", 1.0, 9.0),)


# --- Word

INSERTED = "<w:p ><w:r><w:t>T: One </w:t></w:r><w:ins w:id='1' w:author='a'><w:r><w:t>two</w:t></w:r></w:ins></w:p>"
DELETED = (
    "<w:p ><w:r><w:t>T: One</w:t></w:r><w:del w:id='1' w:author='a'><w:r><w:delText>two</w:delText></w:r></w:del></w:p>"
)
CONTROL = "<w:sdt ><w:sdtContent><w:p><w:r><w:t>C: Two</w:t></w:r></w:p></w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    ("blocks", "turns"),
    [
        (["T: One\nC: Two"], [("T", "One"), ("C", "Two")]),
        (["T: One", "and at 5:30"], [("T", "One and at 5:30")]),
        (["T:\tOne", "C (00:01:02): Two"], [("T", "One"), ("C", "Two")]),
        ([element(INSERTED)], [("T", "One two")]),
        ([element(DELETED)], [("T", "One")]),
        (["T: One", element(CONTROL)], [("T", "One"), ("C", "Two")]),
        ([[["1", "T", "One"], ["2", "", "and two"], ["3", "C", "Three"]]], [("T", "One and two"), ("C", "Three")]),
        ([[["Speaker", "Text"], ["T", "One"]], "C: Two"], [("T", "One"), ("C", "Two")]),
        ([[["Time", "Interlocutor", "Utterance"], ["0:01", "T", "One"]]], [("T", "One")]),
    ],
)
def test_a_word_document_is_read_whole_and_in_order(
    tmp_path: Path, blocks: list[Any], turns: list[tuple[str, str]]
) -> None:
    (session,) = read_file(word(tmp_path, *blocks))
    assert said(session) == turns


def test_a_table_of_particulars_is_not_taken_for_the_transcript(tmp_path: Path) -> None:
    particulars = [["Therapist", "secret"], ["Client", "secret"]]
    assert "header row" in faults_of(word(tmp_path, particulars, "T: One", "C: Two"))


def test_times_of_a_word_table_are_kept(tmp_path: Path) -> None:
    (session,) = read_file(word(tmp_path, [["Time", "Speaker", "Text"], ["00:01:05", "T", "One"]]))
    assert session.turns == (Turn(1, "T", "One", 65.0),)


# --- tables


@pytest.mark.parametrize(
    ("content", "turns"),
    [
        ("session_id,turn,speaker,text\nS,1,T,One.\nS,1,T,Two.\nS,2,C,Three\n", [("T", "One. Two."), ("C", "Three")]),
        ("session_id,utterance_id,speaker,text\nS,1,T,Mm.\nS,2,T,Mm.\n", [("T", "Mm. Mm.")]),
        ("utterance_id,annotator_id,speaker,text\n1,1,T,Mm.\n1,2,T,Mm.\n", [("T", "Mm.")]),
        ('speaker;text\nT;"a\n  b"\n', [("T", "a b")]),
        ("speaker,text,,\nT,One,,\n", [("T", "One")]),
    ],
)
def test_rows_are_words_once(tmp_path: Path, content: str, turns: list[tuple[str, str]]) -> None:
    (session,) = read_file(put(tmp_path, "a.csv", content))
    assert said(session) == turns


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("speaker,text\nT,one, secret\n", "row 2 has 3 cells"),
        ("utterance_id,speaker,text\n1,T,one\n1,T,secret\n", "row 3"),
        ('speaker,text\nT,"secret\n', "a.csv"),
    ],
)
def test_rows_that_would_lose_words_are_refused(tmp_path: Path, content: str, fault: str) -> None:
    assert fault in faults_of(put(tmp_path, "a.csv", content))


def test_start_and_end_columns_become_times(tmp_path: Path) -> None:
    (session,) = read_file(put(tmp_path, "a.csv", "speaker,text,start,end\nT,One,1.5,00:00:02\nC,Two,nan,\n"))
    assert session.turns == (Turn(1, "T", "One", 1.5, 2.0), Turn(2, "C", "Two"))


def test_times_that_run_backwards_are_refused_as_the_canonical_form_does(tmp_path: Path) -> None:
    assert "row 2" in faults_of(put(tmp_path, "a.csv", "speaker,text,start,end\nT,secret,5,2\n"))


def test_whole_numbers_of_excel_are_session_ids(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("session_id", "speaker", "text"), (3.0, "T", "One")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_file(tmp_path / "a.xlsx")[0].session_id == "a-3"


def test_a_workbook_that_is_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    assert "zip bomb" in faults_of(tmp_path / "a.xlsx")


# --- who speaks

THREE = "speaker,text\nAnna,a\nBen,b\nCara,c\n"


def test_a_named_therapist_leaves_one_other_who_is_the_client(tmp_path: Path) -> None:
    (session,) = read_file(put(tmp_path, "a.csv", "speaker,text\nAnna,a\nBen,b\n"), roles=Roles(("anna",)))
    assert said(session) == [("T", "a"), ("C", "b")]


@pytest.mark.parametrize(
    ("content", "roles"),
    [
        (THREE, Roles(("Anna",))),
        ("speaker,text\nAnna K,a\nBen,b\n", Roles(("Anna",))),
        ("speaker,text\nAnna,a\nClient,b\nBen,c\n", Roles(("Anna",))),
        ("speaker,text\nK,a\nC,b\n", Roles()),
        ("speaker,text\nT02,a\nC02,b\n", Roles()),
    ],
)
def test_who_is_not_said_is_asked(tmp_path: Path, content: str, roles: Roles) -> None:
    message = faults_of(put(tmp_path, "a.csv", content), roles=roles)
    assert "speaker mark in the file (1 utterance)" in message
    assert "--client" in message
    assert not any(name in message for name in ("Anna", "Ben", "Cara"))


def test_names_are_numbered_in_the_order_of_the_options_after_the_role_words(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "speaker,text\nCara,a\nBen,b\nT,c\nClient,d\n")
    (session,) = read_file(path, roles=Roles((), ("Ben", "Cara")))
    assert said(session) == [("C3", "a"), ("C2", "b"), ("T", "c"), ("C", "d")]


def test_a_mark_that_names_nobody_is_shown(tmp_path: Path) -> None:
    assert '"Speaker 1"' in faults_of(put(tmp_path, "a.csv", "speaker,text\nSpeaker 1,a\nSpeaker 2,b\n"))


def test_the_line_that_an_import_reports_says_which_option_to_give(tmp_path: Path) -> None:
    report = import_transcripts([put(tmp_path, "a.csv", THREE)], tmp_path / "out")
    assert all("--therapist" in fault for fault in report.faults)
    assert len(report.faults) == 3


# --- canonical


@pytest.mark.parametrize("speaker", ["T0", "C1", "T02", "Tx", ""])
def test_speakers_are_t_c_and_numbers_from_2(tmp_path: Path, speaker: str) -> None:
    line = json.dumps({"turn": 1, "speaker": speaker, "text": "secret"})
    assert "a.jsonl:2" in faults_of(put(tmp_path, "a.jsonl", HEADER + line))


def turn_line(number: int, speaker: str = "T") -> str:
    return json.dumps({"turn": number, "speaker": speaker, "text": "secret"}) + "\n"


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (HEADER + "".join(map(turn_line, (1, 3, 4, 5))), 1),
        ("".join(map(turn_line, (1, 2, 3))), 1),
        (HEADER + turn_line(1) + "{\n" + turn_line(3), 1),
        (HEADER + turn_line(2, "X"), 2),
        (HEADER + turn_line(1) + HEADER + turn_line(1), 2),
    ],
)
def test_one_mistake_is_one_fault(tmp_path: Path, content: str, count: int) -> None:
    path = put(tmp_path, "a.jsonl", content)
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert len(caught.value.faults) == count


def test_a_deeply_nested_line_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    assert "a.jsonl:1" in faults_of(put(tmp_path, "a.jsonl", '{"session_id": ' + "[" * 100_000))


@pytest.mark.parametrize("times", ['"t0": -1', '"t0": 2, "t1": 1'])
def test_times_are_seconds_from_the_start(tmp_path: Path, times: str) -> None:
    line = '{"turn": 1, "speaker": "T", "text": "secret", ' + times + "}"
    assert "a.jsonl:2" in faults_of(put(tmp_path, "a.jsonl", HEADER + line))


def test_ids_that_differ_are_written_to_files_that_differ(tmp_path: Path) -> None:
    turns = (Turn(1, "T", "a"),)
    ids = ["a/b", "a_b", "a b", "../a", "ä", "ö"]
    files = {write_session(Session(name, turns), tmp_path) for name in ids}
    assert len(files) == len(ids)
    assert all(path.parent == tmp_path for path in files)
    assert write_session(Session("D1-T01-s03", turns), tmp_path).name == "D1-T01-s03.jsonl"


# --- finding and telling formats


def test_a_document_is_told_from_a_workbook_by_its_parts_not_by_chance_bytes(tmp_path: Path) -> None:
    path = word(tmp_path, "T: One")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/media/image1.bin", b"...xl/...")
    assert detect_format(path, path.read_bytes()) == "docx"


def test_a_zip_archive_of_something_else_is_neither(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "secret")
    assert "neither" in faults_of(put(tmp_path, "a.docx", made.getvalue()))


@pytest.mark.parametrize(
    ("name", "content", "word_said"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1secret", ".docx"),
        ("a.pdf", b"%PDF-1.7 secret", "PDF"),
        ("a.rtf", rb"{\rtf1 secret", "no line begins with a speaker's mark"),
        ("a.csv", "speaker,text\nT,secret\n".encode("utf-16-le"), "UTF-8"),
        ("a.vtt", b"secret", "WEBVTT"),
    ],
)
def test_a_format_that_is_not_read_is_named(tmp_path: Path, name: str, content: bytes, word_said: str) -> None:
    assert word_said in faults_of(put(tmp_path, name, content))


def test_hidden_folders_are_passed_over_and_a_file_is_read_once(tmp_path: Path) -> None:
    for folder in ("in/.cache", "in/sub"):
        (tmp_path / folder).mkdir(parents=True)
        put(tmp_path / folder, "a.csv", "speaker,text\nT,x\n")
    assert find_files([tmp_path / "in", tmp_path / "in" / "sub" / ".." / "sub"]) == [tmp_path / "in" / "sub" / "a.csv"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("session_id,dyad\na,D1\na,D2\n", "row 3"),
        ("dyad,session_id\nD1\n", "row 2"),
        ("session_id,dyad\n,D1\n", "row 2"),
    ],
)
def test_metadata_rows_that_name_no_one_session_are_faults(tmp_path: Path, content: str, fault: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        read_metadata(put(tmp_path, "m.csv", content))
    assert fault in str(caught.value)


def test_metadata_cells_may_hold_line_breaks_and_semicolons_may_part_them(tmp_path: Path) -> None:
    path = put(tmp_path, "m.csv", 'session_id;note;session_number\na;"one\ntwo";3\n')
    assert read_metadata(path) == {"a": {"note": "one\ntwo", "session_number": 3}}


# --- the command


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "relcode", "import", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_file_in_place_of_the_out_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot write"):
        import_transcripts([put(tmp_path, "a.csv", "speaker,text\nT,x\n")], put(tmp_path, "out", "x"))


def test_the_command_imports_the_good_exits_1_for_the_broken_and_never_shows_words(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    put(tmp_path / "in", "good.csv", "speaker,text\nT,secret\n")
    put(tmp_path / "in", "bad.csv", "speaker,text\nX,secret\n")
    result = run(tmp_path / "in", "--out", tmp_path / "out", "--json")
    assert result.returncode == 1
    assert [entry[1] for entry in json.loads(result.stdout)["imported"]] == ["good"]
    assert "bad.csv" in result.stderr
    assert "secret" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert said(read_sessions([tmp_path / "out"])[0]) == [("T", "secret")]
    assert run(tmp_path / "in" / "good.csv", "--out", tmp_path / "out").returncode == 0
    assert run(tmp_path / "in", "--out", tmp_path / "out", "--format", "nonsense").returncode == 2


def test_options_change_who_speaks_and_how_a_file_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, "notes.txt", "speaker,text\nAnna,x\nBen,y\n")
    assert run(path, "--out", tmp_path / "out").returncode == 1
    result = run(path, "--out", tmp_path / "out", "--format", "csv", "--therapist", "Ben", "--client", "Anna")
    assert result.returncode == 0
    assert said(read_sessions([tmp_path / "out"])[0]) == [("C", "x"), ("T", "y")]
