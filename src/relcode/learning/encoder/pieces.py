"""Word pieces of whole sessions in one row, each with its turn and segment: what windows are cut from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from relcode.errors import ModelError
from relcode.transcripts.tokens import Ints, TokenTable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MARKS = ("client", "therapist")  # what opens a turn: who speaks, as a word that the encoder knows


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer's pieces that have a part of their own: `begin` and `end` of a window, `blank` behind it, `unknown`, and
    the marks of client and therapist."""

    tokenizer: Tokenizer = field(repr=False)
    begin: int
    end: int
    blank: int
    unknown: int
    client: int
    therapist: int

    def mark(self, is_therapist: bool) -> int:
        return self.therapist if is_therapist else self.client


@dataclass(frozen=True, repr=False)
class WordPieces:
    """Axis of all arrays: piece, in the order in which it was said. `piece`: its number in the vocabulary; `turn`: row of
    its turn; `segment`: row of its segment, -1 for the mark of the speaker that opens each turn; `session`: row of its
    session."""

    piece: Ints
    turn: Ints
    segment: Ints
    session: Ints

    def __repr__(self) -> str:
        return f"WordPieces({len(self.piece)} pieces)"

    def of_sessions(self, rows: Ints) -> WordPieces:
        """The pieces of some sessions."""
        kept = np.isin(self.session, rows)
        return WordPieces(self.piece[kept], self.turn[kept], self.segment[kept], self.session[kept])


def read_vocabulary(text: str) -> Vocabulary:
    """Read the text of a `tokenizer.json`.

    Raises
    ------
    ModelError
        The extra is missing, it is no tokenizer, or it lacks a piece that windows need.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModelError(
            "The encoder needs onnxruntime and tokenizers; install them with `pip install 'relcode[embeddings]'`."
        ) from error
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError("tokenizer.json cannot be used: it is no tokenizer of an encoder.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    wanted = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", *MARKS)
    known = {name: tokenizer.token_to_id(name) for name in wanted}
    missing = [name for name, number in known.items() if number is None]
    if missing:
        raise ModelError(f"tokenizer.json cannot be used: its vocabulary lacks {', '.join(missing)}.")
    return Vocabulary(tokenizer, *(number for number in known.values() if number is not None))


def cut_pieces(table: TokenTable, vocabulary: Vocabulary) -> WordPieces:
    """Cut the turns of a table into word pieces; every segment has at least one (the unknown piece, if need be)."""
    texts = [turn.text for session in table.sessions for turn in session.turns]
    edges = np.searchsorted(table.segment_turn, np.arange(len(texts) + 1))
    pieces: list[Ints] = []
    segments: list[Ints] = []
    for row, encoding in enumerate(vocabulary.tokenizer.encode_batch(texts, add_special_tokens=False)):
        mark = vocabulary.mark(bool(table.is_therapist[row]))
        own = np.arange(edges[row], edges[row + 1])
        starts = np.array([start for start, _ in encoding.offsets], dtype=np.int64)
        ids, place = _placed(np.array(encoding.ids, dtype=np.int64), starts, table.segment_start[own], vocabulary)
        pieces.append(np.append(mark, ids))
        segments.append(np.append(-1, own[place] if len(own) else place))
    turn = np.repeat(np.arange(len(texts)), [len(part) for part in pieces])
    piece = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
    segment = np.concatenate(segments) if segments else np.zeros(0, dtype=np.int64)
    return WordPieces(piece, turn, segment, table.turn_session[turn])


def _placed(ids: Ints, starts: Ints, segment_start: Ints, vocabulary: Vocabulary) -> tuple[Ints, Ints]:
    """The pieces of a turn, and by piece the number of its segment in the turn: the last that starts no later."""
    if not len(segment_start):
        return ids[:0], starts[:0]
    place = np.maximum(np.searchsorted(segment_start, starts, side="right") - 1, 0)
    bare = np.setdiff1d(np.arange(len(segment_start)), place)
    ids, place = np.append(ids, np.full(len(bare), vocabulary.unknown)), np.append(place, bare)
    order = np.argsort(place, kind="stable")
    return ids[order], place[order]
