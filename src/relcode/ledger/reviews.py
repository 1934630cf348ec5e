"""A reviewer's marks: a code judged wrong or right by somebody who read the session afterwards.

A layer of its own beside coders' labels and the adjudicator's decisions: it changes neither, and neither changes it. A
mark is made on the page of `relcode audit`, which writes them to a file of spans (contract form 2) with `source`
`review:wrong` or `review:right`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from relcode.errors import LabelError
from relcode.ledger.events import Event, NewEvent
from relcode.ledger.store import Ledger, LedgerMoved
from relcode.ledger.views import span_of
from relcode.provenance import hash_session
from relcode.records import Session, Span
from relcode.spans import span_fault, turn_texts

Judgement = Literal["wrong", "right"]
JUDGEMENTS: tuple[Judgement, ...] = ("wrong", "right")
_PREFIX = "review:"
_CODE = re.compile(r"\S{1,64}")


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file: the span judged, `source` says how, `of` whose labels it was of, `remark` why.

    `session_sha256` names the text that the reviewer read. Without it `text` must repeat the words; from a report without
    words it is empty.
    """

    session_id: str
    turn: int
    start: int
    end: int
    text: str
    code: str
    source: str
    codebook: str | None = None
    of: tuple[str, ...] = ()
    session_sha256: str | None = None
    remark: str = ""

    def __repr__(self) -> str:
        return f"Mark({self.session_id!r}, turn {self.turn}, {self.code}, {self.source})"

    @property
    def judgement(self) -> str:
        return self.source.removeprefix(_PREFIX)

    @property
    def span(self) -> Span:
        """The span judged, without who judged it."""
        return Span(self.session_id, self.turn, self.start, self.end, self.text, self.code, self.codebook)


class Review(msgspec.Struct, frozen=True):
    """A mark as it stands in the ledger; the span's `source` is `review:<reviewer>`."""

    reviewer: str
    span: Span
    judgement: Judgement
    of: tuple[str, ...]
    remark: str

    def __repr__(self) -> str:
        return f"Review({self.reviewer!r}, {self.span!r}, {self.judgement})"


class Taken(msgspec.Struct, frozen=True):
    """What a file of marks brought: `new` ones, `changed` ones (judged otherwise before), and those `known` already."""

    reviewer: str
    new: int
    changed: int
    known: int


def read_marks(path: Path, sessions: Iterable[Session]) -> list[Mark]:
    """Read a file of marks and check each against the words of its turn.

    Raises
    ------
    LabelError
        The file cannot be read, holds no mark, or lists every faulty line: no JSON, a field missing, a source that is no
        judgement, a session that is not there or has another text now, offsets outside the turn, other words, a code
        judged twice.
    """
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise LabelError(f"Cannot read the marks in {path}: {error.strerror}.") from error
    kept = list(sessions)
    texts, hashes = turn_texts(kept), {session.session_id: hash_session(session) for session in kept}
    decoder = msgspec.json.Decoder(Mark)
    marks: dict[Hashable, Mark] = {}
    faults: list[str] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            mark = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            told = str(error) if isinstance(error, msgspec.DecodeError) else "not valid JSON in UTF-8"
            faults.append(f"{path}:{number}: {told}")
            continue
        mark = _with_words(mark, texts, hashes)
        fault = _fault(mark, texts, hashes) or ("this code is judged twice" if mark.span.key in marks else None)
        if fault is None:
            marks[mark.span.key] = mark
        else:
            faults.append(f"{path}:{number}: session {mark.session_id}, turn {mark.turn}: {fault}")
    if faults:
        raise LabelError(
            f"{path} holds {len(faults)} line(s) that cannot be used; nothing was taken in. Expected the marks that the "
            "page of `relcode audit` saves.",
            faults,
        )
    if not marks:
        raise LabelError(f"{path} holds no mark. Mark codes on the page of `relcode audit`, and save the marks there.")
    return list(marks.values())


def take_marks(ledger: Ledger, marks: Sequence[Mark], *, reviewer: str) -> Taken:
    """Append what the ledger does not hold yet; a mark that says otherwise than the reviewer's former one takes its place.

    Repeating it adds nothing. What other reviewers said of the same code stays.
    """
    while True:
        after = ledger.head()[0]
        held = {review.span.key: review for review in standing_reviews(ledger) if review.reviewer == reviewer}
        news = [(mark, held.get(mark.span.key)) for mark in marks]
        due = [(mark, before) for mark, before in news if before is None or not _says_the_same(mark, before)]
        try:
            ledger.append([_event(mark, reviewer) for mark, _ in due], after=after)
        except LedgerMoved:
            continue
        new = sum(before is None for _, before in due)
        return Taken(reviewer, new, len(due) - new, len(news) - len(due))


def standing_reviews(ledger: Ledger, session_id: str | None = None) -> list[Review]:
    """What each reviewer said last of each code, in the order in which it was said first."""
    held: dict[tuple[str, Hashable], Review] = {}
    for event in ledger.events("review", session_id=session_id):
        review = _review(event)
        held[review.reviewer, review.span.key] = review
    return list(held.values())


def _review(event: Event) -> Review:
    payload = event.payload
    reviewer = str(payload["reviewer"])
    span = span_of(event, f"{_PREFIX}{reviewer}")
    return Review(reviewer, span, payload["judgement"], tuple(payload["of"]), str(payload.get("remark", "")))


def _event(mark: Mark, reviewer: str) -> NewEvent:
    span = msgspec.structs.replace(mark.span, source=f"{_PREFIX}{reviewer}")
    payload = {
        "reviewer": reviewer,
        "judgement": mark.judgement,
        "of": list(mark.of),
        "remark": mark.remark,
        "session_sha256": mark.session_sha256,
        "span": msgspec.to_builtins(span),
    }
    return NewEvent("review", reviewer, payload)


def _says_the_same(mark: Mark, review: Review) -> bool:
    return (mark.judgement, mark.of, mark.remark) == (review.judgement, review.of, review.remark)


def _with_words(mark: Mark, texts: dict[str, dict[int, str]], hashes: dict[str, str]) -> Mark:
    """The mark with the words of its turn, where it was made on a report without words, of this very text."""
    text = texts.get(mark.session_id, {}).get(mark.turn)
    if mark.text or text is None or mark.session_sha256 != hashes[mark.session_id]:
        return mark
    return msgspec.structs.replace(mark, text=text[max(mark.start, 0) : max(mark.end, 0)])


def _fault(mark: Mark, texts: dict[str, dict[int, str]], hashes: dict[str, str]) -> str | None:
    """What is wrong with a mark, without quoting it."""
    if not mark.source.startswith(_PREFIX) or mark.judgement not in JUDGEMENTS:
        return "the source is no judgement; expected review:wrong or review:right"
    if not _CODE.fullmatch(mark.code):
        return "the code is no id of a code, such as TSI"
    if mark.session_id not in texts:
        return "the session is not among the transcripts"
    if mark.session_sha256 not in (None, hashes[mark.session_id]):
        return "it was made on another text of this session; make the report anew, and mark it there"
    return span_fault(mark.span, texts)
