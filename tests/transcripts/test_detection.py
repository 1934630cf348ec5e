"""Which reader is chosen, and the reason that is given: content first, wrong suffixes and none."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import openpyxl
import pytest

from relcode.errors import TranscriptError
from relcode.transcripts import read_file
from relcode.transcripts.readers import FORMATS, detect
from relcode.transcripts.source import Options, Source

DATA = Path(__file__).parents[1] / "data" / "transcripts"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nT: a\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nT: a\n"
TYPED = "T: one\nC: two\nT: three\n"
F4 = "time mark(s) as f4 and MAXQDA write them, #hours:minutes:seconds-tenths#"
OTR = '{"text": "<span class=\\"timestamp\\" data-timestamp=\\"1\\">0:01</span> T: a"}'
CSV = "speaker,utterance_text\nT,One\n"


def detected(path: Path, file_format: str | None = None) -> tuple[str, str]:
    found = detect(Source(path, path.read_bytes(), Options(file_format=file_format)))
    return found.reader.name, found.why


@pytest.mark.parametrize(
    ("name", "content", "reader", "why"),
    [
        ("a.txt", VTT, "vtt", "begins with WEBVTT"),
        ("a.vtt", "\ufeff" + VTT, "vtt", "begins with WEBVTT"),
        ("a.txt", SRT, "srt", "begins with a cue's number and times"),
        ("a.vtt", SRT, "srt", "begins with a cue's number and times"),
        ("a.txt", CSV, "csv", "a header with speaker and utterance_text"),
        ("a", CSV, "csv", "a header with speaker and utterance_text"),
        ("a.txt", CSV.replace(",", ";"), "csv", "a header with speaker and utterance_text"),
        ("a.txt", CSV.replace(",", "\t"), "csv", "a header with speaker and utterance_text"),
        ("a.csv", "My export\n\n" + CSV, "csv", "a header in line 3 with speaker and utterance_text"),
        ("a.txt", "Speaker, text\nT: one\nC: two\n", "txt", "2 of 3 lines begin with one of 2 marks"),
        ("a.txt", TYPED, "txt", "3 of 3 lines begin with one of 2 marks"),
        ("a.txt", "A title\n" + TYPED + "go on\n", "txt", "3 of 5 lines begin with one of 2 marks"),
        ("a", TYPED, "txt", "3 of 3 lines begin with one of 2 marks"),
        ("a.doc", TYPED, "txt", "3 of 3 lines begin with one of 2 marks"),
        ("a.csv", TYPED, "txt", "3 of 3 lines begin with one of 2 marks"),
        ("a.csv", "T,one\nC,two\n", "csv", "the name ends in .csv"),
        ("a.tsv", "T\tone\n", "csv", "the name ends in .tsv"),
        ("a.txt", "Ada  0:01\na\n\nNell  0:02\nb\n\nAda  0:03\nc", "txt", "2 of 6 lines hold a name and a time"),
        ("a.txt", "T: only words\n", "txt", "1 of 1 lines begin with one mark"),
        ("a.txt", "no mark at all\n", "txt", "the name ends in .txt"),
        ("a.txt", '{"session_id": "S"}\n', "jsonl", "a header line with session_id"),
        ("a.txt", '[{"speaker": "T", "text": "a"}]', "json", "one JSON document, not a line a turn"),
        ("a.txt", '{"text": "<p>T: a</p>", "media-time": 1}', "otr", "JSON with text and media-time"),
        ("a.json", OTR, "otr", "JSON with text and oTranscribe's time stamps"),
        ("a.otr", '{"text": "T: a"}', "otr", "JSON, and the name ends in .otr"),
        ("a.json", '{"text": "a", "audio": "a.wav", "segments": []}', "json", "one JSON document, not a line a turn"),
        ("a.json", '{"media-time": 1}', "json", "one JSON document, not a line a turn"),
        ("a.json", OTR.replace('"text"', '"page"'), "json", "one JSON document, not a line a turn"),
        ("a.txt", "T: " + OTR, "txt", "1 of 1 lines begin with one mark"),
        ("a.txt", "@UTF8\n@Begin\n", "cha", "begins with headers, @Begin among them"),
        ("a.xml", '<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT/>', "eaf", "XML with <ANNOTATION_DOCUMENT>"),
        ("a", r"{\rtf1 T: one\par C: two\par T: three}", "txt", "3 of 3 lines begin with one of 2 marks"),
        ("a.rtf", r"{\rtf1 speaker\cell text\row T\cell One\row}", "csv", "a header with speaker and text"),
        ("a.txt", "T: one #00:00:01-0#\n", "f4", "1 " + F4),
        ("a.txt", "T: one (.) no::\nC: .hh (0.5) #00:00:01-0#\n" * 3, "f4", "3 " + F4),
        ("a.txt", "speaker,text\nT,One #00:00:01-0#\n", "csv", "a header with speaker and text"),
        ("a.txt", "T: ticket #00:01 of 2\nC: no\n", "txt", "2 of 2 lines begin with one of 2 marks"),
    ],
)
def test_content_chooses_the_reader_and_says_why(
    tmp_path: Path, name: str, content: str, reader: str, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert detected(path) == (reader, why)


@pytest.mark.parametrize("name", ["a", "a.doc", "a.txt", "a.xlsx"])
def test_a_word_document_is_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    document = docx.Document()
    document.add_paragraph("T: One")
    document.save(str(tmp_path / "b.docx"))
    shutil.move(tmp_path / "b.docx", tmp_path / name)
    assert detected(tmp_path / name) == ("docx", "a zip archive that holds word/document.xml")
    assert read_file(tmp_path / name)[0].turns[0].text == "One"


def test_a_workbook_is_one_whatever_its_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("speaker", "text"), ("T", "One")):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    shutil.move(tmp_path / "b.xlsx", tmp_path / "a.csv")
    assert read_file(tmp_path / "a.csv")[0].turns[0].text == "One"


def test_what_the_user_names_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(CSV)
    assert detected(path, "txt") == ("txt", "named with --format")
    assert set(FORMATS) >= {"jsonl", "vtt", "srt", "docx", "csv", "xlsx", "txt", "json", "cha", "eaf", "otr"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1secret", "old Word or Excel file"),
        ("a.txt", b"%PDF-1.7 secret", "is a PDF"),
        ("a.docx", rb"{\rtf1 secret}", "its content is no docx"),
        ("a.rtf", rb"{\rtf1 secret}", "no line begins with a speaker's mark"),
        ("a.rtf", rb"{\rtf1 \uc\u1 secret}", "an RTF document that cannot be read"),
        ("a.rtf", rb"{\rtf1 \pard\par {\*\generator secret}}", "is empty"),
        ("a.txt", b"\x00\x01\x02\x03secret", "binary file"),
        ("a.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "binary file"),
        ("a.cha", b"*T:\tsecret\n*C:\tsecret\n*T:\tsecret", "does not begin with @Begin"),
        ("a.html", b"<html><p>secret</p></html>", "no format that relcode reads"),
        ("a.md", b"# secret\n\nwords and words\n", "no format that relcode reads"),
        ("a.txt", b" \n\n\t\n", "is empty"),
        ("a.vtt", b"\xef\xbb\xbf", "is empty"),
    ],
)
def test_what_is_no_transcript_is_said(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TranscriptError, match=said) as caught:
        read_file(tmp_path / name)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.*")), ids=lambda path: path.name)
def test_the_files_of_these_tests_are_what_their_names_say(path: Path) -> None:
    if path.suffix != ".md":
        others = {"jefferson": "jefferson", "session.slt": "salt", "f4": "f4", "f5": "f4", "word.rtf": "txt"}
        expected = others.get(path.name, others.get(path.stem, path.suffix[1:]))
        assert detected(path)[0] == expected
