"""RTF documents count as their text on the page: what Word hides is left out and counted, no word of the page is lost."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file, read_sessions
from relcode.transcripts.rtf import is_rtf, read_rtf

DATA = Path(__file__).parents[1] / "data" / "transcripts"


def text_of(rtf: str | bytes) -> str:
    return read_rtf(Path("a.rtf"), rtf if isinstance(rtf, bytes) else rtf.encode("ascii")).text


def test_f4s_document_with_bold_speakers_and_umlauts() -> None:
    (session,) = read_file(DATA / "f4.rtf")
    assert session.turns == (
        Turn(1, "T", "Sie waren letzte Woche wütend auf mich.", None, 7.1),
        Turn(2, "C", "Ja [pause] sehr. „Nie wieder“, dachte ich.", 7.1, 15.8),
        Turn(3, "T", "Und jetzt?", 15.8, 17.0),
        Turn(4, "C", "Jetzt [laughs] bin ich da. [unintelligible]", 17.0, 25.4),
    )


def test_f5s_document_with_time_marks_before_the_speakers() -> None:
    (session,) = read_file(DATA / "f5.rtf")
    assert session.turns == (
        Turn(1, "T", "Schön, dass Sie da sind.", 0.0, 3.5),
        Turn(2, "C", "Es fällt mir schwer. Sehr schwer.", 3.5, 11.2),
        Turn(3, "T", "Ich höre Ihnen zu.", 11.2, None),
    )


def test_words_document_is_read_as_plain_text_and_what_is_left_out_is_counted() -> None:
    notes: list[str] = []
    (session,) = read_file(DATA / "word.rtf", notes=notes)
    assert [(turn.speaker, turn.text) for turn in session.turns] == [
        ("T", "So you were angry, and you didn’t say it?"),
        ("C", "I was. I thought you’d be cross. And then: nothing-at-all. I went home."),
        ("T", "Nothing at all. Here you are."),
    ]
    assert [note.split(": ")[1] for note in notes] == [
        "1 run(s) of hidden text left out",
        "1 footnote(s) left out",
        "1 tracked deletion(s) left out",
        "1 tracked insertion(s) kept",
        "1 comment(s) left out",
        "1 line(s) before the first speaker were passed over",
    ]


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        # paragraphs, soft breaks, tabs, cells; a line end in the file is none in the text
        (r"{\rtf1 a\par b\line c\tab d\cell e\row" + "\n}", "a\nb\nc\td\te\n"),
        ("{\\rtf1 a\\\r\nb\\\nc}", "a\nb\nc"),
        # signs: code pages, escapes, their fallbacks, two halves of one sign; raw bytes
        (r"{\rtf1\ansi\ansicpg1252 \'e4\'d6\'df \u228?\uc0\u246 x}", "äÖß äöx"),
        (r"{\rtf1\ansi\ansicpg1251 \'e4}", "д"),
        (r"{\rtf1\mac \'8a}", "ä"),
        (r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 A;}{\f1\fswiss\fcharset204 B;}}\f1 \'e4\f0 \'e4}", "дä"),
        (r"{\rtf1\ansi\ansicpg10000 \'8a}", "ä"),
        (r"{\rtf1\ansi a\u-10179?\u-8704?b}", "a\U0001f600b"),
        (b"{\\rtf1\\ansi\\ansicpg1252 \xe4\x84}", "ä„"),
        ("{\\rtf1\\ansi ä}".encode(), "ä"),
        (r"{\rtf1 a\~b\_c\-d \{x\} \\}", "a\xa0b-cd {x} \\"),
        # hidden and deleted text, also where it ends with its group or with \plain; near misses: words that begin so
        (r"{\rtf1 a{\v b{\b c}\'e4\u228?\tab}d\v e\v0 f\deleted g\plain h}", "adfh"),
        (r"{\rtf1 a\viewkind4 b\vertalt c\deletedx d}", "abcd"),
        # groups without text: pictures in hex and in binary, numbers, fields
        (rb"{\rtf1 a{\pict\wmetafile8 0100ff}{\pict\bin5 }{\\}}{\*\x {y} z}b}", "ab"),
        (r"{\rtf1 {\listtext 1.\tab}a{\field{\*\fldinst PAGE}{\fldrslt 7}}}", "a7"),
        (r"{\rtf1 {\header h}{\footer f}{\info{\title t}}a}", "a"),
        # cut off, a bracket too many
        (r"{\rtf1 a{\b b", "ab"),
        (r"{\rtf1 a} b}", "a"),
    ],
)  # fmt: skip
def test_the_text_on_the_page(rtf: str | bytes, text: str) -> None:
    assert text_of(rtf) == text


@pytest.mark.parametrize(
    "rtf", [r"{\rtf1 secret\uc}", r"{\rtf1\ansi\ansicpg1252 secret \'81}", r"{\rtf1 secret\u1114112?}"]
)
def test_what_cannot_be_made_out_is_refused_without_a_word_of_it(tmp_path: Path, rtf: str) -> None:
    path = tmp_path / "a.rtf"
    path.write_text(rtf)
    with pytest.raises(TranscriptError, match="an RTF document that cannot be read") as caught:
        read_file(path)
    assert str(path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_it_is_told_by_its_beginning() -> None:
    assert is_rtf(b"\xef\xbb\xbf\n{\\rtf1")
    assert not is_rtf(b"T: {\\rtf1")


def test_import_takes_them_from_folders_and_other_commands_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "s1.rtf").write_bytes((DATA / "word.rtf").read_bytes())
    (folder / "s2.jsonl").write_text('{"session_id": "s2"}\n{"turn": 1, "speaker": "T", "text": "Yes."}\n')
    assert [session.session_id for session in read_sessions([folder])] == ["s2"]
    assert [session.session_id for session in read_sessions([folder / "s1.rtf"])] == ["s1"]
    report = import_transcripts([folder], tmp_path / "out")
    assert sorted(name for _, name, _, _ in report.imported) == ["s1", "s2"]


@pytest.mark.parametrize(
    "part", ["{", r"\v", r"\f1", r"{\f1", r"{\field{\*\fldinst{HYPERLINK ", r"\u1", r"{\*", r"\bin", "{\\fonttbl"]
)
@pytest.mark.parametrize("before", ["", r"{\fonttbl", r"{\pict"])
def test_documents_made_to_be_slow_are_read_in_moments(before: str, part: str) -> None:
    with contextlib.suppress(TranscriptError):
        text_of(rf"{{\rtf1 {before}{part * 20_000}")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40))
def test_what_a_writer_escapes_is_read_again(text: str) -> None:
    units = text.encode("utf-16-le")
    codes = [int.from_bytes(units[n : n + 2], "little") for n in range(0, len(units), 2)]
    escaped = "".join(f"\\u{code - 0x10000 if code > 0x7FFF else code}?" for code in codes)
    assert text_of(f"{{\\rtf1\\ansi {escaped}}}") == text.replace("\xad", "").replace("\u2011", "-")


@given(st.text(alphabet="\\{}*'uvb019af- \nrtpar\x00ä", max_size=60))
def test_mutilated_documents_raise_nothing_else(text: str) -> None:
    with contextlib.suppress(TranscriptError):
        read_rtf(Path("a.rtf"), b"{\\rtf1" + text.encode("latin-1"))
