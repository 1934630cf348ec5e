"""Features of segments as one sparse matrix, from the token arrays that exist already: no second tokenization.

Columns, in this order: hashed token 1- and 2-grams of the segment with its edges, hashed tokens of the turn before, the
cues that fire, the cues' log-odds by code, and scalars. Hashes are of the lower-case words themselves, so that they are
the same in every process and for every vocabulary.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
from scipy import sparse

from relcode.cues.context import Context, read_context
from relcode.cues.engine import CueEngine
from relcode.transcripts.tokens import Ints, TokenTable

GRAM_COLUMNS = 2**18
BEFORE_COLUMNS = 2**16
SCALARS = ("words", "turn-words", "before-words", "question", "after-question", "first", "second-third", "last-third")
BEFORE_WEIGHT = 0.5
CUE_WEIGHT = 0.5
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_EDGE = np.uint64(0x165667B19E3779F9)
Hashes = npt.NDArray[np.uint64]


def column_count(engine: CueEngine) -> int:
    """The number of columns of `build_features` for a codebook."""
    return GRAM_COLUMNS + BEFORE_COLUMNS + len(engine.names) + len(engine.codebook.codes) + len(SCALARS)


def build_features(table: TokenTable, engine: CueEngine, fired: sparse.csr_matrix | None = None) -> sparse.csr_matrix:
    """Features of all segments of a table, axes (segment, column); rows of n-grams have unit length (L2).

    `fired`: the cues of `engine.fire(table)`, where they are there already.
    """
    context = read_context(table)
    fired = engine.fire(table, context) if fired is None else fired
    words = _word_hashes(table)
    parts = [
        _unit_rows(_grams(table, words)),
        _unit_rows(_turn_before(table, words)) * BEFORE_WEIGHT,
        fired * CUE_WEIGHT,
        fired @ engine.weights,
        sparse.csr_matrix(_scalars(context)),
    ]
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"), dtype=np.float32)


def gram_features(table: TokenTable) -> sparse.csr_matrix:
    """The hashed n-grams of all segments alone, axes (segment, column); rows have unit length (L2)."""
    return _unit_rows(_grams(table, _word_hashes(table)))


def _word_hashes(table: TokenTable) -> Hashes:
    """By token: a 64-bit hash of its lower-case form."""
    by_word = [
        int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        for word in table.lower_words
    ]
    hashes: Hashes = np.array(by_word, dtype=np.uint64)[table.word] if by_word else np.zeros(0, dtype=np.uint64)
    return hashes


def _grams(table: TokenTable, words: Hashes) -> sparse.csr_matrix:
    """Counts of tokens, of neighbouring tokens, and of the first and last token with the segment's edge."""
    row = table.segment_row
    same = row[1:] == row[:-1]
    first, last = table.first_token, table.last_token - 1
    with np.errstate(over="ignore"):
        single = words * _FIRST
        pair = words[:-1] * _FIRST ^ words[1:] * _SECOND
        edge_first = _EDGE ^ words[first] * _SECOND
        edge_last = words[last] * _FIRST ^ _EDGE
    keys = np.concatenate([single, pair[same], edge_first, edge_last])
    segments = np.arange(len(first))
    rows = np.concatenate([row, row[:-1][same], segments, segments])
    return _counted(rows, keys, GRAM_COLUMNS, len(first))


def _turn_before(table: TokenTable, words: Hashes) -> sparse.csr_matrix:
    """Counts of the tokens of the turn before, for each segment of a turn."""
    turns = len(table.turn_session)
    with np.errstate(over="ignore"):
        counts = _counted(table.turn_row, words * _SECOND, BEFORE_COLUMNS, turns)
    before = np.arange(-1, turns - 1)
    opens = np.diff(table.turn_session, prepend=-1) != 0
    keep = sparse.diags((~opens).astype(np.float64))
    shifted = keep @ counts[np.maximum(before, 0)] if turns else counts
    return sparse.csr_matrix(shifted)[table.segment_turn]


def _counted(rows: Ints, keys: Hashes, columns: int, count: int) -> sparse.csr_matrix:
    column = (keys >> np.uint64(24)) % np.uint64(columns)
    values = np.ones(len(rows), dtype=np.float64)
    matrix = sparse.csr_matrix((values, (rows, column.astype(np.int64))), shape=(count, columns))
    matrix.sum_duplicates()
    return matrix


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of 1 + log counts, scaled to unit length."""
    matrix.data = 1 + np.log(matrix.data)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-12)) @ matrix)


def _scalars(context: Context) -> npt.NDArray[np.float64]:
    columns = (
        np.log1p(context.words) / 4,
        np.log1p(context.turn_words) / 5,
        np.log1p(context.before_words) / 5,
        context.question,
        context.after_question,
        context.first,
        context.third == 2,
        context.third == 3,
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
