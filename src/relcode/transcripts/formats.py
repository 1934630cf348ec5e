"""Tell a file's format from its content: a function a format, which says why it thinks so, or None."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter

from relcode.transcripts.columns import delimiter_of, names_columns
from relcode.transcripts.encoding import leniently, wide_without_mark
from relcode.transcripts.f4 import time_marks
from relcode.transcripts.jefferson import jefferson_signs
from relcode.transcripts.marks import find_mark
from relcode.transcripts.office import office_parts
from relcode.transcripts.otranscribe import otranscribe_signs
from relcode.transcripts.recogniser import is_recognisers_json
from relcode.transcripts.refiqda_archive import is_project
from relcode.transcripts.roles import is_role_word, names_nobody, plain
from relcode.transcripts.rtf import is_rtf
from relcode.transcripts.salt import is_salt
from relcode.transcripts.source import Source
from relcode.transcripts.tei import ROOT as TEI_ROOT

_SUBRIP = re.compile(r"(?:\d+\s+)?\d+:\d\d:\d\d(?:[,.]\d+)?[ \t]*-->")
_OFFICE = b"PK\x03\x04"
# what a file begins with, and what to say of it
_NOT_READ = {
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file, or one with a password; save it as .docx or .xlsx without one",
    b"%PDF": "a PDF; export the transcript as .docx or .vtt",
}
_LINES_LOOKED_AT = 400
_MARKUP = (
    ".cha",
    ".eaf",
    ".json",
    ".jsonl",
    ".xml",
    ".tei",
    ".slt",
    ".qdpx",
    ".otr",
)  # never plain text, whatever their lines begin with
_NOT_TYPED = (*_MARKUP, ".csv", ".tsv", ".vtt", ".srt")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x14\x16-\x1f\x7f]")  # U+0015 stands in CHAT


def refused(source: Source) -> str | None:
    """What the file is, if it is known and not read."""
    start = source.data[:16].lstrip()
    return next((what for begin, what in _NOT_READ.items() if start.startswith(begin)), None)


def is_binary(source: Source) -> bool:
    """Whether more than a few bytes are signs that stand in no text; one NUL is a slip of a program."""
    start = source.data[:4096]
    if is_rtf(start):  # a picture in it may be binary
        return False
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or wide_without_mark(start):
        return False
    return len(_CONTROL.findall(start)) * 20 > len(start)


def sniff_vtt(source: Source) -> str | None:
    return "begins with WEBVTT" if source.start().startswith("WEBVTT") else None


def sniff_srt(source: Source) -> str | None:
    return "begins with a cue's number and times" if _SUBRIP.match(source.start()) else None


def sniff_docx(source: Source) -> str | None:
    return _sniff_office(source, "word/document.xml")


def sniff_xlsx(source: Source) -> str | None:
    return _sniff_office(source, "xl/workbook.xml")


def _sniff_office(source: Source, part: str) -> str | None:
    if not source.data.startswith(_OFFICE) or part not in office_parts(source.path, source.data):
        return None
    return f"a zip archive that holds {part}"


def sniff_chat(source: Source) -> str | None:
    start = source.start()
    return "begins with headers, @Begin among them" if start.startswith("@") and "@Begin" in start[:4096] else None


def sniff_elan(source: Source) -> str | None:
    start = source.start()
    return "XML with <ANNOTATION_DOCUMENT>" if start.startswith("<") and "<ANNOTATION_DOCUMENT" in start else None


def sniff_tei(source: Source) -> str | None:
    start = source.start()
    return "XML with <TEI>" if start.startswith("<") and TEI_ROOT.search(start) else None


def sniff_project(source: Source) -> str | None:
    is_archive = source.data.startswith(_OFFICE) and is_project(source.data)
    return "a zip archive that holds project.qde" if is_archive else None


def sniff_salt(source: Source) -> str | None:
    is_text = source.suffix not in _MARKUP or source.suffix == ".slt"
    return "begins with $ and the names of speakers" if is_text and is_salt(source.start()) else None


def sniff_f4(source: Source) -> str | None:
    count = 0 if source.suffix in _NOT_TYPED else time_marks(source.start())
    if not count or sniff_csv(source) is not None:
        return None
    return f"{count} time mark(s) as f4 and MAXQDA write them, #hours:minutes:seconds-tenths#"


def sniff_jefferson(source: Source) -> str | None:
    if source.suffix in _NOT_TYPED:
        return None
    signs = jefferson_signs(source.start())
    return f"signs of Jefferson's notation: {', '.join(signs[:4])}" if signs else None


def sniff_otr(source: Source) -> str | None:
    return otranscribe_signs(source.start(), source.suffix)


def sniff_json(source: Source) -> str | None:
    if not _begins_like_json(source) or not is_recognisers_json(_first_line(source), source.suffix):
        return None
    return "one JSON document, not a line a turn"


def sniff_jsonl(source: Source) -> str | None:
    if not _begins_like_json(source) or is_recognisers_json(_first_line(source), source.suffix):
        return None
    first = source.start().split("\n", 1)[0]
    return "a header line with session_id" if '"session_id"' in first else "begins with an object of JSON"


def sniff_csv(source: Source) -> str | None:
    """A header with known names, or rows of equally many cells in a file that is called a table."""
    lines = source.start().split("\n")
    delimiter = delimiter_of(source.start())
    called_table = source.suffix in (".csv", ".tsv")
    for number, line in enumerate(lines[:10]):
        cells = _cells(line, delimiter)
        names = names_columns(cells)
        below = next((row for row in lines[number + 1 :] if row.strip()), "")
        if {"speaker", "text"} <= names.keys() and (called_table or len(_cells(below, delimiter)) > 1):
            where = "a header" if number == 0 else f"a header in line {number + 1}"
            speaker, text = (cells[names[what]].strip() for what in ("speaker", "text"))
            return f"{where} with {speaker} and {text}"
    if not called_table:
        return None
    marked = _marked_lines(source)
    if len(_cells(lines[0], delimiter)) < 2 and marked is not None:
        return None  # a transcript in lines, with a wrong name
    return f"the name ends in {source.suffix}"


def sniff_txt(source: Source) -> str | None:
    return None if source.suffix in _MARKUP else _marked_lines(source)


def _marked_lines(source: Source) -> str | None:
    """How many lines begin with a speaker's mark, if enough do."""
    lines = [line for line in source.start().split("\n")[:_LINES_LOOKED_AT] if line.strip()]
    found = [find_mark(line) for line in lines]
    times = Counter(plain(mark.name) for mark in found if mark)
    marks = [m for m in found if m and (times[plain(m.name)] > 1 or is_role_word(m.name) or names_nobody(m.name))]
    if not marks or len(marks) * 10 < len(lines):
        return None
    different = len({plain(mark.name) for mark in marks})
    alone = sum(mark.alone for mark in marks)
    some = "one mark" if different == 1 else f"one of {different} marks"
    how = "hold a name and a time" if alone * 2 > len(marks) else f"begin with {some}"
    return f"{len(marks)} of {'the first ' if len(lines) == _LINES_LOOKED_AT else ''}{len(lines)} lines {how}"


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _begins_like_json(source: Source) -> bool:
    start = source.start()
    return bool(re.match(r"\{|\[\s*\{", start)) or (start.startswith("[") and source.suffix == ".json")


def _first_line(source: Source) -> str:
    """The first line whole: whether it is a document of its own tells the two apart."""
    data = source.data.lstrip()
    end = data.find(b"\n")
    return leniently(data if end < 0 else data[:end])
