"""What a suggester says is checked against transcripts and codebook; what does not fit is counted, and never shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from relcode.codebook import Codebook
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.suggestion_record import SessionRead


@dataclass(frozen=True, repr=False)
class Suggested:
    """The suggestions of one suggester.

    Attributes
    ----------
    source
        What stands in each span as its source.
    spans
        By session, turn and place; each is of words that are there and a code that the speaker may carry.
    left_out
        Why suggestions were left out -> how many.
    unread
        Session id -> the turns that the suggester could not read.
    notes
        What a person should know, a line each; no words of a transcript.
    settings
        What somebody needs to do it again.
    """

    source: str
    spans: list[Span]
    left_out: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def sessions_read(self, sessions: Iterable[Session]) -> tuple[SessionRead, ...]:
        """What was read of the sessions that were given."""
        return tuple(
            SessionRead(
                each.session_id, hash_session(each), len(each.turns), tuple(self.unread.get(each.session_id, ()))
            )
            for each in sessions
        )


def checked(
    found: Iterable[object], sessions: Sequence[Session], codebook: Codebook, source: str
) -> tuple[list[Span], Counter[str]]:
    """The spans that fit, in order and each once, with their codebook and `source`; and why others do not, counted."""
    texts = {
        (session.session_id, turn.turn): (turn.text, turn.speaker) for session in sessions for turn in session.turns
    }
    order = {session.session_id: row for row, session in enumerate(sessions)}
    kept: dict[tuple[str, int, int, int, str], Span] = {}
    left_out: Counter[str] = Counter()
    for span in found:
        fault = _fault(span, texts, codebook)
        if fault is None and isinstance(span, Span):
            own = msgspec.structs.replace(span, codebook=codebook.reference_of(span.code), source=source)
            if own.key in kept:
                left_out["given twice"] += 1
            kept.setdefault(own.key, own)
        else:
            left_out[fault or "no span"] += 1
    spans = sorted(kept.values(), key=lambda s: (order[s.session_id], s.turn, s.start, s.end, s.code))
    return spans, left_out


def _fault(span: object, texts: Mapping[tuple[str, int], tuple[str, str]], codebook: Codebook) -> str | None:
    if not isinstance(span, Span):
        return "no span"
    if (span.session_id, span.turn) not in texts:
        return "no such session or turn"
    text, speaker = texts[span.session_id, span.turn]
    if span.code not in codebook.by_id:
        return "no such code"
    if not codebook.allows(span.code, speaker):
        return "the speaker may not carry the code"
    if not 0 <= span.start < span.end <= len(text) or text[span.start : span.end] != span.text:
        return "offsets and words do not fit the turn"
    if not text[span.start : span.end].strip():
        return "no words"
    if span.score is not None and not 0 <= span.score <= 1:
        return "the score is no probability"
    return None
