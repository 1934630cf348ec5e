"""Pages: what a coder sees at once, and the way between a page's offsets and its turns'.

A page shows whole turns, each on a line of its own after its mark (`[12] T: `). Its first line says which page of the
session it is. Around the turns to be coded stand the two before and the two after, marked as context: what is drawn there
is no label. A page knows where each turn's text lies, so that line breaks within a turn and marks never disturb an
offset. Offsets here are code points; `offsets` makes them Doccano's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from relcode.batches import runs_of
from relcode.doccano.layout import Frame, foot_lines, former_head, head_lines, turn_mark, whole_frames
from relcode.doccano.offsets import Utf16Map
from relcode.ledger import CODE
from relcode.provenance import hash_session, hash_text
from relcode.records import Session, Span


class PageTurn(msgspec.Struct, frozen=True):
    """Where one turn's text lies in its page: half-open, code points."""

    turn: int
    speaker: str
    start: int
    end: int


class Page(msgspec.Struct, frozen=True):
    """A run of turns of one session as one coder gets it; `uid` follows from the content and the addressee."""

    uid: str
    batch: str
    coder: str
    session_id: str
    session_sha256: str
    text: str
    turns: tuple[PageTurn, ...]

    def __repr__(self) -> str:
        return f"Page({self.uid}, {self.session_id!r}, turns {self.turns[0].turn} to {self.turns[-1].turn})"

    def place(self, span: Span) -> tuple[int, int] | None:
        """The page offsets of a span; None where its turn is not on this page."""
        for turn in self.turns:
            if turn.turn == span.turn:
                return turn.start + span.start, turn.start + span.end
        return None

    def pieces(self, start: int, end: int) -> Iterator[tuple[PageTurn, int, int]]:
        """The parts of a page range that lie in turns' texts: (turn, start, end) with offsets in that turn.

        Marks and context are cut away; a part of white space alone is none.
        """
        for turn in self.turns:
            low, high = max(start, turn.start), min(end, turn.end)
            if low < high and not self.text[low:high].isspace():
                yield turn, low - turn.start, high - turn.start

    def turn_text(self, turn: PageTurn) -> str:
        """The words of one of the page's turns."""
        return self.text[turn.start : turn.end]


def make_pages(session: Session, *, batch: str, coder: str) -> list[Page]:
    """All pages of a session, about 15 turns each (`batches.runs`), for a coder who gets them all."""
    frames = whole_frames(session)
    return [
        build_page(
            session,
            (run.first_turn, run.last_turn),
            frames[run.first_turn],
            batch=batch,
            coder=coder,
            session_sha256=run.session_sha256,
        )
        for run in runs_of(session)
    ]


def build_page(
    session: Session,
    turns: tuple[int, int],
    frame: Frame | None,
    *,
    batch: str,
    coder: str,
    header: Sequence[str] = (),
    session_sha256: str | None = None,
) -> Page:
    """Lay out a run of turns.

    Parameters
    ----------
    turns
        Numbers of the first and the last one.
    frame
        What stands around them; None: as before pages had a head and a foot.
    header
        Lines above all.
    session_sha256
        Hash of the session, where it is at hand.
    """
    sha = session_sha256 or hash_session(session)
    numbers = [turn.turn for turn in session.turns]
    low, high = numbers.index(turns[0]), numbers.index(turns[1]) + 1
    above = former_head(session, low, header) if frame is None else [*header, *head_lines(session, low, frame)]
    text = "".join(line + "\n" for line in above)
    placed: list[PageTurn] = []
    for turn in session.turns[low:high]:
        text += turn_mark(turn)
        placed.append(PageTurn(turn.turn, turn.speaker, len(text), len(text) + len(turn.text)))
        text += turn.text + "\n"
    text += "".join(line + "\n" for line in ([] if frame is None else foot_lines(session, high, frame)))
    key = f"{batch}\n{coder}\n{session.session_id}\n{sha}\n{turns[0]}\n{turns[1]}"
    return Page(hash_text(key)[:20], batch, coder, session.session_id, sha, text.removesuffix("\n"), tuple(placed))


def manifest_entry(
    page: Page,
    codebook: str,
    suggestions: Sequence[Span],
    *,
    shown: bool,
    frame: Frame | None = None,
    role: str = CODE,
    **further: Any,
) -> dict[str, Any]:
    """The ledger's record of a page, written before it is uploaded. It holds no words but those of the suggestions.

    `frame` is what the page can be laid out by again; `further` is recorded as it is.
    """
    return {
        "page": page.uid,
        "batch": page.batch,
        "coder": page.coder,
        "session_id": page.session_id,
        "session_sha256": page.session_sha256,
        "first_turn": page.turns[0].turn,
        "last_turn": page.turns[-1].turn,
        "text_sha256": hash_text(page.text),
        "codebook": codebook,
        "suggestions": [msgspec.to_builtins(span) for span in suggestions],
        "shown": shown,
        "turns": [[turn.turn, turn.speaker, turn.start, turn.end] for turn in page.turns],
        "role": role,
        **({} if frame is None else {"frame": msgspec.to_builtins(frame)}),
        **further,
    }


def frame_of(entry: Mapping[str, Any]) -> Frame | None:
    """What stood around the turns of a page; None for one of a former version."""
    return msgspec.convert(entry["frame"], Frame) if "frame" in entry else None


def page_from_manifest(entry: Mapping[str, Any], text: str) -> Page:
    """The page of a manifest entry with the text that the server holds (to be compared with `text_sha256`)."""
    turns = tuple(PageTurn(*turn) for turn in entry["turns"])
    return Page(
        entry["page"], entry["batch"], entry["coder"], entry["session_id"], entry["session_sha256"], text, turns
    )


def suggestions_of(entry: Mapping[str, Any]) -> list[Span]:
    """The suggestions that a manifest entry's page was pushed with; none where they were not shown."""
    return msgspec.convert(entry["suggestions"], list[Span]) if entry["shown"] else []


def sent_labels(page: Page, spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    """Spans as Doccano takes them: (start, end, code), UTF-16 code units of the page."""
    offsets = Utf16Map(page.text)
    labels = []
    for span in spans:
        place = page.place(span)
        assert place is not None, "a manifest entry holds spans of its own turns alone"
        labels.append((offsets.to_utf16(place[0]), offsets.to_utf16(place[1]), span.code))
    return sorted(labels)
