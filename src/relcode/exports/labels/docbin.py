"""spaCy's DocBin: a doc a turn, the labels of each source as a span group, for `spacy train` and span categorizers."""

from __future__ import annotations

from typing import Any

from relcode.exports.labels.gather import Labelled
from relcode.records import Span
from relcode.transcripts.tokens import english

_UNNAMED = "labels"


def to_docbin(labelled: Labelled) -> tuple[bytes, int, int]:
    """The file of a session; how many labels were widened to whole tokens, and how many have no token and are left out.

    `doc.spans[source]` holds the labels of a source; `doc.spans[source].attrs["exact"]` their [start, end] in code points,
    in the same order. `doc.user_data` has `session_id`, `turn` and `speaker`.
    """
    from spacy.tokens import DocBin

    file = DocBin(store_user_data=True)
    widened = without = 0
    for turn, spans in labelled.turns():
        doc = english().make_doc(turn.text)
        doc.user_data.update(session_id=labelled.session.session_id, turn=turn.turn, speaker=turn.speaker)
        placed = [(span, tokens) for span in spans if (tokens := _tokens(doc, span))]
        _set_groups(doc, placed)
        without += len(spans) - len(placed)
        widened += sum((tokens.start_char, tokens.end_char) != (span.start, span.end) for span, tokens in placed)
        file.add(doc)
    written: bytes = file.to_bytes()
    return written, widened, without


def _tokens(doc: Any, span: Span) -> Any:
    """The tokens that a label touches, as a spaCy span; None where it touches none (a space between words)."""
    from spacy.tokens import Span as TokenSpan

    rows = [token.i for token in doc if token.idx < span.end and token.idx + len(token) > span.start]
    return TokenSpan(doc, rows[0], rows[-1] + 1, label=span.code) if rows else None


def _set_groups(doc: Any, placed: list[tuple[Span, Any]]) -> None:
    from spacy.tokens import SpanGroup

    for source in sorted({span.source for span, _ in placed}):
        own = [(span, tokens) for span, tokens in placed if span.source == source]
        name = source or _UNNAMED
        exact = [[span.start, span.end] for span, _ in own]
        doc.spans[name] = SpanGroup(doc, name=name, attrs={"exact": exact}, spans=[tokens for _, tokens in own])
