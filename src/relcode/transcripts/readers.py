"""The table of readers: each format's name, suffixes, how it is told from the content, and how it is read.

A new format of relcode's own is one line here; other packages add theirs as plug-ins (`relcode.readers`), which are asked
after these: `sniff` says why a file is of this format (or None), `read` gives its utterances. The
order is the order in which they are asked; what is certain stands first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from relcode.errors import PluginError, TranscriptError
from relcode.plugins import Point, running
from relcode.transcripts import formats
from relcode.transcripts.canonical import read_canonical
from relcode.transcripts.chat import read_chat
from relcode.transcripts.elan import read_elan
from relcode.transcripts.excel import read_excel
from relcode.transcripts.f4 import read_f4
from relcode.transcripts.jefferson import read_jefferson
from relcode.transcripts.otranscribe import read_otranscribe
from relcode.transcripts.plaintext import read_text
from relcode.transcripts.recogniser import read_recogniser
from relcode.transcripts.roles import Utterance
from relcode.transcripts.salt import read_salt
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.subrip import read_subrip
from relcode.transcripts.tables import read_csv
from relcode.transcripts.tei import read_tei
from relcode.transcripts.webvtt import read_webvtt
from relcode.transcripts.word import read_word


@dataclass(frozen=True)
class Reader:
    """One format. `expected`: what a file of these suffixes begins with, said of one that does not."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Source], str | None]
    read: Callable[[Source], Reading]
    expected: str = ""
    reads_any: bool = False  # the suffix alone is enough: the reader says by line what is wrong


def _one(source: Source, utterances: list[Utterance]) -> Reading:
    return Reading({source.stem: utterances})


def _with_doubts(source: Source, read: tuple[list[Utterance], list[str]]) -> Reading:
    return Reading({source.stem: read[0]}, doubts=read[1])


def _read_project(source: Source) -> Reading:
    from relcode.transcripts.refiqda import read_project  # it brings the codebooks along, which no other format needs

    return read_project(source)


READERS = (
    Reader(
        *("vtt", "WebVTT", (".vtt",), formats.sniff_vtt),
        lambda source: _one(source, read_webvtt(source.path, source.text())),
        ": it does not begin with WEBVTT",
    ),
    Reader(
        *("srt", "SubRip", (".srt",), formats.sniff_srt),
        lambda source: _one(source, read_subrip(source.path, source.text())),
        reads_any=True,
    ),
    Reader("docx", "Word", (".docx",), formats.sniff_docx, read_word),
    Reader("xlsx", "Excel", (".xlsx",), formats.sniff_xlsx, read_excel),
    Reader(
        *("cha", "CHAT", (".cha",), formats.sniff_chat),
        lambda source: _one(
            source, read_chat(source.path, source.text(guess=False), source.options.roles.in_session(source.stem))
        ),
        ": it does not begin with @Begin (or @UTF8 and @Begin)",
    ),
    Reader(
        *("eaf", "ELAN", (".eaf",), formats.sniff_elan),
        lambda source: _one(source, read_elan(source.path, source.data, source.options.roles.in_session(source.stem))),
        ": it does not begin with <ANNOTATION_DOCUMENT>",
    ),
    Reader(
        *("tei", "TEI", (".tei", ".xml"), formats.sniff_tei),
        lambda source: _one(source, read_tei(source.path, source.data, source.options.roles.in_session(source.stem))),
        ": it does not begin with <TEI>",
    ),
    Reader(
        *("qdpx", "REFI-QDA project", (".qdpx",), formats.sniff_project),
        _read_project,
        ": it is no zip archive with a project.qde",
    ),
    Reader(
        *("otr", "oTranscribe", (".otr",), formats.sniff_otr),
        lambda source: _with_doubts(source, read_otranscribe(source.path, source.text(guess=False))),
        ': it does not begin with {"text": ...',
    ),
    Reader(
        *("json", "recogniser's JSON", (".json",), formats.sniff_json),
        lambda source: _one(source, read_recogniser(source.path, source.text(guess=False))),
    ),
    Reader(
        *("jsonl", "canonical", (".jsonl",), formats.sniff_jsonl),
        lambda source: Reading(sessions=[read_canonical(source.path, source.text(guess=False))]),
        ': expected {"session_id": ...} in its first line',
    ),
    Reader(
        *("salt", "SALT", (".slt",), formats.sniff_salt),
        lambda source: _with_doubts(
            source, read_salt(source.path, source.text(), source.options.roles.in_session(source.stem))
        ),
        ": it does not begin with $ and its speakers ($ Client, Therapist)",
    ),
    Reader(
        *("f4", "f4, f5 or MAXQDA with time marks", (), formats.sniff_f4),
        lambda source: _with_doubts(source, read_f4(source.path, source.text())),
    ),
    Reader(
        *("jefferson", "Jefferson transcription", (), formats.sniff_jefferson),
        lambda source: _with_doubts(source, read_jefferson(source.path, source.text())),
    ),
    Reader("csv", "table", (".csv", ".tsv"), formats.sniff_csv, read_csv, reads_any=True),
    Reader("txt", "plain text", (".txt", ".rtf"), formats.sniff_txt, read_text, reads_any=True),
)
FORMATS = tuple(reader.name for reader in READERS)
PLUGINS: Point[Reader] = Point(
    "reader",
    FORMATS,
    "relcode.transcripts.readers.Reader of its name",
    lambda name, given: isinstance(given, Reader) and given.name == name,
)


