"""TEI, transcriptions of speech: an utterance a turn, notes as elements, times as a timeline."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from relcode.exports.errors import ExportError
from relcode.records import Session, Turn
from relcode.transcripts.notation import DOUBTFUL, NOT_TRANSCRIBED, OVERLAP, OVERLAP_ENDS, TAG, UNINTELLIGIBLE

_ROLES = {"T": "therapist", "C": "client"}
_PIECE = re.compile(rf"(?P<note>\[[^\[\]]*\])|(?P<doubted>[^\s\[\]]+) {re.escape(DOUBTFUL)}")
_PAUSE = re.compile(r"\[pause(?: ([\d.]+) seconds)?\]")
_SIGNS = {
    UNINTELLIGIBLE: '<gap reason="inaudible"/>',
    NOT_TRANSCRIBED: '<gap reason="not transcribed"/>',
    OVERLAP: '<seg trans="overlap">',
    OVERLAP_ENDS: "</seg>",
}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0">
<teiHeader><fileDesc><titleStmt><title>Transcript</title></titleStmt></fileDesc>
<profileDesc><particDesc><listPerson>
{persons}
</listPerson></particDesc></profileDesc></teiHeader>
<text>
{timeline}<body>
{utterances}
</body></text></TEI>
"""


def to_tei(session: Session) -> bytes:
    """A TEI document. Points of the timeline are in seconds from the beginning.

    Raises
    ------
    ExportError
        Control characters, which XML cannot hold, and overlaps that do not end.
    """
    speakers = sorted({turn.speaker for turn in session.turns}, key=lambda name: (name[0] != "T", name))
    persons = "\n".join(f'<person xml:id="{name}" role="{_ROLES[name[0]]}"/>' for name in speakers)
    points = [_point(name, seconds) for turn in session.turns for name, seconds in _times(turn).items()]
    timeline = "\n".join(['<timeline unit="s" origin="#T0">', '<when xml:id="T0"/>', *points, "</timeline>\n"])
    utterances = [_utterance(turn) for turn in session.turns]
    broken = [turn.turn for turn, written in zip(session.turns, utterances, strict=True) if not _is_whole(written)]
    if broken:
        what = "a control character, or an overlap that does not end, which TEI cannot hold"
        raise ExportError("", [f"turn {', '.join(map(str, broken))}: {what}"])
    written = _HEAD.format(persons=persons, timeline=timeline if points else "", utterances="\n".join(utterances))
    return written.encode()


def _times(turn: Turn) -> dict[str, float]:
    known = {"a": turn.t0, "b": turn.t1}
    return {f"p{turn.turn}{side}": seconds for side, seconds in known.items() if seconds is not None}


def _point(name: str, seconds: float) -> str:
    return f'<when xml:id="{name}" interval="{round(seconds, 3):.12g}" since="#T0"/>'


def _utterance(turn: Turn) -> str:
    points = {"a": "start", "b": "end"}
    times = "".join(f' {points[name[-1]]}="#{name}"' for name in _times(turn))
    pieces: list[str] = []
    read = 0
    for match in _PIECE.finditer(turn.text):
        pieces += [escape(turn.text[read : match.start()]), _element(match)]
        read = match.end()
    return f'<u who="#{turn.speaker}"{times}>{"".join(pieces)}{escape(turn.text[read:])}</u>'


def _element(match: re.Match[str]) -> str:
    note = match["note"]
    if note is None:
        return f"<unclear>{escape(match['doubted'])}</unclear>"
    if note in _SIGNS:
        return _SIGNS[note]
    pause = _PAUSE.fullmatch(note)
    if pause:
        return f'<pause dur="PT{pause[1]}S"/>' if pause[1] else "<pause/>"
    if TAG.fullmatch(note):
        return note
    return f"<incident><desc>{escape(note[1:-1])}</desc></incident>"


def _is_whole(written: str) -> bool:
    try:
        ElementTree.fromstring(written)
    except ElementTree.ParseError:
        return False
    return True
