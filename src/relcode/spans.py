"""Files of spans (contract form 2): read with all faults listed, checked against their transcripts, written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from relcode.errors import LabelError
from relcode.provenance import written_beside
from relcode.records import Session, Span

MOST_TURNS = 1_000_000  # more than any session has; without transcripts a file's turn numbers are all that is known
_CODE = re.compile(r"\S{1,64}")  # codes stand in messages; words in their place must not
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXPECTED = 'Expected a line a label: {"session_id", "turn", "start", "end", "text", "code"}.'
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decoder = msgspec.json.Decoder(Span)
_encoder = msgspec.json.Encoder()


def read_spans(path: Path, sessions: Iterable[Session] | None = None) -> list[Span]:
    """Read a file of spans; with `sessions`, check each against the words of its turn.

    Spans of sessions that are not among `sessions` are returned unchecked (a file may cover more sessions).

    Raises
    ------
    LabelError
        The file is no text, or none of its many lines is a span; else listing every faulty line: not JSON, a field missing
        or of the wrong type, offsets outside the turn, a turn that does not exist, `text` other than the words between
        the offsets.
    """
    try:
        data = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise LabelError(f"Cannot read the labels in {path}: {error.strerror}.") from error
    if b"\0" in data:
        raise LabelError(f"{path} is a binary file, or text that is not UTF-8. {_EXPECTED}")
    texts = None if sessions is None else turn_texts(sessions)
    spans: list[Span] = []
    faults: list[str] = []
    decoded = 0
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            span = _decoder.decode(line)
        except _BROKEN as error:
            faults.append(f"{path}:{number}: {_without_words(error)}")
            continue
        decoded += 1
        fault = None if texts is None else span_fault(span, texts)
        if fault is None and not 0 <= span.start < span.end:
            fault = f"start {span.start} and end {span.end} are no range"
        if fault is None and not 1 <= span.turn <= MOST_TURNS:
            fault = "no turn has this number"
        if fault is None and not _CODE.fullmatch(span.code):
            fault = "the code is no id of a code, such as TSI"
        if fault is None:
            spans.append(span)
        else:
            faults.append(f"{path}:{number}: session {span.session_id}, turn {span.turn}: {fault}")
    if len(faults) > 3 and not decoded:
        raise LabelError(f"{path} is no file of labels: {len(faults)} lines, and none is one. {_EXPECTED}", faults[:1])
    if faults:
        raise LabelError(f"{path} holds {len(faults)} line(s) that cannot be used. {_EXPECTED}", faults)
    return spans


def read_labels(path: Path, sessions: Iterable[Session] | None = None) -> list[Span]:
    """Read spans as `read_spans` does; a file without any is refused: it would say nothing of any session.

    Raises
    ------
    LabelError
        As `read_spans`, or there is no label.
    """
    spans = read_spans(path, sessions)
    if not spans:
        raise LabelError(f"{path} holds no label, and so says nothing of any session. {_EXPECTED}")
    return spans


def write_spans(path: Path, spans: Iterable[Span]) -> int:
    """Write spans in contract form 2, a line each, beside and then renamed; return how many."""
    count = 0
    with written_beside(path) as beside, beside.open("wb") as file:
        for span in spans:
            file.write(_encoder.encode(span) + b"\n")
            count += 1
    return count


def turn_texts(sessions: Iterable[Session]) -> dict[str, dict[int, str]]:
    """The text of each turn: session id -> turn number -> text."""
    return {session.session_id: {turn.turn: turn.text for turn in session.turns} for session in sessions}


def span_fault(span: Span, texts: Mapping[str, Mapping[int, str]]) -> str | None:
    """What is wrong with a span against its turn, without quoting it; None where it fits or its session is unknown."""
    turns = texts.get(span.session_id)
    if turns is None:
        return None
    text = turns.get(span.turn)
    if text is None:
        return f"there is no turn {span.turn} in this session"
    if not 0 <= span.start < span.end <= len(text):
        return f"offsets {span.start} to {span.end} lie outside the turn, which has {len(text)} characters"
    if text[span.start : span.end] != span.text:
        return f"the words at offsets {span.start} to {span.end} are not those in the span's text"
    return None


def sessions_named(spans: Sequence[Span]) -> set[str]:
    """The ids of the sessions that a file of labels covers."""
    return {span.session_id for span in spans}


def _without_words(error: Exception) -> str:
    """A decoder's message; msgspec names fields and types, never values."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return "not valid UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
