"""What a reader is given, and what it gives back: a file with the user's options; utterances, doubts and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from relcode.records import Session, Span
from relcode.transcripts.encoding import decode, leniently
from relcode.transcripts.roles import Roles, UnknownRolesError, Utterance
from relcode.transcripts.rtf import RichText, is_rtf, read_rtf

START = 65536  # bytes that are looked at to tell a format


@dataclass(frozen=True, repr=False)
class Options:
    """What the user says of the files. `columns`: what (`speaker`, `text` ...) -> a header's name, or a number from 1.

    `guess_encoding`: the caller reports doubts, so that an encoding may be guessed.
    """

    roles: Roles = field(default_factory=Roles)
    file_format: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    guess_encoding: bool = False


@dataclass(repr=False)
class Source:
    """A file and what the user says of it. `doubts` and `encoding` are filled as it is decoded."""

    path: Path
    data: bytes
    options: Options = field(default_factory=Options)
    doubts: list[str] = field(default_factory=list)
    encoding: str | None = None
    _start: str | None = field(default=None, init=False)
    _rich: RichText | None = field(default=None, init=False)

    def text(self, *, guess: bool = True) -> str:
        """The decoded file, of an RTF document its text; `guess=False` where the format itself says that it is UTF-8.

        Raises
        ------
        TranscriptError
            Bytes that do not fit the encoding, by line; an RTF document that cannot be read.
        """
        if is_rtf(self.data):
            rich = self._rich_text()
            self.data = b""
            self.encoding = "RTF"
            self.doubts += rich.doubts
            return rich.text
        may_guess = guess and self.options.guess_encoding
        decoded = decode(self.path, self.data, encoding=self.options.encoding, guess=may_guess)
        self.data = b""  # nobody needs the bytes again, and a file may be large
        self.encoding = decoded.encoding
        self.doubts += decoded.doubts
        return decoded.text

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def stem(self) -> str:
        return self.path.stem

    def start(self) -> str:
        """The file's beginning as text, for a first look: without byte order mark and leading space."""
        if self._start is None:
            rich = is_rtf(self.data)
            text = self._rich_text().text[:START] if rich else leniently(self.data[:START])
            self._start = text.replace("\r\n", "\n").replace("\r", "\n").lstrip()
        return self._start

    def _rich_text(self) -> RichText:
        if self._rich is None:
            self._rich = read_rtf(self.path, self.data)
        return self._rich


@dataclass(frozen=True, repr=False)
class Column:
    """A column of a table: what it holds, where (from 1), its header, and why it was taken."""

    what: str
    number: int
    header: str
    why: str


@dataclass(repr=False)
class Reading:
    """What a file holds: utterances a session (in order), or whole sessions where the format has roles of its own.

    `doubts` are about the file; they hold no words. `labels`: codings that a project brings; `faults`: of single texts of
    a project, of which the others can be read; `open_roles`: those of them about speakers without a role, to be asked.
    """

    utterances: dict[str, list[Utterance]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    labels: list[Span] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open_roles: UnknownRolesError | None = None
