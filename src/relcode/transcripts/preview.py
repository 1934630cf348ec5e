"""What a dry run shows of a file: format and why, encoding, columns, speakers with their shares, first turns, doubts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from relcode.transcripts.behaviour import Proposal
from relcode.transcripts.columns import BY_NAME
from relcode.transcripts.read import FileRead, SessionRead
from relcode.transcripts.roles import is_role_word, names_nobody, ordinal, plain
from relcode.transcripts.source import Column

FIRST_TURNS = 3
_SHORT = 60


@dataclass(frozen=True, repr=False)
class SpeakerPreview:
    """A mark (as it stands in the file), the speaker it is or is proposed to be, and the share of words."""

    mark: str
    speaker: str
    utterances: int
    share: float
    proposed: bool = False
    talk: str = ""


@dataclass(frozen=True, repr=False)
class SessionPreview:
    """A session: turns, first and last time in seconds, speakers, and the first turns, shortened."""

    session_id: str
    turns: int
    t0: float | None
    t1: float | None
    speakers: list[SpeakerPreview]
    first_turns: list[str]


@dataclass(repr=False)
class FilePreview:
    """A file as it would be imported. `faults`: why it would not."""

    path: str
    format: str = ""
    why: str = ""
    encoding: str | None = None
    columns: list[Column] = field(default_factory=list)
    sessions: list[SessionPreview] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def without_words(self) -> FilePreview:
        """The preview for logs: no turns, no headers that may be words, marks only where they are no names."""
        hidden = [
            SessionPreview(
                session.session_id,
                session.turns,
                session.t0,
                session.t1,
                [_hidden(speaker, order) for order, speaker in enumerate(session.speakers, start=1)],
                [],
            )
            for session in self.sessions
        ]
        columns = [
            Column(column.what, column.number, column.header if column.why == BY_NAME else "", column.why)
            for column in self.columns
        ]
        return FilePreview(self.path, self.format, self.why, self.encoding, columns, hidden, self.doubts, self.faults)


def preview_of(path: Path, read: FileRead, doubts: list[str]) -> FilePreview:
    """The preview of a file that was read."""
    reader = read.detected.reader
    sessions = [_session(found, read.proposals.get(found.session.session_id)) for found in read.sessions]
    return FilePreview(str(path), reader.title, read.detected.why, read.encoding, read.columns, sessions, doubts)


def _session(found: SessionRead, proposal: Proposal | None) -> SessionPreview:
    turns = found.session.turns
    first = [f"{turn.speaker}: {_shortened(turn.text)}" for turn in turns[:FIRST_TURNS]]
    times = [turn.t0 for turn in turns if turn.t0 is not None]
    ends = [turn.t1 for turn in turns if turn.t1 is not None]
    last = max([*times, *ends], default=None)
    return SessionPreview(
        found.session.session_id, len(turns), times[0] if times else None, last, _speakers(found, proposal), first
    )


def _speakers(found: SessionRead, proposal: Proposal | None) -> list[SpeakerPreview]:
    words: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    said = [(u.mark, u.text) for u in found.utterances] or [(turn.speaker, turn.text) for turn in found.session.turns]
    for name, text in said:
        if text.strip():
            mark = plain(name)
            names.setdefault(mark, name.strip())
            words[mark] += len(text.split())
            counts[mark] += 1
    total = max(words.total(), 1)
    return [
        SpeakerPreview(
            *(name, found.cast.speakers.get(mark, name), counts[mark], words[mark] / total),
            proposal is not None,
            proposal.talk[mark].described() if proposal else "",
        )
        for mark, name in names.items()
    ]


def _hidden(speaker: SpeakerPreview, order: int) -> SpeakerPreview:
    shown = is_role_word(speaker.mark) or names_nobody(speaker.mark)
    mark = speaker.mark if shown else f"the {ordinal(order)} mark"
    return SpeakerPreview(mark, speaker.speaker, speaker.utterances, speaker.share, speaker.proposed, speaker.talk)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[:_SHORT].rsplit(" ", 1)[0] + " ..."
