"""Readers: what is read from each format, what is refused and how it is said."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Session, Turn
from relcode.transcripts import import_transcripts, read_file, read_sessions, write_session
from relcode.transcripts.roles import Roles

EXAMPLES = Path(__file__).parents[2] / "examples"
HEADER = '{"session_id": "S1"}\n'


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def said(session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def test_the_examples_in_four_formats_are_the_corpus_word_for_word(corpus: Callable[[str], Sequence[Path]]) -> None:
    imported = read_sessions([EXAMPLES / "sessions"], metadata=EXAMPLES / "sessions.csv")
    original = {session.session_id: session for session in read_sessions(corpus("transcripts"))}
    assert {session.session_id for session in imported} == set(original)
    for session in imported:
        assert said(session) == said(original[session.session_id])
        assert session.metadata == original[session.session_id].metadata


ZOOM = """WEBVTT

1
00:00:01.500 --> 00:00:02.000
Dr Lee: How was

2
00:00:02.000 --> 00:00:03.250
Dr Lee: the week?

3
00:00:04.000 --> 00:00:05.000
Sam: A &lt;bit&gt; long.
Really.
"""
TEAMS = """WEBVTT

id-0
00:00:01.000 --> 00:00:02.000
<v Lee, Dr>How was it?</v>

id-1
00:00:02.000 --> 00:00:03.000
<v Sam>Fine &amp; well.</v>
"""


def test_zoom_cues_of_a_speaker_become_one_turn(tmp_path: Path) -> None:
    path = put(tmp_path, "a.vtt", ZOOM)
    (session,) = read_file(path, roles=Roles(therapists=("Dr Lee",)))
    assert session.turns == (
        Turn(1, "T", "How was the week?", 1.5, 3.25),
        Turn(2, "C", "A <bit> long. Really.", 4.0, 5.0),
    )


def test_teams_voice_tags_name_the_speaker(tmp_path: Path) -> None:
    (session,) = read_file(put(tmp_path, "a.vtt", TEAMS), roles=Roles(therapists=("lee, dr",)))
    assert said(session) == [("T", "How was it?"), ("C", "Fine & well.")]


def test_roles_are_asked_never_guessed_and_names_never_shown(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError) as caught:
        read_file(put(tmp_path, "a.vtt", ZOOM))
    assert "--therapist" in str(caught.value)
    assert "1st speaker mark in the file (2 utterances)" in str(caught.value)
    assert "Lee" not in str(caught.value)


@pytest.mark.parametrize(
    ("mark", "speaker"),
    [("T", "T"), ("Th", "T"), ("therapist", "T"), ("Counsellor", "T"), ("T2", "T2"), ("P", "C"), ("Client 2", "C2")],
)
def test_role_words_are_known(tmp_path: Path, mark: str, speaker: str) -> None:
    (session,) = read_file(put(tmp_path, "a.csv", f"speaker,text\n{mark},Hello\n"))
    assert said(session) == [(speaker, "Hello")]


def test_word_paragraphs_and_continuations(tmp_path: Path) -> None:
    document = docx.Document()
    for text in ("Session notes", "T: Hello there.", "C: Hi. It is 5:30.", "And I am late.", "", "12 Therapist: Fine."):
        document.add_paragraph(text)
    document.save(str(tmp_path / "a.docx"))
    (session,) = read_file(tmp_path / "a.docx")
    assert said(session) == [("T", "Hello there."), ("C", "Hi. It is 5:30. And I am late."), ("T", "Fine.")]


def test_a_word_table_has_speaker_and_words(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=3)
    for cells in (("No", "Speaker", "Text"), ("1", "T", "Hello to you."), ("2", "C", "And a good day to you.")):
        row = table.add_row()
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.save(str(tmp_path / "a.docx"))
    (session,) = read_file(tmp_path / "a.docx")
    assert said(session) == [("T", "Hello to you."), ("C", "And a good day to you.")]


ANNOMI = (
    "transcript_id,mi_quality,utterance_id,interlocutor,timestamp,utterance_text,annotator_id\n"
    '0,high,0,therapist,00:00:13,"Thanks, well.",1\n0,high,0,therapist,00:00:13,"Thanks, well.",2\n'
    "0,high,1,client,00:01:00,Sure.,1\n0,high,2,client,00:01:02,Yes.,1\n1,low,0,therapist,00:00:01,Hi.,1\n"
)


def test_annomi_rows_of_several_annotators_count_once(tmp_path: Path) -> None:
    first, second = read_file(put(tmp_path, "AnnoMI.csv", ANNOMI))
    assert first.session_id == "AnnoMI-0"
    assert said(first) == [("T", "Thanks, well."), ("C", "Sure. Yes.")]
    assert first.turns[0].t0 == 13.0
    assert said(second) == [("T", "Hi.")]


def test_excel_and_tsv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("Speaker", "Text"), ("T", "Hello"), ("C", None), ("C", "Hi")):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert said(read_file(tmp_path / "a.xlsx")[0]) == [("T", "Hello"), ("C", "Hi")]
    assert said(read_file(put(tmp_path, "a.tsv", "speaker\ttext\nT\tHello, you\n"))[0]) == [("T", "Hello, you")]


def bomb(folder: Path) -> bytes:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 5_000_000)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", "", "is empty"),
        ("a.jsonl", '{"turn": 1, "speaker": "T", "text": "secret"}\n', "header line is missing"),
        ("a.jsonl", HEADER, "no turn"),
        ("a.jsonl", HEADER + '{"turn": 1, "speaker": "X", "text": "secret"}', ":2: turn 1: the speaker"),
        ("a.jsonl", HEADER + '{"turn": 2, "speaker": "T", "text": "secret"}', "expected turn number 1"),
        ("a.jsonl", HEADER + '{"turn": 1, "speaker": "T"}', ":2:"),
        ("a.jsonl", HEADER + "{secret", ":2:"),
        ("a.jsonl", HEADER + '{"turn":1,"speaker":"T","text":"secret","t0":2,"t1":1}', "t1 lies before t0"),
        ("a.jsonl", HEADER.encode() + b'{"turn":1,"speaker":"T","text":"\xe9"}', ":2: not valid UTF-8"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nsecret\n", "cue 1 names no speaker"),
        ("a.docx", "secret", "its content is no docx"),
        ("a.docx", b"PK\x03\x04secret", "not a zip archive"),
        ("a.csv", "who,what\nT,secret\n", "no column for text"),
        ("a.csv", "speaker,text\nT,secret\nT\n", "row 3 has 1 cells"),
        ("a.csv", "speaker,text\n,secret\n", "row 2 names no speaker"),
        ("a.mp3", b"ID3\x00\x01", "binary file"),
        ("a.text", "secret", "no format that relcode reads"),
        ("a.txt", "secret", "no line begins with a speaker's mark"),
    ],
)
def test_what_is_refused_says_why_without_a_word_of_the_text(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(TranscriptError) as caught:
        read_file(put(tmp_path, name, content))
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert name in str(caught.value)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="zip bomb"):
        read_file(put(tmp_path, "a.docx", bomb(tmp_path)))


def test_all_faults_of_all_files_are_listed(tmp_path: Path) -> None:
    put(tmp_path, "a.jsonl", HEADER + "{\n" + '{"turn":2,"speaker":"Q","text":"x"}')
    put(tmp_path, "b.csv", "x,y\n")
    with pytest.raises(TranscriptError) as caught:
        read_sessions([tmp_path])
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize("source", ["nothing.jsonl", "*.nothing"])
def test_a_source_that_does_not_exist_is_named(tmp_path: Path, source: str) -> None:
    with pytest.raises(TranscriptError, match="there is no such file"):
        read_sessions([tmp_path / source])


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (HEADER + '{"turn":1,"speaker":"T","text":"a"}\n').replace("\n", "\r\n").encode()
    assert said(read_file(put(tmp_path, "a.jsonl", content))[0]) == [("T", "a")]


@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda text: text < "\ud800"), min_size=1, max_size=4))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    turns = tuple(Turn(n, "T" if n % 2 else "C2", text, float(n)) for n, text in enumerate(texts, start=1))
    session = Session("S 1/a", turns, {"dyad": "D", "session_number": 3})
    folder = tmp_path_factory.mktemp("written")
    assert read_file(write_session(session, folder)) == [session]


def test_import_keeps_the_good_and_lists_the_broken_and_a_rerun_writes_nothing(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    put(source, "a.csv", "speaker,text\nT,Hello\n")
    put(source, "b.csv", "speaker,text\n,Hello\n")
    put(source, "c.jsonl", '{"session_id": "a"}\n{"turn": 1, "speaker": "T", "text": "x"}')
    put(tmp_path, "m.csv", "session_id,dyad,session_number\na,D1,2\nz,D9,1\n")
    report = import_transcripts([source], out, metadata=tmp_path / "m.csv")
    assert [(name, fresh) for _, name, _, fresh in report.imported] == [("a", True)]
    assert len(report.faults) == 2
    assert [note.split(": ")[-1] for note in report.notes] == ["only T speaks", "no transcript of session z"]
    assert read_sessions([out])[0].metadata == {"dyad": "D1", "session_number": 2}
    again = import_transcripts([source], out, metadata=tmp_path / "m.csv")
    assert [fresh for *_, fresh in again.imported] == [False]
    assert sorted(path.name for path in out.iterdir()) == [".import.json", "a.jsonl"]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    report = import_transcripts([put(tmp_path, "a.csv", "speaker,text\nT,x\n")], tmp_path / "out", dry_run=True)
    assert len(report.imported) == 1
    assert not (tmp_path / "out").exists()


def test_notes_in_a_folder_stop_no_command_and_import_lists_them(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    write_session(Session("s1", (Turn(1, "T", "Come in."), Turn(2, "C", "Thanks."))), folder)
    (folder / "README.txt").write_text("Recorded in the second year.\n")
    (folder / "key.json").write_text('{"made": "2026"}\n')
    assert [session.session_id for session in read_sessions([folder])] == ["s1"]
    report = import_transcripts([folder], tmp_path / "out")
    assert len(report.faults) == 2
    assert [path.name for path in (tmp_path / "out").glob("*.jsonl")] == ["s1.jsonl"]
    with pytest.raises(TranscriptError, match="README"):
        read_sessions([folder / "README.txt"])
