"""Features: the same for a segment wherever and whenever it is read, from the arrays alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from relcode.codebook import Codebook
from relcode.cues import CueEngine
from relcode.learning.features import (
    BEFORE_COLUMNS,
    BEFORE_WEIGHT,
    CUE_WEIGHT,
    GRAM_COLUMNS,
    SCALARS,
    build_features,
    column_count,
)
from relcode.records import Session, Turn
from relcode.transcripts.tokens import tokenize

GRAMS = slice(0, GRAM_COLUMNS)
BEFORE = slice(GRAM_COLUMNS, GRAM_COLUMNS + BEFORE_COLUMNS)


def same(one: sparse.csr_matrix, other: sparse.csr_matrix) -> bool:
    return one.shape == other.shape and (one != other).nnz == 0


def length(matrix: sparse.csr_matrix) -> np.ndarray:
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())


def test_rows_are_the_same_whatever_other_sessions_are_in_the_table(real: Any, book: Codebook) -> None:
    engine = CueEngine(book)
    table = tokenize(real.sessions)
    together = build_features(table, engine)
    for row, session in enumerate(real.sessions):
        assert same(build_features(tokenize([session]), engine), together[table.segment_session == row])


def test_a_word_has_a_column_that_can_be_computed_by_hand(small: Codebook) -> None:
    """The column of a token is a hash of its lower-case form: no vocabulary, no seed of the process."""
    word = int.from_bytes(hashlib.blake2b(b"zebra", digest_size=8).digest(), "little")
    column = ((word * 0x9E3779B97F4A7C15 % 2**64) >> 24) % GRAM_COLUMNS
    features = build_features(
        tokenize([Session("S", (Turn(1, "T", "Zebra"), Turn(2, "T", "Horse")))]), CueEngine(small)
    )
    assert (features[:, [column]].toarray().ravel() > 0).tolist() == [True, False]


@pytest.mark.slow
def test_rows_are_the_same_in_another_process(session_of: Callable[..., Session], book: Codebook) -> None:
    code = (
        "import hashlib; from relcode.codebook import load_codebook; from relcode.cues import CueEngine\n"
        "from relcode.learning.features import build_features; from relcode.records import Session, Turn\n"
        "from relcode.transcripts.tokens import tokenize\n"
        "turns = (Turn(1, 'T', 'I felt moved. Did you?'), Turn(2, 'C', 'Zebra, maybe.'))\n"
        "m = build_features(tokenize([Session('S', turns)]), CueEngine(load_codebook('relational-core@1.0.0')))\n"
        "print(hashlib.sha256(m.indices.tobytes() + m.indptr.tobytes() + m.data.tobytes()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    here = build_features(tokenize([session_of("T: I felt moved. Did you?", "C: Zebra, maybe.")]), CueEngine(book))
    parts = here.indices.tobytes() + here.indptr.tobytes() + here.data.tobytes()
    assert other.stdout.strip() == hashlib.sha256(parts).hexdigest()


def test_the_turn_before_does_not_reach_over_sessions(session_of: Callable[..., Session], small: Codebook) -> None:
    sessions = [
        session_of("T: Hello there.", "C: Fine.", session_id="A"),
        session_of("T: Hello again.", "C: Fine.", session_id="B"),
    ]
    before = build_features(tokenize(sessions), CueEngine(small))[:, BEFORE]
    assert np.diff(before.indptr).tolist() == [0, 3, 0, 3]
    assert length(before) == pytest.approx([0, BEFORE_WEIGHT, 0, BEFORE_WEIGHT])
    assert not same(before[1], before[3])


def test_all_segments_of_a_turn_see_the_turn_before_and_not_their_own(
    session_of: Callable[..., Session], small: Codebook
) -> None:
    features = build_features(tokenize([session_of("T: How was it?", "C: Long. I slept.")]), CueEngine(small))
    other = build_features(tokenize([session_of("T: How was it?", "C: Short.")]), CueEngine(small))
    assert features.shape[0] == 3
    assert same(features[1][:, BEFORE], features[2][:, BEFORE])
    assert same(features[1][:, BEFORE], other[1][:, BEFORE])


def test_rows_of_grams_have_unit_length(real: Any, small: Codebook) -> None:
    features = build_features(tokenize(real.sessions[:1]), CueEngine(small))
    assert length(features[:, GRAMS]) == pytest.approx(np.ones(features.shape[0]), abs=1e-5)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("You hurt me.", "you HURT me.", True),
        ("You hurt me.", "Me hurt you.", False),  # the same words in another order
        ("You hurt me.", "You hurt me", False),
        ("You hurt me.", "You  hurt me.", True),  # white space carries nothing
    ],
)
def test_grams_are_of_words_in_order_without_case(one: str, other: str, equal: bool, small: Codebook) -> None:
    rows = [
        build_features(tokenize([Session("S", (Turn(1, "T", text),))]), CueEngine(small))[:, GRAMS]
        for text in (one, other)
    ]
    assert same(*rows) is equal


def test_a_cue_that_fires_stands_in_its_own_column(session_of: Callable[..., Session], small: Codebook) -> None:
    engine = CueEngine(small)
    features = build_features(tokenize([session_of("T: I'm moved.", "T: I'm tall.")]), engine)
    column = GRAM_COLUMNS + BEFORE_COLUMNS + engine.names.index("TSI:own-reaction")
    assert features[:, [column]].toarray().ravel().tolist() == [CUE_WEIGHT, 0.0]
    assert features.shape[1] == column_count(engine)


def test_the_words_are_not_read_again(real: Any, small: Codebook) -> None:
    """Sessions whose texts are taken away after tokenizing give the same features."""
    table = tokenize(real.sessions[:1])
    emptied = tuple(
        Session(session.session_id, tuple(Turn(turn.turn, turn.speaker, "") for turn in session.turns))
        for session in table.sessions
    )
    blind = replace(table, sessions=emptied)
    assert same(build_features(blind, CueEngine(small)), build_features(table, CueEngine(small)))


def test_cues_that_were_matched_already_are_taken(session_of: Callable[..., Session], small: Codebook) -> None:
    engine = CueEngine(small)
    table = tokenize([session_of("T: I'm moved.", "C: Thank you.")])
    fired = engine.fire(table)
    assert same(build_features(table, engine, fired), build_features(table, engine))
    none = sparse.csr_matrix(fired.shape)
    assert not same(build_features(table, engine, none), build_features(table, engine))


@pytest.mark.parametrize("sessions", [[], [Session("S", ())], [Session("S", (Turn(1, "T", ""), Turn(2, "C", " ")))]])
def test_nothing_said_gives_no_row(sessions: list[Session], small: Codebook) -> None:
    engine = CueEngine(small)
    assert build_features(tokenize(sessions), engine).shape == (0, column_count(engine))


def test_a_turn_after_an_empty_one_has_nothing_before_it(session_of: Callable[..., Session], small: Codebook) -> None:
    session = Session("S", (Turn(1, "T", "Hello there."), Turn(2, "C", ""), Turn(3, "T", "Hello again.")))
    features = build_features(tokenize([session]), CueEngine(small))
    assert np.diff(features[:, BEFORE].indptr).tolist() == [0, 0]
    scalar = features[:, -len(SCALARS) :].toarray()[:, SCALARS.index("before-words")]
    assert scalar.tolist() == [0.0, 0.0]
