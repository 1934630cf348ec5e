"""Pages: the runs of turns that a coder sees at once, and the way between a page's offsets and its turns'.

A page shows whole turns, each on a line of its own after its mark (`[12] T: `). Above them stand the two turns before,
marked as context: what is drawn there is no label. A page knows where each turn's text lies, so that line breaks
within a turn and marks never disturb an offset. Offsets here are code points; `offsets` makes them Doccano's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from relcode.provenance import hash_session, hash_text
from relcode.records import Session, Span, Turn

TURNS_A_PAGE = 15
TURNS_A_PAGE_MAX = 20
LONG_TURN = 4000  # characters: a turn of this length is a page by itself
CONTEXT_TURNS = 2
CONTEXT_CHARACTERS = 400
CONTEXT_MARK = "— context, already on the page before —"
CODE_MARK = "— code from here —"


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
    """Cut a session into pages of about 15 turns (12 to 20), never within a turn; a very long turn stands alone."""
    return [
        build_page(session, run[0], run[1], batch=batch, coder=coder, session_sha256=sha)
        for sha in [hash_session(session)]
        for run in _runs(session.turns)
    ]


def build_page(
    session: Session,
    low: int,
    high: int,
    *,
    batch: str,
    coder: str,
    session_sha256: str,
    header: Sequence[str] = (),
    notes: Mapping[int, Sequence[str]] | None = None,
) -> Page:
    """Lay out the turns at positions `low` to `high` (end exclusive) of a session; `header`: lines above them; `notes`:
    lines beneath a turn, by its number."""
    lines = list(header)
    context = session.turns[max(0, low - CONTEXT_TURNS) : low]
    if context:
        lines += [CONTEXT_MARK, *(_context_line(turn) for turn in context)]
    if lines:
        lines.append(CODE_MARK)
    text = "".join(line + "\n" for line in lines)
    placed: list[PageTurn] = []
    for turn in session.turns[low:high]:
        text += f"[{turn.turn}] {turn.speaker}: "
        placed.append(PageTurn(turn.turn, turn.speaker, len(text), len(text) + len(turn.text)))
        text += turn.text + "\n"
        text += "".join(line + "\n" for line in (notes or {}).get(turn.turn, ()))
    key = f"{batch}\n{coder}\n{session.session_id}\n{session_sha256}\n{placed[0].turn}\n{placed[-1].turn}"
    return Page(
        hash_text(key)[:20], batch, coder, session.session_id, session_sha256, text.removesuffix("\n"), tuple(placed)
    )


def manifest_entry(page: Page, codebook: str, suggestions: Sequence[Span], *, shown: bool) -> dict[str, Any]:
    """The ledger's record of a page, written before it is uploaded. It holds no words but those of the suggestions."""
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
    }


def page_from_manifest(entry: Mapping[str, Any], text: str) -> Page:
    """The page of a manifest entry with the text that the server holds (to be compared with `text_sha256`)."""
    turns = tuple(PageTurn(*turn) for turn in entry["turns"])
    return Page(
        entry["page"], entry["batch"], entry["coder"], entry["session_id"], entry["session_sha256"], text, turns
    )


def suggestions_of(entry: Mapping[str, Any]) -> list[Span]:
    """The suggestions that a manifest entry's page was pushed with; none where they were not shown."""
    return msgspec.convert(entry["suggestions"], list[Span]) if entry["shown"] else []


def _runs(turns: Sequence[Turn]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, turn in enumerate(turns):
        if len(turn.text) >= LONG_TURN:
            yield from _balanced(start, at)
            yield at, at + 1
            start = at + 1
    yield from _balanced(start, len(turns))


def _balanced(start: int, end: int) -> Iterator[tuple[int, int]]:
    count = end - start
    if count <= 0:
        return
    pages = max(-(-count // TURNS_A_PAGE_MAX), round(count / TURNS_A_PAGE), 1)
    edges = [start + round(number * count / pages) for number in range(pages + 1)]
    yield from pairwise(edges)


def _context_line(turn: Turn) -> str:
    text = turn.text if len(turn.text) <= CONTEXT_CHARACTERS else "… " + turn.text[-CONTEXT_CHARACTERS:]
    return f"[{turn.turn}] {turn.speaker}: {text}"
