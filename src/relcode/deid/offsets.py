"""Where the characters of a turn went: labels made before de-identification keep their words."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from relcode.errors import LabelError
from relcode.records import Session, Span

if TYPE_CHECKING:
    from relcode.deid.replace import DeidResult


@dataclass(frozen=True)
class OffsetMap:
    """Where the characters of a turn went. Edits are (start, end, new start, new end), in order, code points."""

    edits: tuple[tuple[int, int, int, int], ...] = ()

    def move(self, start: int, end: int) -> tuple[int, int]:
        """The place of a stretch after replacement; one that touches a replaced stretch covers the replacement."""
        return self._edge(start, 0), self._edge(end, 1)

    def _edge(self, offset: int, side: int) -> int:
        index = bisect.bisect_right(self.edits, offset - side, key=lambda edit: edit[0]) - 1
        if index < 0:
            return offset
        start, end, new_start, new_end = self.edits[index]
        inside = start <= offset < end if side == 0 else start < offset <= end
        if inside:
            return new_end if side else new_start
        return offset - end + new_end


def move_spans(spans: Iterable[Span], result: DeidResult) -> list[Span]:
    """Spans made against the input of `deidentify`, at their places in its output, with the words that stand there.

    A span outside every replacement keeps its words exactly; one that touches a replacement covers all of it.

    Raises
    ------
    LabelError
        Spans of sessions or turns that are not in the result: their words would stay as they were.
    """
    texts = {(session.session_id, turn.turn): turn.text for session in result.sessions for turn in session.turns}
    moved: list[Span] = []
    unknown: set[str] = set()
    for span in spans:
        session_id = result.session_ids.get(span.session_id, span.session_id)
        text = texts.get((session_id, span.turn))
        if text is None:
            unknown.add(f"session {session_id}, turn {span.turn}: not among the transcripts")
            continue
        start, end = result.offset_maps.get((span.session_id, span.turn), OffsetMap()).move(span.start, span.end)
        fields = {"session_id": session_id, "start": start, "end": end, "text": text[start:end]}
        moved.append(msgspec.structs.replace(span, **fields))
    if unknown:
        raise LabelError("These labels belong to no turn that was de-identified:", sorted(unknown))
    return moved


def offset_lines(
    sessions: Iterable[Session], session_ids: Mapping[str, str], maps: Mapping[tuple[str, int], OffsetMap]
) -> Iterator[dict[str, object]]:
    """A line a changed turn, for a file: `{session_id, turn, edits}`; the id is the new one, and there are no words.

    `sessions` are the de-identified ones, `session_ids` their former ids -> new ids where these differ.
    """
    former = {new: old for old, new in session_ids.items()}
    for session in sessions:
        for turn in session.turns:
            place = (former.get(session.session_id, session.session_id), turn.turn)
            if place in maps:
                yield {"session_id": session.session_id, "turn": turn.turn, "edits": maps[place].edits}
