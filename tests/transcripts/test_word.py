"""Word documents as programs and hands make them; what stands beside the text is left out and counted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from relcode.errors import TranscriptError
from relcode.transcripts.read import FileRead, read_whole
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options

ROLES = Roles(("Ada Brook", "Speaker 1"), ("Nell Varga", "Speaker 2"))
Block = str | Sequence[Sequence[str]] | Any


def element(xml: str) -> Any:
    head, _, rest = xml.partition(">")
    return parse_xml(f"{head} {nsdecls('w')}>{rest}")


def word(folder: Path, *blocks: Block, header: str = "") -> Path:
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block, list):
            table = document.add_table(rows=0, cols=len(block[0]))
            for cells in block:
                for cell, text in zip(table.add_row().cells, cells, strict=True):
                    cell.text = text
        else:
            document.element.body.insert(len(document.element.body) - 1, block)
    if header:
        document.sections[0].header.paragraphs[0].text = header
        document.sections[0].footer.paragraphs[0].text = header
    document.core_properties.author = "Secret Author"
    document.save(str(folder / "a.docx"))
    return folder / "a.docx"


def read(path: Path, **columns: str) -> FileRead:
    return read_whole(path, Options(ROLES, columns=columns))


def said(found: FileRead) -> list[tuple[str, str, float | None]]:
    return [(turn.speaker, turn.text, turn.t0) for turn in found.sessions[0].session.turns]


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(
            ["Weekly meeting-20260105_150000UTC-Meeting Recording", "January 5, 2026, 3:00PM", "40m 12s",
             "Ada Brook started transcription", "Ada Brook   0:03\nHow was it?\nReally.", "Nell Varga   0:09\nLong."],
            id="Teams, words in the same paragraph",
        ),
        pytest.param(
            ["Ada Brook  0:03", "How was it?", "Really.", "", "Nell Varga  0:09", "Long.", "Transcribed by https://otter.ai"],
            id="Otter",
        ),
        pytest.param(["Speaker 1 (00:03):", "How was it? Really.", "Speaker 2 (00:09):", "Long."], id="Rev"),
        pytest.param(["Speaker 1: [00:00:03] How was it? Really.", "Speaker 2: [00:00:09] Long."], id="time behind"),
        pytest.param(["Ada Brook 00:00:03", "How was it?", "Really.", "Nell Varga 00:00:09", "Long."], id="one space"),
        pytest.param(["[00:00:03] Ada Brook: How was it?\nReally.", "[00:00:09] Nell Varga: Long."], id="time before"),
        pytest.param([[["1", "0:03", "T", "How was it? Really."], ["2", "0:09", "C", "Long."]]], id="four columns"),
        pytest.param(
            [[["No", "Time", "Speaker", "Text"], ["1", "0:03", "T", "How was it?"], ["2", "", "", "Really."],
              ["3", "0:09", "C", "Long."]]],
            id="four columns with header",
        ),
        pytest.param(
            [[["Timespan", "Content", "Speaker"], ["0:03.0 - 0:05.2", "How was it? Really.", "T"],
              ["0:09 - 0:10", "Long.", "C"]]],
            id="NVivo",
        ),
    ],
)  # fmt: skip
def test_layouts_of_programs_give_the_same_turns(tmp_path: Path, blocks: list[Block]) -> None:
    assert said(read(word(tmp_path, *blocks, header="Ada Brook: secret"))) == [
        ("T", "How was it? Really.", 3.0),
        ("C", "Long.", 9.0),
    ]


def test_a_table_with_marks_beside_the_words_is_read_as_paragraphs(tmp_path: Path) -> None:
    rows = [
        ["Line", "Talk", "Notes"],
        ["1", "T1: How was it?", "opens"],
        ["2", "C1: Long.", ""],
        ["3", "and dull.", "!"],
    ]
    assert said(read(word(tmp_path, rows))) == [("T", "How was it?", None), ("C", "Long. and dull.", None)]
    assert said(read(word(tmp_path, [["T: One."], ["C: Two."]]))) == [("T", "One.", None), ("C", "Two.", None)]


def test_the_columns_of_a_table_are_as_the_user_says(tmp_path: Path) -> None:
    rows = [["Wer", "Wortlaut", "Kommentar"], ["T", "Hm.", "a much longer comment than words"], ["C", "Ja.", ""]]
    assert said(read(word(tmp_path, rows), speaker="Wer", text="Wortlaut")) == [("T", "Hm.", None), ("C", "Ja.", None)]


P = "<w:p><w:r><w:t>T: One</w:t></w:r>{}</w:p>"
BESIDE = [
    ('<w:ins w:id="1" w:author="x"><w:r><w:t> two</w:t></w:r></w:ins>', "One two", "1 tracked insertion(s) kept"),
    ('<w:del w:id="1" w:author="x"><w:r><w:delText> secret</w:delText></w:r></w:del>', "One", "1 tracked deletion(s) left out"),
    ('<w:r><w:commentReference w:id="0"/></w:r>', "One", "1 comment(s) left out"),
    ('<w:r><w:footnoteReference w:id="2"/></w:r>', "One", "1 footnote(s) left out"),
    ("<w:r><w:rPr><w:vanish/></w:rPr><w:t> secret</w:t></w:r>", "One", "1 run(s) of hidden text left out"),
    ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> two</w:t></w:r>', "One two", None),
    (
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>secret</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
        *("One", "1 text box(es) left out"),
    ),
    ("<w:r><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t></w:r>", "One two\tthree", None),
    ("<w:r><w:drawing/></w:r>", "One", None),
    ("<w:r><w:instrText> PAGE </w:instrText></w:r>", "One", None),
]  # fmt: skip


@pytest.mark.parametrize(("xml", "text", "doubt"), BESIDE)
def test_what_stands_beside_the_text_is_left_out_and_counted(
    tmp_path: Path, xml: str, text: str, doubt: str | None
) -> None:
    found = read(word(tmp_path, element(P.format(xml)), "C: Two"))
    assert said(found) == [("T", text, None), ("C", "Two", None)]
    assert found.doubts == ([] if doubt is None else [doubt])


def test_particulars_and_a_title_before_the_words_need_no_empty_paragraph(tmp_path: Path) -> None:
    found = read(word(tmp_path, "Session 3", "Date: today", "T: One", "C: Two"))
    assert said(found) == [("T", "One", None), ("C", "Two", None)]
    assert found.doubts == ["2 paragraph(s) before the first speaker were passed over"]
    with pytest.raises(TranscriptError, match="paragraph 1: a speaker's mark among particulars"):
        read(word(tmp_path, "Therapist: Secret Name", "Date: today", "T: One"))


# --- archives that are not what they seem


def archive(folder: Path, name: str, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as made:
        for part, content in parts.items():
            made.writestr(part, content)
    return folder / name


ENTITY = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><d>&x;</d>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "haha"><!ENTITY b "&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize("part", ["word/document.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [ENTITY, LAUGHS])
def test_entities_are_refused_before_anything_is_made_of_them(tmp_path: Path, part: str, content: bytes) -> None:
    parts = {part: content} | ({"xl/workbook.xml": b"<a/>"} if "sheet" in part else {})
    with pytest.raises(TranscriptError, match="document type or entities"):
        read(archive(tmp_path, "a.docx", parts))


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_is_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path, "a.docx", {"word/document.xml": b"0" * 5_000_000})
    data = path.read_bytes()
    honest, small = (5_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little")
    assert data.count(honest) == 2
    path.write_bytes(data.replace(honest, small))
    with pytest.raises(TranscriptError, match=r"damaged|no XML"):
        read(path)


def test_thousands_of_parts_are_refused(tmp_path: Path) -> None:
    parts = {f"word/{number}": b"" for number in range(10_001)} | {"word/document.xml": b"<a/>"}
    with pytest.raises(TranscriptError, match="zip bomb"):
        read(archive(tmp_path, "a.docx", parts))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_document_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = word(tmp_path, *(f"T: secret {number}" for number in range(50)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(TranscriptError) as caught:
        read(path)
    assert "secret" not in str(caught.value)


def test_a_damaged_part_is_refused(tmp_path: Path) -> None:
    path = word(tmp_path, *(f"T: secret {number}" for number in range(200)))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        start = opened.getinfo("word/document.xml").header_offset + 60
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(TranscriptError, match=r"damaged or cut off|no XML"):
        read(path)


def test_xml_that_is_broken_or_has_no_body_is_refused(tmp_path: Path) -> None:
    for content in (b"<a><b></a>", b"<a/>", b""):
        with pytest.raises(TranscriptError, match=r"no XML|no body"):
            read(archive(tmp_path, "a.docx", {"word/document.xml": content}))
