"""One tokenization for all: the tokens of many sessions as integer arrays, cut into segments.

The tokens are those of spaCy's English tokenizer (`token_memory`). Segmenter, cues and classifier read the same arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from relcode.records import Segment, Session
from relcode.transcripts.arrays import Bools, Floats, Ints
from relcode.transcripts.segment import find_segments, find_spoken
from relcode.transcripts.token_memory import Tokens, english, english_memory

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "TokenTable",
    "covered_words",
    "english",
    "segment_codes",
    "table_of_docs",
    "tokenize",
]


@dataclass(frozen=True, repr=False)
class TokenTable:
    """Tokens, turns and segments of a list of sessions, in order.

    Attributes
    ----------
    sessions
        What was tokenized.
    words
        The vocabulary: each distinct token once, as written.
    word, start, end, turn_row
        By token (n_tokens): row in `words`; code-point offsets in its turn, `end` exclusive; row of its turn.
    turn_session, turn_number, is_therapist
        By turn (n_turns): row of the session, number of the turn, whether a therapist speaks.
    segment_row
        By token: row of its segment.
    segment_turn, segment_number, first_token, last_token
        By segment (n_segments): row of its turn, its number in the turn (from 1), its tokens (`last_token` exclusive).
    is_spoken
        By token: a word that was said (no punctuation, no white space, no bracketed note such as `[pause]`).
    """

    sessions: tuple[Session, ...]
    words: tuple[str, ...]
    word: Ints
    start: Ints
    end: Ints
    turn_row: Ints
    turn_session: Ints
    turn_number: Ints
    is_therapist: Bools
    segment_row: Ints
    segment_turn: Ints
    segment_number: Ints
    first_token: Ints
    last_token: Ints
    is_spoken: Bools

    def __repr__(self) -> str:
        return f"TokenTable({len(self.sessions)} sessions, {len(self.segment_turn)} segments, {len(self.word)} tokens)"

    @cached_property
    def lower_words(self) -> tuple[str, ...]:
        """The vocabulary in lower case with straight apostrophes, row by row."""
        return tuple(word.lower().replace("’", "'") for word in self.words)

    @cached_property
    def spoken_words(self) -> Ints:
        """By segment: the number of words said."""
        return np.bincount(self.segment_row[self.is_spoken], minlength=len(self.segment_turn)).astype(np.int64)

    @cached_property
    def segments(self) -> list[Segment]:
        """The segments as records, in order."""
        turns = [(session.session_id, turn) for session in self.sessions for turn in session.turns]
        return [
            Segment(turns[row][0], turns[row][1].turn, int(number), turns[row][1].speaker, int(start), int(end))
            for row, number, start, end in zip(
                self.segment_turn, self.segment_number, self.segment_start, self.segment_end, strict=True
            )
        ]

    @cached_property
    def segment_start(self) -> Ints:
        """By segment: where it starts in its turn."""
        return self.start[self.first_token]

    @cached_property
    def segment_end(self) -> Ints:
        """By segment: where it ends in its turn (exclusive)."""
        return self.end[self.last_token - 1]

    @cached_property
    def segment_session(self) -> Ints:
        """By segment: row of its session."""
        return self.turn_session[self.segment_turn]

    @cached_property
    def segment_is_therapist(self) -> Bools:
        """By segment: whether a therapist speaks."""
        return self.is_therapist[self.segment_turn]


def tokenize(sessions: Iterable[Session]) -> TokenTable:
    """Tokenize sessions and cut their turns into segments.

    Turns without any token (empty text) have no segment. White-space tokens are dropped: they carry nothing.
    """
    kept = tuple(sessions)
    return _table(kept, english_memory().cut([turn.text for session in kept for turn in session.turns]))


def table_of_docs(sessions: Sequence[Session], docs: Iterable[Any]) -> TokenTable:
    """The token table of sessions whose turns, in order, are these spaCy `Doc`s."""
    from spacy.attrs import IS_SPACE, ORTH

    columns: list[npt.NDArray[np.uint64]] = [np.zeros(0, dtype=np.uint64)]
    offsets: list[Ints] = [np.zeros(0, dtype=np.int64)]
    counts: list[int] = []
    strings: Any = None
    for doc in docs:
        strings = doc.vocab.strings
        array = doc.to_array([ORTH, IS_SPACE])
        said = array[:, 1] == 0
        columns.append(array[said, 0])
        offsets.append(np.array([token.idx for token in doc], dtype=np.int64)[said])
        counts.append(int(said.sum()))
    distinct, word = np.unique(np.concatenate(columns), return_inverse=True)
    words = tuple(strings[int(key)] for key in distinct)
    turn_row = np.repeat(np.arange(len(counts)), counts)
    return _table(tuple(sessions), Tokens(words, word.astype(np.int64), np.concatenate(offsets), turn_row))


def _table(sessions: tuple[Session, ...], tokens: Tokens) -> TokenTable:
    """Cut the tokens of turns into segments."""
    words, word, start, turn_row = tokens
    turns = [turn for session in sessions for turn in session.turns]
    turn_counts = np.array([len(session.turns) for session in sessions], dtype=np.int64)
    lengths = np.array([len(text) for text in words], dtype=np.int64)
    end = start + (lengths[word] if len(words) else 0)
    is_spoken = find_spoken(words, word, turn_row)
    segment_row = find_segments(words, word, start, end, turn_row, is_spoken)
    first_token = np.flatnonzero(np.diff(segment_row, prepend=-1))
    segment_turn = turn_row[first_token]
    new_turn = np.diff(segment_turn, prepend=-1) != 0
    ordinal = np.arange(len(first_token))
    segment_number = ordinal - np.maximum.accumulate(np.where(new_turn, ordinal, 0)) + 1
    return TokenTable(
        sessions=sessions,
        words=words,
        word=word,
        start=start,
        end=end,
        turn_row=turn_row,
        turn_session=np.repeat(np.arange(len(sessions)), turn_counts),
        turn_number=np.array([turn.turn for turn in turns], dtype=np.int64),
        is_therapist=np.array([turn.role == "T" for turn in turns], dtype=np.bool_),
        segment_row=segment_row,
        segment_turn=segment_turn,
        segment_number=segment_number,
        first_token=first_token,
        last_token=np.append(first_token, len(word))[1:].astype(np.int64),
        is_spoken=is_spoken,
    )


def segment_codes(table: TokenTable, spans: Iterable[Any], code_ids: tuple[str, ...]) -> Bools:
    """Which segments carry which codes: a span marks each segment of which it covers a word.

    Returns
    -------
    array of bool, axes (segment, code in the order of `code_ids`). Spans of other sessions or codes are passed over;
    bracketed notes and punctuation are no words (coding manual, *Units*).
    """
    marks = np.zeros((len(table.segment_turn), len(code_ids)), dtype=np.bool_)
    column = {code: number for number, code in enumerate(code_ids)}
    for span, _, tokens in covered_words(table, spans):
        if span.code in column:
            marks[np.unique(table.segment_row[tokens]), column[span.code]] = True
    return marks


def covered_words(table: TokenTable, spans: Iterable[Any]) -> Iterator[tuple[Any, int, Ints]]:
    """Each span with the row of its turn and the tokens in it that were said; spans of other sessions are passed over."""
    turn_rows = {
        (table.sessions[session].session_id, int(number)): row
        for row, (session, number) in enumerate(zip(table.turn_session, table.turn_number, strict=True))
    }
    edges = np.searchsorted(table.turn_row, np.arange(len(table.turn_session) + 1))
    for span in spans:
        row = turn_rows.get((span.session_id, span.turn))
        if row is None:
            continue
        tokens = slice(int(edges[row]), int(edges[row + 1]))
        covered = (table.end[tokens] > span.start) & (table.start[tokens] < span.end) & table.is_spoken[tokens]
        yield span, row, np.flatnonzero(covered) + int(edges[row])