def formats_known() -> tuple[str, ...]:
    """The names that `--format` takes: relcode's own, then those of plug-ins."""
    return (*FORMATS, *PLUGINS.names())


def suffixes_known() -> tuple[str, ...]:
    """What the names of transcripts end in; a plug-in that cannot be used has none."""
    readers = (*READERS, *PLUGINS.load_all()[0].values())
    return tuple(dict.fromkeys(suffix for reader in readers for suffix in reader.suffixes))


def read_with(reader: Reader, source: Source) -> Reading:
    """Read a file.

    Raises
    ------
    TranscriptError
        With all faults of the file; or the reader is a plug-in and failed.
    """
    if reader.name in FORMATS:
        return reader.read(source)
    plugin = PLUGINS.plugin(reader.name)
    try:
        with running(plugin, f"cannot read {source.path}"):
            reading = reader.read(source)
    except PluginError as error:  # it is one file's, and others can be read
        raise TranscriptError(error.message) from error
    if not isinstance(reading, Reading):
        raise TranscriptError(f"{source.path} cannot be read: {plugin} gave no Reading.")
    return reading


@dataclass(frozen=True)
class Detected:
    """A file's reader, and why it was chosen."""

    reader: Reader
    why: str


def detect(source: Source) -> Detected:
    """Choose the reader: what the user says, else what the content shows, else the suffix.

    Raises
    ------
    TranscriptError
        Nothing that relcode reads; says what was seen, and which plug-ins could not be asked.
    PluginError
        The one that the user says cannot be used.
    """
    path = source.path
    named = source.options.file_format
    if named is not None:
        own = next((reader for reader in READERS if reader.name == named), None)
        return Detected(own or PLUGINS.load(named), "named with --format")
    if not source.data.strip() or not (source.start() or formats.is_binary(source)):
        raise TranscriptError(f"{path} is empty; expected a transcript.")
    what = formats.refused(source)
    if what is not None:
        raise TranscriptError(f"{path} is {what}.")
    for reader in READERS:
        why = reader.sniff(source)
        if why is not None:
            return Detected(reader, why)
    plugins, faults = PLUGINS.load_all()
    for name, reader in plugins.items():
        try:
            with running(PLUGINS.plugin(name), f"cannot look at {path}"):
                why = reader.sniff(source)
        except PluginError as error:
            faults.append(error.message)
            continue
        if why is not None:
            return Detected(reader, why)
    try:
        return _by_suffix(source, path, (*READERS, *plugins.values()))
    except TranscriptError as error:
        raise TranscriptError(error.message, [*error.faults, *faults]) from error


def _by_suffix(source: Source, path: Path, readers: Sequence[Reader]) -> Detected:
    names = ", ".join(reader.name for reader in readers)
    if source.data.startswith(b"PK\x03\x04"):
        raise TranscriptError(
            f"{path} is a zip archive, but neither a Word document, an Excel workbook nor a REFI-QDA project."
        )
    if formats.is_binary(source):
        raise TranscriptError(f"{path} is a binary file, in no format that relcode reads ({names}).")
    reader = next((reader for reader in readers if source.suffix in reader.suffixes), None)
    if reader is None:
        raise TranscriptError(f"{path} is in no format that relcode reads ({names}); name one with --format.")
    if not reader.reads_any:
        suffix = source.suffix[1:]
        raise TranscriptError(f"{path} ends in {path.suffix}, but its content is no {suffix}{reader.expected}.")
    return Detected(reader, f"the name ends in {source.suffix}")
